"""Curves over steps: the losses of the two networks, or any other number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gantui.core.axis import fitting
from gantui.core.series import Column
from gantui.tui.draw import axis
from gantui.tui.draw.braille import Dots, paint
from gantui.tui.draw.ink import MUTED, Ink, Lines, Sheet, cell_width, fitted

GUTTER = 7  # cells for labels of y and the axis; the same always, so that the plot stands still
LEAST_WIDTH, LEAST_HEIGHT = 24, 6  # below these, the axes give their cells to the plot
GRID, BAND, REFERENCE, CURVE = range(4)  # from the back to the front


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
    `mono`: tell curves apart without colours; there are no bands then.
    """

    x_low: float
    x_high: float
    y_range: tuple[float, float] | None = None
    log: bool = False
    marks: Sequence[tuple[float, str]] = ()
    cursor: float | None = None
    references: Sequence[tuple[float, str]] = ()
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
    """Return a legend with the last values (at the cursor: the values there), the plot and its axes.

    At most six curves; without colours, every second one is dashed.
    """
    sheet = Sheet(width, height)
    axes = height >= LEAST_HEIGHT
    top, rows = (1, height - 3) if axes else (0, height)
    left, columns = width - plot_width(width), plot_width(width)
    scale = _Scale(frame, frame.y_range or fitting_range(curves, frame), columns, rows)
    shapes = [_shape(curve, scale) for curve in curves]
    layers = [scale.layer(MUTED, GRID)]
    for value, _ in scale.ticks() if left else ():
        layers[0].row(scale.row(value), every=4)
    if frame.band and not frame.mono:  # bands as bright as the curves would hide them
        layers += [_band(curve, shape, scale) for curve, shape in zip(curves, shapes, strict=True)]
    layers.append(scale.layer(Ink("reference"), REFERENCE))
    for y, _ in frame.references:
        layers[-1].row(scale.row(y), every=2)
    for index, (curve, shape) in enumerate(zip(curves, shapes, strict=True)):
        layers.append(_line(curve, shape, scale, dashed=frame.mono and index % 2 == 1))
    paint(sheet, left, top, layers)
    if left:
        _y_axis(sheet, left, top, scale)
    if axes:
        _legend(sheet, curves, frame)
        axis.draw_bottom(sheet, left, columns, frame.x_low, frame.x_high)
    _marks(sheet, left, top, scale)
    _reference_labels(sheet, top, scale)
    if frame.cursor is not None:
        _upright(sheet, left, top, scale, frame.cursor, "│", Ink("cursor"))
    return sheet.lines()


def fitting_range(curves: Sequence[Curve], frame: Frame) -> tuple[float, float]:
    """Return a range with round ends that holds all means and references, and all but the rarest extremes."""
    shown = [column for curve in curves for column in curve.columns if column]
    return fitting([y for y, _ in frame.references], shown, band=frame.band, log=frame.log)


