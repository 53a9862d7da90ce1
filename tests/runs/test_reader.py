import os
import shutil
import tempfile
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runs_helpers import metrics

from gantui.core.events import AnyRecord, Eval, Exit, Metrics, Stage, Start, encode
from gantui.runs.branches import lineage
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader, tail

GOOD = b"".join(encode(metrics(update)) for update in range(8))
GARBAGE = st.binary(min_size=1, max_size=40).filter(lambda line: b"\n" not in line and not line.isspace())


def append(run: RunDir, data: bytes, number: int = 1) -> None:
    with run.segment(number).open("ab") as file:
        file.write(data)


def updates(records: list[AnyRecord]) -> list[int]:
    return [record.update for record in records if isinstance(record, Metrics)]


def drain(reader: RunReader, limit: int = 1 << 30) -> list[AnyRecord]:
    records = reader.poll(limit)
    while not reader.exhausted:
        records += reader.poll(limit)
    return records


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, len(GOOD)), max_size=6), chunk=st.integers(1, 300), limit=st.integers(1, 500))
def test_any_split_of_the_stream_gives_the_same_records(cuts: list[int], chunk: int, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = RunDir(Path(folder))
        reader = RunReader(run, chunk=chunk)
        found: list[AnyRecord] = []
        edges = [0, *sorted(cuts), len(GOOD)]
        for start, end in pairwise(edges):
            append(run, GOOD[start:end])
            found += drain(reader, limit)
        assert updates(found) == list(range(8)) and reader.bad_lines == 0


@settings(max_examples=60, deadline=None)
@given(garbage=st.lists(GARBAGE, max_size=5), torn=st.integers(1, 60), chunk=st.integers(1, 200))
def test_garbage_and_torn_lines_cost_only_themselves(garbage: list[bytes], torn: int, chunk: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = RunDir(Path(folder))
        lines = GOOD.splitlines(keepends=True)
        mixed = b"".join(line + b"\n" + good for line, good in zip(garbage, lines, strict=False))
        append(run, mixed + b"".join(lines[len(garbage) :]) + lines[0][:torn])
        append(run, GOOD, 2)
        reader = RunReader(run, chunk=chunk)
        assert updates(drain(reader, 100)) == [*range(8), *range(8)]
        assert reader.bad_lines + reader.unknown == len(garbage) + 1
        assert tail(run, {"metrics"}) == tail(run)


def test_a_line_without_its_end_waits(run: RunDir) -> None:
    reader = RunReader(run)
    assert reader.poll() == [] and reader.exhausted
    line = encode(metrics(7))
    append(run, line[:-1])
    assert reader.poll() == [] and reader.bad_lines == 0
    append(run, b"\n")
    assert updates(reader.poll()) == [7] and reader.poll() == []


def test_a_segment_may_be_skipped_in_numbering(run: RunDir) -> None:
    append(run, GOOD, 3)
    append(run, GOOD, 7)
    assert len(drain(RunReader(run))) == 16


def test_a_limit_bounds_one_poll(run: RunDir) -> None:
    append(run, GOOD * 100)
    reader = RunReader(run, chunk=256)
    assert 0 < len(reader.poll(1000)) < 20 and not reader.exhausted
    assert len(drain(reader)) > 700


def test_a_huge_line_is_skipped_in_small_memory(run: RunDir) -> None:
    with run.segment(1).open("wb") as file:
        file.write(GOOD)
        for _ in range(24):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + GOOD)
    reader = RunReader(run, chunk=1 << 18)
    tracemalloc.start()
    found = drain(reader, 1 << 18)
    last = tail(run, {"eval"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert updates(found) == [*range(8), *range(8)] and reader.bad_lines == 1 and last is None
    assert peak < 8 << 20


def test_a_huge_torn_end_hides_nothing_from_tail(run: RunDir) -> None:
    append(run, GOOD + b"y" * (3 << 20))
    assert updates([tail(run)]) == [7]  # type: ignore[list-item]


@given(st.integers(0, 200))
def test_tail_reads_across_block_borders(padding: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = RunDir(Path(folder))
        evaluated = encode(Eval(values={"modes": 8}, update=3))
        filler = encode(Stage(stage="s" * 100))
        tail_part = filler * ((1 << 16) // len(filler) - 1)
        pad = b" " * ((1 << 16) - len(tail_part) - 100 + padding - 100) + b"\n"
        append(run, GOOD + evaluated + pad + tail_part)
        assert isinstance(tail(run, {"eval"}), Eval)
        assert isinstance(tail(run, {"metrics"}), Metrics)


def test_tail_looks_into_earlier_segments_and_past_foreign_things(run: RunDir) -> None:
    assert tail(run) is None
    append(run, GOOD)
    run.segment(2).mkdir()
    os.mkfifo(run.segment(3))
    run.segment(4).symlink_to("/etc/passwd")
    run.segment(5).write_bytes(b"\x00\xff" * 1000)
    assert updates([tail(run)]) == [7]  # type: ignore[list-item]
    assert updates(drain(RunReader(run))) == list(range(8))


@pytest.mark.parametrize("before", [b"", GOOD, GOOD + b'{"kind', b"z" * (2 << 20)])
def test_a_reader_at_the_end_gives_only_news(run: RunDir, before: bytes) -> None:
    append(run, before)
    reader = RunReader.at_end(run)
    append(run, b"\n" + encode(metrics(99)))
    assert updates(drain(reader)) == [99]
    append(run, encode(metrics(100)), 2)
    assert updates(drain(reader)) == [100]


def test_a_deleted_run_is_noticed(run: RunDir) -> None:
    append(run, GOOD)
    reader = RunReader(run)
    reader.poll()
    shutil.rmtree(run.path)
    assert reader.poll() == [] and reader.gone


def test_lineage_of_three_branches() -> None:
    def start(branch: int, update: int, parent: int | None) -> Start:
        return Start(branch=branch, update=update, parent=parent, from_update=None if parent is None else update)

    records: list[AnyRecord] = [start(0, 0, None)]
    records += [metrics(update) for update in (1, 2, 3, 4)]
    records += [start(1, 2, 0), Stage(branch=1, stage="training"), metrics(3, 1), metrics(4, 1)]
    records += [Exit(branch=1, update=4, reason="stopped", status=0)]
    records += [start(2, 3, 0), metrics(4, 2), start(2, 4, 2), metrics(5, 2)]
    path = [(r.branch, r.update) for r in lineage(records) if isinstance(r, Metrics)]
    assert path == [(0, 1), (0, 2), (0, 3), (2, 4), (2, 5)]
    assert not any(isinstance(r, Stage) for r in lineage(records))
    assert lineage([]) == []


def test_lineage_survives_branches_in_a_circle() -> None:
    circle = [
        Start(branch=1, parent=2, from_update=5),
        Start(branch=2, parent=1, from_update=3),
        metrics(9, 2),
    ]
    assert lineage(circle)[-1] is circle[-1]
