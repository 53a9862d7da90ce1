"""The line for what a person should know now, where no run is open."""

from gantui.tui.draw.ink import Lines
from gantui.tui.draw.rows import row
from gantui.tui.widgets.drawing import Drawing
from gantui.tui.widgets.notices import INKS


class MessageLine(Drawing):
    """What was said last."""

    DEFAULT_CSS = "MessageLine { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._level = "information"

    def say(self, text: str, level: str = "information") -> None:
        """Show a text: `information`, `warning` or `error`."""
        self.text, self._level = " ".join(text.splitlines()), level
        self.redraw()

    def paint(self, width: int, height: int) -> Lines:
        """The text."""
        return [row(width, [[(f" {self.text}", INKS[self._level])]])]
