"""Presets: TOML files of flat config keys, with a description. Found, read, merged, written."""

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

import gantui
from gantui.core.config import FIELDS, Config, field, validate
from gantui.core.errors import ConfigError
from gantui.core.text import nearest, neutralise

MAX_BYTES = 64 * 1024
BAD_TOML = (ValueError, RecursionError)  # TOMLDecodeError; but also numbers too long and lists too deep
_BARE_POINT = re.compile(r"[-+]?(\d+\.|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)  # numbers in a shell, not in TOML
ABOUT = ("description", "expect", "time")


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A named experiment: what it is, what to expect of it, and the settings that differ from defaults."""

    name: str
    path: Path
    description: str = ""
    expect: str = ""
    time: str = ""
    values: dict[str, Any] = {}

    def config(self, overrides: dict[str, Any] | None = None) -> Config:
        """Return the validated configuration, `overrides` winning. Raises ConfigError naming the file."""
        try:
            return validate(self.values | (overrides or {}))
        except ConfigError as error:
            at_fault = any(re.search(rf"\b{re.escape(key)}\b", str(error)) for key in overrides or {})
            raise error if at_fault else ConfigError(f"{neutralise(self.path)}: {error}") from None


def folder() -> Path:
    """Where gantui's own presets lie: inside the installed package, or beside it in a checkout."""
    package = Path(gantui.__file__).parent
    installed = package / "presets"
    return installed if installed.is_dir() else package.parent / "presets"


def names() -> list[str]:
    """The names of gantui's own presets, in alphabetical order."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def load(name_or_file: str) -> Preset:
    """Return a preset by its name, or from a TOML file. Raises ConfigError if there is none or it is bad."""
    if name_or_file in names():
        return read(folder() / f"{name_or_file}.toml")
    path = Path(os.path.expanduser(name_or_file))  # noqa: PTH111, Path's own raises on an unknown ~user
    if path.suffix == ".toml" or os.path.exists(path):  # noqa: PTH110, Path's own raises on a name too long
        return read(path)
    shown = neutralise(repr(name_or_file), 80)
    raise ConfigError(
        f"no preset {shown}{nearest(name_or_file, names()) or '.'} There are {', '.join(names())}, or FILE.toml"
    )


def read(path: Path) -> Preset:
    """Return the preset in `path`. Raises ConfigError naming the file and, for bad syntax, the line."""
    shown = neutralise(path)
    try:
        if path.is_dir():
            raise ConfigError(f"{shown} is a directory; a preset is a TOML file")
        with path.open("rb") as file:  # reads no further than it must: a device or a pipe tells no size
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"{shown} is too big for a preset (at most {MAX_BYTES} bytes)")
        table = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{shown}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{shown} is not text in UTF-8; a preset is a TOML file") from None
    except BAD_TOML as error:
        raise ConfigError(f"{shown}: {neutralise(error)}") from None
    about = {key: table.pop(key, "") for key in ABOUT}
    for key, value in about.items():
        if not isinstance(value, str):
            raise ConfigError(f"{shown}: {key} must be text")
    return Preset(name=path.stem, path=path, values=table, **about)


def parse_override(text: str) -> tuple[str, Any]:
    """Return key and value of `key=value`; the value is TOML; .5 and 5. are numbers too, a bare word is a string.

    Raises:
        ConfigError: no `=`, or an unknown key.
    """
    key, separator, raw = text.partition("=")
    key, raw = key.strip(), raw.strip()
    if not separator or not raw:
        raise ConfigError(f"{neutralise(repr(text), 80)}: write key=value, such as lr_d=1e-4")
    field(key)
    try:
        table = tomllib.loads(f"value = {raw}")
    except BAD_TOML:
        return key, float(raw) if _BARE_POINT.fullmatch(raw) else raw
    return key, table["value"] if len(table) == 1 else raw


def parse_overrides(texts: Iterable[str]) -> dict[str, Any]:
    """Return the settings in several `key=value`; the last of equal keys wins."""
    return dict(parse_override(text) for text in texts)


def to_toml(config: Config) -> str:
    """Return the complete configuration as TOML: reading it gives an equal configuration."""
    return tomli_w.dumps(msgspec.structs.asdict(config))


def to_annotated_toml(preset: Preset) -> str:
    """Return the preset completely, each key with its help, range and whether it is live, to be edited."""
    config = msgspec.structs.asdict(preset.config())
    lines = [f"{key} = {tomli_w.dumps({'v': getattr(preset, key)})[4:].strip()}" for key in ABOUT]
    section = ""
    for name, entry in FIELDS.items():
        if entry.about.section != section:
            section = entry.about.section
            lines += ["", f"# {section}"]
        value = tomli_w.dumps({"v": config[name]}, multiline_strings=False)[4:].strip()
        if isinstance(config[name], list):  # tomli_w gives every item a line of its own
            value = f"[{', '.join(map(str, config[name]))}]"
        live = "live; " if entry.about.live else ""
        lines += [f"{name} = {value}  # {live}{entry.about.help}: {entry.allowed}"]
    return "\n".join(lines) + "\n"
