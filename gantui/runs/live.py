"""live.json and live.npz: the present state of a run, for viewers, and its heartbeat."""

import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from gantui.core.events import Cursor, Present
from gantui.runs.arrays import read_npz, write_npz
from gantui.runs.files import read_bounded, write_atomic
from gantui.runs.filesystem import is_network
from gantui.runs.layout import RunDir
from gantui.runs.leases import Lease as Lease
from gantui.runs.leases import Wanted as Wanted
from gantui.runs.leases import wanted as wanted

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 1 << 20
IDLE_INTERVAL = 5.0  # seconds between heartbeats while nobody looks


class Live(Struct, kw_only=True):
    """What a trainer is doing: `t` in Unix seconds, `stage_progress` 0 to 1, `elapsed` in seconds."""

    t: float = 0.0
    pid: int = 0
    state: str = "starting"  # starting, running, paused; at the end the reason of the exit
    stage: str = ""
    stage_progress: float = 0.0
    branch: int = 0
    step: int = 0
    d_updates: int = 0
    g_updates: int = 0
    update: int = 0
    max_steps: int = 0
    steps_per_s: float = 0.0
    samples_per_s: float = 0.0
    elapsed: float = 0.0
    metrics: dict[str, float] = {}
    config: dict[str, Any] = {}  # the live fields, as confirmed
    last_eval: dict[str, Any] = {}
    warning: str = ""
    diagnoses: list[Present] = []  # conditions that hold now

    @property
    def cursor(self) -> Cursor:
        """Where training stands."""
        return Cursor(step=self.step, d_updates=self.d_updates, g_updates=self.g_updates, update=self.update)


Snapshot = Callable[[], "tuple[Live, dict[str, np.ndarray] | None]"]


def write_live(run: RunDir, live: Live) -> None:
    """Replace the run's state; metrics that are not finite are left out. Raises OSError."""
    finite = {name: value for name, value in live.metrics.items() if math.isfinite(value)}
    rates = {
        name: value if math.isfinite(value := getattr(live, name)) else 0.0
        for name in ("t", "stage_progress", "steps_per_s", "samples_per_s", "elapsed")
    }
    write_atomic(run.live_json, msgspec.json.encode(msgspec.structs.replace(live, metrics=finite, **rates)))


def read_live(run: RunDir) -> Live | None:
    """Return the run's state, or None if there is none or it can't be read."""
    try:
        return msgspec.json.decode(read_bounded(run.live_json, MAX_BYTES), type=Live)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def write_arrays(run: RunDir, arrays: "dict[str, np.ndarray]") -> None:
    """Replace the run's live arrays. Raises OSError."""
    write_npz(run.live_npz, arrays)


def read_arrays(run: RunDir) -> "dict[str, np.ndarray] | None":
    """Return the run's live arrays, or None if there are none or they can't be read."""
    return read_npz(run.live_npz)


def heartbeat_age(run: RunDir, now: float, live: Live | None = None) -> float | None:
    """Return the seconds since the last heartbeat, or None if there was none.

    The trainer's clock and the file system's may both differ from ours; the later of the two counts, as
    taking a living trainer for dead is the worse mistake.
    """
    live = live or read_live(run)
    if live is None:
        return None
    try:
        written = run.live_json.stat().st_mtime
    except OSError:
        written = 0.0
    return max(0.0, now - max(live.t, written))


class Heartbeat:
    """A thread that writes the state: every 5 s, and at the rate viewers want while they hold leases.

    `snapshot` is called in that thread and must be quick and safe there. Nothing that goes wrong here
    reaches the training; `trouble` says what it was, and is empty again after the next good write.
    """

    def __init__(self, run: RunDir, snapshot: Snapshot) -> None:
        self._run = run
        self._snapshot = snapshot
        self._look = 1.0 if is_network(run.path) else 0.25  # seconds between two looks for leases
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._written: object = None  # the arrays that lie on the disk already
        self.wanted = Wanted()
        self.trouble = ""

    def start(self) -> None:
        """Begin, with a first write at once."""
        self._thread.start()

    def now(self) -> None:
        """Write once, soon: after a pause, say, so that viewers needn't wait for the next beat."""
        self._wake.set()

    def stop(self, timeout: float = 5.0) -> None:
        """Write a last time and stop; give up after `timeout` seconds if the disk hangs."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _beat(self) -> None:
        due = looked = 0.0
        while not self._stopping:
            now = time.monotonic()
            if now >= looked + self._look:
                self.wanted = wanted(self._run)
                looked = now
            interval = 1 / self.wanted.rate if self.wanted.rate else IDLE_INTERVAL
            if self._wake.is_set() or now >= due or due > now + interval:
                self._wake.clear()
                self._write()
                due = now + interval
            self._wake.wait(max(0.0, min(due, looked + self._look) - time.monotonic()))
        self._write()

    def _write(self) -> None:
        try:
            live, arrays = self._snapshot()
            write_live(self._run, live)
            if arrays and self.wanted.rate and arrays is not self._written:
                write_arrays(self._run, arrays)
                self._written = arrays
            self.trouble = ""
        except Exception as error:  # a full disk, or a state half changed: the next beat may do better
            self.trouble = f"the live state can't be written: {error}"
