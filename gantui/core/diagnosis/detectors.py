"""The conditions there are. A detector is a pure function of readings and game; where a number that it needs was not
measured, it finds nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gantui.core.diagnosis import balance, generation
from gantui.core.diagnosis.findings import Finding, Readings
from gantui.core.diagnosis.readings import Game

NON_FINITE = "non_finite"
Level = Literal["good", "warning", "error"]


@dataclass(frozen=True)
class Condition:
    """A condition by name; `hold` and `release` are the readings in a row after which it begins and is over.

    One that is `vague` only begins where nothing graver is the matter, which would explain it.
    """

    name: str
    title: str
    look: Callable[[Readings, Game], Finding | None]
    level: Level = "warning"
    hold: int = 3
    release: int = 6
    vague: bool = False

    @property
    def rank(self) -> int:
        """How grave it is: 0 the gravest."""
        return ("error", "warning", "good").index(self.level)


def _told_by_the_trainer(readings: Readings, game: Game) -> Finding | None:
    """No reading shows it: the training has gone back to before it."""
    return None


CONDITIONS = (
    Condition(NON_FINITE, "values not finite", _told_by_the_trainer, "error", hold=1, release=12),
    Condition("total_collapse", "total collapse", generation.total_collapse, "error"),
    Condition("dead_gradients", "dead gradients", generation.dead_gradients, "error"),
    Condition("d_too_strong", "D too strong", balance.d_too_strong),
    Condition("d_too_weak", "D too weak", balance.d_too_weak),
    Condition("partial_collapse", "partial collapse", generation.partial_collapse),
    Condition("oscillation", "oscillation", balance.oscillation),
    Condition("constraint_violated", "constraint violated", balance.constraint_violated),
    Condition("memorising", "memorising", generation.memorising),
    Condition("not_learning", "not learning", generation.not_learning, vague=True),
    Condition("equilibrium", "equilibrium reached", balance.equilibrium, "good", hold=5),
)
BY_NAME = {condition.name: condition for condition in CONDITIONS}
