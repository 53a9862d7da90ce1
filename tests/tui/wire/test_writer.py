import os
import pty
import select
import threading
from collections.abc import Iterator

import pytest

from gantui.tui.wire.writer import Outlet


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    yield master, slave
    os.close(master)
    os.close(slave)


def start(outlet: Outlet, text: str) -> threading.Thread:
    outlet.announce()
    thread = threading.Thread(target=outlet.write, args=(text,), daemon=True)
    thread.start()
    return thread


def test_is_idle_when_all_is_written_and_says_so(ends: tuple[int, int]) -> None:
    told = threading.Event()
    outlet = Outlet(ends[1], told.set)
    assert outlet.idle
    start(outlet, "⣿ text")
    assert told.wait(5)
    assert outlet.idle
    assert outlet.bytes_sent == 8
    assert os.read(ends[0], 100) == "⣿ text".encode()


def test_waits_for_a_reader_and_goes_on(ends: tuple[int, int]) -> None:
    outlet = Outlet(ends[1], lambda: None)
    thread = start(outlet, "x" * 300_000)
    while select.select([], [ends[1]], [], 0)[1]:
        pass  # until the pty is full
    assert not outlet.idle
    received = 0
    while received < 300_000:
        select.select([ends[0]], [], [], 5)
        received += len(os.read(ends[0], 65536))
    thread.join(5)
    assert outlet.idle
    assert outlet.bytes_sent == 300_000


def test_a_cut_ends_the_wait_and_makes_room(ends: tuple[int, int]) -> None:
    outlet = Outlet(ends[1], lambda: None)
    thread = start(outlet, "x" * 300_000)
    while select.select([], [ends[1]], [], 0)[1]:
        pass
    outlet.cut()
    thread.join(5)
    assert outlet.idle
    start(outlet, "the last word").join(5)
    assert outlet.idle
    data = b""
    while select.select([ends[0]], [], [], 0)[0]:
        data += os.read(ends[0], 65536)
    assert data.endswith(b"the last word")
    assert len(data) < 300_000


def test_a_terminal_that_is_gone_is_written_to_in_vain() -> None:
    master, slave = pty.openpty()
    outlet = Outlet(slave, lambda: None)
    os.close(master)
    start(outlet, "x").join(5)
    assert outlet.idle
    assert outlet.bytes_sent == 0
    os.close(slave)
