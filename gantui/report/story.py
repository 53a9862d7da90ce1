"""A whole log, folded into what a page shows of it: curves, histograms, commands, in bounded memory."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gantui.core import events
from gantui.core.changes import change_text
from gantui.core.config import FIELDS
from gantui.core.events import AnyRecord, AtCursor, ObjectiveFacts, Record
from gantui.core.series import Series
from gantui.report.diagnoses import Diagnoses
from gantui.report.heat import Heat, checked
from gantui.runs.branches import last_updates
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader
from gantui.runs.samples import preview_files

MOST_BRANCHES = 64
MOST_CURVES = 80  # numbers by name on one branch
MOST_COMMANDS = 500
MOST_SAYINGS = 100  # different warnings
MOST_EVALS = 200
LONGEST = 2000  # characters of what a command did
SILENCE = 120.0  # seconds without a record after which nobody was at work


@dataclass
class Branch:
    """One line of history: it begins at `step`, where it left its parent."""

    number: int
    step: int = 0
    reached: int = 0  # the last step of it
    curves: dict[str, Series] = field(default_factory=dict)
    measures: dict[str, Series] = field(default_factory=dict)
    heats: dict[str, Heat] = field(default_factory=dict)  # by space
    objectives: list[tuple[int, ObjectiveFacts]] = field(default_factory=list)  # and the step since which each holds
    evals: "deque[events.Eval]" = field(default_factory=lambda: deque(maxlen=MOST_EVALS))


@dataclass
class Told:
    """A command and what became of it; `t` in Unix seconds, outcome received, applied or rejected."""

    t: float
    step: int
    branch: int
    who: str
    text: str
    outcome: str
    after: dict[str, Any] = field(default_factory=dict)  # the settings it changed


@dataclass
class Saying:
    """A warning, or a diagnosis without a name, how often it was said, and between which steps."""

    kind: str
    text: str
    first: int
    last: int
    count: int = 1


class Story:
    """Everything the log of a run tells, as far as a page has room for it."""

    def __init__(self, files: frozenset[str] = frozenset()) -> None:
        self.branches: dict[int, Branch] = {}
        self.starts: list[events.Start] = []
        self.commands: deque[Told] = deque(maxlen=MOST_COMMANDS)
        self.command_count = 0
        self.diagnoses = Diagnoses()
        self.sayings: dict[tuple[str, str], Saying] = {}
        self.previews: dict[str, events.Preview] = {}
        self.checkpoint: events.Checkpoint | None = None
        self.exit: events.Exit | None = None
        self.system: events.System | None = None
        self.peak: Counter[str] = Counter()  # the highest memory of the trainer, in MiB
        self.seconds = 0.0  # that a trainer was at work
        self.trainers = 0
        self.bad_lines = 0
        self._files = files
        self._t: float | None = None
        self._step = 0  # of the newest record
        self._waiting: dict[str, Told] = {}

    def take(self, records: Iterable[AnyRecord]) -> None:
        """Take records in the order of the log."""
        for record in records:
            self._clock(record)
            branch = self.branches.get(record.branch)
            if branch is None and len(self.branches) < MOST_BRANCHES:
                branch = self.branches[record.branch] = Branch(record.branch)
            if branch is None:
                continue
            if isinstance(record, AtCursor):
                branch.reached = max(branch.reached, record.step)
                self._step = record.step
            match record:
                case events.Metrics():
                    _add(branch.curves, record.step, record.v)
                case events.Hist():
                    if histogram := checked(record):
                        branch.heats.setdefault(histogram.space, Heat()).add(record.step, histogram)
                case events.Start():
                    self._start(branch, record)
                case events.Eval():
                    branch.evals.append(record)
                    numbers = {k: v for k, v in record.values.items() if type(v) in (int, float) and abs(v) < 1e300}
                    _add(branch.measures, record.step, {name: (value,) * 3 for name, value in numbers.items()})
                case events.Preview():
                    if record.file in self._files:
                        self.previews[record.file] = record
                case events.Received() | events.Applied() | events.Rejected():
                    self._command(branch, record)
                case events.Diagnosis() if record.name:
                    self.diagnoses.hear(record)
                case events.Warning_() | events.Diagnosis():
                    self._say(record)
                case events.Checkpoint():
                    self.checkpoint = record
                case events.Exit():
                    self.exit = record
                case events.System():
                    self.system = record
                    self.peak["memory"] = max(self.peak["memory"], round(min(record.memory, 1e12)))

    # What is derived, once all is read

    @property
    def start(self) -> events.Start:
        """The latest start; an empty one where the log has none."""
        return self.starts[-1] if self.starts else events.Start()

    @cached_property
    def path(self) -> dict[int, float]:
        """The branches that made the present state, first to newest, and the last step of each that counts."""
        known: list[Record] = [Record(branch=number) for number in self.branches]
        newest_first = list(last_updates([*self.starts, *known]))
        limits, limit = {}, float("inf")
        for number in newest_first:
            limits[number] = limit
            limit = min(limit, self.branches[number].step) if number in self.branches else limit
        return dict(reversed(limits.items()))

    def objectives(self) -> list[tuple[float, float, ObjectiveFacts]]:
        """What was aimed at, from which step to which, on the path; infinity for the last."""
        since: list[tuple[int, ObjectiveFacts]] = []
        for number, limit in self.path.items():
            if number in self.branches:
                own = self.branches[number]
                since = [entry for entry in since if entry[0] < own.step]
                since += [entry for entry in own.objectives if entry[0] <= limit]
        ends = [float(step) for step, _ in since[1:]] + [float("inf")]
        return [(float(step), end, facts) for (step, facts), end in zip(since, ends, strict=True)]

    def is_kept(self, step: int, branch: int) -> bool:
        """Whether what happened there and then is part of the present state's history."""
        return step <= self.path.get(branch, -1)

    @property
    def last_eval(self) -> events.Eval | None:
        """The newest measures on the path."""
        for number in reversed(self.path):
            for record in reversed(self.branches[number].evals if number in self.branches else ()):
                if self.is_kept(record.step, number):
                    return record
        return None

    # Record by record

    def _clock(self, record: AnyRecord) -> None:
        if isinstance(record, events.Stage) and record.stage == "importing":
            self.trainers += 1
            self._t = None
            self.diagnoses.start_anew(self._step)
        if record.t:
            if self._t is not None and 0 <= record.t - self._t <= SILENCE:
                self.seconds += record.t - self._t
            self._t = record.t

    def _start(self, branch: Branch, record: events.Start) -> None:
        if record.parent is not None and not any(start.branch == record.branch for start in self.starts):
            branch.step = record.step
        branch.objectives.append((record.step, record.objective))
        del branch.objectives[:-MOST_COMMANDS]
        self.starts.append(record)
        if len(self.starts) > 4 * MOST_BRANCHES:  # the first says where it all began, the later ones how it went on
            del self.starts[2 * MOST_BRANCHES]
        self.exit = None

    def _command(self, branch: Branch, record: events.Received | events.Applied | events.Rejected) -> None:
        told = self._waiting.pop(record.id, None)
        if told is None:
            told = Told(record.t, record.step, record.branch, record.author, record.what, "received")
            self.commands.append(told)
            self.command_count += 1
        told.t, told.step, told.branch = record.t, record.step, record.branch
        if isinstance(record, events.Received):
            self._waiting[record.id] = told
            if len(self._waiting) > MOST_COMMANDS:
                self._waiting.pop(next(iter(self._waiting)))
        elif isinstance(record, events.Applied):
            told.text, told.outcome = change_text(record), "applied"
            told.after = {name: value for name, value in record.after.items() if name in FIELDS}
            if record.objective:
                branch.objectives.append((record.step, record.objective))
        else:
            told.text, told.outcome = f"{record.what}: {record.reason}", "rejected"
        told.text = told.text[:LONGEST]

    def _say(self, record: events.Warning_ | events.Diagnosis) -> None:
        key = (record.__struct_config__.tag, record.text[:500])
        said = self.sayings.get(key)  # type: ignore[arg-type]
        if said:
            said.last, said.count = record.step, said.count + 1
        elif len(self.sayings) < MOST_SAYINGS:
            self.sayings[key] = Saying(str(key[0]), key[1], record.step, record.step)  # type: ignore[index]


def read(run: RunDir) -> Story:
    """Return what the log of a run tells, as of now."""
    story, reader = Story(preview_files(run) or frozenset()), RunReader(run)
    while not reader.exhausted and not reader.gone:
        story.take(reader.poll())
    story.bad_lines = reader.bad_lines
    return story


def _add(curves: dict[str, Series], step: int, v: "dict[str, tuple[float, float, float]]") -> None:
    for name, (mean, low, high) in v.items():
        if name not in curves:
            if len(curves) >= MOST_CURVES:
                continue
            curves[name] = Series(2048)
        curves[name].add(step, mean, low, high)
