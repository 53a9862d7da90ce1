"""The driver in a process of its own, at a terminal that stops reading, hangs up, or suspends it."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pyte
import pytest

APP = Path(__file__).with_name("small_app.py")


class Session:
    """A process at a pty, which is read only while something is waited for."""

    def __init__(self, hang_up: bool) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 76, 0, 0))
        self.screen = pyte.Screen(76, 20)
        self._stream = pyte.ByteStream(self.screen)
        self.received = b""

        def own_terminal() -> (
            None
        ):  # so that the kernel sends SIGHUP and SIGWINCH, as to a program in a terminal window
            os.setsid()
            if hang_up:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [sys.executable, str(APP)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "", "LINES": ""},
            cwd=APP.parents[3],
            preexec_fn=own_terminal,
        )
        os.close(slave)

    def read(self, seconds: float) -> bool:
        """Read what comes within `seconds`; return whether anything did."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        with contextlib.suppress(OSError):  # the process has ended
            data = os.read(self._master, 65536)
            self.received += data
            self._stream.feed(data.replace(b"\x1b[>25u", b"").replace(b"\x1b[<u", b""))
            return True
        return False

    def until(self, condition: Callable[[], bool], seconds: float, reading: bool = True) -> float:
        """Wait for `condition`; return how long that was."""
        start = monotonic()
        while not condition():
            assert monotonic() - start < seconds, self.screen.display
            if not (reading and self.read(0.01)):
                select.select([], [], [], 0.005)
        return monotonic() - start

    def shows(self, text: str) -> Callable[[], bool]:
        return lambda: any(text in line for line in self.screen.display)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def stopped(self) -> bool:
        return Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def hang_up(self) -> None:
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        if self._master >= 0:
            os.close(self._master)
        if not self.ended():
            self.process.kill()
        self.process.wait()


@pytest.fixture
def hang_up() -> bool:
    """Whether the process gets a SIGHUP when its terminal is gone."""
    return True


@pytest.fixture
def session(hang_up: bool) -> Iterator[Session]:
    session = Session(hang_up)
    try:
        session.until(session.shows("typed 0"), 20)
        yield session
    finally:
        session.close()


def unread(seconds: float) -> None:
    """Let the terminal not be read for a while, which is long enough for its buffer (64 KiB on Linux) to fill."""
    start = monotonic()
    while monotonic() - start < seconds:
        select.select([], [], [], 0.1)


def test_a_terminal_that_was_not_read_is_current_at_once(session: Session) -> None:
    for _ in range(5):
        session.type(b"+")
        unread(2)
    session.until(lambda: not session.read(0), 5)  # what the system had kept, as fast as this end can emulate it
    assert session.until(session.shows("typed 5"), 5) < 0.1


def test_quits_at_a_terminal_that_is_not_read(session: Session) -> None:
    unread(3)
    session.type(b"q")
    session.until(session.ended, 2, reading=False)
    assert session.process.returncode == 7
    session.until(lambda: session.received.endswith(b"farewell\r\n"), 2)
    assert b"\x1b[?1049l" in session.received
    assert b"\x1b[?25h" in session.received


@pytest.mark.parametrize("hang_up", [True, False])
def test_ends_when_its_terminal_is_gone(session: Session) -> None:
    session.hang_up()
    session.until(session.ended, 1, reading=False)


def test_suspends_and_resumes(session: Session) -> None:
    session.type(b"+")
    session.until(session.shows("typed 1"), 5)
    session.type(b"z")
    session.until(session.stopped, 5)
    session.until(lambda: session.received.endswith(b"\x1b[?1004l"), 5)
    session.screen.reset()
    os.kill(session.process.pid, signal.SIGCONT)
    session.until(session.shows("typed 1"), 5)
    session.type(b"+")
    session.until(session.shows("typed 2"), 5)
    session.type(b"q")
    session.until(session.ended, 5)
    assert session.process.returncode == 7
