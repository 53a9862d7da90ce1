"""`gantui attach`: the dashboard on any run, live or ended."""

import typer

from gantui.cli import dashboard
from gantui.cli.look import RunArgument
from gantui.cli.output import LowBandwidthOption, RunsOption


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("attach", epilog="Example:  gantui attach latest")(attach)


def attach(
    run: RunArgument,
    runs: RunsOption = None,
    low_bandwidth: LowBandwidthOption = False,
) -> int:
    """Watch and steer a run, live or ended. Leaving the dashboard leaves the run as it is."""
    return dashboard.attach(run, runs, low_bandwidth)
