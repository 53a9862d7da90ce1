"""A run that is about to be started: a preset, and what a person has changed of it."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from gantui.core import data_sets, parts, presets
from gantui.core.config import FIELDS, field
from gantui.core.errors import ConfigError
from gantui.core.presets import Preset
from gantui.core.text import neutralise
from gantui.runs import begin, layout
from gantui.tui.controls import nudged, together

NAME = "name"
MAIN = (NAME, "data", "max_steps", "seed", "device", "batch_size", "lr_d", "lr_g", "k", "loss", "constraint")
NAME_HELP = "what the run is called: letters, digits, '.', '_' and '-'; empty: the preset and the time"


class Draft:
    """Settings as texts, for a form: each is checked as it is typed, and nothing exists before `plan`."""

    def __init__(self, preset: Preset, folder: Path) -> None:
        """Take a preset. Raises ConfigError if that is wrong itself."""
        self.preset, self.folder = preset, folder
        self.changed: dict[str, str] = {}
        self._given: dict[str, Any] = msgspec.structs.asdict(preset.config())

    def given(self, name: str) -> str:
        """What the preset says, as text; of the name, nothing."""
        return "" if name == NAME else written(self._given[name])

    def text(self, name: str) -> str:
        """What stands in the form."""
        return self.changed.get(name, self.given(name))

    def put(self, name: str, text: str) -> None:
        """Take what was typed; nothing means what the preset says. What only makes sense together goes along."""
        before = self.text(name)
        self._set(name, text)
        if name == NAME or self.text(name) == before:
            return
        try:
            value = self.value(name)
        except ConfigError:
            return
        for other, needed in together(name, value, self._valid()).items():
            if other != name:
                kept = self._given[other]  # of the preset's own pair neither is replaced
                self._set(other, written(kept if name not in self.changed else needed))

    def value(self, name: str) -> Any:
        """The value of a setting. Raises ConfigError: not allowed."""
        if name not in self.changed:
            return self._given[name]
        return field(name).check(presets.parse_override(f"{name}={self.changed[name]}")[1])

    def problem(self, name: str) -> str:
        """What is wrong with one setting by itself, '' if nothing."""
        try:
            if name == NAME:
                return self._problem_of_name()
            value = self.value(name)
        except ConfigError as error:
            return str(error)
        return _missing(value) if name == "data" else ""

    def problems(self) -> dict[str, str]:
        """What is wrong, by setting; combinations are looked at when each setting is right by itself."""
        found = {name: said for name in (*MAIN[:2], *self.changed) if (said := self.problem(name))}
        if not found:
            try:
                self.preset.config(self.overrides())
            except ConfigError as error:
                found[culprit(str(error)) or MAIN[1]] = str(error)
        return found

    def overrides(self) -> dict[str, Any]:
        """The settings that differ from the preset. Raises ConfigError."""
        return {name: self.value(name) for name in self.changed if name != NAME}

    def can_nudge(self, name: str) -> bool:
        """Whether the present value is right and has a next one: words beside numbers, such as auto, have none."""
        if name == NAME or self.problem(name):
            return False
        value, entry = self.value(name), FIELDS[name]
        if isinstance(value, str):
            return _is_cadence(name) or (value in entry.choices and entry.range == (None, None))
        return isinstance(value, int | float) and (not name.endswith("_every") or _is_cadence(name))

    def nudge(self, name: str, direction: int, *, fine: bool = False) -> None:
        """Take the next value up (1) or down (−1), where there is such a thing and the present one is right."""
        if not self.can_nudge(name):
            return
        value = self.value(name)
        following = not value if isinstance(value, bool) else nudged(FIELDS[name], value, direction, fine=fine)
        self.put(name, written(following))

    def plan(self) -> begin.Plan:
        """Make the run's directory. Raises ConfigError; then there is none."""
        if problems := self.problems():
            raise ConfigError(next(iter(problems.values())))
        return begin.fresh(self.preset, self.overrides(), self.folder, self.changed.get(NAME))

    def _set(self, name: str, text: str) -> None:
        text = text.strip()
        if text in ("", self.given(name)):
            self.changed.pop(name, None)
        else:
            self.changed[name] = text

    def _valid(self) -> dict[str, Any]:
        valid = dict(self._given)
        for name in self.changed:
            if name != NAME and not self.problem(name):
                valid[name] = self.value(name)
        return valid

    def _problem_of_name(self) -> str:
        name = self.changed.get(NAME)
        if name is None:
            return ""
        layout.check_name(name)
        taken = os.path.lexists(self.folder / name)
        return f"name = {name}: there is such a run already; choose another" if taken else ""


def written(value: object) -> str:
    """Return a value as it is typed in: `0.0005`, `true`, `[128, 128]`, `2s`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_cadence(name: str) -> bool:
    return name.endswith("_every") and FIELDS[name].about.live


def culprit(message: str) -> str:
    """Return the setting that a message names first, '' if it names none."""
    words: Callable[[str], list[str]] = re.compile(r"[a-z_0-9]+").findall
    return next((word for word in words(message) if word in FIELDS), "")


def _missing(data: str) -> str:
    """What is wrong with where the data shall come from, as far as a look can tell."""
    path = data_sets.absolute(os.path.expanduser(data))  # noqa: PTH111, Path's own raises on an unknown ~user
    if data in data_sets.NAMED or parts.is_part(data) or os.path.exists(path):  # noqa: PTH110, likewise on a name too long
        return ""
    return (
        f"data = {neutralise(repr(data), 80)}: no such file or folder. Type where yours is: a folder of images, "
        f"a .npy, .csv, .mat or .txt file; or one of {', '.join(data_sets.NAMED)}"
    )
