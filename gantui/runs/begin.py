"""What is done to a run from outside, whoever asks: make it, go on with it, start its trainer, take it away."""

import os
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from gantui.core import data_sets, parts, presets
from gantui.core.config import FIELDS, Config, field
from gantui.core.errors import ConfigError, RunFailed, UserError
from gantui.core.text import neutralise
from gantui.runs import files, index, info, launch, layout, status
from gantui.runs.layout import RunDir
from gantui.runs.lock import RunBusy, RunLock, holder


@dataclass(frozen=True)
class Plan:
    """What to run: `overrides` are the settings asked for now that apply to a continued run."""

    run: RunDir
    config: Config
    fresh: bool
    overrides: dict[str, Any]


def fresh(
    preset: presets.Preset,
    overrides: dict[str, Any],
    folder: Path,
    name: str | None = None,
    share: str | None = None,
    *,
    adopt: bool = False,
) -> Plan:
    """Make the run directory, complete enough for a trainer to start from it alone; or nothing at all.

    `overrides` win over the preset's settings; `name`, `share` and `adopt` as in `layout.create`. Raises
    ConfigError: a setting or the name is not allowed, or the folder can't be written.
    """
    config = _from_any_folder(preset.config(overrides))
    if config.pretrained != "none":
        pretrained = field("pretrained").check(str(index.resolve(config.pretrained, folder).path))
        config = msgspec.structs.replace(config, pretrained=pretrained)
    made = layout.create(folder, name, preset.name, share, adopt=adopt)
    try:
        files.write_atomic(made.config_toml, presets.to_toml(config).encode())
        info.write(made, info.here(made, preset=preset.name, argv=sys.argv))
    except BaseException as error:
        if holder(made).state == "free":
            shutil.rmtree(made.path, ignore_errors=True)
        if isinstance(error, OSError):
            raise ConfigError(f"can't make a run in {neutralise(folder)}: {neutralise(error.strerror)}") from None
        raise
    return Plan(made, config, True, {})


def continuation(
    existing: RunDir,
    overrides: dict[str, Any],
    *,
    explicit: bool = True,
    trust: bool = False,
    written: Mapping[str, Any] = {},
) -> Plan:
    """Return the plan to continue a run: settings come from it; of the overrides only those that may change.

    Not `explicit` are overrides that repeat those of the start in every job: what merely repeats the run's
    own settings is then no wish to put back what was changed live since. Code of the user's own that the run
    names is run with `trust` only, or if the settings `written` by the user himself name it too. Raises
    ConfigError: a setting is not allowed or fixed, the run's config can't be read, or there is no such trust.
    """
    stored = _from_any_folder(presets.read(existing.config_toml).config())
    if not trust:
        check_trust(existing, stored, "run --resume", written)
    wanted = {key: field(key).check(value) for key, value in overrides.items()}
    if "data" in wanted:
        wanted["data"] = data_sets.absolute(wanted["data"])
    changed = {key: value for key, value in wanted.items() if value != getattr(stored, key)}
    for key in changed:
        if not field(key).about.live and not field(key).about.place:
            raise ConfigError(f"{key} = {neutralise(overrides[key])}: fixed since the start of {existing.id}")
        if key in parts.PLACES and parts.is_part(changed[key]):
            raise ConfigError(f"{key} = {changed[key]}: a {key} of your own is chosen when a run starts")
    places = {key: value for key, value in wanted.items() if field(key).about.place}
    # A limit of time belongs to one job, not to the run.
    config = _from_any_folder(msgspec.structs.replace(stored, **({"max_time": "none"} | places)))
    live = {key: value for key, value in (wanted if explicit else changed).items() if field(key).about.live}
    return Plan(existing, config, False, live)


def check_trust(run: RunDir, config: Config, command: str, written: Mapping[str, Any] = {}) -> None:
    """Refuse to import what a run's `config` names of the user's own, unless settings `written` by him name it too.

    Raises ConfigError that names the modules, and `gantui COMMAND RUN --trust`, which allows it.
    """
    named = parts.named(msgspec.structs.asdict(config))
    foreign = {place: part for place, part in named.items() if written.get(place) != part}
    if foreign:
        called = run.id if run.path.parent == index.runs_folder() else shlex.quote(str(run.path))
        raise parts.not_trusted(foreign, f"gantui {command} {called}")


def is_done(plan: Plan, now: status.Status) -> bool:
    """Whether the run, whose status is `now`, has finished already and the plan doesn't prolong it."""
    return not plan.fresh and now.state == "finished" and now.step >= plan.overrides.get("max_steps", 0)