class _Scale:
    """Steps and values to columns and rows of dots; outside the plot by one where they are outside."""

    def __init__(self, frame: Frame, ends: tuple[float, float], columns: int, rows: int) -> None:
        self.frame, self.ends, self.columns, self.rows = frame, ends, columns, rows
        self.low, self.high = (math.log10(max(end, axis.LEAST)) for end in ends) if frame.log else ends
        span = self.high - self.low
        self.factor = (4 * rows - 1) / span if span > 0 and math.isfinite(span) else 0.0

    def layer(self, ink: Ink, level: int) -> Dots:
        return Dots(self.columns, self.rows, ink, level)

    def column(self, x: float) -> int:
        share = (x - self.frame.x_low) / ((self.frame.x_high - self.frame.x_low) or 1.0) * 2 * self.columns
        return int(share) if 0 <= share < 2 * self.columns else -1 if not share > 0 else 2 * self.columns

    def row(self, y: float) -> int:
        return self.rows_of([y])[0]

    def rows_of(self, ys: list[float]) -> list[int]:
        if self.frame.log:
            ys = [math.log10(y) if y > axis.LEAST else self.low - 1 for y in ys]
        high, factor, rows = self.high, self.factor, 4 * self.rows
        return [int(row) if 0 <= (row := (high - y) * factor + 0.5) < rows else -1 if row < 0 else rows for y in ys]

    def ticks(self) -> list[tuple[float, str]]:
        """Values and labels of y."""
        if self.frame.log:
            return [(value, axis.label(value)) for value in axis.log_ticks(*self.ends, max(2, self.rows // 2 + 1))]
        values = axis.ticks(*self.ends, max(3, min(6, (self.rows + 1) // 2)))
        return list(zip(values, axis.labels(values), strict=True))


Shape = list[tuple[int, int | None, int, int]]
"""A curve in dots: column, row of the mean (None: a gap), rows of the highest and of the lowest value."""


def _shape(curve: Curve, scale: _Scale) -> Shape:
    columns = [column for column in curve.columns if column]
    least = axis.LEAST if scale.frame.log else -math.inf
    means: list[int | None] = list(scale.rows_of([column.mean for column in columns]))
    for index, column in enumerate(columns):
        if not least < column.mean < math.inf:
            means[index] = None
    return list(
        zip(
            [scale.column(column.x) for column in columns],
            means,
            scale.rows_of([column.high for column in columns]),
            scale.rows_of([column.low for column in columns]),
            strict=True,
        )
    )


def _band(curve: Curve, shape: Shape, scale: _Scale) -> Dots:
    dots = scale.layer(Ink(f"{curve.role}_band"), BAND)
    for x, mean, top, bottom in shape:
        if mean is not None:
            dots.span(x, top, bottom)
    dots.thin()
    return dots


def _line(curve: Curve, shape: Shape, scale: _Scale, dashed: bool) -> Dots:
    dots = scale.layer(Ink(curve.role), CURVE)
    for gap, points in groupby(shape, key=lambda point: point[1] is None):
        if not gap:
            dots.path((x, mean) for x, mean, _, _ in points if mean is not None)
    if dashed:
        dots.keep(4, 6)
    return dots


def _y_axis(sheet: Sheet, left: int, top: int, scale: _Scale) -> None:
    for row in range(top, top + scale.rows):
        sheet.chars[row][left - 1], sheet.inks[row][left - 1] = "│", MUTED
    for value, text in scale.ticks():
        row = top + scale.row(value) // 4
        text = text if len(text) < left else axis.label(value)[: left - 1]
        sheet.put(left - 1 - len(text), row, f"{text}┤", MUTED)


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
        notes.insert(0, (f"step {frame.cursor:,.0f}", Ink("cursor")))
    behind = sheet.width
    for text, ink in notes:
        if behind - len(text) >= column:
            behind -= len(text) + 2
            sheet.put(behind + 2, 0, text, ink)


def _reference_labels(sheet: Sheet, top: int, scale: _Scale) -> None:
    """Name a reference at its right end, above it or else below, where nothing is drawn."""
    for y, text in scale.frame.references:
        width, row = cell_width(text), top + scale.row(y) // 4
        for beside in (row - 1, row + 1):
            if top <= beside < top + scale.rows and sheet.free(sheet.width - width - 1, beside, width + 1):
                sheet.put(sheet.width - width - 1, beside, f" {text}", Ink("reference"))
                break


def _marks(sheet: Sheet, left: int, top: int, scale: _Scale) -> None:
    for x, _ in scale.frame.marks:
        _upright(sheet, left, top, scale, x, "┊", Ink("mark"))
    behind = left
    for x, text in scale.frame.marks:
        column = left + scale.column(x) // 2
        if left <= column < sheet.width:
            sheet.put(column, top, "▾", Ink("mark"))
            if column >= behind and sheet.free(column + 1, top, cell_width(text) + 1):
                behind = sheet.put(column + 1, top, f"{text} ", Ink("mark"))


def _upright(sheet: Sheet, left: int, top: int, scale: _Scale, x: float, char: str, ink: Ink) -> None:
    """A vertical line behind the curves, but before bands and grid."""
    column = left + scale.column(x) // 2
    if left <= column < sheet.width:
        for row in range(top, top + scale.rows):
            if sheet.free(column, row, 1):
                sheet.chars[row][column], sheet.inks[row][column] = char, ink
