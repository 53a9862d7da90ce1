"""A list to choose from: presets, runs."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from gantui.tui import actions
from gantui.tui.draw.ink import Line, Lines, cell_width, fitted
from gantui.tui.draw.rows import row
from gantui.tui.widgets.drawing import Drawing
from gantui.tui.widgets.scrolling import WHEEL, with_bar


class ListPane(Drawing, can_focus=True):
    """A title, and a row for each key, of which one is selected: by what it is, not by where it stands."""

    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("list")

    class Moved(Message):
        """Another row is selected, or another list has the focus."""

    class Opened(Message):
        """The selected row was clicked once more."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.selected = ""
        self._top = 0
        self._headings = 0  # rows between the title and the first key

    def heading(self, width: int) -> Line:
        """Return the title's row."""
        raise NotImplementedError

    def columns(self, width: int) -> Line | None:
        """Return the row that names the columns, where there is room for one."""
        return None

    def entry(self, key: str, width: int, bg: str | None) -> Line:
        """Return the row of a key."""
        raise NotImplementedError

    def nothing(self, width: int) -> Lines:
        """Return what to say of an empty list."""
        raise NotImplementedError

    def take(self, keys: Sequence[str]) -> None:
        """Show these; where the selected one is gone, the one that took its place is."""
        if list(keys) != self.keys:
            index = self.keys.index(self.selected) if self.selected in self.keys else 0
            self.keys = list(keys)
            if self.selected not in self.keys:
                self.select(min(index, len(self.keys) - 1))
        self.redraw()

    def select(self, index: int) -> None:
        """Select a row; beyond the ends is the last one there."""
        before = self.selected
        self.selected = self.keys[min(max(index, 0), len(self.keys) - 1)] if self.keys else ""
        if self.selected != before:
            self.post_message(self.Moved())
        self.redraw()

    @property
    def index(self) -> int:
        """Where the selected key stands, 0 if there is none."""
        return self.keys.index(self.selected) if self.selected in self.keys else 0

    @property
    def in_sight(self) -> list[str]:
        """The keys whose rows are visible."""
        return self.keys[self._top : self._top + max(self.size.height - 1 - self._headings, 0)]

    def paint(self, width: int, height: int) -> Lines:
        """Title, columns, rows; a bar where there are more than fit."""
        lines = [self.heading(width)]
        names = self.columns(width - 1) if height > 7 and self.keys else None
        self._headings = 1 if names else 0
        lines += [[*names, (" ", names[-1][1])]] if names else []
        room = max(height - len(lines), 0)
        self._top = max(min(self._top, self.index, len(self.keys) - room), self.index - room + 1, 0)
        shown = [
            self.entry(key, width - 1, "selected" if key == self.selected and self.has_focus else None)
            for key in self.keys[self._top : self._top + room]
        ]
        if not self.keys:
            shown = self.nothing(width - 1)[:room]
        shown += [row(width - 1, [])] * (room - len(shown))
        return (lines + with_bar(shown, room, self._top, len(self.keys)))[:height]

    def on_focus(self) -> None:
        """What the keys do depends on the list."""
        self.post_message(self.Moved())

    # Moving

    def action_list_up(self) -> None:
        """The row above."""
        self.select(self.index - 1)

    def action_list_down(self) -> None:
        """The row below."""
        self.select(self.index + 1)

    def action_list_back(self) -> None:
        """A page up."""
        self.select(self.index - max(self.size.height - 2, 1))

    def action_list_on(self) -> None:
        """A page down."""
        self.select(self.index + max(self.size.height - 2, 1))

    def action_list_top(self) -> None:
        """The first row."""
        self.select(0)

    def action_list_bottom(self) -> None:
        """The last row."""
        self.select(len(self.keys) - 1)

    def on_click(self, event: events.Click) -> None:
        """Select the row; a second click opens it."""
        index = self._top + event.y - 1 - self._headings
        if event.y > self._headings and index < len(self.keys):
            if event.chain > 1:
                self.post_message(self.Opened())
            self.select(index)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Rows above."""
        event.stop()
        self.select(self.index - WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Rows below."""
        event.stop()
        self.select(self.index + WHEEL)


def padded(text: str, width: int) -> str:
    """Return `text` cut or filled up to `width` cells."""
    kept = fitted(text, width)
    return kept + " " * (width - cell_width(kept))