def launch_trainer(plan: Plan, force: bool = False) -> "subprocess.Popen[bytes]":
    """Start a trainer of its own that takes the run from where it stands; don't wait for it.

    `force` resumes although another host may still be training the run. Raises ConfigError if no process
    can be started, a fresh run is then cleared away; what the trainer itself objects to, `check_start` tells.
    """
    settings = [f"{key}={_as_toml(value)}" for key, value in to_pass_on(plan).items()]
    argv = ["run", "--headless", "--quiet", "--resume", str(plan.run.path), *(["--force"] if force else [])]
    if parts.named(msgspec.structs.asdict(plan.config)):  # there is no plan without the user's trust
        argv.append("--trust")
    try:
        return launch.launch([*argv, *(part for setting in settings for part in ("-s", setting))], plan.run)
    except ConfigError:
        clear_away(plan)
        raise


def check_start(plan: Plan, trainer: "subprocess.Popen[bytes]") -> None:
    """Raise the error that ended a launched trainer, if one did; a fresh run that could not start is cleared away.

    It doesn't wait: a trainer that still loads, trains or has ended well is no error.

    Raises:
        ConfigError: settings or data that can't be trained with, or a run that another trainer has.
        RunFailed: anything else.
    """
    if not trainer.poll():
        return
    now = status.status(plan.run)
    end = f"crashed at step {now.step}" if now.update else "did not start"
    reason = now.reason or f"the trainer {end}; see {neutralise(plan.run.trainer_log)}"
    if trainer.returncode == ConfigError.exit_status:
        clear_away(plan)
        raise ConfigError(reason)
    raise RunFailed(reason)


def clear_away(plan: Plan) -> None:
    """Remove a run that could not start, so that it doesn't block its name.

    Never one that has trained, nor one that another trainer has got hold of meanwhile: hence the lock.
    """
    if not plan.fresh:
        return
    lock = RunLock(plan.run)
    with suppress(UserError):
        lock.acquire()
        if not plan.run.latest.exists() and not status.status(plan.run).update:
            shutil.rmtree(plan.run.path, ignore_errors=True)
    lock.release()


def delete(run: RunDir) -> None:
    """Remove a run for good; one that is gone already is no error. Links are removed, not followed.

    It vanishes at once, by a rename, and only then piece by piece: nobody sees half a run.

    Raises:
        RunBusy: a trainer is at work on it, as far as can be told.
        ConfigError: it is no run, or holds files that gantui has not made; or it can't be removed.
    """
    if not os.path.lexists(run.path):
        return
    shown = neutralise(run.path)
    if run.path.is_symlink():
        raise ConfigError(f"{shown} is a link: delete what it points to, and the link, by hand")
    _check_is_ours(run)
    grave = run.path.with_name(f".{secrets.token_hex(6)}.deleted")  # short: the name may be as long as names can be
    lock = RunLock(run)
    try:
        lock.acquire()
        run.path.rename(grave)
    except (OSError, UserError) as error:
        if not os.path.lexists(run.path):
            return
        if isinstance(error, RunBusy):
            raise RunBusy(f"run '{neutralise(run.id)}' is being trained{_where(run)}: stop it first") from None
        if isinstance(error, UserError):
            raise
        raise ConfigError(f"can't delete {shown}: {error.strerror}") from None
    finally:
        lock.release()
    for _ in range(10):  # viewers may still put a lease into it
        shutil.rmtree(grave, ignore_errors=True)
        if not os.path.lexists(grave):
            return
    raise ConfigError(f"run '{neutralise(run.id)}' is deleted, but not all its files could be: see {neutralise(grave)}")


def _where(run: RunDir) -> str:
    trainer = info.read(run)
    return f" on {neutralise(trainer.host)}" if trainer else ""


def _check_is_ours(run: RunDir) -> None:
    """Any directory with a config.toml passes for a run; one that is to be removed must be no more than that."""
    shown = neutralise(run.path)
    try:
        names = sorted(entry.name for entry in run.path.iterdir())
    except OSError as error:
        raise ConfigError(f"can't delete {shown}: {error.strerror}") from None
    if not {run.config_toml.name, run.run_json.name} & set(names):
        raise ConfigError(f"{shown} is no run: a run is a directory with a config.toml")
    if foreign := [name for name in names if not layout.is_part(name)]:
        listed = ", ".join(neutralise(name, 80) for name in foreign[:3]) + (", …" if len(foreign) > 3 else "")
        raise ConfigError(f"{shown} holds what is not gantui's ({listed}): move that away first, or delete it by hand")


def to_pass_on(plan: Plan) -> dict[str, Any]:
    """Return what the directory doesn't say: the limit of time, and what is asked for now of a run not fresh."""
    if plan.fresh:
        return {} if plan.config.max_time == "none" else {"max_time": plan.config.max_time}
    places = {key: getattr(plan.config, key) for key, entry in FIELDS.items() if entry.about.place}
    return places | plan.overrides


def _from_any_folder(config: Config) -> Config:
    """Return `config` so that it names the same data wherever the run is continued or evaluated from."""
    root = config.data_root if config.data_root.startswith("~") else str(Path(config.data_root).absolute())
    data = field("data").check(data_sets.absolute(config.data))
    return msgspec.structs.replace(config, data=data, data_root=field("data_root").check(root))


def _as_toml(value: object) -> str:
    return tomli_w.dumps({"v": value}).partition("=")[2].strip()
