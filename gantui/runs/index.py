"""Finding runs: the folder they lie in, the list of them, and the one a person means."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gantui.core.errors import NoSuchRun
from gantui.core.text import nearest, neutralise
from gantui.runs.layout import RunDir

_SHOWN = 10


def runs_folder(option: str | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of runs, which need not exist: `option`, else $GANTUI_RUNS, else ./runs."""
    chosen = Path(option or environ.get("GANTUI_RUNS") or "runs")
    with suppress(RuntimeError):  # ~nobody, who has no home: then that is its name
        chosen = chosen.expanduser()
    with suppress(OSError):  # the current directory was deleted
        chosen = chosen.absolute()
    return chosen


def list_runs(folder: Path) -> list[RunDir]:
    """Return the runs in `folder`, the latest started first. Whatever else lies there is passed over."""
    try:
        paths = list(folder.iterdir())
    except (OSError, ValueError):
        return []
    visible = [path for path in paths if not path.name.startswith(".")]  # hidden is what is being deleted
    times = {path: since for path in visible if (since := _since(path)) is not None}
    return [RunDir(path) for path in sorted(times, key=lambda path: (times[path], path.name), reverse=True)]


def resolve(name: str, folder: Path) -> RunDir:
    """Return the run that `name` means: `latest`, an id in `folder`, a path, or the beginning of one id.

    Raises:
        NoSuchRun: none, or several; the message names them, or the nearest.
    """
    shown, where = neutralise(repr(name), 120), neutralise(folder)
    runs = list_runs(folder)
    if name == "latest":
        if not runs:
            raise NoSuchRun(f"there is no run in {where}")
        return runs[0]
    ids = {run.id: run for run in runs}
    if name in ids:
        return ids[name]
    path = _as_path(name)
    if path is not None and _since(path) is not None:
        return RunDir(path)
    if os.sep in name:
        raise NoSuchRun(f"no run at {shown}: a run is a directory with a config.toml")
    matching = [run for run in runs if name and run.id.startswith(name)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise NoSuchRun(f"{shown} is the beginning of {len(matching)} runs: {_listed(matching)}")
    if not runs:
        raise NoSuchRun(f"no run {shown}: there is no run in {where}")
    hint = nearest(name, list(ids)) or f": there are {_listed(runs)}"
    raise NoSuchRun(f"no run {shown} in {where}{neutralise(hint)}")


def _since(path: Path) -> float | None:
    """When the run in `path` was last started (Unix seconds), None if it is no run or can't be read."""
    for name in ("run.json", "config.toml"):
        try:
            return (path / name).stat().st_mtime
        except (OSError, ValueError):
            continue
    return None


def _as_path(name: str) -> Path | None:
    try:
        return Path(os.path.normpath(Path(name).expanduser().absolute()))  # a link keeps its own name
    except (OSError, ValueError, RuntimeError):
        return None


def _listed(runs: list[RunDir]) -> str:
    names = ", ".join(neutralise(run.id, 110) for run in runs[:_SHOWN])
    return names + (" …" if len(runs) > _SHOWN else "")
