"""How far from equilibrium the game is, in the numbers that are valid for the run's loss and constraint."""

from gantui.tui import game
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.rows import row, title, wrapped
from gantui.tui.widgets.list_pane import padded
from gantui.tui.widgets.scrolling import Scrolling

LABEL, VALUE = 14, 8  # cells, a blank at the left and right included
VALUE_INK = Ink("text", bold=True)


class GameFacts(Scrolling):
    """A row for each number: its name, what it is now, what to hold it against."""

    def content(self, width: int) -> Lines:
        """Title and rows; notes go on in rows of their own where they must."""
        watch = self.dashboard.watching
        if watch is None:
            return []
        lines = [title(width, "Game", [], [[(" at equilibrium (off) ", MUTED)]], focused=self.has_focus)]
        taken = LABEL + VALUE
        for fact in game.facts(watch.view):
            first, *more = wrapped(fact.note, max(width - taken, 12))
            label, value = padded(fact.label, LABEL - 1), padded(fact.value, VALUE)
            lines.append(row(width, [[(f" {label}", Ink("title"))], [(value, VALUE_INK)], [(first, MUTED)]]))
            lines += [row(width, [[(" " * taken + line, MUTED)]]) for line in more]
        if len(lines) == 1:
            view = watch.view
            said = f"{view.stage or view.state} …" if view.loading else "no numbers of this loss yet"
            lines.append(row(width, [[(f" {said}", TEXT)]]))
        return lines
