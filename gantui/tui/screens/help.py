"""Help: what one looks at, and every key, from the table of actions."""

from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from gantui.tui import actions
from gantui.tui.actions import ACTIONS, Action
from gantui.tui.draw.ink import MUTED, PLAIN, TEXT, Ink, Line, Lines
from gantui.tui.draw.rows import cut, row, title, wrapped
from gantui.tui.widgets.keys import Keys
from gantui.tui.widgets.scrolling import Scrolling

COLUMN = 66  # cells that a column needs at least
WIDEST = 100
KEYS, LABEL = 14, 13  # cells

ABOUT = (
    (
        "What you see",
        (
            "Two networks play a game. The generator G makes samples from random numbers z. The discriminator D says "
            "of an example how likely it is real: D(x) of data, D(G(z)) of samples. D learns to tell them apart, G to "
            "be taken for data.",
            "The histograms show both. Far apart: D tells them easily, and if too easily, G learns nothing. Overlap is "
            "the share they have in common; at equilibrium it is 100%, and D says 1/2 to everything. The dotted lines "
            "in the plots of losses are the values there.",
            "Losses that stand still don't mean that learning has ended: look at the samples, and at the evaluations "
            "under Metrics. A critic gives scores instead of probabilities: only their differences mean something.",
            "Under Distribution (one or two columns) D* is the best answer to this G, and sup |D − D*| how far D is "
            "from it where there are data or samples; V(D, G) is −log 4 when p_g is p_data and D says 1/2. Arrows are "
            "the way samples are pushed: where there are none to see, G learns nothing there.",
            "Under Game the loss of D bounds how far samples are from the data: JSD is at least (log 4 + V)/2, and as "
            "much if D is the best there is. What G descends has a slope in D's logit: D(G(z)) for log(1 − D), "
            "1 − D(G(z)) for −log D, so that where D is sure of the samples only the second one teaches G. ‖Δw‖/‖w‖ is "
            "how far an update moves the weights, as a share of them.",
        ),
    ),
    (
        "Leaving and coming back",
        (
            "The run trains in a process of its own: q leaves it training, and so does a lost connection. Come back "
            "with: gantui attach RUN. Several may watch at once. F8 ends the run, r continues one that has ended.",
        ),
    ),
    (
        "Steering",
        (
            "A change is pending until the trainer takes it, between two updates. Then it is confirmed with the step, "
            "marked in the plots and listed under Events, or refused with the reason. Space pauses; then d, g and b do "
            "single updates.",
        ),
    ),
)
PANELS = ("controls", "plot", "text", "grid")  # places that are not a whole screen
IN_PANEL = "where such a panel has the focus: Tab, or a click"


class HelpText(Scrolling):
    """Explanations and keys, side by side where there is room."""

    def content(self, width: int) -> Lines:
        """Blocks, in as many columns as fit."""
        count = max(1, min(width // COLUMN, 2))
        gap = 3
        column = (width - gap * (count - 1)) // count if count > 1 else min(width, WIDEST)
        blocks = [_text(name, texts, column) for name, texts in ABOUT] + [
            _keys(name, list(found), column)
            for name, found in groupby(sorted(ACTIONS, key=_order), key=lambda action: action.group)
        ]
        if count == 1:
            return [row(width, [line]) for block in blocks for line in block]
        left: Lines = []
        total = sum(map(len, blocks))
        while len(left) + len(blocks[0]) / 2 < total / 2:
            left += blocks.pop(0)
        right = [line for block in blocks for line in block]
        blank = row(column, [])
        both = range(max(len(left), len(right)))
        between = (" " * gap, PLAIN)
        return [
            row(width, [[*(left[i] if i < len(left) else blank), between], right[i] if i < len(right) else blank])
            for i in both
        ]


def _order(action: Action) -> int:
    """Groups in the order in which the table first names them."""
    return next(index for index, other in enumerate(ACTIONS) if other.group == action.group)


def _text(name: str, texts: tuple[str, ...], width: int) -> Lines:
    lines = [title(width, name, [], [])]
    for text in texts:
        lines += [row(width, [[(f" {line}", TEXT)]]) for line in wrapped(text, width - 2)]
    return [*lines, row(width, [])]


def _keys(name: str, found: list[Action], width: int) -> Lines:
    in_panel = all(action.where in PANELS for action in found)
    lines = [title(width, name, [[(f"{IN_PANEL} ", MUTED)]] if in_panel else [], [])]
    for action in found:
        first, *more = wrapped(action.help, max(width - KEYS - LABEL - 2, 10))
        keys = actions.key_name(action.keys)
        head: Line = cut([(f" {keys}", Ink("accent", bold=True))], KEYS)
        head += cut([(f" {action.label}", Ink("title"))], LABEL)
        lines.append(row(width, [[*head, (f" {first}", TEXT)]]))
        lines += [row(width, [[(" " * (KEYS + LABEL + 1) + line, TEXT)]]) for line in more]
    return [*lines, row(width, [])]


class HelpScreen(Screen[None]):
    """Over whatever is shown; Esc goes back there."""

    PLACES: ClassVar[tuple[str, ...]] = ("help",)
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("help")

    def compose(self) -> ComposeResult:
        """The text, and how to leave it."""
        yield HelpText()
        yield Keys((), always="help")
