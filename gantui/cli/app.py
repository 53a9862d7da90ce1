"""The `gantui` command: one Typer app, its commands in the modules beside this one.

Importing it imports neither torch nor a screen; each command imports its layer when it runs.
"""

import os
import select
import sys
from contextlib import suppress
from typing import Annotated

import typer

from gantui import __version__
from gantui.cli import look, models, preset_files, running, steering
from gantui.core.errors import UserError
from gantui.core.text import neutralise

UsageError: type[Exception] = typer.BadParameter.__mro__[2]  # ClickException, wherever this Typer keeps it
FAILED, USAGE = 1, 2

app = typer.Typer(
    name="gantui",
    help="Train a GAN, watch it and steer it, in a terminal. A run is a directory: the trainer writes it, "
    "everything else reads it, commands are dropped into it.",
    epilog="Examples:  gantui run digits --headless   |   gantui status latest   |   "
    "gantui set latest lr_d=1e-4 k=3   |   gantui sample latest -o grid.png",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (running, look, steering, models, preset_files):
    module.register(app)


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
) -> None:
    if context.invoked_subcommand is None:
        preset_files.ls()
        typer.echo()
        look.ls()


def main() -> None:
    """Run the command line and leave the process with its exit status.

    Where torch was loaded, Python's own way out would take it apart piece by piece for a second, which a batch
    system that is about to kill may not grant; all files are closed by then.
    """
    status = perform()
    if "torch" not in sys.modules:
        sys.exit(status)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)


def perform() -> int:
    """Run the command line and return its exit status; errors become one or two lines on stderr."""
    debug, status = "--debug" in sys.argv, 0
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        status = app(arguments, prog_name="gantui", standalone_mode=False) or 0
        sys.stdout.flush()
    except UserError as error:
        status = _report(str(error), error.exit_status, debug)
    except UsageError as error:
        status = _report(error.format_message(), USAGE, debug)  # type: ignore[attr-defined]
    except typer.Abort:
        status = _report("aborted", FAILED, debug)
    except SystemExit as left:  # Typer's way out for any broken pipe, and after the completion of shells
        if not _is_enough_read(left.__context__):
            status = left.code if isinstance(left.code, int) else FAILED
    except Exception as error:
        if not _is_enough_read(error):
            text = f"{type(error).__name__}: {error}"
            status = _report(f"{text} (--debug shows where)", FAILED, debug)
    if _reader_has_gone():  # else Python complains when it flushes for the last time
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def _is_enough_read(error: BaseException | None) -> bool:
    """Whether the error means no more than `gantui ls | head` does: whoever read has enough."""
    return isinstance(error, BrokenPipeError) and _reader_has_gone()


def _reader_has_gone() -> bool:
    """Whether stdout is a pipe that nobody reads any more."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):  # no file at all
        return False
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _report(text: str, status: int, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc()
    lines = [neutralise(line) for line in text.splitlines()[:2]] or ["unknown error"]
    with suppress(OSError):  # nobody reads it, but the status still tells
        print("gantui: " + "\n  ".join(lines), file=sys.stderr, flush=True)
    return status
