"""Curves over steps, to look into: log scale, smoothing, a cursor with exact values, zoom and pan."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType

from gantui.core.panels import Shown
from gantui.core.series import Column, Series
from gantui.tui import actions
from gantui.tui.draw import axis, curves
from gantui.tui.draw.curves import Curve, Frame
from gantui.tui.draw.ink import MUTED, Ink, Lines, Segment
from gantui.tui.draw.rows import Part, row, title
from gantui.tui.view import RunView
from gantui.tui.widgets.drawing import Drawing

SMOOTHINGS = (0.0, 0.6, 0.9, 0.97)
ZOOM = 2.0
PATTERNS = ("━━", "╍╍")  # of curves without colours
LEAST_WINDOW = 2.0  # steps


def everything(view: RunView) -> tuple[float, float]:
    """Return the steps from the start to a round end, at which the axis stands still for a while."""
    end = max(view.step + 1, 2)
    return 0.0, float(axis.nice_end(end, view.max_steps or None) if view.alive else end)


def references(view: RunView, shown: Sequence[Shown]) -> list[tuple[float, str]]:
    """Return the value that each number has at p_g = p_data, where the objective knows one."""
    known = view.objective.equilibrium
    return [(signed(known[one.name], one), f"{one.label} eq") for one in shown if one.name in known]


def signed(value: float, shown: Shown) -> float:
    """Return a value as it is shown."""
    return -value if shown.negated else value


def banded(shown: Sequence[Shown]) -> bool:
    """Whether there is an ink for what lies between lowest and highest values."""
    return all(one.role in ("d", "g") for one in shown)


class CurvePlot(Drawing, can_focus=True):
    """Some numbers of the log as curves over the whole history, or over a window of it."""

    PLACES: ClassVar[tuple[str, ...]] = ("plot",)
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("plot")

    def __init__(self, heading: str, shown: Sequence[Shown], *, log: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.heading = heading
        self.shown = tuple(shown)
        self.logarithmic = log
        self.smoothing = 0
        self.window: tuple[float, float] | None = None  # steps; None: everything
        self.cursor: float | None = None
        self._dragged: float | None = None  # the step under the pointer when a drag began

    def paint(self, width: int, height: int) -> Lines:
        """Title with values, plot, axes."""
        watch = self.dashboard.watching
        if watch is None:
            return []
        view = watch.view
        if all(view.last(shown.name) is None for shown in self.shown):
            return self._waiting(view, width, height)
        low, high = self.window or everything(view)
        drawn = [self._curve(view, shown, width, low, high) for shown in self.shown]
        frame = Frame(
            low,
            high,
            log=self.logarithmic,
            marks=[(mark.x, mark.label) for mark in view.marks if low <= mark.x <= high],
            cursor=self.cursor,
            references=references(view, self.shown),
            band=banded(self.shown),
            mono=self.app.no_color,
        )
        lines = curves.draw(drawn, frame, width, height)
        lines[0] = self._title(view, drawn, frame, width)
        return lines

    def _waiting(self, view: RunView, width: int, height: int) -> Lines:
        """What there is before the first number."""
        said = "no numbers yet" if view.alive else "the log has none of these numbers"
        said = f"{view.stage or view.state} …" if view.loading else said
        rest = [row(width, [[(f"  {said}" if line == 1 else "", MUTED)]]) for line in range(1, height)]
        return [title(width, self.heading, [], [], focused=self.has_focus), *rest]

    def _curve(self, view: RunView, shown: Shown, width: int, low: float, high: float) -> Curve:
        series = view.curve(shown.name) or Series(2)
        columns: Sequence[Column | None] = series.columns(2 * curves.plot_width(width), low, high)
        if shown.negated:
            columns = [column and Column(column.x, -column.high, -column.mean, -column.low) for column in columns]
        return Curve(shown.label, shown.role, curves.smoothed(columns, SMOOTHINGS[self.smoothing]))

    def _title(self, view: RunView, drawn: Sequence[Curve], frame: Frame, width: int) -> list[Segment]:
        parts: list[Part] = []
        for index, (shown, curve) in enumerate(zip(self.shown, drawn, strict=True)):
            pattern = f"{PATTERNS[index % 2]} " if frame.mono else ""
            value = view.last(shown.name) if self.cursor is None else curves.value_at(curve, self.cursor)
            value = signed(value, shown) if value is not None and self.cursor is None else value
            text = "–" if value is None else f"{value:.4g}"
            parts.append([(f"{pattern}{shown.label} ", Ink(shown.role, bold=True)), (f"{text} ", Ink("text"))])
        if self.cursor is not None:
            parts.append([(f"at step {self.cursor:,.0f} ", Ink("cursor"))])
        right: list[Part] = []
        if mark := self._mark_at_cursor(frame):
            right.append([(f" {mark} ", Ink("mark"))])
        if count := curves.left_out(drawn, frame):
            right.append([(f" {count} of 0 or less left out ", Ink("warning"))])
        settings = ["log"] if self.logarithmic else []
        settings += [f"smooth {SMOOTHINGS[self.smoothing]:g}"] if self.smoothing else []
        settings += ["zoomed"] if self.window else []
        if settings:
            right.append([(f" {' · '.join(settings)} ", Ink("muted"))])
        return title(width, self.heading, parts, right, focused=self.has_focus)

    def _mark_at_cursor(self, frame: Frame) -> str:
        if self.cursor is None or not frame.marks:
            return ""
        reach = (frame.x_high - frame.x_low) / max(1, curves.plot_width(self.size.width))
        x, label = min(frame.marks, key=lambda mark: abs(mark[0] - (self.cursor or 0.0)))
        return label if abs(x - self.cursor) <= reach else ""

    # Looking into it

    def action_log_scale(self) -> None:
        """Logarithmic or linear."""
        self.logarithmic = not self.logarithmic
        self.redraw()

    def action_smooth(self) -> None:
        """The next strength of smoothing."""
        self.smoothing = (self.smoothing + 1) % len(SMOOTHINGS)
        self.redraw()

    def action_zoom_in(self) -> None:
        """Half the window."""
        self._zoom(1 / ZOOM, self._anchor())

    def action_zoom_out(self) -> None:
        """Twice the window."""
        self._zoom(ZOOM, self._anchor())

    def action_zoom_reset(self) -> None:
        """The whole history."""
        self.window = None
        self.redraw()

    def action_cursor_left(self) -> None:
        """One cell to the left."""
        self._move_cursor(-1)

    def action_cursor_right(self) -> None:
        """One cell to the right."""
        self._move_cursor(1)

    def action_pan_left(self) -> None:
        """To earlier steps."""
        self._pan(-0.25)

    def action_pan_right(self) -> None:
        """To later steps."""
        self._pan(0.25)

    def action_cursor_off(self) -> None:
        """No cursor; where there is none, the key is the screen's."""
        if self.cursor is None:
            raise SkipAction
        self.cursor = None
        self.redraw()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The cursor follows the pointer; a drag moves the window."""
        x = self._step_at(event.x)
        if event.button and self._dragged is not None and self.window:
            self._shift(self._dragged - x)
        else:
            self.cursor = x
            self.redraw()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A drag may begin."""
        self._dragged = self._step_at(event.x)

    def on_mouse_up(self) -> None:
        """A drag ends."""
        self._dragged = None

    def on_leave(self) -> None:
        """The pointer has gone, and its cursor with it."""
        self.cursor = None
        self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in where the pointer is."""
        event.stop()
        self._zoom(1 / ZOOM, self._step_at(event.x))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        event.stop()
        self._zoom(ZOOM, self._step_at(event.x))

    def _range(self) -> tuple[float, float]:
        watch = self.dashboard.watching
        return self.window or (everything(watch.view) if watch else (0.0, LEAST_WINDOW))

    def _newest(self) -> float:
        watch = self.dashboard.watching
        return float(watch.view.step) if watch else 0.0

    def _anchor(self) -> float:
        """Where zooming keeps its place: the cursor, else the newest step."""
        if self.cursor is not None:
            return self.cursor
        low, high = self._range()
        return min(max(self._newest(), low), high)

    def _step_at(self, cell: int) -> float:
        width = self.size.width
        columns = max(1, curves.plot_width(width))
        low, high = self._range()
        share = (cell - (width - columns) + 0.5) / columns
        return low + min(max(share, 0.0), 1.0) * (high - low)

    def _zoom(self, factor: float, anchor: float) -> None:
        low, high = self._range()
        whole = self._whole()
        span = max((high - low) * factor, LEAST_WINDOW)
        if span >= whole:
            self.window = None
        else:
            share = (anchor - low) / (high - low)
            start = min(max(anchor - share * span, 0.0), whole - span)
            self.window = (start, start + span)
        self.redraw()

    def _pan(self, share: float) -> None:
        low, high = self._range()
        self._shift(share * (high - low))

    def _shift(self, steps: float) -> None:
        if self.window:
            low, high = self.window
            steps = min(max(steps, -low), max(self._whole() - high, 0.0))
            self.window = (low + steps, high + steps)
            self.redraw()

    def _whole(self) -> float:
        watch = self.dashboard.watching
        return everything(watch.view)[1] if watch else 1.0

    def _move_cursor(self, cells: int) -> None:
        low, high = self._range()
        cell = (high - low) / max(1, curves.plot_width(self.size.width))
        x = self._newest() if self.cursor is None else self.cursor + cells * cell
        self.cursor = min(max(x, low), high)
        self.redraw()
