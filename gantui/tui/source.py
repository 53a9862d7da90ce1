"""Where a dashboard's news comes from: the one place that touches a run directory."""

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gantui.core import commands
from gantui.core.commands import Command
from gantui.core.events import AnyRecord
from gantui.runs import inbox, info
from gantui.runs.branches import lineage
from gantui.runs.filesystem import is_network
from gantui.runs.info import RunInfo
from gantui.runs.layout import RunDir
from gantui.runs.leases import DURATION, Lease
from gantui.runs.live import Live, read_arrays, read_live
from gantui.runs.reader import RunReader
from gantui.runs.samples import preview_arrays, preview_files
from gantui.runs.status import Status, status

if TYPE_CHECKING:
    import numpy as np

LIVE_RATE = 1.0  # Hz at which the trainer shall tell its state; the curves come from the log, at their own rate
LONG = 4 << 20  # bytes of log, above which only what the first frame needs is read at first
STATUS_EVERY = 1.0  # seconds


class News(NamedTuple):
    """What has come since the last look; `live`, `status` and `info` are None where there is nothing new."""

    records: Sequence[AnyRecord] = ()
    complete: bool = True  # whether the log was read to its end
    live: Live | None = None
    status: Status | None = None
    info: RunInfo | None = None
    gone: bool = False  # the run directory was deleted


class Sizes(NamedTuple):
    """Bytes that a run's files take, and those that are free beside them; `free` is None where it can't be told."""

    log: int = 0
    previews: int = 0
    checkpoints: int = 0
    free: int | None = None


class Source(Protocol):
    """A run as its viewers see it. The real one is `RunSource`; tests have one of their own."""

    run: RunDir
    network: bool  # looking costs a server's time: seldom, and not in the dashboard's own thread

    @property
    def bad_lines(self) -> int:
        """Lines of the log that were no records."""

    def poll(self) -> News:
        """Return what is new. Never raises."""

    def restart(self) -> None:
        """Read the log from its beginning again, every number of it."""

    def history(self) -> list[AnyRecord]:
        """Return the whole path to the newest branch, read afresh. Never raises."""

    def obstacle(self) -> str:
        """Return why this viewer may not steer the run, or an empty string."""

    def send(self, what: str, args: dict[str, Any]) -> Command:
        """Drop a command into the inbox and return it. Raises ConfigError, NoAnswer."""

    def arrays(self, file: str) -> "dict[str, np.ndarray] | None":
        """Return the arrays of a preview, by its file below the run directory; None if there are none."""

    def watch_closely(self, rate_hz: float) -> None:
        """Ask the trainer for new live arrays so many times a second, 0 for none, from now on."""

    def live_arrays(self) -> "dict[str, np.ndarray] | None":
        """Return the live arrays if they are new since the last call; for a thread. Never raises."""

    def previews(self) -> frozenset[str] | None:
        """Return the files of the previews there are, below the run directory; None if that can't be told."""

    def sizes(self) -> Sizes:
        """Return what lies on the disk; asks for every file, so for a thread. Never raises."""

    def close(self) -> None:
        """Say that nobody looks any more."""


class RunSource:
    """A run directory, followed: the log as it grows, the state once a second, a lease while it is open."""

    def __init__(self, run: RunDir) -> None:
        self.run = run
        self.network = is_network(run.path)
        self._reader = RunReader(run)
        self._reader.skimming = sum(map(_size, run.segments())) > LONG
        self._lease = Lease(run, info.author(), LIVE_RATE)
        self._next_lease = self._next_status = 0.0
        self._live_seen = self._info_seen = self._arrays_seen = 0
        self._obstacle = _obstacle(run)

    def poll(self) -> News:
        """Return what is new. Never raises."""
        records = self._reader.poll()
        if self._reader.exhausted:
            self._reader.skimming = False
        if self._reader.gone:
            return News(records, gone=True)
        now, state = time.monotonic(), None
        if now >= self._next_status:
            self._next_status = now + STATUS_EVERY
            state = status(self.run)
            self._obstacle = _obstacle(self.run)
            self._renew(now, state)
        live, self._live_seen = self._changed(self.run.live_json, self._live_seen)
        about, self._info_seen = self._changed(self.run.run_json, self._info_seen)
        return News(
            records,
            complete=self._reader.exhausted,
            live=read_live(self.run) if live else None,
            status=state,
            info=info.read(self.run) if about else None,
        )

    def restart(self) -> None:
        """Read the log from its beginning again, every number of it."""
        self._reader = RunReader(self.run)

    def history(self) -> list[AnyRecord]:
        """Return the whole path to the newest branch, read afresh. Never raises."""
        self._reader = RunReader(self.run)
        records: list[AnyRecord] = []
        while not self._reader.exhausted:
            records += self._reader.poll()
        return lineage(records)

    @property
    def bad_lines(self) -> int:
        """Lines of the log that were no records."""
        return self._reader.bad_lines

    def obstacle(self) -> str:
        """Return why this viewer may not steer the run, or an empty string."""
        return self._obstacle

    def send(self, what: str, args: dict[str, Any]) -> Command:
        """Drop a command into the inbox and return it. Raises ConfigError, NoAnswer."""
        command = commands.new(what, args, info.author())
        inbox.send(self.run, command)
        return command

    def arrays(self, file: str) -> "dict[str, np.ndarray] | None":
        """Return the arrays of a preview, by its file below the run directory; None if there are none."""
        return preview_arrays(self.run, file)

    def watch_closely(self, rate_hz: float) -> None:
        """Ask the trainer for new live arrays so many times a second, 0 for none, from now on."""
        if rate_hz != self._lease.views_hz:
            self._lease.views_hz = rate_hz
            self._next_lease = self._next_status = 0.0  # with the next look

    def live_arrays(self) -> "dict[str, np.ndarray] | None":
        """Return the live arrays if they are new since the last call; for a thread. Never raises."""
        new, self._arrays_seen = self._changed(self.run.live_npz, self._arrays_seen)
        return read_arrays(self.run) if new else None

    def previews(self) -> frozenset[str] | None:
        """Return the files of the previews there are, below the run directory; None if that can't be told."""
        return preview_files(self.run)

    def sizes(self) -> Sizes:
        """Return what lies on the disk; asks for every file, so for a thread. Never raises."""
        try:
            free = shutil.disk_usage(self.run.path).free
        except OSError:
            free = None
        segments = sum(map(_size, self.run.segments()))
        return Sizes(segments, _total(self.run.previews), _total(self.run.checkpoints), free)

    def close(self) -> None:
        """Say that nobody looks any more."""
        self._lease.release()

    def _renew(self, now: float, state: Status) -> None:
        if state.alive and now >= self._next_lease:
            self._next_lease = now + DURATION / 3
            self._lease.renew()

    def _changed(self, path: os.PathLike[str], seen: int) -> tuple[bool, int]:
        try:
            now = os.stat(path).st_mtime_ns  # noqa: PTH116, asked twenty times a second
        except OSError:
            return False, seen
        return now != seen, now


def _total(folder: Path) -> int:
    """Bytes of the files in a folder, as far as can be seen."""
    try:
        with os.scandir(folder) as entries:
            return sum(_size(entry) for entry in entries)
    except OSError:
        return 0


def _size(file: "Path | os.DirEntry[str]") -> int:
    with suppress(OSError):  # gone meanwhile: previews are thinned, checkpoints replaced
        return file.stat().st_size
    return 0


def _obstacle(run: RunDir) -> str:
    if os.access(run.commands, os.W_OK | os.X_OK):
        return ""
    return "you may watch this run but not steer it: its inbox is not yours to write"
