"""Several drawings in one area, side by side or one above the other."""

import math
from collections.abc import Callable, Sequence

from gantui.tui.draw.ink import PLAIN, Lines, Sheet

GAP = 2  # cells between panels


def arrangement(count: int, width: int, height: int) -> int:
    """Return in how many columns `count` panels are nearest to squares; a cell is about twice as high as wide."""

    def unevenness(columns: int) -> float:
        rows = -(-count // columns)
        return abs(math.log((width / columns) / (2 * height / rows)))

    return min(range(1, max(count, 1) + 1), key=unevenness)


def side_by_side(panels: Sequence[Callable[[int, int], Lines]], width: int, height: int) -> Lines:
    """Return panels (functions of their width and height) in equal areas, row by row."""
    columns = min(arrangement(len(panels), width, height), (width + GAP) // (1 + GAP) or 1)
    rows = -(-len(panels) // columns)
    if not panels or rows > height:
        return Sheet(width, height).lines()
    across = (width - GAP * (columns - 1)) // columns
    lines: Lines = []
    for row in range(rows):
        down = height // rows if row < rows - 1 else height - len(lines)
        blocks = [panel(across, down) for panel in panels[row * columns : (row + 1) * columns]]
        for index in range(down):
            line = [segment for block in blocks for segment in (*block[index], (" " * GAP, PLAIN))]
            used = len(blocks) * (across + GAP)
            line.pop()
            rest = width - used + GAP
            lines.append([*line, (" " * rest, PLAIN)] if rest else line)
    return lines
