"""Commands that only look: `ls`, `status`, `diagnose`, `plot`, `report`."""

from pathlib import Path
from typing import Annotated

import typer

from gantui.cli.completion import complete_run
from gantui.cli.output import JsonOption, RunsOption, ago, measures, number, print_json, say, table
from gantui.core.errors import ConfigError
from gantui.core.events import Checkpoint
from gantui.core.text import neutralise
from gantui.runs import index, status
from gantui.runs.tail import tail

RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="Id, unique prefix, path, or latest.", autocompletion=complete_run),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("ls", epilog="Example:  gantui ls --json | jq '.[].state'")(ls)
    app.command("status", epilog="Example:  gantui status latest --json")(show_status)
    app.command("diagnose", epilog="Example:  gantui diagnose latest --json | jq .remedy")(show_diagnoses)
    app.command("plot", epilog="Example:  gantui plot latest d_x d_gz")(plot)
    app.command("report", epilog="Example:  gantui report latest -o ring.html")(report)


def ls(runs: RunsOption = None, json: JsonOption = False) -> None:
    """List the runs of a folder, newest first."""
    folder = index.runs_folder(runs)
    found = [status.status(run) for run in index.list_runs(folder)]
    if json:
        print_json(found)
    elif not found:
        say(f"no runs in {folder}; start one with: gantui run ring --headless")
    else:
        rows = [
            [
                run.id,
                run.state,
                f"{run.step}/{run.max_steps}",
                number(run.steps_per_s),
                ago(run.started),
                run.host,
            ]
            for run in found
        ]
        say(table(["run", "state", "step", "it/s", "started", "host"], rows))


def show_status(run: RunArgument, runs: RunsOption = None, json: JsonOption = False) -> None:
    """Show the state of a run. It is derived from the directory, never asked of the trainer."""
    directory = index.resolve(run, index.runs_folder(runs))
    now = status.status(directory)
    if json:
        print_json(now)
        return
    say(f"{now.id}  {now.state}{'  ' + now.reason if now.reason else ''}")
    speed = f", {number(now.steps_per_s)} it/s" if now.alive else ""
    say(f"step {now.step} of {now.max_steps}, update {now.update}{speed}")
    say(f"host {now.host}  pid {now.pid}  started {ago(now.started)} ago")
    age = "never" if now.heartbeat_age is None else f"{now.heartbeat_age:.0f} s ago"
    say(f"heartbeat {age}  {now.path}" if now.alive else now.path)
    saved = tail(directory, kinds={"checkpoint"})
    if isinstance(saved, Checkpoint) and not now.alive and now.state != "finished":
        say(f"last checkpoint: step {saved.step}; continue with: gantui run --resume {now.id}")
    for diagnosis in now.diagnoses:
        say(f"diagnosis: {diagnosis.text}")
    if now.last_eval:
        say(measures(now.last_eval))


def show_diagnoses(run: RunArgument, runs: RunsOption = None, json: JsonOption = False) -> None:
    """Tell what went wrong in a run, when, and the remedy."""
    from gantui.core.diagnosis import diagnose
    from gantui.runs.branches import lineage
    from gantui.runs.reader import RunReader

    directory = index.resolve(run, index.runs_folder(runs))
    reader, records = RunReader(directory), []
    while not reader.exhausted:
        records += reader.poll()
    found = list(diagnose(lineage(records)))
    if json:
        for diagnosis in found:
            print_json(diagnosis)
        return
    rows = [[f"{diagnosis.step:,}", diagnosis.text] for diagnosis in found]
    say(table(["step", "diagnosis"], rows) if rows else "nothing to be said of it")


def plot(
    run: RunArgument,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME ...]", help="Default: loss_d loss_g.")] = None,
    width: Annotated[
        int | None, typer.Option("--width", min=20, max=1000, help="Columns; else the terminal's.")
    ] = None,
    height: Annotated[
        int | None, typer.Option("--height", min=8, max=200, help="Lines of the curves; else what the terminal has.")
    ] = None,
    runs: RunsOption = None,
) -> None:
    """Draw curves of a run, once. Without names: the losses, and D's last histogram."""
    import shutil

    from gantui.tui.draw.once import draw_curves, draw_histogram

    directory = index.resolve(run, index.runs_folder(runs))
    terminal = shutil.get_terminal_size((100, 30))
    columns = width or min(terminal.columns, 200)
    height = height or min(max(8, (terminal.lines - 2) * (3 if names else 2) // 3), 40)
    print(draw_curves(directory, names or ["loss_d", "loss_g"], columns, height))
    if not names and (histogram := draw_histogram(directory, columns, max(6, height // 2))):
        print(histogram)


def report(
    run: RunArgument,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="FILE", help="Default: RUN-report.html in the present folder.")
    ] = None,
    runs: RunsOption = None,
) -> None:
    """Write all there is to say of a run onto one HTML page.

    Curves, samples over time, measures and what they mean, warnings, commands, settings.

    The page needs no network and nothing beside it, and works in any browser, on paper too. Only you may read it
    (mode 0600) until you pass it on. Of a run that trains it shows the present state.
    """
    from gantui.report.page import page
    from gantui.runs.files import write_atomic

    directory = index.resolve(run, index.runs_folder(runs))
    target = output or Path(f"{directory.id}-report.html")
    written = page(directory)
    try:
        write_atomic(target, written, ours=False, mode=0o600)
    except OSError as error:
        raise ConfigError(f"-o {neutralise(target)}: {error.strerror}") from None
    say(f"{target}: {len(written) / 1e6:.1f} MB")
