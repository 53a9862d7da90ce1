"""The newest samples."""

from gantui.tui.draw.ink import Lines, Sheet
from gantui.tui.draw.rows import title
from gantui.tui.widgets.drawing import Drawing


class SamplesPane(Drawing):
    """The newest preview."""

    def paint(self, width: int, height: int) -> Lines:
        lines = Sheet(width, height).lines()
        lines[0] = title(width, "Samples", [], [])
        return lines

    def news(self) -> None:
        self.redraw()
