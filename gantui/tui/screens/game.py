"""The minimax game: how it stands, how far from equilibrium, what G descends, how far each update goes."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from gantui.tui import actions, game
from gantui.tui.actions import Action
from gantui.tui.screens.run_screen import RunScreen
from gantui.tui.watch import Watch
from gantui.tui.widgets.boxes import Across, Down
from gantui.tui.widgets.curve_plot import CurvePlot
from gantui.tui.widgets.descent_plot import DescentPlot
from gantui.tui.widgets.game_facts import GameFacts


class GameScreen(RunScreen):
    """Curves at the left, theory at the right."""

    NAME = "game"
    AUTO_FOCUS = "#played"
    PLACES: ClassVar[tuple[str, ...]] = ("run", "game")
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("game")

    def __init__(self, watching: Watch) -> None:
        watching.complete()
        super().__init__(watching)

    def compose_body(self) -> ComposeResult:
        """How it stands, gradients, updates; what G descends, numbers."""
        played = game.played(self.watching.view)
        with Across(id="game"):
            with Down(id="stand"):
                yield CurvePlot(played.heading, played.shown, id="played")
                yield CurvePlot(game.NORMS.heading, game.NORMS.shown, log=True)
                yield CurvePlot(game.RATIOS.heading, game.RATIOS.shown, log=True)
            with Down(id="descent"):
                yield DescentPlot()
                yield GameFacts()

    def news(self, topics: set[str]) -> None:
        """Each panel that has something new; another loss is another game."""
        super().news(topics)
        if topics & {"curves", "state", "settings"}:
            first, panel = self.query_one("#played", CurvePlot), game.played(self.watching.view)
            first.heading, first.shown = panel.heading, panel.shown
            for plot in self.query(CurvePlot):
                plot.redraw()
            self.query_one(GameFacts).redraw()
        if topics & {"curves", "hist", "state", "settings"}:
            self.query_one(DescentPlot).redraw()

    def why_not(self, action: Action) -> str:
        """A critic's scores have no logit."""
        if action.name == "over_logit" and not self.watching.view.objective.probability:
            return "a critic has no probability, and so no logit"
        return super().why_not(action)

    def action_over_logit(self) -> None:
        """Over D, or over its logit."""
        if self._allowed("over_logit"):
            plot = self.query_one(DescentPlot)
            plot.logits = not plot.logits
            plot.redraw()
