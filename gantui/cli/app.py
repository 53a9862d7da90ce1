"""The `gantui` program: what its arguments ask for, errors as one or two lines, and an exit status."""

import os
import select
import sys
from collections.abc import Sequence
from contextlib import suppress

from gantui.core.errors import UserError
from gantui.core.text import neutralise

FAILED = 1


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
        status = _obey(arguments)
        sys.stdout.flush()
    except UserError as error:
        status = _report(str(error), error.exit_status, debug)
    except KeyboardInterrupt:
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


def _obey(arguments: Sequence[str]) -> int:
    """Do what the arguments say.

    What opens the dashboard and leaves nothing to be parsed doesn't wait for Typer, which takes a fifth of a
    second: most of the time to the first frame. All else, help and mistakes included, goes Typer's way.
    """
    from gantui.cli import dashboard

    match arguments:
        case [] | ["--low-bandwidth"] if dashboard.is_possible():
            return dashboard.home(low_bandwidth=bool(arguments))
        case ["attach", run, *rest] if not run.startswith("-") and rest in ([], ["--low-bandwidth"]):
            return dashboard.attach(run, low_bandwidth=bool(rest))

    from gantui.cli import commands

    return commands.obey(arguments)


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
