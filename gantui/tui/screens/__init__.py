"""The screens of a run, by name; each is imported when it is first shown."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gantui.tui.screens.run_screen import RunScreen

RUN_SCREENS = {
    "overview": "OverviewScreen",
    "samples": "SamplesScreen",
    "metrics": "MetricsScreen",
    "events": "EventsScreen",
    "system": "SystemScreen",
}


def by_name(name: str) -> "RunScreen":
    """Return a new screen of that name."""
    made: RunScreen = getattr(import_module(f"gantui.tui.screens.{name}"), RUN_SCREENS[name])()
    return made
