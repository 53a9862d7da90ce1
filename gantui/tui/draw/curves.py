"""Curves over steps: the losses of the two networks, or any other number."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gantui.core.series import Column
from gantui.tui.draw import axis
from gantui.tui.draw.braille import Dots, paint
from gantui.tui.draw.ink import MUTED, Ink, Lines, Sheet, cell_width, fitted

GUTTER = 7  # cells for labels of y and the axis; the same always, so that the plot stands still
LEAST_WIDTH, LEAST_HEIGHT = 24, 6  # below these, the axes give their cells to the plot
GRID, BAND, REFERENCE, CURVE = range(4)  # from the back to the front
FEW_EXTREMES = 0.02  # the share of a band's columns that may leave the plot: one spike must not flatten the rest


@dataclass(frozen=True)
class Curve:
    """A curve: `columns` as from `Series.columns`, two to a cell of `plot_width`; `role` is its ink."""

    label: str
    role: str
    columns: Sequence[Column | None]


@dataclass(frozen=True)
class Frame:
    """What a plot shows beside its curves, and between which ends.

    `x_low` < `x_high` in steps. `y_range` None: what fits. `marks` (x, label) are applied commands, `references`
    (y, label) lines to compare with, `cursor` an x or None. `band`: the range between lowest and highest values.
    `mono`: tell curves apart without colours.
    """

    x_low: float
    x_high: float
    y_range: tuple[float, float] | None = None
    log: bool = False
    marks: Sequence[tuple[float, str]] = ()
    cursor: float | None = None
    references: Sequence[tuple[float, str]] = field(default=())
    band: bool = True
    mono: bool = False


def plot_width(width: int) -> int:
    """Return how many cells of a drawing `width` wide the plot itself has; a curve has two columns in each."""
    return width - GUTTER if width >= LEAST_WIDTH else width


def smoothed(columns: Sequence[Column | None], strength: float) -> list[Column | None]:
    """Return columns whose means are exponential averages of those before, free of the bias towards the first.

    `strength` from 0 (as it is) to below 1. Empty columns stay empty; the lowest and highest values stay too.
    """
    if not 0 <= strength < 1:
        raise ValueError(f"strength = {strength}: must be at least 0 and below 1")
    total = weight = 0.0
    result: list[Column | None] = []
    for column in columns:
        if strength and column and math.isfinite(column.mean):
            total = strength * total + (1 - strength) * column.mean
            weight = strength * weight + (1 - strength)
            column = replace(column, mean=total / weight)
        result.append(column)
    return result


def left_out(curves: Sequence[Curve], frame: Frame) -> int:
    """Return how many columns a logarithmic axis can't show, their means being 0 or less."""
    return sum(1 for curve in curves for column in curve.columns if column and column.mean <= 0) if frame.log else 0


def value_at(curve: Curve, x: float) -> float | None:
    """Return the curve's mean in the column nearest to `x`, or None if it has none."""
    column = min((c for c in curve.columns if c), key=lambda c: abs(c.x - x), default=None)
    return column.mean if column else None


