"""What detectors look at: the numbers of a log, averaged over equal stretches of the training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gantui.core.events import DataFacts, Metrics, ObjectiveFacts

READINGS = 100  # of a run, about
SHORTEST = 25  # steps of one


@dataclass(frozen=True)
class Reading:
    """Means of numbers of the log over the steps up to `step`; what was not measured is missing."""

    step: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class Game:
    """What is played: settings as they are now, and facts of the objective and the data."""

    config: Mapping[str, Any] = field(default_factory=dict)
    objective: ObjectiveFacts = field(default_factory=ObjectiveFacts)
    data: DataFacts = field(default_factory=DataFacts)

    def number(self, name: str, default: float = 0.0) -> float:
        """Return a setting that is a number; `default` where it isn't known."""
        value = self.config.get(name)
        return float(value) if isinstance(value, int | float) else default

    @property
    def loss(self) -> str:
        """The objective's name."""
        return str(self.config.get("loss", self.objective.name))

    @property
    def constraint(self) -> str:
        """What holds D."""
        return str(self.config.get("constraint", "none"))


def length(step: int, max_steps: int) -> int:
    """Return how many steps a reading at `step` covers: a run has about 100, one without end ever longer ones."""
    return max(SHORTEST, min(max_steps, max(step, READINGS * 1000)) // READINGS)


class Averager:
    """Metrics records in, readings out."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._weights: dict[str, int] = {}
        self._begun: int | None = None

    def hear(self, record: Metrics, max_steps: int) -> Reading | None:
        """Take a record; return a reading if it ends one."""
        if self._begun is None:
            self._begun = max(0, record.step - 1)
        weight = max(record.n, 1)
        for name, (mean, _, _) in record.v.items():
            self._sums[name] = self._sums.get(name, 0.0) + weight * mean
            self._weights[name] = self._weights.get(name, 0) + weight
        if record.step - self._begun < length(record.step, max_steps):
            return None
        reading = Reading(record.step, {name: total / self._weights[name] for name, total in self._sums.items()})
        self.forget(record.step)
        return reading

    def forget(self, step: int) -> None:
        """Begin anew from `step`."""
        self._sums, self._weights, self._begun = {}, {}, step


def recent(readings: Sequence[Reading], name: str, count: int) -> list[float] | None:
    """Return the last `count` values of a number, oldest first; None if there are not so many in twice the readings."""
    values = [reading.values[name] for reading in readings[-2 * count :] if name in reading.values]
    return values[-count:] if len(values) >= count else None


def mean(values: Sequence[float]) -> float:
    """Return the mean of one value or more."""
    return sum(values) / len(values)


def latest(readings: Sequence[Reading], name: str, within: int = 6) -> float | None:
    """Return the newest value of a number among the last readings, None if there is none."""
    return next((r.values[name] for r in reversed(readings[-within:]) if name in r.values), None)
