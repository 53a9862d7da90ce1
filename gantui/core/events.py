"""The records of a run's log: one JSON object a line, told apart by `kind`.

`seq` counts a run's records from 0, `t` is Unix time in seconds, `branch` the line of history (0 at the
start; resuming from before the log's end opens the next). The cursor of a record says where training stood.
"""

from typing import Annotated, Any, Self, Union

import msgspec
from msgspec import Meta, Struct

# Whoever reads a record may reckon with its numbers: what no clock shows and no training reaches is no record.
Moment = Annotated[float, Meta(ge=0, lt=1e11)]  # Unix seconds, to the year 5138
Count = Annotated[int, Meta(ge=0, lt=1 << 53)]


class Cursor(Struct, frozen=True, kw_only=True):
    """Where a training stands. `update` counts all network updates: d_updates + g_updates."""

    step: Count = 0
    d_updates: Count = 0
    g_updates: Count = 0
    update: Count = 0


class Record(Struct, kw_only=True, tag_field="kind"):
    """What every record has. The writer fills in `seq` and `t`."""

    seq: int = -1
    t: Moment = 0.0
    branch: Count = 0


class AtCursor(Record, kw_only=True):
    """A record that belongs to a moment of the training."""

    step: Count = 0
    d_updates: Count = 0
    g_updates: Count = 0
    update: Count = 0

    def at(self, cursor: Cursor) -> Self:
        """Return this record, set to the moment of `cursor`."""
        self.step, self.update = cursor.step, cursor.update
        self.d_updates, self.g_updates = cursor.d_updates, cursor.g_updates
        return self

    @property
    def cursor(self) -> Cursor:
        """The moment as one value."""
        return Cursor(step=self.step, d_updates=self.d_updates, g_updates=self.g_updates, update=self.update)


class ObjectiveFacts(Struct, frozen=True, kw_only=True):
    """What a viewer needs to know to draw an objective: see `engine.objectives`."""

    name: str = ""
    probability: bool = True  # D(x) = sigmoid(score); otherwise D is a critic
    score_range: tuple[float, float] | None = (0.0, 1.0)  # of what viewers draw: D(x), or a critic's scores, unbounded
    equilibrium: dict[str, float] = {}  # reference lines at p_g = p_data, by the name of the number


class AttributeFacts(Struct, frozen=True, kw_only=True):
    """A class or attribute that the examples are labelled with."""

    name: str
    values: list[str] = []


class DataFacts(Struct, frozen=True, kw_only=True):
    """What a viewer needs to know of a data set."""

    name: str = ""
    kind: str = ""  # image, points (1-D or 2-D), table, text
    shape: list[int] = []  # of one example: [C, H, W], [columns] of a table as the model sees it, or [symbols, length]
    count: int = 0
    classes: list[str] = []
    columns: list[str] = []
    values: list[list[str]] = []  # of each column: the names of its categories, by index; none for numbers
    alphabet: list[str] = []  # of text: the symbols, by index
    attributes: list[AttributeFacts] = []


class Start(AtCursor, kw_only=True, tag="start"):
    """A trainer begins, or goes on: `parent` and `from_update` say from which branch and update."""

    config_digest: str = ""
    config: dict[str, Any] = {}
    objective: ObjectiveFacts = ObjectiveFacts()
    data: DataFacts = DataFacts()
    parent: Count | None = None
    from_update: Count | None = None


class Stage(Record, kw_only=True, tag="stage"):
    """What the trainer is busy with; `progress` from 0 to 1."""

    stage: str
    progress: float = 0.0


class Metrics(AtCursor, kw_only=True, tag="metrics"):
    """`v[name] = [mean, min, max]` over `n` updates since the last; `nonfinite` counts values left out."""

    v: dict[str, tuple[float, float, float]]
    n: int = 0
    nonfinite: int = 0


class Hist(AtCursor, kw_only=True, tag="hist"):
    """Counts of D(x) (`real`) and of D(G(z)) (`fake`) in 64 equal bins from `low` to `high`.

    `space` is `probability` (0 to 1) or `score` (−2ⁿ to 2ⁿ); `overlap` the shared share, 0 to 1.
    """

    space: str
    low: float
    high: float
    real: list[Count]
    fake: list[Count]
    overlap: float


class Preview(AtCursor, kw_only=True, tag="preview"):
    """Samples from the fixed latents were written to `file` (below the run directory)."""

    file: str
    caption: str = ""


class Eval(AtCursor, kw_only=True, tag="eval"):
    """Measures of the generator on `samples` samples, taken in `seconds`."""

    values: dict[str, Any]
    samples: int = 0
    seconds: float = 0.0


class Received(AtCursor, kw_only=True, tag="received"):
    """The trainer took a command out of the inbox."""

    id: str
    author: str = ""
    what: str = ""


