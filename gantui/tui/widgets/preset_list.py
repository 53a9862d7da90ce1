"""The presets, the quickest first."""

from typing import ClassVar

from textual.binding import BindingType

from gantui.core import presets
from gantui.core.errors import ConfigError
from gantui.core.presets import Preset
from gantui.core.text import neutralise
from gantui.tui import actions
from gantui.tui.draft import Draft
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Line, Lines, cell_width, fitted
from gantui.tui.draw.rows import Part, row, title
from gantui.tui.widgets.list_pane import ListPane, padded

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


class PresetList(ListPane):
    """Name, time, description."""

    PLACES: ClassVar[tuple[str, ...]] = ("list", "presets")
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("presets")

    def __init__(self) -> None:
        super().__init__()
        self._presets: dict[str, Preset] = {preset.name: preset for preset in in_order(_readable())}
        self.keys = list(self._presets)
        self.selected = self.keys[0] if self.keys else ""

    @property
    def chosen(self) -> Preset | None:
        """The selected preset."""
        return self._presets.get(self.selected)

    def search(self, text: str) -> None:
        """Show those that have all words of `text` in name or description."""
        words = text.lower().split()
        self.take([
            name
            for name, preset in self._presets.items()
            if all(word in f"{name} {preset.description}".lower() for word in words)
        ])  # fmt: skip

    def heading(self, width: int) -> Line:
        """How many there are."""
        some = f"{len(self.keys)} of {len(self._presets)} " if len(self.keys) < len(self._presets) else ""
        hint: Part = [(some or "what to train ", MUTED)]
        return title(width, "Presets", [hint], [], focused=self.has_focus)

    def entry(self, key: str, width: int, bg: str | None) -> Line:
        """One preset."""
        preset = self._presets[key]
        here = key == self.selected
        broad = max(cell_width(name) for name in self._presets) + 1
        mark = "▸" if here else " "
        name: Part = [(mark, Ink("accent")), (padded(key, broad), Ink("title" if here else "text", bold=here))]
        time: Part = [(f"{fitted(neutralise(preset.time), 8):>8}  ", MUTED)]
        room = max(width - broad - 11, 1)
        return row(width, [name, time, [(fitted(neutralise(preset.description), room), TEXT)]], bg=bg)

    def nothing(self, width: int) -> Lines:
        """Nothing found."""
        return [row(width, [[("  no preset has these words: Esc shows all", MUTED)]])]

    def action_list_down(self) -> None:
        """The row below; below the last one lie the runs."""
        if self.index < len(self.keys) - 1:
            super().action_list_down()
        else:
            self.screen.focus_next(ListPane)


def in_order(found: list[Preset]) -> list[Preset]:
    """Return presets as a newcomer best meets them: the quickest first, those that need one's own files last."""

    def rank(preset: Preset) -> tuple[bool, float, str]:
        number, _, unit = preset.time.partition(" ")
        seconds = float(number) * _SECONDS.get(unit, 1e9) if number.isdigit() else 1e9
        return bool(Draft(preset, preset.path.parent).problem("data")), seconds, preset.name

    return sorted(found, key=rank)


def _readable() -> list[Preset]:
    found = []
    for name in presets.names():
        try:
            preset = presets.load(name)
            preset.config()
        except ConfigError:  # `gantui presets validate` says what is wrong
            continue
        found.append(preset)
    return found
