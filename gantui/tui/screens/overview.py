"""The overview: losses, what D makes of data and samples, samples, controls."""

from typing import ClassVar

from textual.app import ComposeResult

from gantui.core.panels import Shown
from gantui.tui.screens.run_screen import RunScreen
from gantui.tui.widgets.boxes import Across, Down
from gantui.tui.widgets.controls_pane import ControlsPane
from gantui.tui.widgets.curve_plot import CurvePlot
from gantui.tui.widgets.samples_pane import SamplesPane
from gantui.tui.widgets.score_plot import ScorePlot

LOSSES = (Shown("loss_d", "D", "d"), Shown("loss_g", "G", "g"))


class OverviewScreen(RunScreen):
    """Everything at a glance, everything in reach."""

    NAME = "overview"
    AUTO_FOCUS = "ControlsPane"
    PLACES: ClassVar[tuple[str, ...]] = ("run",)

    def compose_body(self) -> ComposeResult:
        """Plots at the left, samples and controls at the right."""
        with Across(id="overview"):
            with Down(id="plots"):
                yield CurvePlot("Losses", LOSSES)
                yield ScorePlot()
            with Down(id="side"):
                yield SamplesPane()
                yield ControlsPane(about_rows=2)

    def news(self, topics: set[str]) -> None:
        """Each panel that has something new."""
        super().news(topics)
        if "curves" in topics:
            self.query_one(CurvePlot).redraw()
        if topics & {"hist", "state"}:
            self.query_one(ScorePlot).redraw()
        if "previews" in topics:
            self.query_one(SamplesPane).news()
        if topics & {"settings", "state"}:
            self.query_one(ControlsPane).redraw()
