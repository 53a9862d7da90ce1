"""Commands that take minutes: how far they are, on stderr, and a way out by a signal."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gantui.core.errors import EndedEarly
from gantui.core.text import neutralise
from gantui.engine.signals import ENDING, Interrupted

LINE_EVERY = 10.0  # seconds
BAR_EVERY = 0.25
_TO_START, _REST = "\r", "\x1b[K"  # of a terminal's line


class Progress:
    """Says now and then how far something is: in one line of a terminal, else in a new line each ten seconds."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._next = time.monotonic() + (0.0 if self._on_terminal else LINE_EVERY)
        self._shown = False

    def say(self, text: str) -> None:
        """Show the text if it is time."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (BAR_EVERY if self._on_terminal else LINE_EVERY)
        self._shown = True
        text = neutralise(text, 79)
        sys.stderr.write(f"{_TO_START}{text}{_REST}" if self._on_terminal else f"{text}\n")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the terminal's line away."""
        if self._shown and self._on_terminal:
            sys.stderr.write(f"{_TO_START}{_REST}")
            sys.stderr.flush()


@contextmanager
def interruptible(done_so_far: str) -> Iterator[Progress]:
    """Let SIGINT, SIGTERM and SIGUSR1 end what is done inside, wherever it is.

    Raises EndedEarly that says what has become of it.
    """
    struck = False

    def strike(number: int, _frame: FrameType | None) -> None:
        nonlocal struck
        if not struck:  # once: a second signal must not break into the clearing up
            struck = True
            raise Interrupted(signal.Signals(number).name)

    before = {number: signal.signal(number, strike) for number in ENDING}
    progress = Progress()
    try:
        yield progress
    except Interrupted as interrupted:
        raise EndedEarly(f"ended early by {interrupted}: {done_so_far}") from None
    finally:
        progress.clear()
        for number, handler in before.items():
            signal.signal(number, handler)
