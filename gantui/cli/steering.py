"""Commands that steer a running trainer, and wait for its answer."""

from typing import Annotated, Any

import typer

from gantui.cli.completion import complete_live_setting
from gantui.cli.look import RunArgument
from gantui.cli.output import JsonOption, RunsOption, number, print_json, say
from gantui.core import commands, presets
from gantui.core.config import FIELDS, field, live_fields
from gantui.core.errors import CommandRejected, ConfigError, NoAnswer
from gantui.core.events import Applied, Rejected
from gantui.core.text import neutralise
from gantui.runs import inbox, index, info, status
from gantui.runs.reader import RunReader

TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0.1, max=3600, metavar="S", help="Seconds to wait for the answer.")
]
TIMEOUT = 10.0


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    settings = "   |   ".join(f"{name}: {FIELDS[name].allowed}" for name in live_fields())
    app.command("set", epilog=f"Example:  gantui set latest lr_d=1e-4 k=3 loss=minimax.  Settings:  {settings}")(
        set_fields
    )
    app.command("pause", epilog="Example:  gantui pause latest")(pause)
    app.command("resume", epilog="Example:  gantui resume latest")(resume)
    app.command("stop", epilog="Example:  gantui stop latest")(stop)
    app.command("snapshot", epilog="Example:  gantui snapshot latest --json")(snapshot)
    app.command("step", epilog="Example:  gantui step latest d -n 5")(step)


def set_fields(
    run: RunArgument,
    settings: Annotated[
        list[str],
        typer.Argument(metavar="KEY=VALUE ...", autocompletion=complete_live_setting, help="Live settings."),
    ],
    runs: RunsOption = None,
    timeout: TimeoutOption = TIMEOUT,
    json: JsonOption = False,
) -> None:
    """Change settings between two updates: all of them, or none."""
    wanted = presets.parse_overrides(settings)
    for key, value in wanted.items():
        if not field(key).about.live:
            raise ConfigError(f"{key} is fixed while a run trains; live are {', '.join(live_fields())}")
        field(key).check(value)
    _steer(run, runs, "set", wanted, timeout, json)


def pause(
    run: RunArgument, runs: RunsOption = None, timeout: TimeoutOption = TIMEOUT, json: JsonOption = False
) -> None:
    """Pause between two updates. Single steps, settings and snapshots still work."""
    _steer(run, runs, "pause", {}, timeout, json)


def resume(
    run: RunArgument, runs: RunsOption = None, timeout: TimeoutOption = TIMEOUT, json: JsonOption = False
) -> None:
    """Go on after a pause. (To continue a run that has ended: gantui run --resume RUN.)"""
    _steer(run, runs, "resume", {}, timeout, json)


def stop(run: RunArgument, runs: RunsOption = None, timeout: TimeoutOption = TIMEOUT, json: JsonOption = False) -> None:
    """End the run with a checkpoint and an evaluation. Its exit status is 0."""
    _steer(run, runs, "stop", {}, timeout, json)


def snapshot(
    run: RunArgument, runs: RunsOption = None, timeout: TimeoutOption = TIMEOUT, json: JsonOption = False
) -> None:
    """Write a checkpoint now."""
    _steer(run, runs, "snapshot", {}, timeout, json)


def step(
    run: RunArgument,
    target: Annotated[str, typer.Argument(metavar="[d|g|both]", help="D, G, or a whole iteration.")] = "both",
    count: Annotated[int, typer.Option("-n", min=1, max=commands.MAX_COUNT, help="How many.")] = 1,
    runs: RunsOption = None,
    timeout: TimeoutOption = TIMEOUT,
    json: JsonOption = False,
) -> None:
    """Do single updates of a paused run. Extra ones of D or G, or (both) the rest of the iteration."""
    if target not in commands.STEP_TARGETS:
        raise ConfigError(f"target = {neutralise(repr(target), 80)}: must be one of {', '.join(commands.STEP_TARGETS)}")
    _steer(run, runs, "step", {"target": target, "count": count}, timeout, json)


def _steer(run: str, runs: str | None, what: str, arguments: dict[str, Any], timeout: float, json: bool) -> None:
    """Drop the command into the run's inbox and print the answer. Raises NoAnswer, CommandRejected."""
    directory = index.resolve(run, index.runs_folder(runs))
    now = status.status(directory)
    if not now.alive:
        raise NoAnswer(f"run {directory.id} is not running (it is {now.state})")
    reader = RunReader.at_end(directory)
    command = commands.new(what, arguments, info.author())
    inbox.send(directory, command)
    answer = inbox.await_answer(directory, reader, command.id, timeout, lambda: status.status(directory).alive)
    if json:
        print_json(answer)
    if isinstance(answer, Rejected):
        raise CommandRejected(f"{what} rejected: {answer.reason}")
    if not json:
        say(_summary(answer))


def _summary(answer: Applied) -> str:
    """lr_d 0.001 → 0.0001, k 1 → 3 at step 1200 (update 2400)"""
    changes = [f"{key} {number(old)} → {number(answer.after.get(key))}" for key, old in answer.before.items()]
    facts = [f"{key} {number(value)}" for key, value in answer.after.items() if key not in answer.before]
    text = ", ".join([*changes, *facts]) or "done"
    note = f"; {answer.note}" if answer.note else ""
    return f"{answer.what}: {text} at step {answer.step} (update {answer.update}){note}"
