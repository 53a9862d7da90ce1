"""The conditions there are. A detector is a pure function of readings and game; where a number that it needs was not
measured, it finds nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from gantui.core.diagnosis import balance, generation
from gantui.core.diagnosis.findings import Finding, Readings
from gantui.core.diagnosis.readings import Game
from gantui.core.verdicts import NON_FINITE


@dataclass(frozen=True)
class Condition:
    """A condition by its name in `core.verdicts`.

    `hold` and `release` are the readings in a row after which it begins and is over.
    One that is `vague` only begins where nothing graver is the matter, which would explain it.
    """

    name: str
    look: Callable[[Readings, Game], Finding | None]
    hold: int = 3
    release: int = 6
    vague: bool = False


def _told_by_the_trainer(readings: Readings, game: Game) -> Finding | None:
    """No reading shows it: the training has gone back to before it."""
    return None


CONDITIONS = (
    Condition(NON_FINITE, _told_by_the_trainer, hold=1, release=12),
    Condition("total_collapse", generation.total_collapse),
    Condition("dead_gradients", generation.dead_gradients),
    Condition("d_too_strong", balance.d_too_strong),
    Condition("d_too_weak", balance.d_too_weak),
    Condition("partial_collapse", generation.partial_collapse),
    Condition("oscillation", balance.oscillation),
    Condition("constraint_violated", balance.constraint_violated),
    Condition("memorising", generation.memorising),
    Condition("not_learning", generation.not_learning, vague=True),
    Condition("equilibrium", balance.equilibrium, hold=5),
)
BY_NAME = {condition.name: condition for condition in CONDITIONS}
