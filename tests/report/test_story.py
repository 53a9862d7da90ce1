"""A log folded into what a page shows: the path to the present state, and what was left behind."""

from pathlib import Path

import numpy as np
import pytest
from report.logs import at, hist, made, metrics, preview, start, write

from gantui.core import events
from gantui.report import curves, sections, story
from gantui.report.story import Story
from gantui.runs.layout import RunDir

FORK = {"parent": 0, "from_update": 20}


def told(*records: events.AnyRecord) -> Story:
    found = Story()
    for seq, record in enumerate(records):
        record.t = record.t or 1.7e9 + seq
    found.take(records)
    return found


def test_numbers_become_curves_with_their_extremes() -> None:
    found = told(start(), *(metrics(step, loss_d=step / 10) for step in range(1, 11)))
    series = found.branches[0].curves["loss_d"]
    (whole,) = [column for column in series.columns(1) if column]
    assert (whole.low, whole.high, series.last) == (pytest.approx(0.0), pytest.approx(1.1), 1.0)
    assert found.path == {0: float("inf")} and found.branches[0].reached == 10


def test_a_branch_that_was_left_is_kept_apart_from_where_the_next_begins() -> None:
    before = [start(), *(metrics(step) for step in range(1, 31))]
    after = [start(**FORK, **at(10, 1)), *(metrics(step, 1) for step in range(11, 21))]
    found = told(*before, *after)
    assert found.path == {0: 10, 1: float("inf")}
    assert found.is_kept(10, 0) and not found.is_kept(11, 0) and found.is_kept(20, 1)
    assert curves.stretches(found, 0, found.branches[0]) == ((0, 10), (10, 30))
    assert curves.stretches(found, 1, found.branches[1]) == ((10, 20), (20, 20))
    assert "branch 0 after step 10" in curves.legend(found)
    assert curves.span(found) == (0, 30)


def test_a_branch_from_before_another_s_beginning_leaves_all_of_that() -> None:
    second = [start(**FORK, **at(10, 1)), metrics(15, 1)]
    third = [start(parent=0, from_update=10, **at(5, 2)), metrics(8, 2)]
    found = told(start(), *(metrics(step) for step in range(1, 31)), *second, *third)
    assert found.path == {0: 5, 2: float("inf")}
    assert not found.is_kept(12, 1) and found.is_kept(8, 2)
    assert curves.stretches(found, 1, found.branches[1]) == ((1, 0), (10, 15))


def test_a_command_is_one_entry_from_its_arrival_to_its_answer() -> None:
    facts = events.ObjectiveFacts(name="hinge", probability=False, equilibrium={"loss_d": 2.0})
    change = {"before": {"loss": "minimax"}, "after": {"loss": "hinge", "x": 1}}
    found = told(
        start(),
        events.Received(id="a", author="ada", what="set", **at(3)),
        events.Applied(id="a", what="set", objective=facts, **change, **at(4)),
        events.Rejected(id="b", author="bob", what="step", reason="stale", **at(5)),
        events.Received(id="c", author="eve", what="stop", **at(6)),
    )  # fmt: skip
    entries = [(one.step, one.who, one.text, one.outcome, one.after) for one in found.commands]
    assert entries == [
        (4, "ada", "loss minimax → hinge", "applied", {"loss": "hinge"}),
        (5, "bob", "step: stale", "rejected", {}),
        (6, "eve", "stop", "received", {}),
    ]
    assert [(low, high, facts.name) for low, high, facts in found.objectives()] == [
        (0, 4, "non_saturating"),
        (4, float("inf"), "hinge"),
    ]
    assert [(mark.step, mark.number) for mark in curves.marks(found)] == [(4, 1)]


def test_warnings_are_said_once_with_their_number_and_diagnoses_are_told_apart() -> None:
    warned = [events.Warning_(text="small", **at(step)) for step in (3, 5, 9)]
    found = told(start(), *warned, events.Diagnosis(text="small", **at(4)))
    said = [(one.kind, one.text, one.first, one.last, one.count) for one in found.sayings.values()]
    assert said == [("warning", "small", 3, 9, 3), ("diagnosis", "small", 4, 4, 1)]


