"""What the operating system may ask of a trainer, and what becomes of its terminal."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)  # batch systems send the last one ahead of the kill


class Interrupted(Exception):
    """A signal asked the trainer to end while there was nothing to save yet, or in the middle of a wait."""


class Signals:
    """Notes the signals that end a run; before training starts they end it at once.

    SIGHUP never ends a run: the terminal is gone, so output goes to `log` from then on.
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
        self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda *_: redirect_output(self._log))

    def restore(self) -> None:
        """Give the handlers back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def check(self) -> None:
        """Raise Interrupted if a signal has come: for long work that is not an update."""
        if self.received:
            raise Interrupted(self.received)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received = signal.Signals(number).name
        if self.raise_at_once:
            raise Interrupted(self.received)


def redirect_output(log: Path) -> None:
    """Send stdout and stderr of this process to `log`; without a place to write, to nowhere."""
    try:
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(target, stream.fileno())
        except (OSError, ValueError):
            continue
    os.close(target)
