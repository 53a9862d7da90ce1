"""What is selected at home, in words: what a preset is for and does, how a run went."""

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from gantui.core.presets import Preset
from gantui.core.text import neutralise
from gantui.runs.status import Status
from gantui.tui.draft import written
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.rows import row, title, wrapped
from gantui.tui.roll import age
from gantui.tui.widgets.drawing import Drawing

SETTINGS = (
    "data", "max_steps", "loss", "constraint", "constraint_weight", "k", "lr_d", "lr_g", "batch_size", "network",
    "g_widths", "d_widths", "z_dim", "seed",
)  # fmt: skip


class AboutPane(Drawing):
    """Paragraphs under a title, broken at newlines and where they must; what has no room is left out."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._paragraphs: list[tuple[str, Ink]] = []

    def tell(self, name: str, paragraphs: list[tuple[str, Ink]]) -> None:
        """Show these."""
        self._name, self._paragraphs = name, paragraphs
        self.redraw()

    def paint(self, width: int, height: int) -> Lines:
        """Title and paragraphs; blank lines between them where there is room."""
        lines: Lines = [title(width, self._name or "About", [], [])]
        room = max(width - 4, 10)
        blocks = [
            [row(width, [[(f"  {line}", ink)]]) for part in text.split("\n") for line in wrapped(part, room)]
            for text, ink in self._paragraphs
        ]
        roomy = sum(map(len, blocks)) + 2 * len(blocks) < height
        for block in blocks:
            lines += [row(width, []), *block] if roomy else block
        lines += [row(width, [])] * (height - len(lines))
        return lines[:height]


def of_preset(preset: Preset, *, brief: bool) -> list[tuple[str, Ink]]:
    """Return what to say of a preset; `brief` where there are three rows, and the description stands in its list."""
    settings = listed(msgspec.structs.asdict(preset.config()), brief=brief)
    takes = f" (about {preset.time})" if preset.time else ""
    said = [(f"Expect{takes}: {preset.expect}", TEXT), (settings, MUTED)]
    return said if brief else [(preset.description, Ink("title", bold=True)), *said]


def of_run(now: Status | None, settings: Mapping[str, Any], *, brief: bool) -> list[tuple[str, Ink]]:
    """Return what to say of a run; `settings` are its own, empty if unknown."""
    if now is None:
        return [("looking …", MUTED)]
    total = f" of {now.max_steps:,}" if now.max_steps else ""
    why = f": {now.reason}" if now.reason else ""
    where = f" on {now.host}" if now.host else ""
    preset = f"{now.preset}, " if now.preset else ""
    began = f"started {age(now.started, time.time())} ago" if now.started else "not started yet"
    said = [(f"{now.state} at step {now.step:,}{total}{why}", Ink("text"))]
    said.append((f"{preset}{began}{where}", MUTED))
    if measures := _measures(now.last_eval):
        said.insert(1, (measures, TEXT))
    said.append((listed(settings, brief=brief), MUTED)) if settings else None
    if not brief:
        said.append((now.path, MUTED))
    return said


def listed(settings: Mapping[str, Any], *, brief: bool) -> str:
    """Return the main settings, a line each; or, `brief`, the fewest in one text."""
    left_out = {"constraint", "constraint_weight"} if settings.get("constraint") == "none" else set()
    left_out |= {"network", "seed", "z_dim"} if brief else set()
    names = [name for name in SETTINGS if name in settings and name not in left_out]
    texts = [(name, neutralise(written(settings[name]), 60)) for name in names]
    return " · ".join(map(" ".join, texts)) if brief else "\n".join(map(": ".join, texts))


def _measures(values: Mapping[str, Any]) -> str:
    plain: dict[str, Any] = {
        name: value for name, value in values.items() if isinstance(value, int | float) and name != "modes_total"
    }
    if "modes_total" in values and "modes" in plain:
        plain["modes"] = f"{plain['modes']} of {values['modes_total']}"
    return " · ".join(f"{name} {f'{v:.4g}' if isinstance(v, float) else v}" for name, v in plain.items())
