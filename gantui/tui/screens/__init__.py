"""The screens of a run, by name; each is imported when it is first shown."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gantui.tui.screens.run_screen import RunScreen
    from gantui.tui.watch import Watch

RUN_SCREENS = {
    "overview": "OverviewScreen",
    "samples": "SamplesScreen",
    "metrics": "MetricsScreen",
    "events": "EventsScreen",
    "system": "SystemScreen",
    "distribution": "DistributionScreen",
    "game": "GameScreen",
}


def by_name(name: str, watching: "Watch") -> "RunScreen":
    """Return a new screen of that name, of a run that is open."""
    made: RunScreen = getattr(import_module(f"gantui.tui.screens.{name}"), RUN_SCREENS[name])(watching)
    return made
