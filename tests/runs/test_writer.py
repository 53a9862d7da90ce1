import errno
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runs_helpers import metrics, wait_until

from gantui.core.errors import ConfigError
from gantui.core.events import Exit, Metrics, Record, Stage, System, Warning_, encode
from gantui.runs import layout
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader
from gantui.runs.writer import EventWriter


class Disk:
    """A disk that can be full: `room` bytes are left (None: endless)."""

    def __init__(self, room: int | None = None) -> None:
        self.room = room
        self.refusals = 0

    def write(self, fd: int, data: bytes) -> int:
        if self.room is None:
            return os.write(fd, data)
        part = data[: self.room]
        if not part:
            self.refusals += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(part)
        return os.write(fd, part)


def read(run: RunDir) -> list[Record]:
    return list(RunReader(run).poll())


def test_records_arrive_in_order_and_numbering_goes_on(run: RunDir) -> None:
    for branch in (0, 1):
        log = EventWriter(run, branch=branch)
        for update in range(100):
            log.write(metrics(update))
        assert log.close()
    records = read(run)
    assert [record.seq for record in records] == list(range(200))
    assert [record.branch for record in records] == [0] * 100 + [1] * 100
    assert [path.name for path in run.segments()] == ["events-0001.jsonl", "events-0002.jsonl"]
    assert all(record.t == round(record.t, 3) > 1e9 for record in records)


def test_numbering_goes_on_after_a_torn_segment(run: RunDir) -> None:
    run.segment(1).write_bytes(encode(Stage(seq=41, stage="training")) + b'{"kind":"metr')
    log = EventWriter(run, branch=0)
    log.write(Stage(stage="saving"))
    log.close()
    assert [record.seq for record in read(run)] == [41, 42]


@settings(max_examples=25, deadline=None)
@given(room=st.integers(0, 2000))
def test_a_full_disk_loses_nothing_wherever_it_tears_a_line(
    room: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = layout.create(tmp_path_factory.mktemp("runs"), "one", "ring")
    disk = Disk(room)
    log = EventWriter(run, branch=0, write=disk.write)
    for update in range(20):
        log.write(metrics(update))
    wait_until(lambda: disk.refusals)
    assert "No space" in log.trouble and not log.flush(0)
    disk.room = None
    assert log.close()
    reader = RunReader(run)
    assert [record.update for record in reader.poll() if isinstance(record, Metrics)] == list(range(20))
    assert reader.bad_lines == 0 and log.trouble == ""


@pytest.mark.parametrize("cut", [1, -1])
def test_a_cut_beside_a_newline_neither_tears_nor_doubles(cut: int, run: RunDir) -> None:
    answers = iter([cut, None])

    def write(fd: int, data: bytes) -> int:
        answer = next(answers, 0)
        if answer is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(fd, data[:answer] if answer else data)

    log = EventWriter(run, branch=0, write=write)
    log.write(metrics(0))
    assert log.flush(10)
    log.write(metrics(1))
    assert log.close()
    reader = RunReader(run)
    assert [record.seq for record in reader.poll()] == [0, 1] and reader.bad_lines == 0


def test_while_the_disk_is_full_only_curves_get_gaps_and_the_log_says_so(run: RunDir) -> None:
    disk = Disk(0)
    log = EventWriter(run, branch=0, capacity=10, write=disk.write)
    log.write(metrics(0))
    wait_until(lambda: disk.refusals)  # the first is in the thread's hands now
    for update in range(1, 31):
        log.write(metrics(update))
    log.write(System())
    for number in range(15):
        log.write(Stage(stage=str(number)))
    log.write(Exit(reason="failed", status=1))
    disk.room = None
    assert log.close(10)
    records = read(run)
    assert [r.update for r in records if isinstance(r, Metrics)] == list(range(11))
    assert [r.stage for r in records if isinstance(r, Stage)] == [str(number) for number in range(15)]
    assert any(isinstance(r, Exit) for r in records)
    assert [r.text[:10] for r in records if isinstance(r, Warning_)] == ["21 records"]
    assert [r.seq for r in records] == list(range(len(records)))


def test_closing_on_a_full_disk_gives_up_in_time(run: RunDir) -> None:
    log = EventWriter(run, branch=0, write=Disk(0).write)
    log.write(metrics(0))
    assert not log.close(0.05)


def test_writing_never_waits_for_a_hanging_disk(run: RunDir) -> None:
    release = threading.Event()

    def hang(fd: int, data: bytes) -> int:
        release.wait(30)
        return os.write(fd, data)

    log = EventWriter(run, branch=0, capacity=5, write=hang)
    for update in range(1000):
        log.write(metrics(update))  # would never return if it waited
    assert not log.flush(0.01)
    release.set()
    assert log.close(10)
    assert isinstance(read(run)[-1], Warning_)


def test_what_cannot_be_encoded_becomes_a_warning(run: RunDir) -> None:
    log = EventWriter(run, branch=0)
    log.write(Metrics(v={"loss_d": object()}))  # type: ignore[dict-item]
    log.write(Stage(stage="on"))
    log.close()
    records = read(run)
    assert isinstance(records[0], Warning_) and "metrics" in records[0].text
    assert [record.seq for record in records] == [0, 1]


def test_no_nan_reaches_the_file(run: RunDir) -> None:
    log = EventWriter(run, branch=0)
    log.write(Metrics(v={"loss_d": (float("nan"), float("inf"), float("-inf"))}))
    log.close()
    text = run.segment(1).read_bytes()
    assert b"NaN" not in text and b"Infinity" not in text and b"inf" not in text


def test_a_failing_listener_does_not_stop_the_log(run: RunDir) -> None:
    heard: list[int] = []

    def listen(record: Record) -> None:
        heard.append(record.seq)
        raise RuntimeError("the progress bar broke")

    log = EventWriter(run, branch=0, on_record=listen)
    for update in range(3):
        log.write(metrics(update))
    assert log.flush(10) and heard == [0, 1, 2]
    log.close()
    log.write(metrics(4))  # after the end: no error, no effect
    assert len(read(run)) == 3


def test_a_directory_that_can_t_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"events-0001\.jsonl: No such file"):
        EventWriter(RunDir(tmp_path / "missing"), branch=0)
