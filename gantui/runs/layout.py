"""Where things lie in a run directory, and how a new one is made."""

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from gantui.core.errors import ConfigError
from gantui.core.text import neutralise

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SEGMENT = re.compile(r"events-([0-9]{4,9})\.jsonl")
FOLDERS = ("watch", "previews", "checkpoints", "commands", "commands/rejected")
_UNBEGUN = re.compile(r"watch|previews|checkpoints|commands|run\.json|run\.lock|trainer\.log|\..*\.tmp")
_PART = re.compile(rf"{_UNBEGUN.pattern}|{_SEGMENT.pattern}|config\.toml|live\.json|live\.npz|\.nfs.*")
SHARES = ("group", "group-steer")


@dataclass(frozen=True)
class RunDir:
    """The directory of one run; the properties name its parts, which need not exist."""

    path: Path

    @property
    def id(self) -> str:
        """The run's name: that of its directory."""
        return self.path.name

    @property
    def run_json(self) -> Path:
        """Which process runs it, since when, on what."""
        return self.path / "run.json"

    @property
    def config_toml(self) -> Path:
        """The complete configuration."""
        return self.path / "config.toml"

    @property
    def live_json(self) -> Path:
        """The present state, and the heartbeat."""
        return self.path / "live.json"

    @property
    def live_npz(self) -> Path:
        """Arrays of the present state, written only while someone looks."""
        return self.path / "live.npz"

    @property
    def watch(self) -> Path:
        """The leases of viewers."""
        return self.path / "watch"

    @property
    def previews(self) -> Path:
        """Samples from the fixed latents."""
        return self.path / "previews"

    @property
    def checkpoints(self) -> Path:
        """Whole training states."""
        return self.path / "checkpoints"

    @property
    def latest(self) -> Path:
        """Which checkpoint is the newest one."""
        return self.checkpoints / "latest.json"

    @property
    def encoder(self) -> Path:
        """The weights of an encoder that was trained on a checkpoint's G."""
        return self.checkpoints / "encoder.pt"

    @property
    def inferred(self) -> Path:
        """Examples, and what G makes of the z that this encoder predicts."""
        return self.previews / "inferred.npz"

    @property
    def commands(self) -> Path:
        """The inbox."""
        return self.path / "commands"

    @property
    def rejected(self) -> Path:
        """Files from the inbox that were no commands."""
        return self.commands / "rejected"

    @property
    def lock(self) -> Path:
        """Locked while a trainer lives."""
        return self.path / "run.lock"

    @property
    def trainer_log(self) -> Path:
        """What a trainer without a terminal says."""
        return self.path / "trainer.log"

    def segment(self, number: int) -> Path:
        """The event log of the `number`-th start, from 1."""
        return self.path / f"events-{number:04d}.jsonl"

    def segments(self) -> list[Path]:
        """The event logs there are, in order; none if the directory can't be read."""
        try:
            names = [entry.name for entry in self.path.iterdir()]
        except OSError:
            return []
        return [self.path / name for name in sorted(filter(_SEGMENT.fullmatch, names), key=number_of)]


def number_of(segment: Path | str) -> int:
    """Return the number in the name of a segment, 0 if it is none."""
    found = _SEGMENT.fullmatch(Path(segment).name)
    return int(found[1]) if found else 0


def is_part(name: str) -> bool:
    """Whether gantui puts something of that name into a run directory (or an NFS client does, for open files)."""
    return _PART.fullmatch(name) is not None


def check_name(name: str) -> str:
    """Return `name` if a run may be called so. Raises ConfigError naming it and what is allowed."""
    if _NAME.fullmatch(name) and name != "latest":
        return name
    raise ConfigError(
        f"name = {neutralise(repr(name), 80)}: must be letters, digits, '.', '_' and '-', beginning with a "
        "letter or digit, at most 100 (and not 'latest')"
    )


def create(runs: Path, name: str | None, preset: str, share: str | None = None, *, adopt: bool = False) -> RunDir:
    """Make a new run directory in the folder `runs` (made if missing) and return it.

    Its name is `name`, or `preset` and the time; `share` lets the group watch (`group`) or also steer
    (`group-steer`); `adopt` takes over what a start killed half-way has left under `name`. Raises
    ConfigError: the name is bad or taken, or the folder can't be written.
    """
    if share is not None and share not in SHARES:
        raise ConfigError(f"share = {neutralise(repr(share), 80)}: must be group or group-steer")
    if name is not None:
        check_name(name)
    runs = runs.expanduser().absolute()
    try:
        runs.mkdir(parents=True, exist_ok=True)
        adopted = adopt and name is not None and _is_unbegun(runs / name)
        path = runs / str(name) if adopted else _make_exclusively(runs, name, preset)
        try:
            _furnish(path, share)
        except OSError:
            if not adopted:  # then it is ours: nobody else could have made it
                shutil.rmtree(path, ignore_errors=True)
            raise
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"can't make a run in {neutralise(runs)}: {neutralise(why)}") from None
    return RunDir(path)


def _is_unbegun(path: Path) -> bool:
    """Whether `path` is a run directory without config, events and checkpoints, and holds nothing else."""
    if path.is_symlink() or not path.is_dir() or RunDir(path).latest.exists():
        return False
    return all(_UNBEGUN.fullmatch(entry.name) for entry in path.iterdir())


def _make_exclusively(runs: Path, name: str | None, preset: str) -> Path:
    if name is not None:
        try:
            (runs / name).mkdir(mode=0o700)
        except FileExistsError:
            raise ConfigError(
                f"run '{name}' exists in {neutralise(runs)}: choose another name, or go on with --resume"
            ) from None
        return runs / name
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", preset).strip("-._")[:80] or "run"
    stem = f"{readable}-{time.strftime('%Y%m%d-%H%M%S')}"
    for number in range(1, 1000):
        path = runs / (stem if number == 1 else f"{stem}-{number}")
        try:
            path.mkdir(mode=0o700)
            return path
        except FileExistsError:
            continue
    raise ConfigError(f"run '{stem}' exists a thousand times: give a name with --name")


def _furnish(path: Path, share: str | None) -> None:
    """Make the folders, with modes by chmod because the umask would cut them.

    Watching needs a lease, which is a file: with `group`, the group may write in `watch` and nowhere else.
    """
    mode = {None: 0o700, "group": 0o2750, "group-steer": 0o2770}[share]
    for folder in FOLDERS:
        (path / folder).mkdir(mode=0o700, exist_ok=True)
        (path / folder).chmod(0o2770 if share and folder == "watch" else mode)
    path.chmod(mode)
