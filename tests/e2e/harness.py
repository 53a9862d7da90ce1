"""Real `gantui` processes in the tests, waited for by conditions and never by time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from gantui.core.events import AnyRecord
from gantui.runs import status
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader

T = TypeVar("T")
PATIENCE = 60.0
SMALL = "g_widths=[16]", "d_widths=[16]", "batch_size=32"  # fast steps
ENDLESS = ("max_steps=1000000", *SMALL)
CONTROL = {*range(32), 0x7F} - {0x0A}


def settings(*pairs: str) -> list[str]:
    """`-s` for each pair."""
    return [part for pair in pairs for part in ("-s", pair)]


def gantui(*arguments: object, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    command = [sys.executable, "-m", "gantui", *map(str, arguments)]
    return subprocess.run(
        command, **{"capture_output": True, "text": True, "timeout": PATIENCE, "stdin": subprocess.DEVNULL} | options
    )


def until(condition: Callable[[], T], what: object = "", patience: float = PATIENCE) -> T:
    """Return the first true answer of `condition`."""
    deadline = time.monotonic() + patience
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {patience:g} s: {what or condition}"
        time.sleep(0.01)
    return answer


def read(run: RunDir) -> list[AnyRecord]:
    """All records of a run."""
    reader, records = RunReader(run), []
    while not reader.exhausted:
        records += reader.poll()
    return records


def of(records: Iterable[AnyRecord], kind: type[T]) -> list[T]:
    """The records of one kind."""
    return [record for record in records if isinstance(record, kind)]


class Trainer:
    """A headless `gantui run` in a process of its own; stdout and stderr go to files beside the runs."""

    def __init__(self, folder: Path, *arguments: object, name: str = "one", **options: Any) -> None:
        self.folder, self.run = folder, RunDir(folder / "runs" / name)
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        command = [sys.executable, "-m", "gantui", "run", *map(str, arguments), "--headless"]
        environment = os.environ | {"GANTUI_RUNS": str(folder / "runs")}
        with self.out.open("ab") as out, self.err.open("ab") as err:
            defaults = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err, "env": environment}
            self.process = subprocess.Popen(command, **defaults | options)

    @classmethod
    def fresh(cls, folder: Path, preset: str, *pairs: str, name: str = "one", **options: Any) -> "Trainer":
        """Start a run of a preset with these settings."""
        return cls(folder, preset, "--name", name, *settings(*pairs), name=name, **options)

    def ask(self, what: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """`gantui WHAT RUN ARGUMENTS`, as from another shell."""
        return gantui(what, self.run.path, *arguments)

    def records(self) -> list[AnyRecord]:
        """The log as it is."""
        return read(self.run)

    def until(self, condition: Callable[[], T], what: object = "") -> T:
        """Wait, but not for a dead process."""

        def answer() -> T:
            ended = self.process.poll()
            found = condition()
            assert found or ended is None, f"ended with {ended} before {what}: {self.err.read_text()[-2000:]}"
            return found

        return until(answer, what)

    def until_step(self, step: int = 1) -> "Trainer":
        """Wait until training has come that far."""
        self.until(lambda: self.status().step >= step or self.last_step() >= step, f"step {step}")
        return self

    def last_step(self) -> int:
        """The newest step in the log."""
        return max((getattr(record, "step", 0) for record in self.records()), default=0)

    def status(self) -> status.Status:
        """Its derived status."""
        return status.status(self.run)

    def signal(self, number: signal.Signals) -> float:
        """Send a signal; return the seconds until the process has ended."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - began

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        return self.process.wait(2 * PATIENCE)

    def end(self) -> None:
        """Make sure that it is gone."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def digest_of(run: RunDir) -> str:
    """The digest of the state a run ended in."""
    return json.loads(run.latest.read_bytes())["checkpoints"][0]["digest"]