def test_a_diagnosis_is_a_spell_from_when_it_held_until_it_is_over_or_another_trainer_looks() -> None:
    def diagnosed(name: str, step: int, state: str = "begun") -> events.Diagnosis:
        remedy = {"lr_d": 0.001, "no setting": 1}
        return events.Diagnosis(
            name=name, state=state, since=step - 3, evidence=f"seen at {step}", remedy=remedy, text="", **at(step)
        )

    found = told(
        start(),
        diagnosed("oscillation", 10),
        diagnosed("of a later version", 12),
        diagnosed("oscillation", 20, "over"),
        diagnosed("oscillation", 30),
        metrics(40),
        events.Stage(stage="importing"),
        start(),
        diagnosed("d_too_weak", 50),
    )
    spells = [(spell.name, spell.since, spell.until) for spell in found.diagnoses.spells]
    assert spells == [
        ("oscillation", 7, 20),
        ("of a later version", 9, 40),
        ("oscillation", 27, 40),
        ("d_too_weak", 47, None),
    ]
    assert found.diagnoses.spells[0].remedy == {"lr_d": 0.001} and not found.sayings
    page = sections.diagnoses(found)
    for text in ("D too weak", "47 on", "7 to 20", "seen at 10", "lr_d=0.001", "of a later version"):
        assert text in page


def test_time_counts_only_while_a_trainer_was_at_work() -> None:
    found = told(
        events.Stage(stage="importing", t=1000.0),
        *(events.System(t=t) for t in (1005.0, 1060.0, 1500.0)),
        events.Stage(stage="importing", t=9000.0),
        events.System(t=9010.0),
    )
    assert found.trainers == 2
    assert found.seconds == pytest.approx(60 + 10)


def test_the_last_measures_are_those_of_the_path() -> None:
    first, second = (events.Eval(values={"modes": n, "note": "x"}, **at(step)) for n, step in ((5, 8), (7, 25)))
    found = told(start(), first, metrics(26), second, start(**FORK, **at(10, 1)), metrics(12, 1))
    assert found.last_eval is first
    assert list(found.branches[0].measures) == ["modes"]


def test_memory_stays_bounded_whatever_the_log_holds() -> None:
    names = [events.Metrics(v={f"n{i}": (1.0, 1.0, 1.0) for i in range(j, j + 50)}, **at(j)) for j in range(0, 500, 50)]
    branches = [metrics(1, branch) for branch in range(2, 300)]
    commands = [events.Applied(id=f"{i}", what="set", before={}, after={}, **at(i)) for i in range(1200)]
    warnings = [events.Warning_(text=f"w{i}", **at(i)) for i in range(500)]
    starts = [start(**at(i)) for i in range(1000)]
    found = told(*starts, *names, *branches, *commands, *warnings)
    assert len(found.branches[0].curves) == story.MOST_CURVES
    assert len(found.branches) == story.MOST_BRANCHES
    assert (len(found.commands), found.command_count) == (story.MOST_COMMANDS, 1200)
    assert len(found.sayings) == story.MOST_SAYINGS and len(found.starts) <= 4 * story.MOST_BRANCHES


def test_it_reads_all_segments_and_only_previews_that_are_there(tmp_path: Path) -> None:
    run: RunDir = made(tmp_path, [start(), metrics(1)])
    there = preview(run, 2, x=np.zeros((4, 2)))
    gone = events.Preview(file="previews/u000000009-b0.npz", **at(3))
    write(run, [there, gone, hist(4, 1, 2)], number=2)
    with run.segment(2).open("ab") as log:
        log.write(b"{nonsense\n")
    found = story.read(run)
    assert list(found.previews) == [there.file] and found.bad_lines == 1
    assert found.branches[0].heats["probability"].steps == [4]
