"""Shell completion of presets, runs and settings."""

from gantui.core import presets
from gantui.core.config import FIELDS
from gantui.core.errors import UserError
from gantui.runs import index


def complete_preset(incomplete: str) -> list[str]:
    """Names of presets."""
    return [name for name in presets.names() if name.startswith(incomplete)]


def complete_run(incomplete: str) -> list[str]:
    """Ids of runs in the default folder, newest first, and `latest`."""
    try:
        ids = [run.id for run in index.list_runs(index.runs_folder(None))]
    except (OSError, UserError):
        return []
    return [name for name in ["latest", *ids] if name.startswith(incomplete)]


def complete_setting(incomplete: str) -> list[str]:
    """`key=` for every setting, and `key=choice` once the key is there."""
    key, separator, start = incomplete.partition("=")
    if not separator:
        return [f"{name}=" for name in FIELDS if name.startswith(key)]
    choices = FIELDS[key].choices if key in FIELDS else ()
    return [f"{key}={choice}" for choice in choices if choice.startswith(start)]


def complete_live_setting(incomplete: str) -> list[str]:
    """As `complete_setting`, for settings that can change while a run trains."""
    live = {name for name, field in FIELDS.items() if field.about.live}
    return [entry for entry in complete_setting(incomplete) if entry.partition("=")[0] in live]
