"""Settings of a running training as a person changes them: wanted, pending, confirmed or refused."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gantui.core import parts
from gantui.core.combinations import START_WEIGHT
from gantui.core.config import FIELDS, Field, field
from gantui.core.events import Applied, Rejected

Send = Callable[[dict[str, Any]], str]  # sends a `set` and returns the command's id

CADENCES = ("0", "1s", "2s", "5s", "10s", "30s", "60s", "300s", "900s", "3600s")
SMALLEST = 1e-6  # where a logarithmic control goes on from 0


@dataclass
class Wish:
    """A value somebody at this dashboard wants; `command` is the id of what was sent for it, '' if not yet."""

    value: Any
    command: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of the last change of a setting; `step` is where it was confirmed, `text` why it was refused."""

    confirmed: bool
    step: int
    text: str = ""


class Controls:
    """The live settings: what the trainer has confirmed, and what is on its way.

    Of each setting at most one command is out; keys pressed meanwhile only change what is wanted, which is
    sent when the answer is there. So ten quick presses become two or three commands, and none is delayed.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self.confirmed: dict[str, Any] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.wishes: dict[str, Wish] = {}
        self.own: dict[str, str] = {}  # the loss of the user's own that the run started with: a choice like others

    def value(self, name: str) -> Any:
        """The value to show: what is wanted, else what is confirmed, else None."""
        wish = self.wishes.get(name)
        return wish.value if wish else self.confirmed.get(name)

    def want(self, name: str, value: Any) -> None:
        """Ask for a value. Raises ConfigError (not allowed), NoAnswer (can't be sent)."""
        self.wishes[name] = Wish(field(name).check(value), self._out(name))
        try:
            self._dispatch(name)
        except BaseException:
            del self.wishes[name]
            raise

    def know(self, config: Mapping[str, Any]) -> None:
        """Take what the trainer says its settings are."""
        self.confirmed |= {name: value for name, value in config.items() if name in FIELDS}
        self.own |= parts.named(config)

    def answered(self, answer: Applied | Rejected) -> None:
        """Take an answer, to this dashboard's command or another's. Never raises."""
        if isinstance(answer, Applied):
            self._confirm(answer)
        for name in [name for name, wish in self.wishes.items() if wish.command == answer.id]:
            wish = self.wishes[name]
            if isinstance(answer, Rejected):
                del self.wishes[name]
                self.outcomes[name] = Outcome(False, answer.step, answer.reason)
            elif wish.value == self.confirmed.get(name):
                del self.wishes[name]
            else:
                wish.command = ""
                try:
                    self._dispatch(name)
                except Exception as error:
                    del self.wishes[name]
                    self.outcomes[name] = Outcome(False, answer.step, str(error))

    def forget_after(self, step: int) -> None:
        """What was confirmed after a step is not so any more: the run went back to it."""
        self.outcomes = {name: outcome for name, outcome in self.outcomes.items() if outcome.step <= step}

    def give_up(self, reason: str) -> None:
        """There will be no answer any more."""
        for name in self.wishes:
            self.outcomes[name] = Outcome(False, 0, reason)
        self.wishes.clear()

    def _confirm(self, answer: Applied) -> None:
        if answer.what == "set":
            self.know(answer.after)
            for name in answer.after:
                self.outcomes[name] = Outcome(True, answer.step)

    def _out(self, name: str) -> str:
        return self.wishes[name].command if name in self.wishes else ""

    def _dispatch(self, name: str) -> None:
        wish = self.wishes[name]
        if not wish.command:
            wish.command = self._send(together(name, wish.value, self.confirmed))


def together(name: str, value: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be set with a value for the whole to make sense: a constraint goes with its weight."""
    if name == "constraint":
        before, weight = config.get("constraint", value), config.get("constraint_weight", 0.0)
        alike = {value, before} <= {"r1", "r1_r2"} or value == before  # a weight means the same to them
        if value == "none" and weight:
            return {name: value, "constraint_weight": 0.0}
        if value != "none" and not (alike and weight):
            return {name: value, "constraint_weight": START_WEIGHT[value]}
    return {name: value}


def nudged(entry: Field, value: Any, direction: int, *, fine: bool = False, own: str | None = None) -> Any:
    """Return the next value up (`direction` 1) or down (−1): coarse, or `fine`; never outside the range.

    Choices go round, with the user's `own` after the others; logarithmic settings move 1, 2, 5, 10, or finely by
    a tenth; shares near 1 (decays of averages) move likewise in what they lack of 1; cadences move through usual
    times.
    """
    if entry.name.endswith("_every"):
        return _next_cadence(value, direction)
    if entry.choices and isinstance(value, str):
        choices = (*entry.choices, own) if own else entry.choices
        return choices[(choices.index(value) + direction) % len(choices)] if value in choices else choices[0]
    low, high = entry.range
    whole = isinstance(value, int)
    if entry.about.log:
        moved = _scaled(float(value), direction, fine)
        if whole and round(moved) == value:
            moved = value + direction
    elif whole:
        moved = value + direction * (1 if fine or abs(value) < 20 else 5)
    elif high == 1 and (value > 0.9 or (value == 0.9 and direction > 0)):
        moved = 1 - _scaled(1 - value, -direction, fine)
    else:
        moved = value + direction * (0.01 if fine else 0.1)
    moved = round(moved) if whole else float(f"{moved:.6g}")
    if high is not None and moved > high:
        moved = type(value)(high)
    if high == 1 and moved >= 1:  # shares lie below 1
        moved = value
    return max(moved, type(value)(low)) if low is not None else moved


def _scaled(value: float, direction: int, fine: bool) -> float:
    """The next of 1, 2, 5 × 10ⁿ in this direction; finely, one more or less in the second digit."""
    if value <= 0:
        return SMALLEST if direction > 0 else 0.0
    exponent = math.floor(math.log10(value) + 1e-9)
    unit = 10.0**exponent
    if fine:
        step = unit / 10 if direction > 0 or value / unit > 1 + 1e-9 else unit / 100
        return round(value / step + direction) * step
    if direction < 0 and value <= SMALLEST * (1 + 1e-9):
        return 0.0
    steps = [unit * factor for factor in (0.5, 1, 2, 5, 10)]
    if direction > 0:
        return next(step for step in steps if step > value * (1 + 1e-6))
    return next(step for step in reversed(steps) if step < value * (1 - 1e-6))


def _next_cadence(value: Any, direction: int) -> Any:
    if isinstance(value, int) and value:  # steps
        return max(1, round(_scaled(float(value), direction, False)))
    text = str(value)
    index = CADENCES.index(text) if text in CADENCES else 2
    chosen = CADENCES[min(max(index + direction, 0), len(CADENCES) - 1)]
    return 0 if chosen == "0" else chosen
