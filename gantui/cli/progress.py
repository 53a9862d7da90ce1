"""Progress of a headless run on stderr: a bar on a terminal, plain lines everywhere else.

The writer's thread only leaves the newest records here; a thread of its own prints them, so that a terminal
that stopped reading holds up nothing but itself.
"""

import os
import sys
import threading
import time
from collections import deque
from typing import IO, Any

from gantui.core import events
from gantui.core.text import neutralise
from gantui.core.units import spell
from gantui.engine.signals import redirect
from gantui.runs.layout import RunDir

LINE_EVERY = 10.0
BAR_EVERY = 0.25


class Progress:
    """Shows the records it is given. `quiet` shows warnings only."""

    def __init__(self, run: RunDir, quiet: bool = False) -> None:
        self._run, self._quiet = run, quiet
        self._messages: deque[str] = deque(maxlen=100)
        self._step = self._max_steps = 0
        self._numbers: dict[str, float] = {}
        self._stage = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._show, name="progress", daemon=True)

    def start(self) -> None:
        """Begin to show."""
        self._thread.start()

    def stop(self) -> None:
        """Show the last state; give up after a second if nobody reads."""
        self._stopping.set()
        self._thread.join(timeout=1.0)

    def note(self, record: events.Record) -> None:
        """Take a record; called in the writer's thread."""
        match record:
            case events.Metrics():
                self._step = record.step
                self._numbers = {name: triple[0] for name, triple in record.v.items()}
            case events.Start():
                self._step, self._max_steps = record.step, record.config.get("max_steps", 0)
                where = f"goes on from step {record.step}" if record.parent is not None else "starts"
                self._tell(f"run {self._run.id} {where} ({record.data.count} examples)")
            case events.Applied():
                self._max_steps = record.after.get("max_steps", self._max_steps)
                self._tell(f"{record.what} applied at step {record.step} ({record.author})")
            case events.Eval():
                plain = [f"{k} {v:.4g}" for k, v in record.values.items() if isinstance(v, int | float)]
                self._tell(f"step {record.step}  evaluated: {'  '.join(plain)}")
            case events.Stage():
                if record.stage == "saving" and self._stage == "training" and self._numbers:
                    self._tell(self._line())
                self._stage = record.stage
            case events.Diagnosis():
                self._tell(f"step {record.step}  diagnosis: {record.text}")
            case events.Warning_():
                self._messages.append(f"warning: {record.text}")

    def _tell(self, message: str) -> None:
        if not self._quiet:
            self._messages.append(message)

    def _show(self) -> None:
        try:
            if sys.stderr.isatty() and not self._quiet:
                self._show_bar()
            self._show_lines()
        except OSError:  # the terminal is gone
            redirect([sys.stderr], self._run.trainer_log)
            self._show_lines()

    def _show_lines(self) -> None:
        next_line = time.monotonic()
        while not self._stopping.wait(BAR_EVERY):
            self._print_messages()
            if self._numbers.get("steps_per_s") and not self._quiet and time.monotonic() >= next_line:
                self._print(self._line())
                next_line = time.monotonic() + LINE_EVERY
        self._print_messages()

    def _show_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        console = Console(file=_Terminal(), markup=False, highlight=False, emoji=False)  # type: ignore[arg-type]
        doing = TextColumn("{task.description}", markup=False)
        text = TextColumn("{task.fields[numbers]}", markup=False, table_column=Column(no_wrap=True))
        with Progress(doing, BarColumn(bar_width=24), text, console=console, auto_refresh=False, transient=True) as bar:
            task = bar.add_task("", total=1, numbers="")
            while not self._stopping.wait(BAR_EVERY) and sys.stderr.isatty():
                while self._messages:
                    console.print(neutralise(self._messages.popleft()))
                total = self._max_steps or None
                line = self._line(digits=3) if self._numbers else ""
                stage = "" if line and self._stage == "training" else self._stage
                bar.update(task, description=stage, total=total, completed=self._step, numbers=line)
                bar.refresh()

    def _line(self, digits: int = 4) -> str:
        """step 1200/8000  153 it/s  4 min 3 s left  loss_d 1.21  loss_g 0.83"""
        speed = self._numbers.get("steps_per_s", 0.0)
        rest = self._max_steps - self._step
        left = f"  {spell(rest / speed)} left" if speed and rest > 0 else ""
        losses = "".join(f"  {k} {self._numbers[k]:.{digits}g}" for k in ("loss_d", "loss_g") if k in self._numbers)
        return f"step {self._step}/{self._max_steps}  {speed:.{digits}g} it/s{left}{losses}"

    def _print_messages(self) -> None:
        while self._messages:
            self._print(self._messages.popleft())

    def _print(self, text: str) -> None:
        sys.stderr.write(neutralise(text) + "\n")
        sys.stderr.flush()


class _Terminal:
    """stderr for Rich as long as it is a terminal: no escape code gets into a log that took its place."""

    def __getattr__(self, name: str) -> Any:
        stream: IO[str] = sys.stderr
        return getattr(stream, name)

    def write(self, text: str) -> int:
        """Write past Python's buffer: what a dying terminal didn't take must not turn up in the log later."""
        data = text.encode(errors="replace")
        while data and os.isatty(2):
            data = data[os.write(2, data) :]
        return len(text)
