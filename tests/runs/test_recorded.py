"""A run recorded once must stay readable for ever."""

import shutil
from pathlib import Path

import pytest

from gantui.core.events import Applied, AtCursor, Eval, Exit, Metrics, Rejected, Start
from gantui.runs import info
from gantui.runs.branches import lineage
from gantui.runs.index import list_runs, resolve
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader, tail
from gantui.runs.status import status

RECORDED = RunDir(Path(__file__).parent / "recorded")


@pytest.mark.parametrize("chunk", [13, 4096, 4 << 20])
def test_the_reader_gives_every_record_and_counts_the_rest(chunk: int) -> None:
    reader = RunReader(RECORDED, chunk=chunk)
    records = []
    while not reader.exhausted:
        records += reader.poll(limit_bytes=5000)
    seqs = [record.seq for record in records]
    assert seqs == sorted(set(seqs))
    assert (reader.bad_lines, reader.unknown, reader.gone) == (2, 1, False)
    assert isinstance(records[0], Start) and isinstance(records[-1], Exit)
    assert [r.id for r in records if isinstance(r, Applied | Rejected)] == ["aaaa1111", "bbbb2222"]


def test_tail_finds_the_last_of_a_kind() -> None:
    last = tail(RECORDED)
    assert isinstance(last, Exit) and last.reason == "finished"
    applied = tail(RECORDED, {"applied"})
    assert isinstance(applied, Applied) and applied.after == {"lr_d": 0.0005} and applied.branch == 0
    assert isinstance(tail(RECORDED, {"eval"}), Eval)
    assert tail(RECORDED, {"diagnosis"}) is None


def test_status_of_a_finished_run_from_elsewhere() -> None:
    found = status(RECORDED)
    assert (found.state, found.step, found.update, found.host) == ("finished", 150, 300, "elsewhere")
    assert found.last_eval["modes"] == 7 and found.reason == "150 steps" and not found.alive


def test_fields_of_a_later_version_are_passed_over() -> None:
    found = info.read(RECORDED)
    assert found is not None and found.pid == 4242


def test_lineage_cuts_the_parent_where_the_child_begins() -> None:
    path = lineage(RunReader(RECORDED).poll())
    updates = [record.update for record in path if isinstance(record, Metrics)]
    assert updates == [*range(2, 101, 2), *range(122, 301, 2)]
    assert max(r.update for r in path if isinstance(r, AtCursor) and r.branch == 0) == 120


def test_it_is_found_by_its_names(tmp_path: Path) -> None:
    shutil.copytree(RECORDED.path, tmp_path / "recorded")
    assert [run.id for run in list_runs(tmp_path)] == ["recorded"]
    assert resolve("rec", tmp_path) == resolve("latest", tmp_path) == RunDir(tmp_path / "recorded")
