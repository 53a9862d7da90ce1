"""Several drawings in one area, side by side or one above the other."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gantui.tui.draw.ink import PLAIN, Lines, Sheet

GAP = 2  # cells between panels


class Arrangement(NamedTuple):
    """`columns` × `rows` panels, each `width` × `height` cells; the lowest are higher where rows are left over."""

    columns: int
    rows: int
    width: int
    height: int


def arrange(count: int, width: int, height: int) -> Arrangement:
    """Return how `count` panels (1 or more) come nearest to squares, with few places empty.

    A cell is about twice as high as wide.
    """

    def arranged(columns: int) -> Arrangement:
        rows = -(-count // columns)
        return Arrangement(columns, rows, (width - GAP * (columns - 1)) // columns, height // rows)

    def unevenness(one: Arrangement) -> float:
        places = one.columns * one.rows / count
        return abs(math.log(max(one.width, 0.1) / max(2 * one.height, 0.1))) + 2 * math.log(places)

    return min(map(arranged, range(1, count + 1)), key=unevenness)


def side_by_side(panels: Sequence[Callable[[int, int], Lines]], width: int, height: int) -> Lines:
    """Return panels (functions of their width and height), row by row. Where they don't all fit, the first alone."""
    if not panels:
        return Sheet(width, height).lines()
    columns, rows, across, down = arrange(len(panels), width, height)
    if across < 1 or down < 1:
        return panels[0](width, height)
    lines: Lines = []
    for row in range(rows):
        rest = height - len(lines) if row == rows - 1 else down
        blocks = [panel(across, rest) for panel in panels[row * columns : (row + 1) * columns]]
        for parts in zip(*blocks, strict=True):
            line = parts[0]
            for part in parts[1:]:
                line = [*line, (" " * GAP, PLAIN), *part]
            missing = width - len(parts) * (across + GAP) + GAP
            lines.append([*line, (" " * missing, PLAIN)] if missing else line)
    return lines
