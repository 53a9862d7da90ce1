"""Every number of the log as a curve; one of them large, to look into."""

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from gantui.tui import actions
from gantui.tui.actions import Action
from gantui.tui.screens.run_screen import RunScreen
from gantui.tui.watch import Watch
from gantui.tui.widgets.curve_plot import CurvePlot
from gantui.tui.widgets.metrics_grid import MetricsGrid

DRAW_EVERY = 1.0  # seconds between two drawings of all curves, which cost a dozen times what one does
LOOK_EVERY = 0.25  # seconds after which curves that were left waiting may be drawn


class MetricsScreen(RunScreen):
    """A grid, or the plot of what was selected in it."""

    NAME = "metrics"
    AUTO_FOCUS = "MetricsGrid"
    PLACES: ClassVar[tuple[str, ...]] = ("run", "metrics")
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("metrics")

    def __init__(self, watching: Watch) -> None:
        watching.complete()
        super().__init__(watching)
        self._stale = False
        self._next_drawing = 0.0

    def compose_body(self) -> ComposeResult:
        """The grid."""
        with Vertical(id="metrics"):
            yield MetricsGrid()

    def on_mount(self) -> None:
        """What came too soon after a drawing is drawn later."""
        self.set_interval(LOOK_EVERY, self._draw_grid)

    def news(self, topics: set[str]) -> None:
        """New points, or another end of the axis."""
        super().news(topics)
        if topics & {"curves", "evals", "state"}:
            self._stale = True
            self._draw_grid()
            if plot := self._plot:
                plot.redraw()

    def why_not(self, action: Action) -> str:
        """Curves can't be enlarged twice."""
        if action.name == "enlarge" and self._plot:
            return "it is enlarged"
        if action.name == "all_panels" and not self._plot:
            return "all curves are there"
        return super().why_not(action)

    @property
    def _plot(self) -> CurvePlot | None:
        return next(iter(self.query(CurvePlot)), None)

    def _draw_grid(self) -> None:
        now = time.monotonic()
        if self._stale and now >= self._next_drawing:
            self._stale, self._next_drawing = False, now + DRAW_EVERY
            self.query_one(MetricsGrid).redraw()

    @on(MetricsGrid.Opened)
    async def action_enlarge(self) -> None:
        """The selected curve alone."""
        grid = self.query_one(MetricsGrid)
        if not self._plot and (panel := grid.chosen):
            plot = CurvePlot(panel.heading, panel.shown)
            await self.query_one("#metrics").mount(plot)
            grid.display = False
            plot.focus()

    async def action_all_panels(self) -> None:
        """The grid again."""
        if plot := self._plot:
            await plot.remove()
            grid = self.query_one(MetricsGrid)
            grid.display = True
            grid.focus()
