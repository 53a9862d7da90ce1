"""`gantui run`: start a run or continue one, in this process or in one of its own that the dashboard opens on."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from gantui.cli import dashboard
from gantui.cli.completion import complete_preset, complete_run, complete_setting
from gantui.cli.output import JsonOption, LowBandwidthOption, RunsOption, TrustOption, measures, print_json, say
from gantui.core import presets
from gantui.core.config import FIELDS
from gantui.core.errors import ConfigError, NoAnswer, UserError
from gantui.core.text import neutralise
from gantui.runs import begin, index, launch, layout, status
from gantui.runs.begin import Plan
from gantui.runs.layout import RunDir
from gantui.runs.tail import tail

INTERRUPTED = 75
LAUNCH_PATIENCE = 60.0  # seconds until a detached trainer must have shown itself
EXIT_PATIENCE = 5.0  # seconds for the process of a trainer that has ended


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command(
        "run",
        epilog="Examples:  gantui run ring   |   gantui run mnist -s lr_d=1e-4 -s k=2 --steps 20000   |   "
        "gantui run digits --headless --name night --resume auto --time 55m",
    )(run)


def run(
    preset: Annotated[
        str | None,
        typer.Argument(metavar="[PRESET|FILE.toml]", help="See `gantui presets`.", autocompletion=complete_preset),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "-s",
            "--set",
            metavar="KEY=VALUE",
            autocompletion=complete_setting,
            help="Override a setting; values are TOML, bare words strings. `gantui presets show PRESET` lists all.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Id of the run; else preset and time.")
    ] = None,
    runs: RunsOption = None,
    headless: Annotated[
        bool,
        typer.Option("--headless", help="Train in this process, with progress on stderr. Implied without a TTY."),
    ] = False,
    steps: Annotated[str | None, typer.Option("--steps", metavar="N", help="max_steps.")] = None,
    limit: Annotated[
        str | None,
        typer.Option("--time", metavar="30m", help="Leave with a checkpoint and status 75 after this long."),
    ] = None,
    seed: Annotated[str | None, typer.Option("--seed", metavar="N", help=FIELDS["seed"].about.help)] = None,
    device: Annotated[str | None, typer.Option("--device", metavar="DEVICE", help=FIELDS["device"].about.help)] = None,
    data_root: Annotated[
        str | None, typer.Option("--data-root", metavar="DIR", help=FIELDS["data_root"].about.help)
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="RUN|auto",
            autocompletion=complete_run,
            help="Continue a run from its last checkpoint; auto (with --name): start it, or continue it.",
        ),
    ] = None,
    share: Annotated[
        str | None,
        typer.Option("--share", metavar="group|group-steer", help="Let the group watch, or also steer."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Resume although another host may still be training it.")
    ] = False,
    trust: TrustOption = False,
    json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    low_bandwidth: LowBandwidthOption = False,
) -> int:
    """Train: PRESET afresh, or --resume a run, and watch it. Leaving the dashboard doesn't end the training.

    Exit status: 0 done, 1 the run failed, 2 bad usage, settings or data, 75 ended early with a checkpoint.
    """
    overrides = presets.parse_overrides(settings or [])
    overrides |= presets.parse_overrides(f"{key}={n}" for key, n in {"max_steps": steps, "seed": seed}.items() if n)
    texts = {"max_time": limit, "device": device, "data_root": data_root}
    overrides |= {key: text for key, text in texts.items() if text is not None}
    folder = index.runs_folder(runs)
    if resume not in (None, "auto") and (preset or name or share):
        raise ConfigError(f"--resume {neutralise(resume)} goes on with that run: leave out PRESET, --name and --share")
    existing = _to_continue(resume, name, folder)
    if existing is None:
        plan = begin.fresh(_preset(preset), overrides, folder, name, share, adopt=resume == "auto")
    else:
        written = (_preset(preset).values if preset else {}) | overrides
        if "max_time" in written:
            overrides = {"max_time": written["max_time"]} | overrides
        plan = begin.continuation(existing, overrides, explicit=resume != "auto", trust=trust, written=written)
        done = status.status(existing)
        if begin.is_done(plan, done):
            return _already_finished(done, resume == "auto", json)
    if headless or not dashboard.is_possible():
        return _train_here(plan, force=force, json=json, quiet=quiet)
    return _train_detached(plan, force) if json else _train_watched(plan, force, low_bandwidth)


def _preset(name: str | None) -> presets.Preset:
    if name is None:
        raise ConfigError(f"name a preset ({', '.join(presets.names())}), a FILE.toml, or --resume RUN")
    return presets.load(name)


def _to_continue(resume: str | None, name: str | None, folder: Path) -> RunDir | None:
    """Return the run to continue, or None to start afresh."""
    if resume is None:
        return None
    if resume != "auto":
        return index.resolve(resume, folder)
    if name is None:
        raise ConfigError("--resume auto needs --name, to know which run to start or to continue")
    candidate = RunDir(folder / layout.check_name(name))
    return candidate if candidate.config_toml.exists() else None


def _already_finished(done: status.Status, accepted: bool, json: bool) -> int:
    if not accepted:
        raise ConfigError(f"run {done.id} is finished at step {done.step}; --steps above that prolongs it")
    print_json(done) if json else say(f"run {done.id} is finished at step {done.step}; nothing to do")
    return 0


def _train_here(plan: Plan, *, force: bool, json: bool, quiet: bool) -> int:
    """Be the trainer: the process that holds the run until it ends."""
    from gantui.cli.progress import Progress
    from gantui.engine.process import Job, run_trainer
    from gantui.engine.signals import redirect

    progress = Progress(plan.run, quiet=quiet)
    progress.start()
    try:
        exit_status = run_trainer(Job(plan.run, plan.config, plan.overrides, force), progress.note)
    except UserError:
        begin.clear_away(plan)
        raise
    finally:
        progress.stop()
    try:
        _print_result(plan.run, json)
        sys.stdout.flush()
    except OSError:  # nobody reads it any more, or the disk is full: that changes nothing about how the run went
        redirect([sys.stdout], plan.run.trainer_log)
    return exit_status


def _print_result(run: RunDir, json: bool) -> None:
    ended, evaluated = status.status(run), tail(run, kinds={"eval"})
    preview = tail(run, kinds={"preview"})
    values = getattr(evaluated, "values", {})
    picture = run.path / Path(getattr(preview, "file", "")).with_suffix(".png") if preview else None
    picture = picture if picture and picture.exists() else None
    if json:
        print_json({"status": ended, "eval": values, "preview": str(picture) if picture else None})
        return
    why = f": {ended.reason}" if ended.reason else ""
    say(f"run {ended.id} {ended.state} at step {ended.step}{why}  ({run.path})")
    for diagnosis in ended.diagnoses:
        say(f"diagnosis: {diagnosis.text}")
    if values:
        say(measures(values))
    if picture:
        say(f"samples: {picture}")
    if ended.state == "interrupted":
        say(f"continue with: gantui run --resume {run.path}")


def _train_watched(plan: Plan, force: bool, low_bandwidth: bool) -> int:
    """Start a trainer of its own and open the dashboard on it at once; leaving leaves it training."""
    trainer = begin.launch_trainer(plan, force)
    farewell = dashboard.watch(plan.run, low_bandwidth)
    deadline = time.monotonic() + EXIT_PATIENCE
    while trainer.poll() is None and not status.status(plan.run).alive and time.monotonic() < deadline:
        time.sleep(0.05)  # it has said its last word, but the process is still on its way out
    if trainer.poll() != INTERRUPTED:
        begin.check_start(plan, trainer)
    if trainer.returncode is None:
        _warn_of_logging_out()
    dashboard.leave(farewell)
    return trainer.returncode or 0


def _train_detached(plan: Plan, force: bool) -> int:
    """Start a trainer of its own and leave once it has begun."""
    trainer = begin.launch_trainer(plan, force)
    deadline = time.monotonic() + LAUNCH_PATIENCE
    while trainer.poll() is None and status.status(plan.run).state != "running":
        if time.monotonic() > deadline:
            raise NoAnswer(f"the trainer still loads after {LAUNCH_PATIENCE:.0f} s; see {plan.run.trainer_log}")
        time.sleep(0.05)
    begin.check_start(plan, trainer)
    _warn_of_logging_out()
    print_json(status.status(plan.run))
    return 0


def _warn_of_logging_out() -> None:
    if warning := launch.logout_warning():
        print(f"gantui: {neutralise(warning)}", file=sys.stderr)
