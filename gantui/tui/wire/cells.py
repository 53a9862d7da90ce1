"""A screen as cells: what stands in each, and in which style."""

import re
from functools import lru_cache
from typing import NamedTuple

from rich.cells import split_graphemes

PAPER, INKED, FLAT = range(3)

# Pictographs: terminals disagree on how many cells they take, with the version of Unicode they know.
_PICTOGRAPHS = re.compile(
    "[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd"
    "\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755"
    "\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001faff\U0001fc00-\U0001ffff\U000e0000-\U000e0fff]"
)

# Printable ASCII, Latin, Greek, Cyrillic, box drawing, blocks, braille: what a dashboard is made of, one cell each.
_NARROW = frozenset(
    chr(code)
    for first, last in ((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x2500, 0x25FC), (0x2800, 0x28FF))
    for code in range(first, last + 1)
)
narrow = _NARROW.issuperset  # narrow(text): is every character surely one cell? (50 times cheaper than to measure)


class Style(NamedTuple):
    """How a cell is drawn, in the words of the terminal: `fg` and `bg` as SGR parameters ("38;5;12", "49"), `marks` as
    further ones ("1;3", or empty).

    `kind` says what a blank in it looks like: PAPER, only the background is seen; INKED, a line or a swap of colours is
    seen as well; FLAT, background and foreground are the same, so anything in it looks like a blank.
    """

    fg: str = "39"
    bg: str = "49"
    marks: str = ""
    kind: int = PAPER


PLAIN = Style()


class Grid:
    """`height` rows of `width` cells: the character in each and its `Style`.

    A character two cells wide stands in the first, with "" in the second; what combines with a character stands in its
    cell. `None` means that nobody knows what is there.
    """

    def __init__(self, width: int, height: int, fill: str | None = " ") -> None:
        self.width, self.height = width, height
        self.chars: list[list[str | None]] = [[fill] * width for _ in range(height)]
        self.styles: list[list[Style]] = [[PLAIN] * width for _ in range(height)]

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def row(self, y: int) -> tuple[list[str | None], list[Style]]:
        """Return characters and styles of row `y`; of a row below the last one, lists that belong to nothing."""
        return (self.chars[y], self.styles[y]) if y < self.height else ([None] * self.width, [PLAIN] * self.width)

    def put(self, x: int, y: int, text: str, style: Style) -> int:
        """Write `text`, which has no control characters, from cell `x >= 0` of row `y` on; return the column after it.

        What doesn't fit on the grid is left out; half of a wide character is a blank.
        """
        if y >= self.height:
            return x
        cells: str | tuple[str, ...] = text if narrow(text) else split(text)
        size = len(cells)
        end = x + size
        if end > self.width:
            size = max(0, self.width - x)
            halved = size and cells[size] == ""
            cells = (*cells[: size - 1], " ") if halved else cells[:size]
        if size:
            chars = self.chars[y]
            edge = x + size
            if chars[x] == "":
                chars[x - 1] = " "
            if edge < self.width and chars[edge] == "":
                chars[edge] = " "
            chars[x:edge] = cells
            self.styles[y][x:edge] = [style] * size
        return end


@lru_cache(4096)
def split(text: str) -> tuple[str, ...]:
    """Return the cells `text` takes, as `Grid` keeps them.

    What would combine with something before the text is dropped: the same text written twice must not pile up there.
    """
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells.append(text[start:end])
            cells.extend([""] * (width - 1))
    return tuple(cells)


def disputed(cell: str) -> bool:
    """Whether terminals may disagree on the width of `cell`: a sequence of characters, or a pictograph."""
    return len(cell) > 1 or _PICTOGRAPHS.match(cell) is not None
