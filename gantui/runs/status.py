"""The state of a run, derived from what its files and the kernel say; stored nowhere."""

import time
from typing import Any

from msgspec import Struct

from gantui.core.events import KINDS, AnyRecord, AtCursor, Cursor, Eval, Exit, Metrics, Present
from gantui.runs import info as run_info
from gantui.runs.info import RunInfo
from gantui.runs.layout import RunDir
from gantui.runs.live import Live, heartbeat_age, read_live
from gantui.runs.lock import SILENCE, Holder, holder
from gantui.runs.tail import tail

ALIVE = ("starting", "running", "paused")
ENDED = ("finished", "stopped", "failed", "interrupted")
NEW = 30.0  # seconds that a directory whose trainer has not yet said anything counts as starting


class Status(Struct, kw_only=True):
    """What one line of `gantui ls` says, and `status --json`.

    `state` is one of ALIVE or ENDED, or `crashed`; `reason` the last word of a run that ended, if it left
    one; `heartbeat_age` in seconds, None if there never was one; `started` in Unix seconds.
    """

    id: str
    state: str
    step: int = 0
    update: int = 0
    max_steps: int = 0
    steps_per_s: float = 0.0
    host: str = ""
    pid: int | None = None
    path: str = ""
    preset: str = ""
    started: float = 0.0
    last_eval: dict[str, Any] = {}
    heartbeat_age: float | None = None
    reason: str = ""
    diagnoses: list[Present] = []  # conditions that hold, or held at the end

    @property
    def alive(self) -> bool:
        """Whether a trainer is at work, as far as can be told."""
        return self.state in ALIVE


def status(run: RunDir, now: float | None = None) -> Status:
    """Return the state of a run at `now` (Unix seconds, default: the clock). Never raises."""
    now = time.time() if now is None else now
    info, live, last = run_info.read(run), read_live(run), tail(run)
    age = heartbeat_age(run, now, live)
    lock = holder(run)
    state = _state(run, now, lock, info, live, last, age)
    cursor = _cursor(run, live, last)
    return Status(
        id=run.id,
        state=state,
        step=cursor.step,
        update=cursor.update,
        max_steps=live.max_steps if live else 0,
        steps_per_s=_speed(run) if state == "running" else 0.0,
        host=info.host if info else "",
        pid=lock.pid or (info.pid if info else None),
        path=str(run.path),
        preset=info.preset if info else "",
        started=info.started if info else 0.0,
        last_eval=_last_eval(run, live),
        heartbeat_age=None if age is None else round(age, 1),
        reason=last.text if isinstance(last, Exit) and state not in ALIVE else "",
        diagnoses=live.diagnoses if live else [],
    )


def _state(
    run: RunDir,
    now: float,
    lock: Holder,
    info: RunInfo | None,
    live: Live | None,
    last: AnyRecord | None,
    age: float | None,
) -> str:
    silent = age is None or age >= SILENCE
    if lock.state == "held":
        # During a restart run.json and live.json are still those of the trainer before.
        outdated = silent and info is not None and lock.pid not in (None, info.pid)
        return "starting" if outdated else _own_word(info, live)
    ended = _end(last)
    out_of_reach = lock.state == "unknown" or (info is not None and info.host != run_info.host())
    if out_of_reach and not silent and not (ended and info and last and last.t >= info.started):
        return _own_word(info, live)
    if ended:
        return ended
    return "starting" if last is None and live is None and _is_new(run, now) else "crashed"


def _own_word(info: RunInfo | None, live: Live | None) -> str:
    """What a living trainer says of itself; before it has said anything, it is starting."""
    if info is None or live is None or live.pid != info.pid or live.t < info.started:
        return "starting"
    return live.state if live.state in ALIVE else "running"


def _end(last: AnyRecord | None) -> str:
    if not isinstance(last, Exit):
        return ""
    return last.reason if last.reason in ENDED else ("failed" if last.status else "finished")


def _is_new(run: RunDir, now: float) -> bool:
    try:
        return now - run.path.stat().st_mtime < NEW
    except OSError:
        return False


def _cursor(run: RunDir, live: Live | None, last: AnyRecord | None) -> Cursor:
    """Where training stands, by the newest witness; of equals, the log."""
    if last is not None and not isinstance(last, AtCursor):
        last = tail(run, KINDS - {"stage", "system"})
    if isinstance(last, AtCursor) and (live is None or isinstance(last, Exit) or last.t >= live.t):
        return last.cursor
    return live.cursor if live else Cursor()


def _speed(run: RunDir) -> float:
    """Iterations a second by the newest metrics: the live file may be five seconds old."""
    record = tail(run, {"metrics"})
    return record.v.get("steps_per_s", [0.0])[0] if isinstance(record, Metrics) else 0.0


def _last_eval(run: RunDir, live: Live | None) -> dict[str, Any]:
    """As the trainer says. Only before it has begun to train the log is asked: where it has none, that takes all of it,
    and a viewer asks each second."""
    if live and (live.last_eval or live.state != "starting"):
        return live.last_eval
    record = tail(run, {"eval"})
    return record.values if isinstance(record, Eval) else {}
