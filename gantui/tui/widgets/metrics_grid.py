"""All numbers of a run as small curves side by side."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from gantui.core.panels import Panel, grouped
from gantui.tui import actions
from gantui.tui.draw import axis, curves
from gantui.tui.draw.curves import Curve, Frame
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines, Sheet
from gantui.tui.draw.rows import Part, beside, row, title
from gantui.tui.view import RunView
from gantui.tui.widgets.curve_plot import PATTERNS, banded, everything, references
from gantui.tui.widgets.drawing import Drawing
from gantui.tui.widgets.scrolling import with_bar

LEAST_WIDTH, LEAST_HEIGHT = 36, curves.LEAST_HEIGHT  # of a panel, in cells
GAP = 2


def panels(view: RunView) -> list[Panel]:
    """Return what there is to show: the known panels first, then what else the log has, each by its name."""
    return grouped([*view.curves, *view.eval_curves])


class MetricsGrid(Drawing, can_focus=True):
    """As many panels as fit; the arrows select one and bring the rest into sight."""

    PLACES: ClassVar[tuple[str, ...]] = ("grid",)
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("grid")

    class Opened(Message):
        """The selected panel was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.selected = 0
        self._across, self._cells, self._rows = 1, 1, 1  # panels in a row, and the size of one
        self._top = 0  # the first row of panels shown

    @property
    def chosen(self) -> Panel | None:
        """The selected panel."""
        watch = self.dashboard.watching
        there = panels(watch.view) if watch else []
        return there[min(self.selected, len(there) - 1)] if there else None

    def paint(self, width: int, height: int) -> Lines:
        """Rows of panels."""
        watch = self.dashboard.watching
        there = panels(watch.view) if watch else []
        if not watch or not there:
            lines = Sheet(width, height).lines()
            lines[0] = title(width, "Metrics", [[("no numbers yet ", MUTED)]], [], focused=self.has_focus)
            return lines
        self.selected = min(self.selected, len(there) - 1)
        inner = max(width - 1, 1)
        self._across = max(1, min(len(there), (inner + GAP) // (LEAST_WIDTH + GAP)))
        down = -(-len(there) // self._across)
        shown = max(1, min(down, height // LEAST_HEIGHT))
        self._cells = (inner - GAP * (self._across - 1)) // self._across
        self._rows = height // shown
        at = self.selected // self._across
        self._top = max(min(self._top, at, down - shown), at - shown + 1, 0)
        lines = []
        for index in range(self._top * self._across, (self._top + shown) * self._across, self._across):
            drawn = [
                self._panel(watch.view, panel, number == self.selected and self.has_focus)
                for number, panel in enumerate(there[index : index + self._across], index)
            ]
            lines += [row(inner, [line]) for line in beside(drawn, GAP)]
        lines += [row(inner, [])] * (height - len(lines))
        return with_bar(lines, height, self._top * self._rows, max(down * self._rows, height))

    def _panel(self, view: RunView, panel: Panel, selected: bool) -> Lines:
        low, high = everything(view)
        drawn = [
            Curve(shown.label, shown.role, curve.columns(2 * curves.plot_width(self._cells), low, high))
            for shown in panel.shown
            if (curve := view.curve(shown.name))
        ]
        frame = Frame(
            low,
            high,
            marks=[(mark.x, "") for mark in view.marks],
            references=[(y, "") for y, _ in references(view, panel.shown)],
            band=banded(panel.shown),
            mono=self.app.no_color,
        )
        lines = curves.draw(drawn, frame, self._cells, self._rows)
        values: list[Part] = []
        for index, shown in enumerate(panel.shown):
            value = view.last(shown.name)
            pattern = f"{PATTERNS[index % 2]} " if frame.mono and len(panel.shown) > 1 else ""
            label: Part = [(f"{pattern}{shown.label} ", Ink(shown.role, bold=True))] if shown.label else []
            values.append([*label, ("–" if value is None else axis.label(value), TEXT), (" ", TEXT)])
        lines[0] = title(self._cells, panel.heading, values, [], focused=selected)
        return lines

    def action_panel_left(self) -> None:
        """The one at the left."""
        self._select(self.selected - 1)

    def action_panel_right(self) -> None:
        """The one at the right."""
        self._select(self.selected + 1)

    def action_panel_up(self) -> None:
        """The one above."""
        if self.selected >= self._across:
            self._select(self.selected - self._across)

    def action_panel_down(self) -> None:
        """The one below."""
        self._select(self.selected + self._across)

    def on_click(self, event: events.Click) -> None:
        """Enlarge what was clicked."""
        across = min(event.x // (self._cells + GAP), self._across - 1)
        watch = self.dashboard.watching
        index = (self._top + event.y // self._rows) * self._across + across
        if watch and index < len(panels(watch.view)):
            self._select(index)
            self.post_message(self.Opened())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Rows above."""
        event.stop()
        self.action_panel_up()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Rows below."""
        event.stop()
        self.action_panel_down()

    def _select(self, index: int) -> None:
        watch = self.dashboard.watching
        count = len(panels(watch.view)) if watch else 0
        self.selected = min(max(index, 0), max(count - 1, 0))
        self.redraw()
