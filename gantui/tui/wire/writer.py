"""Writing to a terminal that may not read."""

import contextlib
import os
import select
import termios
from collections.abc import Callable
from threading import Event

_LOOK = 0.1  # seconds between two looks whether what waits is still wanted


class Outlet:
    """The file that the driver's writer thread writes to, one text at a time.

    The loop asks `idle` before it makes the next frame, so at most one waits, and it is never old. A `write` lasts
    until the terminal has read; `cut` ends it.
    """

    def __init__(self, fileno: int, when_idle: Callable[[], None]) -> None:
        """`when_idle` is called in the writer thread when a text has gone out."""
        self.bytes_sent = 0
        self._fileno = _unblocking(fileno)
        self._when_idle = when_idle
        self._done = Event()
        self._done.set()
        self._cut = False

    @property
    def idle(self) -> bool:
        """Whether everything announced has gone out (or was cut)."""
        return self._done.is_set()

    def announce(self) -> None:
        """Say that a text is on its way to `write`, through the thread's queue."""
        self._cut = False
        self._done.clear()

    def write(self, text: str) -> None:
        """Write `text`, however long it takes; where the terminal has gone, drop it."""
        data = memoryview(text.encode("utf-8", "replace"))
        poll = select.poll()
        poll.register(self._fileno, select.POLLOUT)
        with contextlib.suppress(OSError):  # that the terminal has gone is noticed by those who read from it
            while data and not self._cut:
                if poll.poll(_LOOK * 1000):
                    with contextlib.suppress(BlockingIOError):
                        count = os.write(self._fileno, data)
                        self.bytes_sent += count
                        data = data[count:]
        self._done.set()
        self._when_idle()

    def flush(self) -> None:
        """Nothing is kept back."""

    def fileno(self) -> int:
        return self._fileno

    def wait(self, seconds: float) -> bool:
        """Wait until idle, at most `seconds`; return whether it is."""
        return self._done.wait(seconds)

    def cut(self) -> None:
        """End a write that waits, and drop what the terminal hasn't read yet, so that there is room for a last word."""
        self._cut = True
        self._done.wait(3 * _LOOK)  # or it would fill the room at once
        with contextlib.suppress(termios.error):
            termios.tcflush(self._fileno, termios.TCOFLUSH)


def _unblocking(fileno: int) -> int:
    """Return a descriptor for the same terminal that never blocks.

    It is opened anew: the mode belongs to the open file, and the given one is shared with the shell. (A write that
    blocks would hold up whoever else writes to the terminal, down to the last words of this process.) Where the
    terminal can't be opened, as that of another user after `su`, the given one has to do.
    """
    try:
        return os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return os.dup(fileno)
