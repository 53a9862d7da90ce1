"""What the operating system may ask of a trainer, and what becomes of its terminal."""

import os
import signal
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

from gantui.runs.files import create

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)  # batch systems send the last one ahead of the kill


class Interrupted(BaseException):
    """A signal asked the trainer to end while there was nothing to save yet, or in the middle of a wait.

    Not an Exception: it may strike inside an import, where many a library swallows those.
    """


class Signals:
    """Notes the signals that end a run; before training starts they end it at once.

    SIGHUP never ends a run: the terminal is gone, so what went there goes to `log` from then on.
    """

    def __init__(self, log: Path) -> None:
        self.received: str | None = None
        self.raise_at_once = True
        self._log = log
        self._before: dict[int, object] = {}

    def install(self) -> None:
        """Take over the handlers; only the main thread may."""
        for number in ENDING:
            self._before[number] = signal.signal(number, self._note)
        self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._leave_terminal)

    def restore(self) -> None:
        """Give the handlers back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def check(self) -> None:
        """Raise Interrupted if a signal has come: for long work that is not an update."""
        if self.received:
            raise Interrupted(self.received)

    def _leave_terminal(self, _number: int, _frame: FrameType | None) -> None:
        redirect(filter(_is_device, (sys.stdout, sys.stderr)), self._log)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received = signal.Signals(number).name
        if self.raise_at_once:
            self.raise_at_once = False  # once: a second signal must not break into the clearing up
            raise Interrupted(self.received)


def _is_device(stream: IO[str]) -> bool:
    """Whether it is a terminal, or was one: a dead one denies it. Files and pipes are none, and stay."""
    try:
        return stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def redirect(streams: Iterable[IO[str]], log: Path) -> None:
    """Send what this process writes to `streams` to `log` from now on; without a place for it, to nowhere."""
    try:
        target = create(log, os.O_WRONLY | os.O_APPEND)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        with suppress(OSError, ValueError):
            os.dup2(target, stream.fileno())
    os.close(target)
