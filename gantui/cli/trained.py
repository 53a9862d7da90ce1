"""What commands share that use the networks of a run: their options, and whether code of its own may run."""

from typing import Annotated

import typer

from gantui.core import presets
from gantui.core.text import neutralise
from gantui.runs import begin, index
from gantui.runs.layout import RunDir

MOST_SEED = 2**63 - 1
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or cuda:N.")]


def trusted(run: str, runs: str | None, trust: bool, command: str) -> RunDir:
    """Return the directory of a run whose code may be run.

    Raises NoSuchRun, or ConfigError: it names code of somebody's own, and `trust` is not given.
    """
    directory = index.resolve(run, index.runs_folder(runs))
    if not trust:
        begin.check_trust(directory, presets.read(directory.config_toml).config(), command)
    return directory


def warn(*problems: str) -> None:
    """Say on stderr what is wrong, but no reason to stop."""
    for problem in problems:
        typer.echo(f"warning: {neutralise(problem)}", err=True)
