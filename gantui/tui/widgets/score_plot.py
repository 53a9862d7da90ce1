"""D(x) and D(G(z)) as two overlaid histograms."""

from gantui.tui.draw import scores
from gantui.tui.draw.ink import MUTED, Ink, Lines, Sheet
from gantui.tui.draw.rows import Part, title
from gantui.tui.widgets.drawing import Drawing


class ScorePlot(Drawing):
    """The newest histogram, with means and overlap."""

    def paint(self, width: int, height: int) -> Lines:
        """Title with means and overlap, bars, axis."""
        watch = self.dashboard.watching
        hist = watch.view.hist if watch else None
        if hist is None:
            lines = Sheet(width, height).lines()
            lines[0] = title(width, "D(x) and D(G(z))", [[("no histogram yet ", MUTED)]], [])
            return lines
        lines = scores.draw(hist, width, height, mono=self.app.no_color)
        mono = self.app.no_color
        parts: list[Part] = []
        for label, role, counts in (("D(x)", "real", hist.real), ("D(G(z))", "fake", hist.fake)):
            mean = scores.mean(counts, hist.low, hist.high)
            pattern = f"{scores.PATTERNS[Ink(role)]} " if mono else ""
            shown = "–" if mean is None else f"{mean:.2f}"
            parts.append([(f"{pattern}{label} ", Ink(role, bold=True)), (f"{shown} ", Ink("text"))])
        parts.append([("overlap ", Ink("both", bold=True)), (f"{hist.overlap:.0%} ", Ink("text"))])
        scale: list[Part] = [[(" height: √ share ", MUTED)]]
        lines[0] = title(width, "Scores" if width < 70 else "Scores of D", parts, scale)
        return lines
