"""Layers of dots, 2 × 4 to a cell, that become braille characters."""

from gantui.tui.draw.ink import Ink, Sheet

BLANK = 0x2800
_LEFT, _RIGHT = (
    [sum(bit for row, bit in enumerate(bits) if value >> row & 1) for value in range(16)]
    for bits in ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
)


class Dots:
    """A layer of dots in one ink, `width` × `height` of them; (0, 0) is the top left one.

    In a cell that several layers have dots in, those of the highest `level` are seen, in the ink of the last.
    A column of dots is one integer (bit = row from the top), so that a span of any height costs the same.
    """

    def __init__(self, width: int, height: int, ink: Ink, level: int = 0) -> None:
        self.width, self.height, self.ink, self.level = width, height, ink, level
        self.columns = [0] * width

    def span(self, x: int, top: int, bottom: int) -> None:
        """Set the dots of column `x` from `top` to `bottom`, both included; what is outside is cut off."""
        top, bottom = max(top, 0), min(bottom, self.height - 1)
        if 0 <= x < self.width and top <= bottom:
            self.columns[x] |= (2 << bottom) - (1 << top)

    def line(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Set an unbroken line of dots between two dots."""
        if x1 < x0:
            x0, y0, x1, y1 = x1, y1, x0, y0
        if x0 == x1:
            self.span(x0, min(y0, y1), max(y0, y1))
            return
        slope = (y1 - y0) / (x1 - x0)
        start = y0
        for x in range(max(x0, 0), min(x1, self.width - 1) + 1):
            # A column's share of the line ends half way to the next column; neighbours meet without doubling a row.
            middle = y1 if x == x1 else round(y0 + (x + 0.5 - x0) * slope)
            start = y0 if x == x0 else round(y0 + (x - 0.5 - x0) * slope)
            if start != middle and x != x0:
                start += 1 if middle > start else -1
            self.span(x, min(start, middle), max(start, middle))

    def keep(self, on: int, period: int) -> None:
        """Keep `on` of every `period` columns: a dashed line."""
        self.columns = [dots if x % period < on else 0 for x, dots in enumerate(self.columns)]

    def thin(self) -> None:
        """Keep every second dot, as on a chessboard."""
        even = sum(1 << row for row in range(0, self.height, 2))
        self.columns = [dots & (even << x % 2) for x, dots in enumerate(self.columns)]


def paint(sheet: Sheet, column: int, row: int, layers: list[Dots]) -> None:
    """Draw layers of one size on the sheet, the first at the back; cells without dots are left as they are."""
    if not layers:
        return
    for x in range(0, layers[0].width, 2):
        bits: dict[int, int] = {}
        inks: dict[int, Ink] = {}
        levels: dict[int, int] = {}
        for layer in layers:
            left = layer.columns[x]
            right = layer.columns[x + 1] if x + 1 < layer.width else 0
            dots = left | right
            if not dots:
                continue
            for y in range(((dots & -dots).bit_length() - 1) // 4, (dots.bit_length() + 3) // 4):
                found = _LEFT[left >> 4 * y & 15] | _RIGHT[right >> 4 * y & 15]
                level = levels.get(y, -1)
                if found and layer.level >= level:
                    bits[y] = found if layer.level > level else bits[y] | found
                    inks[y], levels[y] = layer.ink, layer.level
        for y, found in bits.items():
            sheet.chars[row + y][column + x // 2] = chr(BLANK + found)
            sheet.inks[row + y][column + x // 2] = inks[y]
