"""A text longer than its panel, moved by keys and wheel."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType

from gantui.tui import actions
from gantui.tui.draw.ink import Ink, Line, Lines
from gantui.tui.draw.rows import row
from gantui.tui.widgets.drawing import Drawing

WHEEL = 3  # lines


def with_bar(lines: Lines, height: int, top: int, total: int) -> Lines:
    """Return `lines`, which are one cell too narrow, with a bar at the right that says which of `total` they are."""
    if total <= height:
        return [[*line, (" ", Ink())] for line in lines]
    size = max(1, height * height // total)
    start = round(top / (total - height) * (height - size))
    bar = [("┃", Ink("muted")) if start <= index < start + size else ("│", Ink("rule")) for index in range(len(lines))]
    return [[*line, part] for line, part in zip(lines, bar, strict=True)]


class Scrolling(Drawing, can_focus=True):
    """Shows as much of `content` as fits."""

    PLACES: ClassVar[tuple[str, ...]] = ("text",)
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("text")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.top = 0  # the first line shown
        self._total = 0

    def content(self, width: int) -> Lines:
        """Return all lines, `width` cells wide."""
        raise NotImplementedError

    def paint(self, width: int, height: int) -> Lines:
        """The lines from `top` on, and where in the whole they are."""
        lines: list[Line] = self.content(width - 1)
        self._total = len(lines)
        self.top = min(max(self.top, 0), max(0, self._total - height))
        shown = lines[self.top : self.top + height]
        shown += [row(width - 1, [])] * (height - len(shown))
        return with_bar(shown, height, self.top, self._total)

    def action_line_up(self) -> None:
        """A line back."""
        self._move(-1)

    def action_line_down(self) -> None:
        """A line on."""
        self._move(1)

    def action_page_back(self) -> None:
        """A page back."""
        self._move(1 - self.size.height)

    def action_page_on(self) -> None:
        """A page on."""
        self._move(self.size.height - 1)

    def action_to_top(self) -> None:
        """The first lines."""
        self._move(-self._total)

    def action_to_bottom(self) -> None:
        """The last lines."""
        self._move(self._total)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back."""
        event.stop()
        self._move(-WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On."""
        event.stop()
        self._move(WHEEL)

    def _move(self, lines: int) -> None:
        self.top += lines
        self.redraw()