def draw(curves: Sequence[Curve], frame: Frame, width: int, height: int) -> Lines:
    """Return a legend with the last values (at the cursor: the values there), the plot and its axes."""
    sheet = Sheet(width, height)
    axes = height >= LEAST_HEIGHT
    top, rows = (1, height - 3) if axes else (0, height)
    left, columns = width - plot_width(width), plot_width(width)
    low, high = frame.y_range or fitting_range(curves, frame)
    place = _placer(low, high, 4 * rows, frame.log)

    def x_of(x: float) -> int:
        """The dot of a step; outside where it is outside."""
        share = (x - frame.x_low) / ((frame.x_high - frame.x_low) or 1.0)
        return math.floor(min(max(share, -1.0), 2.0) * 2 * columns)

    if axes:
        _legend(sheet, curves, frame)
        axis.draw_bottom(sheet, left, columns, frame.x_low, frame.x_high)
    layers = []
    if left:
        layers.append(_y_axis(sheet, left, top, rows, columns, (low, high), frame.log, place))
    layers += [_dotted(y, columns, rows, place) for y, _ in frame.references]
    shapes = [_shape(curve, x_of, place) for curve in curves]
    if frame.band:
        layers += [_band(curve, shape, columns, rows) for curve, shape in zip(curves, shapes, strict=True)]
    layers += [
        _line(curve, shape, columns, rows, frame.mono and index % 2 == 1)
        for index, (curve, shape) in enumerate(zip(curves, shapes, strict=True))
    ]
    paint(sheet, left, top, layers)
    _reference_labels(sheet, left, top, rows, frame, place)
    _marks(sheet, left, top, rows, frame, x_of)
    if frame.cursor is not None:
        _upright(sheet, left + x_of(frame.cursor) // 2, left, top, rows, "│", Ink("cursor"))
    return sheet.lines()


def fitting_range(curves: Sequence[Curve], frame: Frame) -> tuple[float, float]:
    """Return a range with round ends that holds all means and references, and all but the rarest extremes."""
    shown = [column for curve in curves for column in curve.columns if column]
    values = [column.mean for column in shown] + [y for y, _ in frame.references]
    if frame.band:
        few = int(len(shown) * FEW_EXTREMES)
        values += sorted(column.low for column in shown)[few : few + 1]
        values += sorted((column.high for column in shown), reverse=True)[few : few + 1]
    drawable = [value for value in values if math.isfinite(value) and (value > 0 or not frame.log)]
    return axis.nice_range(min(drawable, default=math.nan), max(drawable, default=math.nan), frame.log)


Place = Callable[[float], int | None]
"""Value → row of dots from the top, outside where it is outside; None where the axis has no place for it."""
Shape = list[tuple[int, int | None, int, int]]
"""A curve in dots: column, row of the mean (None: a gap), rows of the highest and of the lowest value."""


def _placer(low: float, high: float, dots: int, log: bool) -> Place:
    if log:
        low, high = (math.log10(end) if end > 0 else -300.0 for end in (low, high))
    scale = (dots - 1) / (high - low) if high > low else 0.0
    outside = 2 * dots

    def place(value: float) -> int | None:
        if log:
            if not value > 0:
                return None
            value = math.log10(value)
        if value != value:
            return None
        return round(min(max((high - value) * scale, -outside), outside))

    return place


def _shape(curve: Curve, x_of: Callable[[float], int], place: Place) -> Shape:
    shape: Shape = []
    for column in curve.columns:
        if column:
            mean = place(column.mean) if math.isfinite(column.mean) else None
            top, bottom = place(column.high), place(column.low)
            if bottom is None:  # on a log axis: below everything
                bottom = 1 << 20
            shape.append((x_of(column.x), mean, bottom if top is None else top, bottom))
    return shape


def _band(curve: Curve, shape: Shape, columns: int, rows: int) -> Dots:
    dots = Dots(2 * columns, 4 * rows, Ink(f"{curve.role}_band"), BAND)
    for x, mean, top, bottom in shape:
        if mean is not None:
            dots.span(x, top, bottom)
    dots.thin()
    return dots


def _line(curve: Curve, shape: Shape, columns: int, rows: int, dashed: bool) -> Dots:
    dots = Dots(2 * columns, 4 * rows, Ink(curve.role), CURVE)
    last: tuple[int, int] | None = None
    for x, mean, _, _ in shape:
        if mean is None:
            last = None
            continue
        dots.line(*(last or (x, mean)), x, mean)
        last = x, mean
    if dashed:
        dots.keep(4, 6)
    return dots


def _dotted(y: float, columns: int, rows: int, place: Place) -> Dots:
    dots = Dots(2 * columns, 4 * rows, Ink("reference"), REFERENCE)
    row = place(y)
    if row is not None:
        for x in range(0, 2 * columns, 2):
            dots.span(x, row, row)
    return dots


def _y_axis(
    sheet: Sheet, left: int, top: int, rows: int, columns: int, ends: tuple[float, float], log: bool, place: Place
) -> Dots:
    """Draw the axis and its labels, and return the grid."""
    grid = Dots(2 * columns, 4 * rows, MUTED, GRID)
    for row in range(top, top + rows):
        sheet.chars[row][left - 1], sheet.inks[row][left - 1] = "│", MUTED
    most = max(2, rows // 2 + 1)
    values = axis.log_ticks(*ends, most) if log else axis.ticks(*ends, most)
    texts = [axis.label(value) for value in values] if log else axis.labels(values)
    for value, text in zip(values, texts, strict=True):
        dot = place(value)
        if dot is None:
            continue
        text = text if len(text) < left else axis.label(value)[: left - 1]
        sheet.put(left - 1 - len(text), top + dot // 4, text, MUTED)
        sheet.put(left - 1, top + dot // 4, "┤", MUTED)
        for x in range(0, 2 * columns, 4):
            grid.span(x, dot, dot)
    return grid


def _legend(sheet: Sheet, curves: Sequence[Curve], frame: Frame) -> None:
    column = 0
    for index, curve in enumerate(curves):
        newest = next((c.mean for c in reversed(curve.columns) if c), None)
        value = newest if frame.cursor is None else value_at(curve, frame.cursor)
        sample = "╍╍" if frame.mono and index % 2 else "━━"
        shown = fitted(f"{sample} {curve.label}", sheet.width - column)
        column = sheet.put(column, 0, shown, Ink(curve.role)) + 1
        if value is not None:
            column = sheet.put(column, 0, axis.label(value), Ink("text")) + 2
    notes = [("log: values ≤ 0 left out", Ink("warning"))] if left_out(curves, frame) else []
    if frame.cursor is not None:
        notes.append((f"step {frame.cursor:,.0f}", Ink("cursor")))
    behind = sheet.width
    for text, ink in notes:
        if behind - len(text) >= column:
            behind -= len(text) + 2
            sheet.put(behind + 2, 0, text, ink)


def _reference_labels(sheet: Sheet, left: int, top: int, rows: int, frame: Frame, place: Place) -> None:
    for y, text in frame.references:
        dot = place(y)
        if dot is None or not 0 <= dot < 4 * rows:
            continue
        width = cell_width(text)
        for row in (top + dot // 4 - 1, top + dot // 4 + 1):
            if top <= row < top + rows and sheet.free(sheet.width - width - 1, row, width + 1):
                sheet.put(sheet.width - width, row, text, Ink("reference"))
                break


def _marks(sheet: Sheet, left: int, top: int, rows: int, frame: Frame, x_of: Callable[[float], int]) -> None:
    for x, text in frame.marks:
        column = left + x_of(x) // 2
        if not left <= column < sheet.width:
            continue
        _upright(sheet, column, left, top, rows, "┊", Ink("mark"))
        sheet.put(column, top, "▾", Ink("mark"))
        if sheet.free(column + 1, top, cell_width(text) + 1):
            sheet.put(column + 1, top, text, Ink("mark"))


def _upright(sheet: Sheet, column: int, left: int, top: int, rows: int, char: str, ink: Ink) -> None:
    """A vertical line behind the curves, but before bands and grid."""
    if not left <= column < sheet.width:
        return
    for row in range(top, top + rows):
        under = sheet.inks[row][column].fg
        if sheet.chars[row][column] == " " or under == "muted" or str(under).endswith("_band"):
            sheet.chars[row][column], sheet.inks[row][column] = char, ink
