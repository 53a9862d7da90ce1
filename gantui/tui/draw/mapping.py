"""Where a generator sends its latents on the line: strokes from an axis of z up to the axis of x (Figure 1)."""

from typing import TYPE_CHECKING

from gantui.tui.draw import axis
from gantui.tui.draw.density import GUTTER, LEAST_WIDTH
from gantui.tui.draw.ink import MUTED, Ink, Lines, Sheet
from gantui.tui.draw.strokes import braille, every_nth, strokes

if TYPE_CHECKING:
    import numpy as np

APART = 12  # dots from one stroke to the next along z, at least


def draw(z: "np.ndarray", x: "np.ndarray", low: float, high: float, width: int, height: int) -> Lines:
    """Return strokes from z (n,), on an axis at the bottom, to x (n,) at the top, whose axis is `low` to `high`.

    The columns are those of `density.draw`, so that this goes below it. What G sends beyond the axis leaves at its
    side.
    """
    import numpy as np

    sheet = Sheet(width, height)
    gutter = GUTTER if width >= LEAST_WIDTH else 0
    columns, rows = width - 2 * gutter, height - 2
    z, x = np.asarray(z, dtype=float).ravel(), np.asarray(x, dtype=float).ravel()
    finite = z[np.isfinite(z)]
    if rows < 1 or not len(finite) or len(x) != len(z) or not low < high:
        return sheet.lines()
    z_low, z_high = axis.nice_range(float(finite.min()), float(finite.max()), parts=8)
    every = every_nth(len(z), columns / APART * 2)
    z, x = z[::every], x[::every]
    with np.errstate(all="ignore"):
        above = (x - low) / (high - low) * (2 * columns - 1)
        below = (z - z_low) / (z_high - z_low) * (2 * columns - 1)
    ends = np.stack([above, np.zeros(len(x)), below, np.full(len(x), 4 * rows - 0.5)], axis=1)
    codes = braille(strokes(ends, 2 * columns, 4 * rows))
    ink = Ink("g")
    for row, column in np.argwhere(codes > 0x2800).tolist():
        sheet.put(gutter + column, row, chr(codes[row, column]), ink)
    if gutter:
        sheet.put(0, 0, "x", MUTED)
        sheet.put(0, rows - 1, "z", MUTED)
        sheet.put(0, rows // 2, "G(z)" if rows > 2 else "", ink)
    axis.draw_bottom(sheet, gutter, columns, z_low, z_high)
    return sheet.lines()
