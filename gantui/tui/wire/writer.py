"""Writing to a terminal that may not read."""

import contextlib
import os
import termios
from collections.abc import Callable
from threading import Event

_PIECE = 1024  # bytes of one write: the least that is written after a frame was cut


class Outlet:
    """The file that the driver's writer thread writes to, one text at a time.

    The loop asks `idle` before it makes the next frame, so at most one waits, and it is never old. A write may block
    as long as the terminal doesn't read; `cut` ends it.
    """

    def __init__(self, fileno: int, when_idle: Callable[[], None]) -> None:
        """`when_idle` is called in the writer thread when a text has gone out."""
        self.bytes_sent = 0
        self._fileno = fileno
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
        with contextlib.suppress(OSError):  # that the terminal has gone is for who reads from it to notice
            while data and not self._cut:
                count = os.write(self._fileno, data[:_PIECE])
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
        """Drop what the terminal hasn't read yet, also what the system keeps for it, so that a blocked write ends."""
        self._cut = True
        with contextlib.suppress(termios.error):
            termios.tcflush(self._fileno, termios.TCOFLUSH)
