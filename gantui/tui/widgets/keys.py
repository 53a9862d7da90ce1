"""The row at the bottom: the keys that are of use now, from the table of actions; a click presses them."""

from textual import events

from gantui.tui import actions
from gantui.tui.actions import Action
from gantui.tui.draw.ink import Ink, Lines, cell_width
from gantui.tui.draw.rows import Part, row
from gantui.tui.widgets.drawing import Drawing


class Keys(Drawing):
    """Keys and what they do: those of the screen's `places`, of the focused panel, and at the end those of `always`."""

    DEFAULT_CSS = "Keys { height: 1; }"

    def __init__(self, places: tuple[str, ...], always: str = "everywhere") -> None:
        super().__init__()
        self._places, self._always = places, always
        self._spots: list[tuple[int, int, Action]] = []

    def paint(self, width: int, height: int) -> Lines:
        """Those that are of use now."""
        focused = getattr(self.screen.focused, "PLACES", ())
        why_not = getattr(self.screen, "why_not", lambda action: "")
        self._spots = []
        parts: list[Part] = []
        column = 0
        last = [action for action in actions.of(self._always) if action.footer]
        shown = [a for a in actions.of(*self._places, *focused) if a.footer and not why_not(a)] + last
        room = width - sum(cell_width(self._text(action)) for action in last)
        for action in shown:
            text = self._text(action)
            if action not in last and column + cell_width(text) > room:
                continue
            parts.append([(f" {actions.key_name(action.keys.split(',')[0])}", Ink("accent", bold=True)),
                          (f" {self._label(action)} ", Ink("text"))])  # fmt: skip
            self._spots.append((column, column + cell_width(text) - 1, action))
            column += cell_width(text)
        return [row(width, parts, bg="bar")]

    def _text(self, action: Action) -> str:
        return f" {actions.key_name(action.keys.split(',')[0])} {self._label(action)} "

    def _label(self, action: Action) -> str:
        watch = self.dashboard.watching
        if watch and action.name == "pause" and watch.view.state == "paused":
            return "Go on"
        if watch and action.name == "count":
            return f"×{watch.count}"
        return action.label

    async def on_click(self, event: events.Click) -> None:
        """A key was clicked: it does what it would do if it were pressed."""
        for first, last, action in self._spots:
            if first <= event.x <= last:
                self.dashboard.simulate_key(action.keys.split(",")[0])
