"""The commands: one Typer app, made of the modules beside this one.

Importing it imports neither torch nor a screen; each command imports its layer when it runs.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from gantui import __version__
from gantui.cli import attach, knowledge, look, models, preset_files, running, steering
from gantui.cli.output import LowBandwidthOption
from gantui.core.errors import UserError

UsageError: type[Exception] = typer.BadParameter.__mro__[2]  # ClickException, wherever this Typer keeps it

app = typer.Typer(
    name="gantui",
    help="Train a GAN, watch it and steer it, in a terminal. A run is a directory: the trainer writes it, "
    "everything else reads it, commands are dropped into it. Without a command: the dashboard.",
    epilog="Examples:  gantui   |   gantui run digits   |   gantui attach latest   |   gantui status latest   |   "
    "gantui set latest lr_d=1e-4 k=3   |   gantui sample latest -o grid.png",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (running, attach, look, steering, models, knowledge, preset_files):
    module.register(app)


def obey(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit status. Raises UserError; KeyboardInterrupt."""
    try:
        return app(list(arguments), prog_name="gantui", standalone_mode=False) or 0
    except UsageError as error:
        raise UserError(error.format_message()) from error  # type: ignore[attr-defined]
    except typer.Abort:
        raise KeyboardInterrupt from None


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gantui {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    low_bandwidth: LowBandwidthOption = False,
) -> None:
    if context.invoked_subcommand is None:  # and there is no terminal to open the dashboard on
        preset_files.ls()
        typer.echo()
        look.ls()
