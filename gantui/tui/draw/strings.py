"""Text: a sample each line, in as many columns as there is room for."""

from collections.abc import Sequence

from gantui.tui.draw.ink import MUTED, Ink, Lines, Sheet, cell_width, fitted

GAP = 2  # cells between columns
EMPTY = "(empty)"


def draw(strings: Sequence[str], width: int, height: int, ink: Ink) -> Lines:
    """Return the first strings, one below the other and column after column; one too long for a line is cut.

    Control characters are made visible, marks that join a character before them left out.
    """
    sheet = Sheet(width, height)
    widest = min(max(map(cell_width, [EMPTY, *strings])), width)
    columns = max((width + GAP) // (widest + GAP), 1)
    for index, string in enumerate(strings[: columns * height]):
        place = index // height * (widest + GAP), index % height
        sheet.put(*place, fitted(string or EMPTY, widest), ink if string else MUTED)
    return sheet.lines()
