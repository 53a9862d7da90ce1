"""Which runs there are: asked in a thread, and no more of them than needed."""

import time
from pathlib import Path

import pytest
from runs_helpers import metrics, wait_until

from gantui.core.events import Exit
from gantui.runs import index, info, layout
from gantui.runs.writer import EventWriter
from gantui.tui import roll
from gantui.tui.roll import Roll, age, survey


def ended(folder: Path, name: str, reason: str = "finished") -> None:
    run = layout.create(folder, name, "ring")
    info.write(run, info.here(run, preset="ring"))
    writer = EventWriter(run, branch=0)
    writer.write(metrics(14))
    writer.write(Exit(reason=reason, status=0, step=7, update=14))
    assert writer.close()


def test_a_survey_asks_those_in_sight_or_new_and_no_more_than_it_may(tmp_path: Path) -> None:
    for number in range(6):
        ended(tmp_path, f"r{number}")
    first = survey(tmp_path, {}, (), 4)
    assert len(first.runs) == 6 and len(first.statuses) == 4
    rest = survey(tmp_path, first.statuses, (), 4)
    assert len(rest.statuses) == 2
    known = first.statuses | rest.statuses
    assert {now.state for now in known.values()} == {"finished"}
    assert list(survey(tmp_path, known, ("r3",), 4).statuses) == ["r3"]


def test_a_roll_learns_of_all_runs_and_forgets_those_deleted(tmp_path: Path) -> None:
    for number in range(roll.AT_ONCE + 2 * roll.BATCH):
        ended(tmp_path, f"r{number}")
    one = Roll(tmp_path)
    try:
        assert len(one.statuses) == roll.AT_ONCE
        wait_until(lambda: one.look(()) and len(one.statuses) == len(one.runs))
        index.list_runs(tmp_path)[0].path.rename(tmp_path / ".gone")
        one.hurry()
        wait_until(lambda: one.look(()) and len(one.runs) == roll.AT_ONCE + 2 * roll.BATCH - 1)
        assert set(one.statuses) == {run.id for run in one.runs}
    finally:
        one.close()


def test_a_folder_that_is_none_says_so_and_one_that_is_missing_is_just_empty(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert "Not a directory" in survey(file, {}, (), 4).problem
    assert survey(tmp_path / "missing", {}, (), 4) == ([], {}, "")


@pytest.mark.parametrize(("seconds", "said"), [(0.5, "0 s"), (59, "59 s"), (61, "1 min"), (7300, "2 h"), (2e5, "2 d")])
def test_ages_are_coarse(seconds: float, said: str) -> None:
    now = time.time()
    assert age(now - seconds, now) == said
    assert age(0, now) == "–" and age(now + 50, now) == "0 s"
