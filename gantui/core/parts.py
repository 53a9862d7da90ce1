"""Parts of the user's own: `pkg.module:Name` for a network pair, a loss, a data set or features.

A run directory may come from anybody, so what it names is never imported just because it is named there:
whoever asks to train or to sample must have named it too, or have said that it is to be trusted. Nothing in
core, runs or tui imports a part at all.
"""

import re
from collections.abc import Mapping
from typing import Any

from gantui.core.errors import ConfigError
from gantui.core.text import neutralise

_WORD = "[A-Za-z_][A-Za-z0-9_]{0,99}"
PART = rf"^{_WORD}(\.{_WORD}){{0,9}}:{_WORD}\Z"
FORM = "pkg.module:Name"
PLACES = ("network", "loss", "data", "features")


def is_part(value: object) -> bool:
    """Whether the value of a setting names a part of the user's own. A file of such a name is written `./a:b`."""
    return isinstance(value, str) and re.match(PART, value) is not None


def named(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings in `values` that name a part: `{"network": "mypkg.nets:Pair"}`."""
    return {place: values[place] for place in PLACES if is_part(values.get(place))}


def module_of(part: str) -> str:
    """Return the module that a part lies in: `mypkg.nets`."""
    return part.partition(":")[0]


def not_trusted(parts: Mapping[str, str], command: str) -> ConfigError:
    """Return the refusal to run the code of `parts`, by setting, which a run directory names.

    It says with which `command` one allows it, and which modules that would run. The command comes first, as a
    notice may have room for no more.
    """
    modules = ", ".join(f"{module_of(part)} ({place} = {part})" for place, part in parts.items())
    return ConfigError(
        f"only with --trust: {neutralise(command)} --trust. It runs code that is not gantui's: {modules}"
    )
