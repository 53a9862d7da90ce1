"""The state of a run as the dashboard shows it: events in, state out. Plain Python, no screen, no files."""

import math
from array import array
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any

from gantui.core import events, verdicts
from gantui.core.changes import change_text
from gantui.core.events import AnyRecord, AtCursor, DataFacts, Few, Hist, Metrics, ObjectiveFacts, Skimmed, System
from gantui.core.series import Series
from gantui.core.text import neutralise
from gantui.runs.info import RunInfo
from gantui.runs.live import Live
from gantui.runs.status import ALIVE, Status
from gantui.tui.controls import Controls, Send

MOST_ENTRIES = 5000
MOST_EVALS = 1000
MOST_MARKS = 400
FIRST_STAGE = "importing"  # of every trainer
AT_WORK = ("training", "evaluating", "saving")  # stages of a trainer that has got through its start
STEERED = {"running", "paused"}  # states between which commands change
FEW = 8  # records that are quicker taken one by one than together
HOST_NUMBERS = ("cpu", "memory", "host_cpu", "host_memory", "gpu_load", "gpu_memory")


@dataclass(frozen=True)
class Mark:
    """Something that happened at a point of the plot's x axis: a command, or a new branch."""

    x: float
    label: str


@dataclass
class Entry:
    """One line of the run's story; `t` in Unix seconds, `outcome` is '' for what nobody asked for."""

    kind: str  # command, warning, diagnosis, checkpoint, eval, start, exit
    t: float
    step: int
    who: str
    text: str
    outcome: str = ""  # received, applied, rejected; of a diagnosis error, warning, good, over
    id: str = ""
    seq: int = -1  # of the record that it began with


@dataclass(frozen=True)
class Preview:
    """A preview there is, and where on the x axis it was taken."""

    file: str
    caption: str
    step: int
    update: int
    branch: int
    x: float


@dataclass(frozen=True)
class Notice:
    """What to tell the person in front of the screen now."""

    text: str
    level: str = "information"  # information, warning, error
    t: float = 0.0


