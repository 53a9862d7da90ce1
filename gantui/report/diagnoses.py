"""What was diagnosed: each condition, from which step to which, with what spoke for it and what mends it."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from gantui.core.config import FIELDS
from gantui.core.events import Diagnosis

MOST = 200
LONGEST = 500  # characters of evidence


@dataclass
class Spell:
    """A condition while it held: named at `step`, which is later than `since`; `until` is None where it still does."""

    name: str
    since: int
    step: int
    branch: int
    evidence: str
    remedy: dict[str, Any] = field(default_factory=dict)
    until: int | None = None


class Diagnoses:
    """The spells of conditions in the order in which they were named."""

    def __init__(self) -> None:
        self.spells: deque[Spell] = deque(maxlen=MOST)
        self.count = 0
        self._open: dict[str, Spell] = {}

    def hear(self, record: Diagnosis) -> None:
        """Take a record that names a condition, begun or over."""
        name = record.name[:60]
        self._close(name, record.step)
        if record.state == "begun":
            remedy = {key: value for key, value in record.remedy.items() if key in FIELDS}
            self._open[name] = Spell(name, record.since, record.step, record.branch, record.evidence[:LONGEST], remedy)
            self.spells.append(self._open[name])
            self.count += 1
            if len(self._open) > MOST:  # there are not so many conditions
                self._open.pop(next(iter(self._open)))

    def start_anew(self, step: int) -> None:
        """Another trainer goes on after `step`, with eyes of its own: nothing holds until it says so."""
        for name in list(self._open):
            self._close(name, step)

    def _close(self, name: str, step: int) -> None:
        if spell := self._open.pop(name, None):
            spell.until = max(step, spell.since)
