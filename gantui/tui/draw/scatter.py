"""Points in the plane: data and samples, one over the other."""

from typing import TYPE_CHECKING

from gantui.runs.samples import Extent as Extent
from gantui.runs.samples import extent as extent
from gantui.tui.draw import axis
from gantui.tui.draw.braille import BLANK
from gantui.tui.draw.ink import MUTED, Ink, Lines, Sheet
from gantui.tui.draw.strokes import braille

if TYPE_CHECKING:
    import numpy as np

GUTTER = 7  # cells for labels of y and the axis
LEAST_WIDTH, LEAST_HEIGHT = 24, 6  # below these, the axes give their cells to the points
MIXED = 0.2  # a cell is of both kinds if the rarer one makes up this share in it
LEAST_ASPECT = 0.25  # ranges more unequal than that are not brought to one scale
MONO = {"real": "·", "fake": "o", "both": "●"}


def draw(real: "np.ndarray", fake: "np.ndarray", ends: Extent, width: int, height: int, mono: bool = False) -> Lines:
    """Return points (N, 2) as dots: each cell in the colour of the kind it has more of, or of `both`.

    The numbers of points need not be equal: what counts is the share of each kind. `ends` are kept, but widened
    to one scale for x and y where they are not too unequal. Samples beyond them are counted in the legend.
    """
    sheet = Sheet(width, height)
    left = GUTTER if width >= LEAST_WIDTH else 0
    axes = height >= LEAST_HEIGHT
    top, rows = (1, height - 3) if axes else (0, height)
    columns = width - left
    ends = one_scale(ends, columns, rows)
    real_dots, fake_dots = (dots(points, ends, columns, rows) for points in (real, fake))
    _paint(sheet, left, top, real_dots, fake_dots, mono)
    if left:
        y_axis(sheet, left, top, rows, ends)
    if axes:
        axis.draw_bottom(sheet, left, columns, ends[0], ends[1])
        outside = len(fake) - int(fake_dots.sum())
        _legend(sheet, outside_note(outside, len(fake)), mono)
    return sheet.lines()


def one_scale(ends: Extent, columns: int, rows: int) -> Extent:
    """Widen one of the ranges, so that a dot is as wide as high; a cell has 2 × 4 of them."""
    x_low, x_high, y_low, y_high = ends
    wide, high = x_high - x_low, y_high - y_low
    if not (wide > 0 and high > 0 and LEAST_ASPECT <= wide / high <= 1 / LEAST_ASPECT):
        return ends
    unit = max(wide / (2 * columns), high / (4 * rows))
    more_x, more_y = (2 * columns * unit - wide) / 2, (4 * rows * unit - high) / 2
    return x_low - more_x, x_high + more_x, y_low - more_y, y_high + more_y


def dots(points: "np.ndarray", ends: Extent, columns: int, rows: int) -> "np.ndarray":
    """Count the points in each dot: (4 × rows, 2 × columns), from the top. Those outside are not counted."""
    import numpy as np

    x_low, x_high, y_low, y_high = ends
    wide, high = max(x_high - x_low, 1e-300), max(y_high - y_low, 1e-300)
    with np.errstate(all="ignore"):
        x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
        across, down = (x - x_low) / wide * 2 * columns, (y_high - y) / high * 4 * rows
        inside = (across >= 0) & (across <= 2 * columns) & (down >= 0) & (down <= 4 * rows)
    across, down = across[inside].astype(int), down[inside].astype(int)
    index = np.minimum(down, 4 * rows - 1) * 2 * columns + np.minimum(across, 2 * columns - 1)
    return np.bincount(index, minlength=8 * rows * columns).reshape(4 * rows, 2 * columns)


def kinds(real: "np.ndarray", fake: "np.ndarray") -> "np.ndarray":
    """Return what each cell (rows, columns) has more of, by counts of dots: 0 data, 1 samples, 2 much of both.

    What counts is the share of all data and of all samples.
    """
    import numpy as np

    rows, columns = real.shape[0] // 4, real.shape[1] // 2
    of_real, of_fake = (
        counts.reshape(rows, 4, columns, 2).sum(axis=(1, 3)) / max(counts.sum(), 1) for counts in (real, fake)
    )
    mixed = np.minimum(of_real, of_fake) >= MIXED * (of_real + of_fake)
    return np.where(mixed, 2, np.where(of_fake > of_real, 1, 0))


def _paint(sheet: Sheet, left: int, top: int, real: "np.ndarray", fake: "np.ndarray", mono: bool) -> None:
    import numpy as np

    codes, which = braille((real + fake) > 0), kinds(real, fake)
    inks = [Ink("real"), Ink("fake"), Ink("both")]
    for y, x in np.argwhere(codes > BLANK).tolist():
        ink = inks[which[y, x]]
        sheet.chars[top + y][left + x] = MONO[str(ink.fg)] if mono else chr(codes[y, x])
        sheet.inks[top + y][left + x] = ink


def y_axis(sheet: Sheet, left: int, top: int, rows: int, ends: Extent) -> None:
    for row in range(top, top + rows):
        sheet.put(left - 1, row, "│", MUTED)
    values = axis.ticks(ends[2], ends[3], max(2, rows // 3 + 1))
    for value, text in zip(values, axis.labels(values), strict=True):
        row = top + rows - 1 - axis.place(value, ends[2], ends[3], rows)
        text = text if len(text) < left else axis.label(value)[: left - 1]
        sheet.put(left - 1 - len(text), row, f"{text}┤", MUTED)


def _legend(sheet: Sheet, note: str, mono: bool) -> None:
    column, room = 0, sheet.width - len(note)
    for role, text in (("real", "data"), ("fake", "samples"), ("both", "both")):
        shown = f"{MONO[role] if mono else '■'} {text}"
        if column + len(shown) <= room:
            column = sheet.put(column, 0, shown, Ink(role)) + 2
    if note and room >= 0:
        sheet.put(room, 0, note, Ink("warning"))


def outside_note(outside: int, count: int) -> str:
    """Return what is said where so many of `count` samples lie outside the picture: nothing of none."""
    return "all samples outside" if outside == count else f"{outside} outside" if outside else ""
