"""What G descends, with the present samples on it, and how large G's gradient is there."""

from gantui.core import game
from gantui.tui import game as played
from gantui.tui.draw import axis, curves, descent
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.rows import Part, row, title, wrapped
from gantui.tui.view import RunView
from gantui.tui.widgets.curve_plot import PATTERNS
from gantui.tui.widgets.drawing import Drawing

OWN, OTHERS = "g", ("accent", "both")  # roles of the cost of the run's own loss, and of others


class DescentPlot(Drawing):
    """Costs over D's output, their slopes at the samples in a row of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = False

    def paint(self, width: int, height: int) -> Lines:
        """Title, slopes, plot."""
        watch = self.dashboard.watching
        if watch is None:
            return [row(width, [])] * height
        view = watch.view
        found = _costs(view)
        if not found:
            return self._words(view, width, height)
        hist, d_gz = played.hist(view), played.present(view, "d_gz")
        counts = (hist.fake, hist.low, hist.high) if hist else ((), 0.0, 1.0)
        slopes: list[Part] = [[(" slope", MUTED)]]
        # Samples come first among the curves, so that a cost is dashed without colours where the one before is not.
        first = 1 if hist and any(hist.fake) else 0
        for index, (cost, role) in enumerate(found, first):
            slope = game.mean_slope(cost, d_gz, *counts)
            shown = "–" if slope is None else axis.label(slope)
            pattern = f"{PATTERNS[index % 2][0]} " if self.app.no_color else ""
            slopes.append([(f" {pattern}{cost.label} ", Ink(role, bold=role == OWN)), (shown, TEXT)])
        slopes.append([("   ━━ samples", Ink("fake"))] if first else [])
        scale = descent.scale_of(hist, view.objective.probability, self.logits)
        along = "logit of D(G(z))" if self.logits and view.objective.probability else "D(G(z))"
        head = title(width, "What G descends", [], [[(f" over {along} ", MUTED)]])
        lines = [head, row(width, slopes)]
        if height > 2:
            drawn = descent.draw(found, scale, d_gz, hist, width, height - 1, mono=self.app.no_color)
            lines += drawn[1:] if height - 1 >= curves.LEAST_HEIGHT else drawn[: height - 2]
        return lines[:height]

    def _words(self, view: RunView, width: int, height: int) -> Lines:
        own = view.objective.name not in ("", "relativistic")
        text = "its cost is that of a loss of your own" if own else "no numbers yet"
        lines = [title(width, "What G descends", [], []), row(width, [])]
        lines += [row(width, [[(f" {line}", MUTED)]]) for line in wrapped(text, max(width - 2, 10))]
        return (lines + [row(width, [])] * height)[:height]


def _costs(view: RunView) -> list[tuple[game.Cost, str]]:
    others = iter(OTHERS)
    costs = game.costs(view.objective, played.present(view, "d_x"))
    return [(cost, OWN if cost.loss == view.objective.name else next(others)) for cost in costs]