class Applied(AtCursor, kw_only=True, tag="applied"):
    """A command took effect between two updates; `before` and `after` hold the values it changed.

    `objective` are the new facts where the loss changed: viewers' axes and reference lines follow.
    """

    id: str
    author: str = ""
    what: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    note: str = ""
    objective: ObjectiveFacts | None = None


class Rejected(AtCursor, kw_only=True, tag="rejected"):
    """A command was refused; nothing changed."""

    id: str
    author: str = ""
    what: str = ""
    reason: str = ""


class Checkpoint(AtCursor, kw_only=True, tag="checkpoint"):
    """The whole training state was written to `file`; `digest` names the state itself."""

    file: str
    digest: str = ""


class System(Record, kw_only=True, tag="system"):
    """The trainer and its host: the process's `cpu` in % of one core, the host's in % of all it has.

    Memory is in MiB, but `host_memory` in %. None: not known, or (`gpu_`) trained on the CPU.
    """

    cpu: float = 0.0
    memory: float = 0.0
    host_cpu: float = 0.0
    host_memory: float = 0.0
    host_memory_total: float | None = None
    cores: int | None = None  # that the trainer may run on
    device: str | None = None  # cpu, cuda:0
    gpu_name: str | None = None
    gpu_load: float | None = None  # % of the time that some kernel ran
    gpu_memory: float | None = None  # in use, by whatever process
    gpu_memory_total: float | None = None
    gpu_temperature: float | None = None  # °C
    gpu_power: float | None = None  # W


class Warning_(AtCursor, kw_only=True, tag="warning"):
    """Something a person should know; training goes on."""

    text: str


class Diagnosis(AtCursor, kw_only=True, tag="diagnosis"):
    """A named condition of the game has begun, or is over; `core.diagnosis` has the names.

    `text` is all of it in words, `evidence` the numbers that speak for it, `since` the step from which it held, and
    `remedy` the settings that may mend it, if any are known.
    """

    text: str
    name: str = ""
    state: str = "begun"  # or over
    since: Count = 0
    evidence: str = ""
    remedy: dict[str, Any] = {}


class Present(Struct, frozen=True, kw_only=True):
    """A condition that holds now; its fields are those of the diagnosis that said so."""

    name: str
    since: Count = 0
    evidence: str = ""
    remedy: dict[str, Any] = {}
    text: str = ""


class Exit(AtCursor, kw_only=True, tag="exit"):
    """The trainer's last word. `status` is the process's exit status, `digest` the final state's."""

    reason: str  # finished, stopped, interrupted, failed
    status: int
    text: str = ""
    digest: str = ""


AnyRecord = (
    Start
    | Stage
    | Metrics
    | Hist
    | Preview
    | Eval
    | Received
    | Applied
    | Rejected
    | Checkpoint
    | System
    | Warning_
    | Diagnosis
    | Exit
)

Triple = tuple[float, float, float]


class Few(Struct, frozen=True):
    """The numbers that a first look at a run needs."""

    loss_d: Triple | None = None
    loss_g: Triple | None = None
    lr_d: Triple | None = None
    lr_g: Triple | None = None
    steps_per_s: Triple | None = None
    samples_per_s: Triple | None = None


class Skimmed(AtCursor, kw_only=True, tag="metrics"):
    """A metrics record of which only a few numbers were read: a long history is skimmed in half the time."""

    v: Few


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)
_skimmer: msgspec.json.Decoder[AnyRecord | Skimmed] = msgspec.json.Decoder(
    Union[tuple(Skimmed if member is Metrics else member for member in AnyRecord.__args__)]  # noqa: UP007
)
_kind_decoder = msgspec.json.Decoder(dict[str, Any])
KINDS = {member.__struct_config__.tag for member in AnyRecord.__args__}


class BadLine(ValueError):
    """A line of a log that is no record."""


def encode(record: Record) -> bytes:
    """Return the record as one line, newline included. Floats must be finite."""
    return _encoder.encode(record) + b"\n"


def decode(line: bytes) -> AnyRecord | None:
    """Return the record in a line, or None for a kind this version doesn't know. Raises BadLine."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if isinstance(error, msgspec.ValidationError) and _is_unknown_kind(line):
            return None
        raise BadLine(str(error)) from None


def decode_lines(lines: bytes) -> list[AnyRecord]:
    """Return the records in many lines, half again as quick as one by one. Raises BadLine if any is none."""
    try:
        return _decoder.decode_lines(lines)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(str(error)) from None


def skim_lines(lines: bytes) -> "list[AnyRecord | Skimmed]":
    """Return the records in many lines, of metrics only a few numbers. Raises BadLine if any line is none."""
    try:
        return _skimmer.decode_lines(lines)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(str(error)) from None


def _is_unknown_kind(line: bytes) -> bool:
    try:
        kind = _kind_decoder.decode(line).get("kind")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(kind, str) and kind not in KINDS


def significant(value: float, digits: int = 5) -> float:
    """Return `value` rounded to so many significant digits, to keep the log small."""
    return float(f"{value:.{digits}g}")
