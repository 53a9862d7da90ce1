"""Layers of dots, 2 × 4 to a cell, that become braille characters.

A column of dots is one integer (bit = row from the top), and to paint them a whole layer is one integer too, four
bits to a cell and side: what a loop over cells would do takes a handful of operations, whatever the size.
"""

from collections.abc import Iterable
from itertools import groupby

from gantui.tui.draw.ink import MUTED, Ink, Sheet

BLANK = 0x2800
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # of the left and the right dots, from the top
_LEFT, _RIGHT = ([sum(bit for row, bit in enumerate(side) if n >> row & 1) for n in range(16)] for side in _BITS)
_CHARS = {
    (f"{left:x}", f"{right:x}"): chr(BLANK + _LEFT[left] + _RIGHT[right]) if left or right else " "
    for left in range(16)
    for right in range(16)
}


class Dots:
    """A layer of dots in one ink for `width` × `height` cells, so of twice and four times as many dots.

    Dot (0, 0) is the top left one. In a cell that several layers have dots in, those of the highest `level` are
    seen, in the ink of the last.
    """

    def __init__(self, width: int, height: int, ink: Ink, level: int = 0) -> None:
        self.width, self.height, self.ink, self.level = 2 * width, 4 * height, ink, level
        self.columns = [0] * self.width

    def span(self, x: int, top: int, bottom: int) -> None:
        """Set the dots of column `x` from `top` to `bottom`, both included; what is outside is cut off."""
        top = top if top > 0 else 0
        bottom = bottom if bottom < self.height else self.height - 1
        if 0 <= x < self.width and top <= bottom:
            self.columns[x] |= (2 << bottom) - (1 << top)

    def row(self, y: int, every: int) -> None:
        """Set one dot of `every` ones of a row."""
        if 0 <= y < self.height:
            for x in range(0, self.width, every):
                self.columns[x] |= 1 << y

    def path(self, points: Iterable[tuple[int, int]]) -> None:
        """Set an unbroken line of dots through points (x, y) with rising x."""
        x0 = y0 = None
        for x, y in points:
            if x0 is None or y0 is None or x <= x0:
                self.span(x, y, y)
            else:
                slope = (y - y0) / (x - x0)
                for between in range(max(x0 + 1, 0), min(x, self.width)):
                    row = round(y + (between - x) * slope)
                    self._join(between - 1, y0, row)
                    y0 = row
                self._join(x - 1, y0, y)
            x0, y0 = x, y

    def _join(self, x: int, here: int, there: int) -> None:
        """Go from row `here` in column `x`, which is set, to row `there` in the next: half way in each."""
        middle = (here + there) // 2
        if here < there:
            self.span(x, here, middle)
            self.span(x + 1, middle + 1, there)
        else:
            self.span(x, middle + 1, here)
            self.span(x + 1, there, max(middle, there))

    def keep(self, on: int, period: int) -> None:
        """Keep `on` of every `period` columns: a dashed line."""
        self.columns = [dots if x % period < on else 0 for x, dots in enumerate(self.columns)]

    def thin(self) -> None:
        """Keep every second dot, as on a chessboard."""
        even = sum(1 << row for row in range(0, self.height, 2))
        self.columns[::2] = [dots & even for dots in self.columns[::2]]
        self.columns[1::2] = [dots & even << 1 for dots in self.columns[1::2]]


def paint(sheet: Sheet, column: int, row: int, layers: list[Dots]) -> None:
    """Draw at most 15 layers of one size on the sheet, those of one level beside each other in the list.

    Levels rise from the back to the front. The cells below are replaced; those without dots become
    blank, in `muted`, so that a line with a grid of few dots stays one segment.
    """
    if not layers:
        return
    rows = layers[0].height // 4
    size = (rows + 1) // 2  # bytes for a column of cells
    ones = int.from_bytes(b"\x11" * (size * layers[0].width // 2), "big")
    left = right = inked = 0  # four bits a cell: its dots on each side, the number of its ink
    number = 0
    for _, group in groupby(layers, key=lambda layer: layer.level):
        group_left = group_right = group_inked = 0
        for layer in group:
            number += 1
            layer_left, layer_right = (
                int.from_bytes(b"".join([dots.to_bytes(size, "big") for dots in layer.columns[side::2]]), "big")
                for side in (0, 1)
            )
            where = _occupied(layer_left | layer_right, ones)
            group_left |= layer_left
            group_right |= layer_right
            group_inked = group_inked & ~(where * 15) | where * number
        where = ~(_occupied(group_left | group_right, ones) * 15)
        left, right, inked = left & where | group_left, right & where | group_right, inked & where | group_inked
    total = size * layers[0].width // 2
    lefts, rights, numbers = (dots.to_bytes(total, "big").hex() for dots in (left, right, inked))
    chars = [_CHARS[pair] for pair in zip(lefts, rights, strict=True)]
    palette = {"0": MUTED} | {f"{index:x}": layer.ink for index, layer in enumerate(layers, 1)}
    inks = [palette[index] for index in numbers]
    width = layers[0].width // 2
    for y in range(rows):  # the lowest bits, so the last digits of a column, are its top
        sheet.chars[row + y][column : column + width] = chars[2 * size - 1 - y :: 2 * size]
        sheet.inks[row + y][column : column + width] = inks[2 * size - 1 - y :: 2 * size]


def _occupied(dots: int, ones: int) -> int:
    """1 in each group of four bits that has any."""
    return (dots | dots >> 1 | dots >> 2 | dots >> 3) & ones
