"""Which diagnosis is shown to a person, and what its remedy would set now."""

from collections.abc import Mapping
from typing import Any

from gantui.core.changes import shown
from gantui.core.config import FIELDS
from gantui.core.errors import ConfigError
from gantui.core.events import Diagnosis
from gantui.core.verdicts import rank
from gantui.tui.view import RunView


class Ward:
    """The diagnoses of one run as one person has looked at them: those dismissed are not shown again."""

    def __init__(self) -> None:
        self._dismissed: set[tuple[str, int]] = set()

    def waiting(self, view: RunView) -> list[Diagnosis]:
        """Return what holds and was not dismissed, the gravest first, of those the oldest."""
        found = [d for d in view.diagnoses.values() if (d.name, d.since) not in self._dismissed]
        return sorted(found, key=lambda d: (rank(d.name), d.since))

    def dismiss(self, diagnosis: Diagnosis) -> None:
        """Show it no more, until it begins anew."""
        self._dismissed.add((diagnosis.name, diagnosis.since))


def changes(diagnosis: Diagnosis, confirmed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a remedy that are not so already; of a log from anywhere, only what can be set."""
    wanted = {}
    for name, value in diagnosis.remedy.items():
        if name not in FIELDS or not FIELDS[name].about.live or value == confirmed.get(name):
            continue
        try:
            wanted[name] = FIELDS[name].check(value)
        except ConfigError:
            continue
    return wanted


def spelt(settings: Mapping[str, Any], confirmed: Mapping[str, Any]) -> str:
    """Return what settings change: `lr_d 0.05 → 0.001, loss minimax → non_saturating`."""
    return ", ".join(f"{name} {shown(confirmed.get(name))} → {shown(value)}" for name, value in settings.items())
