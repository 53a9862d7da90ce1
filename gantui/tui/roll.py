"""The runs of a folder as they were last seen."""

import os
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from gantui.core.text import neutralise
from gantui.runs.filesystem import is_network
from gantui.runs.index import list_runs
from gantui.runs.layout import RunDir
from gantui.runs.status import Status, status
from gantui.tui.aside import Aside

EVERY = 1.0  # seconds between two surveys
BATCH = 25  # runs never seen before that one survey takes in: the list fills while one looks
AT_ONCE = 8  # runs known before the first frame

Result = TypeVar("Result")


class Survey(NamedTuple):
    """What one look at the folder has found: all runs, newest first; the state of those it asked."""

    runs: list[RunDir]
    statuses: dict[str, Status]
    problem: str


class Roll:
    """Which runs there are and how they fare. `look` is called several times a second.

    The state of one run costs a millisecond, on a network file system as long as the server likes: so they
    are asked in a thread, and only those that are in sight, alive or never seen before.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs: list[RunDir] = []
        self.statuses: dict[str, Status] = {}
        self.problem = ""  # why the folder can't be read
        self._thread = Aside("runs")
        self._coming: Future[Survey] | None = None
        self._due = 0.0
        if not is_network(folder):
            self._take(survey(folder, self.statuses, (), AT_ONCE))

    def look(self, in_sight: Collection[str]) -> bool:
        """Take what a survey has found and send the next one when it is due; return whether something came."""
        came = self._coming is not None and self._coming.done()
        if self._coming and came:
            self._take(self._coming.result())
            self._coming = None
            self._due = time.monotonic() + (0 if len(self.statuses) < len(self.runs) else EVERY)
        if self._coming is None and time.monotonic() >= self._due:
            self._coming = self._thread.submit(
                partial(survey, self.folder, dict(self.statuses), frozenset(in_sight), BATCH)
            )
        return came

    def hurry(self) -> None:
        """Something was done to a run: look again now."""
        self._due = 0.0

    def perform(self, work: Callable[[], Result]) -> "Future[Result]":
        """Do something slow with the files of runs, not at the same time as a survey."""
        return self._thread.submit(work)

    def close(self) -> None:
        """Look no more."""
        self._thread.close()

    def _take(self, news: Survey) -> None:
        self.runs, self.problem = news.runs, news.problem
        states = self.statuses | news.statuses
        self.statuses = {run.id: states[run.id] for run in news.runs if run.id in states}


def survey(folder: Path, known: dict[str, Status], in_sight: Collection[str], unseen: int) -> Survey:
    """Return the runs of `folder`, with the state of those in sight or alive and of `unseen` others. Never raises."""
    runs = list_runs(folder)
    statuses = {}
    for run in runs:
        if run.id not in known:
            unseen -= 1
            if unseen < 0:
                continue
        elif run.id not in in_sight and not known[run.id].alive:
            continue
        statuses[run.id] = status(run)
    return Survey(runs, statuses, "" if runs else _problem(folder))


def _problem(folder: Path) -> str:
    try:
        with os.scandir(folder):
            return ""
    except FileNotFoundError:
        return ""  # made with the first run
    except (OSError, ValueError) as error:
        return f"can't read {neutralise(folder)}: {neutralise(getattr(error, 'strerror', None) or error)}"


def age(moment: float, now: float) -> str:
    """Return how long ago `moment` was, coarsely: `5 s`, `3 min`, `2 h`, `4 d`; both in Unix seconds."""
    if not moment:
        return "–"
    passed = max(0.0, now - moment)
    for most, unit, name in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h")):
        if passed < most:
            return f"{int(passed / unit)} {name}"
    return f"{int(passed / 86400)} d"
