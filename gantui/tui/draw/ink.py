"""What every drawing is made of: lines of text in inks, and a sheet of cells to draw them on."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from unicodedata import category, east_asian_width, normalize

from rich.cells import cell_len

from gantui.core.text import neutralise

ALIKE = 0x590  # below, in Latin, Greek and Cyrillic, everybody counts the same cells


class Ink(NamedTuple):
    """How a text is inked: a role's name, or 0xRRGGBB; None is the theme's own colour.

    Roles: `text`, `muted` (axes), `d` and `g` (the two networks) with `d_band` and `g_band`, `real`, `fake` and
    `both` (data, samples, their overlap), `mark` (a command was applied), `cursor`, `reference`, `warning`.
    """

    fg: str | int | None = None
    bg: str | int | None = None
    bold: bool = False


Segment = tuple[str, Ink]
Line = list[Segment]
"""Neighbours have different inks; all lines of a drawing are `width` cells wide."""
Lines = list[Line]
"""`height` lines."""

PLAIN = Ink()
TEXT = Ink("text")
MUTED = Ink("muted")
BACKGROUND = ("muted", "d_band", "g_band")  # what a label or an upright line may cover


def plain(lines: Lines) -> list[str]:
    """Return the text of `lines` alone."""
    return ["".join(text for text, _ in line) for line in lines]


class Sheet:
    """A grid of cells, blank at first. What is drawn beyond its edges is cut off.

    `chars[row][column]` and `inks[row][column]` may be written directly where one character fills one cell.
    """

    def __init__(self, width: int, height: int) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"width = {width}, height = {height}: must be 1 or more")
        self.width, self.height = width, height
        self.chars = [[" "] * width for _ in range(height)]
        self.inks = [[PLAIN] * width for _ in range(height)]
        self._has_wide = False

    def put(self, column: int, row: int, text: str, ink: Ink = PLAIN) -> int:
        """Write `text` from a cell on and return the column behind it. Safe for texts from outside."""
        characters = cells(text)
        wide = any(len(char) > 1 for char in characters)
        if wide:
            characters = tuple(part for char in characters for part in ((char,) if len(char) < 2 else (char[0], "")))
        end = column + len(characters)
        first, last = max(column, 0), min(end, self.width)
        if 0 <= row < self.height and first < last:
            self.chars[row][first:last] = characters[first - column : last - column]
            self.inks[row][first:last] = [ink] * (last - first)
            self._has_wide = self._has_wide or wide
            if self._has_wide:
                _mend(self.chars[row])
        return end

    def free(self, column: int, row: int, width: int) -> bool:
        """Whether `width` cells from here lie on the sheet with nothing but background on them."""
        return (
            0 <= row < self.height
            and 0 <= column <= self.width - width
            and all(ink is PLAIN or ink.fg in BACKGROUND for ink in self.inks[row][column : column + width])
        )

    def lines(self) -> Lines:
        """Return the sheet as lines."""
        return [list(_runs(chars, inks)) for chars, inks in zip(self.chars, self.inks, strict=True)]


@lru_cache(1024)
def cells(text: str) -> tuple[str, ...]:
    """Return the characters of `text`, one or (wide ones, with a blank behind) two cells each; nothing else.

    What joins its neighbours, so that nobody agrees how wide they are together, is left out or shown as `?`.
    """
    if text.isascii() and text.isprintable():
        return tuple(text)
    safe = normalize("NFC", neutralise(text))
    found = [char + " " * (_width(char) - 1) for char in safe if _width(char)]
    if cell_len("".join(cell[0] for cell in found)) != sum(map(len, found)):
        found = [cell if ord(cell[0]) < ALIKE else "?" for cell in found]
    return tuple(found)


def cell_width(text: str) -> int:
    """The number of cells that `text` takes on a sheet."""
    return sum(map(len, cells(text)))


def fitted(text: str, width: int) -> str:
    """Return `text` cut to `width` cells, with an ellipsis where it was cut."""
    if cell_width(text) <= width:
        return text
    kept = ""
    for cell in cells(text):
        if cell_width(kept) + len(cell) > width - 1:
            break
        kept += cell[0]
    return (kept + "…")[: max(width, 0)]


def _mend(chars: list[str]) -> None:
    """Blank the halves of wide characters that lost their other half."""
    for column, char in enumerate(chars):
        if char == "":
            if column == 0 or chars[column - 1] in ("", " ") or _width(chars[column - 1]) != 2:
                chars[column] = " "
        elif _width(char) == 2 and (column + 1 == len(chars) or chars[column + 1] != ""):
            chars[column] = " "


def _width(char: str) -> int:
    if category(char)[0] == "M":  # it joins the character before it
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def _runs(chars: list[str], inks: Iterable[Ink]) -> Iterable[Segment]:
    start = 0
    for ink, run in groupby(inks):
        end = start + len(list(run))
        yield "".join(chars[start:end]), ink
        start = end
