"""Opening the dashboard. Imports no Typer: between the command and the first frame every 10 ms count."""

import sys

from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.runs import index
from gantui.runs.layout import RunDir


def is_possible() -> bool:
    """Whether there is a terminal to draw on and to take keys from."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def home(low_bandwidth: bool = False) -> int:
    """Open on presets and runs, until the user leaves; returns the exit status."""
    from gantui.tui.app import open_dashboard

    return leave(open_dashboard(None, index.runs_folder(), low_bandwidth=low_bandwidth))


def attach(run: str, runs: str | None = None, low_bandwidth: bool = False) -> int:
    """Open on a run, until the user leaves; returns the exit status.

    Raises:
        ConfigError: there is no terminal.
        NoSuchRun: as `index.resolve`.
    """
    if not is_possible():
        shown = neutralise(run, 120)
        raise ConfigError(f"attach needs a terminal for input and output; without one: gantui status {shown}")
    folder = index.runs_folder(runs)
    directory = index.resolve(run, folder)

    from gantui.tui.app import open_dashboard

    return leave(open_dashboard(directory, folder, low_bandwidth=low_bandwidth))


def watch(run: RunDir, low_bandwidth: bool = False) -> str:
    """Open on a run that has just been started, until the user leaves; returns what to `leave` with."""
    from gantui.tui.app import open_dashboard

    return open_dashboard(run, run.path.parent, low_bandwidth=low_bandwidth)


def leave(text: str) -> int:
    """Print what the dashboard leaves on the terminal; returns the exit status."""
    for line in text.splitlines():
        print(neutralise(line))
    return 0
