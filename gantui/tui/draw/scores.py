"""What D makes of data and of samples: the histograms of D(x) and D(G(z)), one over the other."""

import math
from collections.abc import Sequence
from itertools import pairwise

from gantui.core.events import Hist
from gantui.tui.draw import axis
from gantui.tui.draw.ink import Ink, Lines, Sheet

EIGHTHS = " ▁▂▃▄▅▆▇█"
REAL, FAKE, BOTH, REFERENCE = Ink("real"), Ink("fake"), Ink("both"), Ink("reference")
PATTERNS = {REAL: "▒", FAKE: "░", BOTH: "█"}  # for eyes and terminals without colours
LEAST_HEIGHT = 5  # below this, title and axis give their lines to the bars


def draw(hist: Hist, width: int, height: int, mono: bool = False) -> Lines:
    """Return bars over D's output, coloured where only data, only samples or both are; ▲ marks the means.

    A bar's height is the square root of its share. Early on nearly everything lies in one bin at 0 and one at 1,
    and the few that D is unsure of, which G learns from, would be too low to see on a linear scale. The first line is
    left to a title.
    """
    sheet = Sheet(width, height)
    real, fake = resampled(hist.real, width), resampled(hist.fake, width)
    axes = height >= LEAST_HEIGHT
    top, rows = (1, height - 3) if axes else (0, height)
    highest = _ceiling(max(real + fake, default=0.0))
    for column in range(width):
        heights = [round(8 * rows * math.sqrt(max(share, 0) / highest)) for share in (real[column], fake[column])]
        (_mono_bar if mono else _bar)(sheet, column, top + rows - 1, *heights)
    if axes:
        _scale(sheet, hist)
    if hist.space == "probability":
        for row in range(top, top + rows):
            if sheet.free(width // 2, row, 1):
                sheet.put(width // 2, row, "┊", REFERENCE)
    return sheet.lines()


def resampled(counts: Sequence[int], columns: int) -> list[float]:
    """Return shares by column, as a density: its mean over the columns times the number of bins is 1, or all are 0."""
    total, bins = sum(counts), len(counts)
    if total <= 0:
        return [0.0] * columns
    summed = [0.0]
    for count in counts:
        summed.append(summed[-1] + count / total)

    def below(place: float) -> float:
        index = min(int(place), bins - 1)
        return summed[index] + (place - index) * (summed[index + 1] - summed[index])

    edges = [below(index * bins / columns) for index in range(columns + 1)]
    return [max(after - before, 0.0) * columns / bins for before, after in pairwise(edges)]


def mean(counts: Sequence[int], low: float, high: float) -> float | None:
    """Return the mean by the middles of the bins, or None without counts."""
    total, width = sum(counts), (high - low) / (len(counts) or 1)
    return sum(count * (low + (index + 0.5) * width) for index, count in enumerate(counts)) / total if total else None


def _ceiling(highest: float) -> float:
    """1, 1/2, 1/4 …: so that bars don't jump with every small change."""
    return 0.5 ** math.floor(-math.log2(highest) + 1e-9) if highest > 0 else 1.0


def _bar(sheet: Sheet, column: int, bottom: int, real: int, fake: int) -> None:
    """Stack what both have under what one has more, in eighths of a cell."""
    shared, tall = min(real, fake), max(real, fake)
    more = REAL if real > fake else FAKE
    for row in range(-(-tall // 8)):
        lower, upper = min(max(shared - 8 * row, 0), 8), min(tall - 8 * row, 8)
        if lower == upper:
            char, ink = EIGHTHS[upper], BOTH
        elif lower == 0:
            char, ink = EIGHTHS[upper], more
        elif upper == 8:
            char, ink = EIGHTHS[lower], BOTH._replace(bg=more.fg)
        else:  # three colours don't go into one cell: the larger part takes it
            char, ink = EIGHTHS[upper], BOTH if 2 * lower >= upper else more
        sheet.chars[bottom - row][column], sheet.inks[bottom - row][column] = char, ink


def _mono_bar(sheet: Sheet, column: int, bottom: int, real: int, fake: int) -> None:
    shared, tall = min(real, fake), max(real, fake)
    for row in range((tall + 4) // 8):
        ink = BOTH if 8 * row + 4 <= shared else REAL if real > fake else FAKE
        sheet.chars[bottom - row][column], sheet.inks[bottom - row][column] = PATTERNS[ink], ink


def _scale(sheet: Sheet, hist: Hist) -> None:
    axis.draw_bottom(sheet, 0, sheet.width, hist.low, hist.high)
    row = sheet.height - 2
    for counts, ink in ((hist.real, REAL), (hist.fake, FAKE)):
        middle = mean(counts, hist.low, hist.high)
        if middle is not None:
            column = axis.place(middle, hist.low, hist.high, sheet.width)
            taken = sheet.chars[row][column] == "▲"
            sheet.put(column, row, "▲", BOTH if taken else ink)
