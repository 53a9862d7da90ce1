"""One-dimensional data: the densities of data and of samples, and what D says along the line."""

from itertools import groupby
from typing import TYPE_CHECKING

from gantui.tui.draw import axis
from gantui.tui.draw.braille import Dots, paint
from gantui.tui.draw.ink import MUTED, Ink, Lines, Sheet

if TYPE_CHECKING:
    import numpy as np

GUTTER = 7  # cells for labels and axis, on both sides
LEAST_WIDTH, LEAST_HEIGHT = 30, 6  # below these, the axes give their cells to the curves
GRID, FILL, LINE = range(3)
DASHES = {"d": (4, 6), "text": (1, 3)}
NAMES = {"real": "━━ p_data", "fake": "▒▒ p_g", "d": "╍╍ D", "text": "┈┈ D*"}


def draw(
    grid: "np.ndarray",
    p_data: "np.ndarray | None",
    p_g: "np.ndarray | None",
    d: "np.ndarray | None",
    width: int,
    height: int,
    probability: bool = True,
    d_star: "np.ndarray | None" = None,
) -> Lines:
    """Return p_data, p_g (shaded), D (dashed) and D* (dotted) over `grid`, all (n,), `grid` rising.

    What is None, or not a number, is left out. Densities are on the left scale, from 0; D on the right one, which is 0
    to 1 for a probability and round ends around a critic's scores otherwise. At 1/2, where D ends up once p_g = p_data,
    there is a dotted line.
    """
    sheet = Sheet(width, height)
    gutter = GUTTER if width >= LEAST_WIDTH else 0
    axes = height >= LEAST_HEIGHT
    top, rows = (1, height - 3) if axes else (0, height)
    columns = width - 2 * gutter
    x = _sampled(grid, 2 * columns)
    curves = {"real": p_data, "fake": p_g, "text": d_star, "d": d}
    values = {role: _sampled(curve, 2 * columns) for role, curve in curves.items() if curve is not None}
    density_ends = (
        0.0,
        axis.nice_range(0, max([0.0, *_finite(values.get("real", [])), *_finite(values.get("fake", []))]))[1],
    )
    found = _finite(values.get("d", [])) or [0.0]
    d_ends = (0.0, 1.0) if probability else axis.nice_range(min(found), max(found))

    layers = [Dots(columns, rows, MUTED, GRID)]
    if probability:
        layers[0].row(_row(0.5, d_ends, 4 * rows), every=4)
    fill = Dots(columns, rows, Ink("fake"), FILL)
    for column, value in enumerate(values.get("fake", [])):
        row = _row(value, density_ends, 4 * rows)
        fill.span(column, row if row < 4 * rows - 1 else 4 * rows, 4 * rows - 1)  # no base line where there is nothing
    fill.thin()
    layers.append(fill)
    for role in ("fake", "real", "text", "d"):
        if role in values:
            layers.append(Dots(columns, rows, Ink(role), LINE))
            ends = d_ends if role in DASHES else density_ends
            for is_number, piece in groupby(enumerate(values[role]), key=lambda place: place[1] == place[1]):
                if is_number:
                    layers[-1].path((column, _row(value, ends, 4 * rows)) for column, value in piece)
            if role in DASHES:  # a curve of another kind, on another scale
                layers[-1].keep(*DASHES[role])
    paint(sheet, gutter, top, layers)
    if gutter:
        _upright(sheet, gutter - 1, top, rows, density_ends, MUTED, left=True)
        _upright(sheet, width - gutter, top, rows, d_ends, Ink("d"), left=False)
    if axes:
        axis.draw_bottom(sheet, gutter, columns, x[0], x[-1])
        _legend(sheet, [role for role in NAMES if role in values])
    return sheet.lines()


def _sampled(values: "np.ndarray", count: int) -> list[float]:
    """Return `count` values along the curve, linear between those given."""
    import numpy as np

    given = np.asarray(values, dtype=float).ravel()
    if not len(given):
        return [0.0] * count
    sampled: list[float] = np.interp(np.linspace(0, len(given) - 1, count), np.arange(len(given)), given).tolist()
    return sampled


def _finite(values: list[float]) -> list[float]:
    return [value for value in values if -1e300 < value < 1e300]


def _row(value: float, ends: tuple[float, float], dots: int) -> int:
    low, high = ends
    share = (value - low) / (high - low)
    return round((1 - min(max(share, 0.0), 1.0)) * (dots - 1)) if share == share else dots


def _upright(sheet: Sheet, column: int, top: int, rows: int, ends: tuple[float, float], ink: Ink, left: bool) -> None:
    for row in range(top, top + rows):
        sheet.put(column, row, "│", MUTED)
    values = axis.ticks(*ends, max(2, rows // 3 + 1))
    for value, text in zip(values, axis.labels(values), strict=True):
        row = top + _row(value, ends, 4 * rows) // 4
        text = text if len(text) < GUTTER else axis.label(value)[: GUTTER - 1]
        sheet.put(column, row, "┤" if left else "├", MUTED)
        sheet.put(column - len(text) if left else column + 1, row, text, ink)


def _legend(sheet: Sheet, roles: list[str]) -> None:
    column = 0
    for role in roles:
        text = NAMES[role]
        if column + len(text) <= sheet.width:
            column = sheet.put(column, 0, text, Ink(role)) + 2