class RunView:
    """Everything the screens show of one run. `versions[topic]` grows with each change of a topic.

    Topics: `curves`, `hist`, `previews`, `entries`, `system`, `evals`, `state`, `settings`, `notice`, `diagnoses`.
    The x axis of curves is the step, with updates within a step, or beside it (single ones of D), between
    that step and the next.
    """

    def __init__(self, run_id: str, send: Send) -> None:
        self.run_id = run_id
        self.versions: Counter[str] = Counter()
        self.controls = Controls(send)
        self.curves: dict[str, Series] = {}
        self.eval_curves: dict[str, Series] = {}  # the numbers of evaluations
        self.host_curves: dict[str, Series] = {}  # over Unix seconds
        self.marks: list[Mark] = []
        self.diagnoses: dict[str, events.Diagnosis] = {}  # conditions that hold, by name
        self.hist: Hist | None = None
        self.previews: list[Preview] = []
        self.entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self.evals: deque[events.Eval] = deque(maxlen=MOST_EVALS)
        self.system: System | None = None
        self.objective = ObjectiveFacts()
        self.data = DataFacts()
        self.config: dict[str, Any] = {}  # the whole configuration, as of the last start
        self.info: RunInfo | None = None
        self.live: Live | None = None
        self.state = "starting"
        self.reason = ""  # the last word of a run that ended
        self.stage, self.progress = "", 0.0
        self.step = self.update = 0
        self._left_at = 0  # the step that had been reached when the trainer started or went back
        self.branch = 0
        self.notice: Notice | None = None
        self.gone = False
        self.skimmed = False  # whether of a long history only a few numbers were read
        self.stale = False  # the log left the path this view is on: it must be built anew from the lineage
        self._by_id: dict[str, Entry] = {}
        self._x_step, self._x_base = -1, 0  # the step the x axis is at, and the update it was first seen at
        self._status: Status | None = None
        self._answered = 0.0  # the trainer's clock at its newest answer
        self._take: dict[type, Callable[[Any], None]] = {
            events.Start: self._start,
            events.Stage: self._stage,
            Hist: self._hist,
            events.Preview: self._preview,
            events.Eval: self._eval,
            events.Received: self._received,
            events.Applied: self._applied,
            events.Rejected: self._rejected,
            events.Checkpoint: self._checkpoint,
            System: self._system,
            events.Warning_: self._warning,
            events.Diagnosis: self._diagnosis,
            events.Exit: self._exit,
        }

    # What comes in

    def feed(self, records: Iterable[AnyRecord]) -> None:
        """Take records in the order of the log."""
        batch: list[Metrics | Skimmed] = []  # of one kind
        xs: list[float] = []
        for record in records:
            if type(record) is Metrics or type(record) is Skimmed:
                if batch and type(record) is not type(batch[0]):
                    self._metrics(xs, batch)
                    batch, xs = [], []
                if record.branch == self.branch:
                    batch.append(record)
                    xs.append(self._x(record.step, record.update))
                continue
            if type(record) is events.Start:  # it may cut the curves
                if batch:
                    self._metrics(xs, batch)
                    batch, xs = [], []
                self._left_at = self.step
            if isinstance(record, AtCursor):
                if record.branch < self.branch:
                    continue  # of a branch that was left: a preview that was still being written
                self.step, self.update = record.step, record.update
            self._take[type(record)](record)
        if batch:
            self._metrics(xs, batch)

    def know(self, *, live: Live | None = None, status: Status | None = None, info: RunInfo | None = None) -> None:
        """Take what the run's small files say."""
        if live:
            self.live = live
            if not self._outdated:
                self.controls.know(live.config)
            self.versions.update(("state", "settings"))
        if info:
            self.info = info
            self.versions["state"] += 1
        if status:
            self._status = status
            if status.state != self.state and not (self._outdated and {status.state, self.state} <= STEERED):
                self._set_state(status.state, status.reason)
                if self.state == "crashed":
                    self.tell(self._epitaph(), "error")

    def keep_previews(self, files: Collection[str] | None) -> None:
        """Forget the previews whose files were thinned out; None: that can't be told, the later half stays."""
        newest = self.previews[-1:]  # its file may not be in sight yet
        kept = [preview for preview in self.previews[:-1] if files is None or preview.file in files]
        self.previews = (kept if files is not None else kept[len(kept) // 2 :]) + newest

    def vanish(self) -> None:
        """The run directory was deleted."""
        if not self.gone:
            self.gone = True
            self._set_state("deleted", "the run directory was deleted")

    def tell(self, text: str, level: str = "information", t: float = 0.0) -> None:
        """Show a notice."""
        self.notice = Notice(neutralise(text), level, t)
        self.versions["notice"] += 1

    # What is derived

    @property
    def _outdated(self) -> bool:
        """Whether the last beat is older than an answer that the log has given already."""
        return self._answered > 0 and (self.live is None or self.live.t <= self._answered)

    @property
    def alive(self) -> bool:
        """Whether a trainer is at work."""
        return self.state in ALIVE

    @property
    def max_steps(self) -> int:
        """Where training ends; 0 where not known."""
        value = self.controls.confirmed.get("max_steps") or self.config.get("max_steps")
        return value if isinstance(value, int) else (self._status.max_steps if self._status else 0)

    @property
    def loading(self) -> bool:
        """Whether the trainer is still on its way to the first step."""
        return self.state == "starting"

    def curve(self, name: str) -> Series | None:
        """A number of the metrics or of the evaluations over steps, None if there is none."""
        return self.curves.get(name) or self.eval_curves.get(name)

    def last(self, name: str) -> float | None:
        """The newest value of such a number, None if there is none."""
        curve = self.curve(name)
        return curve.last if curve else None

    @property
    def heartbeat_age(self) -> float | None:
        """Seconds since the trainer's last sign of life, None if there never was one."""
        return self._status.heartbeat_age if self._status else None

    @property
    def eta(self) -> float | None:
        """Seconds until max_steps at the present speed, None while that can't be said."""
        speed = self.last("steps_per_s")
        if self.state != "running" or not speed or not self.max_steps:
            return None
        return max(0.0, (self.max_steps - self.step) / speed)

    def why_not_steer(self) -> str:
        """Why commands would not be obeyed, as far as the run's state says; '' if they would."""
        if self.gone:
            return "the run directory was deleted"
        if not self.alive:
            return f"the run is {self.state}: nobody is there to obey"
        return ""

    # Record by record

    def _metrics(self, xs: list[float], batch: "list[Metrics | Skimmed]") -> None:
        last = batch[-1]
        if last.update >= self.update:
            self.step, self.update = last.step, last.update
        if isinstance(last, Skimmed):
            self._skimmed(xs, [record.v for record in batch if isinstance(record, Skimmed)])
        else:
            self._whole(xs, [record for record in batch if isinstance(record, Metrics)])
        self.versions["curves"] += 1

    def _skimmed(self, xs: list[float], few: list[Few]) -> None:
        self.skimmed = True
        everywhere = array("d", xs)
        for name in Few.__struct_fields__:
            points = list(map(attrgetter(name), few))
            if None in points:
                at = array("d", [x for x, point in zip(xs, points, strict=True) if point])
                points = [point for point in points if point]
            else:
                at = everywhere
            if points:
                self._curve(name).extend(at, points)

    def _whole(self, xs: list[float], batch: list[Metrics]) -> None:
        if len(batch) <= FEW:
            for x, record in zip(xs, batch, strict=True):
                for name, (mean, low, high) in record.v.items():
                    self._curve(name).add(x, mean, low, high)
            return
        everywhere = array("d", xs)
        for name in dict.fromkeys(chain.from_iterable(record.v for record in batch)):
            at, points = everywhere, [record.v[name] for record in batch if name in record.v]
            if len(points) < len(batch):  # what is measured each 16th step
                at = array("d", [x for x, record in zip(xs, batch, strict=True) if name in record.v])
            self._curve(name).extend(at, points)

    def _curve(self, name: str) -> Series:
        if name not in self.curves:
            self.curves[name] = Series()
        return self.curves[name]

    def _x(self, step: int, update: int) -> float:
        if step != self._x_step:
            self._x_step, self._x_base = step, update
        beyond = update - self._x_base
        return step + beyond / (beyond + 1) if beyond > 0 else float(step)

    def _start(self, record: events.Start) -> None:
        left = self._left_at if record.branch != self.branch else 0
        if record.branch != self.branch:
            self.stale = self.stale or record.parent != self.branch
            self.branch = record.branch
            self._cut(record)
        if record.update or record.parent is not None:
            how = "rolled back" if self.state in STEERED else "resumed"
            self._mark(float(record.step), how)
            lost = f"; {left - record.step:,} steps after it are left behind" if left > record.step else ""
            self._enter("start", record, f"{how} at step {record.step:,}, on branch {record.branch}{lost}")
            self.tell(f"{how} at step {record.step:,}{lost}", "warning" if lost else "information", record.t)
        else:
            self._enter("start", record, "started")
            self.tell("started", t=record.t)
        self.objective, self.data, self.config = record.objective, record.data, record.config
        self.controls.know(record.config)
        self.reason = ""
        self._set_state(self.state if self.alive else "starting", "")
        self.versions.update(("settings", "curves", "previews"))

    def _mark(self, x: float, text: str) -> None:
        """A script may change a setting each second for days: more than a plot has columns for only cost time."""
        self.marks.append(Mark(x, neutralise(text, 80)))
        del self.marks[:-MOST_MARKS]

    def _cut(self, record: events.Start) -> None:
        """Forget what was after the point where the new branch begins."""
        for curve in (*self.curves.values(), *self.eval_curves.values()):
            curve.cut(record.step)
        self.evals = deque((e for e in self.evals if e.update <= (record.from_update or 0)), MOST_EVALS)
        self.marks = [mark for mark in self.marks if mark.x <= record.step]
        self.previews = [preview for preview in self.previews if preview.update <= (record.from_update or 0)]
        self._x_step = -1
        self.controls.forget_after(record.step)
        if self.hist and self.hist.update > record.update:
            self.hist = None
            self.versions["hist"] += 1

    def _stage(self, record: events.Stage) -> None:
        self.stage, self.progress = neutralise(record.stage, 60), record.progress
        if record.stage == FIRST_STAGE:  # what another trainer had taken and not answered, nobody answers any more
            self.controls.give_up("no answer: the trainer was started anew")
            self._lose_commands()
            self.diagnoses.clear()
        if record.stage not in AT_WORK:
            self._set_state("starting", "")
        elif record.stage == "training" and self.state == "starting":
            self._set_state("running", "")
        self.versions["state"] += 1

    def _hist(self, record: Hist) -> None:
        self.hist = record
        self.versions["hist"] += 1

    def _preview(self, record: events.Preview) -> None:
        x = self._x(record.step, record.update)
        self.previews.append(
            Preview(record.file, neutralise(record.caption, 80), record.step, record.update, record.branch, x)
        )
        self.versions["previews"] += 1

    def _eval(self, record: events.Eval) -> None:
        self.evals.append(record)
        x = self._x(record.step, record.update)
        for name, value in record.values.items():
            if isinstance(value, int | float) and abs(value) < 1e300:
                self.eval_curves.setdefault(name, Series(2048)).add(x, float(value))
        shown = "  ".join(
            f"{name} {value:.4g}" for name, value in record.values.items() if isinstance(value, int | float)
        )
        self._enter("eval", record, neutralise(shown))
        self.versions["evals"] += 1

    def _received(self, record: events.Received) -> None:
        what = f"{record.what} …"
        self._by_id[record.id] = self._enter("command", record, what, who=record.author, outcome="received")
        self._by_id[record.id].id = record.id

    def _applied(self, record: events.Applied) -> None:
        text = change_text(record)
        self._answer(record, text, "applied")
        if record.what == "set":
            self._mark(self._x(record.step, record.update), text)
            self.versions["curves"] += 1
            if record.objective:
                self.objective = record.objective
        elif record.what in ("pause", "resume") and self.alive:
            self._set_state("paused" if record.what == "pause" else "running", "")
        self.controls.answered(record)
        self.versions["settings"] += 1

    def _rejected(self, record: events.Rejected) -> None:
        self._answer(record, f"{record.what}: {record.reason}", "rejected")
        self.controls.answered(record)
        self.versions["settings"] += 1

    def _answer(self, record: events.Applied | events.Rejected, text: str, outcome: str) -> None:
        self._answered = max(self._answered, record.t)
        entry = self._by_id.pop(record.id, None)
        if entry is None:
            entry = self._enter("command", record, "", who=record.author)
        entry.text, entry.outcome, entry.step, entry.t = neutralise(text), outcome, record.step, record.t
        self.versions["entries"] += 1
        level = "information" if outcome == "applied" else "error"
        self.tell(f"{text} at step {record.step:,}" if outcome == "applied" else f"rejected: {text}", level, record.t)

    def _checkpoint(self, record: events.Checkpoint) -> None:
        self._enter("checkpoint", record, neutralise(record.file, 120))

    def _system(self, record: System) -> None:
        self.system = record
        for name in HOST_NUMBERS:
            value = getattr(record, name, None)
            if isinstance(value, int | float) and math.isfinite(value):
                self.host_curves.setdefault(name, Series(capacity=4096)).add(record.t, float(value))
        self.versions["system"] += 1

    def _warning(self, record: events.Warning_) -> None:
        self._enter("warning", record, neutralise(record.text))
        self.tell(record.text, "warning", record.t)

    def _diagnosis(self, record: events.Diagnosis) -> None:
        """A condition that this version doesn't know is shown like the others, as a warning."""
        name, begun = neutralise(record.name, 40), record.state == "begun"
        if begun:
            self.diagnoses[name] = record
            self._mark(float(min(record.since, record.step)), verdicts.title(name))
            self.versions["curves"] += 1
        else:
            self.diagnoses.pop(name, None)
        self._enter("diagnosis", record, neutralise(record.text), outcome=verdicts.level(name) if begun else "over")
        self.versions["diagnoses"] += 1

    def _exit(self, record: events.Exit) -> None:
        self._enter("exit", record, neutralise(f"{record.reason} {record.text}".strip()))
        self._set_state(neutralise(record.reason, 20), record.text)
        self.tell(self._epitaph(), "information" if record.status == 0 else "warning", record.t)

    def _lose_commands(self) -> None:
        for entry in self._by_id.values():
            entry.outcome = "lost"
        self._by_id.clear()
        self.versions["entries"] += 1

    def _epitaph(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        again = "" if self.state == "finished" else "; r continues it from its last checkpoint"
        return f"the run {'has ' if self.state in ('crashed', 'failed') else 'is '}{self.state}{why}{again}"

    def _set_state(self, state: str, reason: str) -> None:
        self.state, self.reason = state, neutralise(reason)
        if not self.alive:
            self.controls.give_up(self.why_not_steer())
        self.versions.update(("state", "settings"))

    def _enter(self, kind: str, record: AtCursor, text: str, *, who: str = "", outcome: str = "") -> Entry:
        entry = Entry(kind, record.t, record.step, neutralise(who, 80), text, outcome, seq=record.seq)
        self.entries.append(entry)
        self.versions["entries"] += 1
        return entry
