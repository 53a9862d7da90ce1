"""Samples side by side: those looked at, those pinned, those of the other G, and data."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gantui.runs.samples import Samples
from gantui.tui.draw import pictures
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.panels import arrange, side_by_side
from gantui.tui.draw.rows import Part, row, title, wrapped
from gantui.tui.samples import MODE_NAMES, Look, draw
from gantui.tui.widgets.drawing import Drawing

if TYPE_CHECKING:
    import numpy as np

UNREADABLE = "these samples can't be read: the file is damaged or gone"


class Panel(NamedTuple):
    """One set of samples. `samples` is None where its file can't be read; `x` are those of its arrays to show.

    `network` is `EMA`, `raw`, or '' where there is but one; `step` is None for data.
    """

    name: str
    step: int | None = None
    network: str = ""
    samples: Samples | None = None
    x: "np.ndarray | None" = None
    real: "np.ndarray | None" = None

    @property
    def caption(self) -> str:
        """What it is, in plain words."""
        step = "" if self.step is None else f"step {self.step:,}"
        return "  ".join(filter(None, (self.name, self.network, step)))


class SamplesSheet(Drawing):
    """What it was given, or a text."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("samples")
        self.panels: Sequence[Panel] = ()
        self.look = Look()
        self._message = ""

    def take(self, panels: Sequence[Panel], look: Look, message: str = "") -> None:
        """Show these panels, or, where there are none, a message."""
        self.panels, self.look, self._message = panels, look, message
        self.redraw()

    def paint(self, width: int, height: int) -> Lines:
        """All panels."""
        self.look = self.look._replace(mode=self.dashboard.picture_mode)
        if not self.panels:
            return self._words("Samples", [], self._message, width, height)
        return side_by_side([partial(self._panel, index) for index in range(len(self.panels))], width, height)

    def grid(self, panel: Panel, look: Look) -> pictures.Grid | None:
        """Return how the images of a panel are laid out under `look`; None if it has none."""
        if panel.x is None or panel.x.ndim != 4:
            return None
        place = arrange(max(len(self.panels), 1), max(self.size.width, 1), max(self.size.height, 2))
        count, _, h, w = panel.x.shape
        return pictures.layout(count, h, w, max(place.width, 1), max(place.height - 1, 1), look.mode, look.zoom)

    def _panel(self, index: int, width: int, height: int) -> Lines:
        panel = self.panels[index]
        about: list[Part] = []
        if panel.network:
            about.append([(f"{panel.network} ", Ink("fake", bold=True))])
        if panel.step is not None:
            about.append([("step ", MUTED), (f"{panel.step:,} ", TEXT)])
        if panel.samples is None or panel.x is None:
            return self._words(panel.name, about, UNREADABLE, width, height)
        right: list[Part] = []
        if index == 0 and panel.samples.kind == "images":
            right = [[(f" {MODE_NAMES[self.look.mode]} ", MUTED)]]
        head = title(width, panel.name, about, right)
        return [head, *draw(panel.samples, panel.x, panel.real, self.look, width, height - 1)] if height > 1 else [head]

    def _words(self, name: str, about: list[Part], text: str, width: int, height: int) -> Lines:
        lines = [title(width, name, about, []), row(width, [])]
        lines += [row(width, [[(f" {line}", MUTED)]]) for line in wrapped(text, max(width - 2, 10))]
        return (lines + [row(width, [])] * height)[:height]
