"""The settings of a run: what differs from the defaults first, what changed on the way, and how to repeat it."""

import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from gantui.core import presets
from gantui.core.config import FIELDS
from gantui.core.errors import UserError
from gantui.report.markup import Markup, element, joined, table
from gantui.report.story import Story
from gantui.runs.files import read_bounded
from gantui.runs.info import RunInfo
from gantui.runs.layout import RunDir

MAX_BYTES = 1 << 20
LONGEST_VALUE = 200
MOST_UNKNOWN = 100  # settings that this version doesn't know


def first_and_last(run: RunDir, story: Story) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings as the run began and as it stands now; both as in config.toml where the log says nothing."""
    starts = [start for start in story.starts if start.config]
    if not starts:
        try:
            table = tomllib.loads(read_bounded(run.config_toml, MAX_BYTES).decode("utf-8"))
        except (OSError, ValueError, RecursionError):
            table = {}
        return table, table
    last = dict(starts[-1].config)
    for told in story.commands:
        if told.t >= starts[-1].t and told.branch == starts[-1].branch:
            last |= told.after
    return starts[0].config, last


def section(first: Mapping[str, Any], last: Mapping[str, Any]) -> Markup:
    """Return the settings as tables: those that are not the defaults, and, folded away, all others."""
    if not last:
        return element("p", "The settings can't be read.", class_="note")
    rows: dict[bool, list[list[object]]] = {True: [], False: []}
    unknown = [name for name in last if name not in FIELDS]
    for name in [*FIELDS, *unknown[:MOST_UNKNOWN]]:
        if name not in last:
            continue
        default = FIELDS[name].default if name in FIELDS else None
        told = Markup(element("code", name))
        before, now = written(first.get(name, last[name])), written(last[name])
        value = now if before == now else f"{before} → {now}"
        known = name in FIELDS
        differs = not known or last[name] != default or before != now
        meaning = element("span", FIELDS[name].about.help if known else "not known to this version", class_="note")
        cells: list[object] = (
            [told, value, written(default) if known else "", meaning] if differs else [told, value, meaning]
        )
        rows[differs].append(cells)
    parts = [table(["setting", "value", "default", ""], rows[True])] if rows[True] else []
    if rows[False]:
        rest = element("summary", f"{len(rows[False])} at their defaults")
        parts.append(element("details", rest, table(["setting", "value", ""], rows[False])))
    return joined(parts)


def written(value: object) -> str:
    """Return a setting as people write it."""
    if isinstance(value, bool):
        return str(value).lower()
    return (f"{value:.6g}" if isinstance(value, float) else str(value))[:LONGEST_VALUE]


def commands(run: RunDir, info: RunInfo | None, first: Mapping[str, Any], changed: bool) -> Markup:
    """Return how to start the same run again."""
    parts: list[Markup] = []
    if short := _from_preset(info, first):
        parts += [element("p", "On any machine that has the data:"), element("pre", short, class_="command")]
    whole = shlex.join(["gantui", "run", str(run.config_toml)])
    parts += [element("p", "From the run directory:"), element("pre", whole, class_="command")]
    if changed:
        said = "Commands changed settings while it trained; a repetition begins with those of the start."
        parts.append(element("p", said, class_="note"))
    if info and info.argv:
        asked = shlex.join(["gantui", *info.argv[1:]])
        parts.append(element("p", "Its trainer was last started as ", element("code", asked), class_="note"))
    return joined(parts)


def _from_preset(info: RunInfo | None, first: Mapping[str, Any]) -> str:
    """`gantui run PRESET -s …`, '' where the preset isn't one of this version."""
    name = info.preset if info else ""
    if name not in presets.names():
        return ""
    try:
        usual = msgspec.structs.asdict(presets.load(name).config())
    except UserError:
        return ""
    words = ["gantui", "run", name]
    for key, value in first.items():
        if key in FIELDS and not FIELDS[key].about.place and value != usual[key]:
            words += ["-s", f"{key}={_toml(value)}"]
    return shlex.join(words)


def _toml(value: object) -> str:
    """A value as `-s` takes it: a word bare, all else TOML in one line."""
    if isinstance(value, str):
        return str(Path(value)) if value.startswith("/") else value
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    try:
        return tomli_w.dumps({"v": value}).partition("=")[2].strip()
    except (TypeError, ValueError):
        return str(value)
