"""Parts of the user's own, `pkg.module:Name`: found, and asked in a way that says whose mistake it is.

What each part must offer is written beside what uses it: `networks.own.Pair`, `own_loss.Loss`, `data.own.Load`.
Importing a part runs its code: whoever calls `find` has made sure that the user wants that (see `core.parts`).
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any

from gantui.core.errors import ConfigError, UserError
from gantui.core.parts import module_of
from gantui.core.text import nearest, neutralise


def label(place: str, part: str) -> str:
    """Return how messages name the setting at fault: `loss = 'mypkg.losses:Soft'`."""
    return f"{place} = {part!r}"


def find(place: str, part: str) -> Any:
    """Import the module of a part and return what it calls by the part's name.

    It is looked up as Python does, and last in the present folder. Raises ConfigError naming the setting
    `place`: there is no such module or no such name in it, or importing it fails.
    """
    module_name, _, name = part.partition(":")
    with suppress(FileNotFoundError):  # the folder may be gone
        if (here := os.getcwd()) not in sys.path:  # noqa: PTH109, sys.path holds strings
            sys.path.append(here)  # for good: a module may import its neighbours only when it is used
    importlib.invalidate_caches()
    with asked(place, part, f"importing {module_name}"):
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
                raise  # the module is there, what it imports is not
            raise ConfigError(
                f"{label(place, part)}: no module {error.name}, neither in {neutralise(Path.cwd())} "
                "nor where Python looks (sys.path)"
            ) from None
        if not hasattr(module, name):
            raise ConfigError(f"{label(place, part)}: {_shown(module)} has no {name}{nearest(name, vars(module))}")
        return getattr(module, name)


@contextmanager
def asked(place: str, part: str, doing: str) -> Iterator[None]:
    """What goes wrong in here becomes a ConfigError that names the setting, the error and the line in the user's code.

    `doing` says what the part was asked for. A UserError passes: it has its own words for a person.
    """
    try:
        yield
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # a script without a guard may want to end the program
        text = f"{type(error).__name__}: {neutralise(' '.join(str(error).split()), 200)}"
        raise ConfigError(f"{label(place, part)}: {doing} raised {text}{_line(error, part)}") from error


def described(value: object) -> str:
    """Return what a value is, for a message: its type, and of tensors and arrays shape and kind of number."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return f"{type(value).__name__}"
    return f"{type(value).__name__} of shape {tuple(shape)}, {dtype}"


def _line(error: BaseException, part: str) -> str:
    """The innermost line at work in the part's own package: what went wrong in torch was called from there."""
    package = module_of(part).partition(".")[0]
    lines = [
        f" ({neutralise(Path(frame.f_code.co_filename).name, 80)}, line {number})"
        for frame, number in walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__")).partition(".")[0] == package
    ]
    return lines[-1] if lines else ""


def _shown(module: ModuleType) -> str:
    where = getattr(module, "__file__", None)
    return f"{module.__name__} ({neutralise(where, 200)})" if where else module.__name__
