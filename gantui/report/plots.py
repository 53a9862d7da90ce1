"""Samples that are points, on a plane or on a line, as SVG."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gantui.core import axis
from gantui.report.markup import Markup, element
from gantui.runs.samples import Extent, Samples, density_of

if TYPE_CHECKING:
    import numpy as np

SIDE = 460  # of a scatter plot
WIDE, HIGH = 460, 210  # of a density
EDGE = 34  # around a plot, for its axes
MOST_POINTS = 400
BINS = 60  # of a density


def points(x: "np.ndarray", real: "np.ndarray | None", ends: Extent) -> Markup:
    """Return points (N, 2) over those of the data, between x low, x high, y low, y high on one scale."""
    low_x, high_x, low_y, high_y = ends
    unit = max(high_x - low_x, high_y - low_y) or 1.0
    middle_x, middle_y = (low_x + high_x) / 2, (low_y + high_y) / 2
    inner = SIDE - 2 * EDGE

    def across(value: float) -> float:
        return SIDE / 2 + (value - middle_x) / unit * inner

    def down(value: float) -> float:
        return SIDE / 2 - (value - middle_y) / unit * inner

    parts = []
    ticks = axis.ticks(middle_x - unit / 2, middle_x + unit / 2, 5)
    for value, text in zip(ticks, axis.labels(ticks), strict=True):
        x_at = f"{across(value):.1f}"
        parts.append(element("path", d=Markup(f"M{x_at},{EDGE}V{SIDE - EDGE}"), class_="grid"))
        parts.append(element("text", text, x=x_at, y=SIDE - EDGE + 16, text_anchor="middle"))
    ticks = axis.ticks(middle_y - unit / 2, middle_y + unit / 2, 5)
    for value, text in zip(ticks, axis.labels(ticks), strict=True):
        y_at = down(value)
        parts.append(element("path", d=Markup(f"M{EDGE},{y_at:.1f}H{SIDE - EDGE}"), class_="grid"))
        parts.append(element("text", text, x=EDGE - 5, y=f"{y_at + 4:.1f}", text_anchor="end"))
    for values, class_ in ((real, "dots real"), (x, "dots fake")):
        if values is not None:
            shown = [
                f"M{across(a):.1f},{down(b):.1f}h0"
                for a, b in values[:MOST_POINTS].tolist()
                if EDGE / 2 <= across(a) <= SIDE - EDGE / 2 and EDGE / 2 <= down(b) <= SIDE - EDGE / 2
            ]
            parts.append(element("path", d=Markup("".join(shown)), class_=class_))
    return element("svg", *parts, class_="plot", viewBox=f"0 0 {SIDE} {SIDE}", role="img")


def density(samples: Samples, probability: bool) -> Markup:
    """Return p_data, p_g (shaded) and D (dashed) over x, as Figure 1 of Goodfellow et al. 2014."""
    assert samples.grid is not None and samples.d is not None
    import numpy as np

    grid = samples.grid
    coarse = np.linspace(grid[0], grid[-1], BINS)  # a thousand samples in hundreds of bins would be noise
    p_g = density_of(samples.x, coarse)
    curves = [p_g, *([samples.p_data] if samples.p_data is not None else [])]
    top = axis.nice_range(0, max([0.0, *_finite(value for curve in curves for value in curve.tolist())]))[1]
    scores = _finite(samples.d.tolist()) or [0.0]
    ends = (0.0, 1.0) if probability else axis.nice_range(min(scores), max(scores))
    low, high = float(grid[0]), float(grid[-1])

    def across(value: float) -> float:
        return EDGE + 10 + (value - low) / (high - low) * (WIDE - 2 * EDGE - 20)

    def line(x: "np.ndarray", curve: "np.ndarray", bottom: float, ceiling: float) -> str:
        span = (ceiling - bottom) or 1.0
        shares = ((x, (y - bottom) / span) for x, y in zip(x.tolist(), curve.tolist(), strict=True) if y == y)
        return "M" + " ".join(f"{across(x):.1f},{_down(share):.1f}" for x, share in shares)

    parts = []
    values = axis.ticks(low, high, 8)
    for value, text in zip(values, axis.labels(values), strict=True):
        parts.append(element("text", text, x=f"{across(value):.1f}", y=HIGH - 8, text_anchor="middle"))
    for (bottom, ceiling), x, anchor, class_ in (
        ((0.0, top), EDGE + 5, "end", None),
        (ends, WIDE - EDGE - 5, "start", "d"),
    ):
        values = axis.ticks(bottom, ceiling, 4)
        for value, text in zip(values, axis.labels(values), strict=True):
            y = _down((value - bottom) / ((ceiling - bottom) or 1.0))
            parts.append(element("text", text, x=x, y=f"{y + 4:.1f}", text_anchor=anchor, class_=class_))
            if class_ is None:
                parts.append(element("path", d=Markup(f"M{EDGE + 10},{y:.1f}H{WIDE - EDGE - 10}"), class_="grid"))
    filled = f"{line(coarse, p_g, 0, top)} {across(high):.1f},{_down(0):.1f} {across(low):.1f},{_down(0):.1f}Z"
    parts.append(element("path", d=Markup(filled), class_="band fake"))
    parts.append(element("path", d=Markup(line(coarse, p_g, 0, top)), class_="mean fake"))
    if samples.p_data is not None:
        parts.append(element("path", d=Markup(line(grid, samples.p_data, 0, top)), class_="mean real"))
    parts.append(element("path", d=Markup(line(grid, samples.d, *ends)), class_="mean d dashed"))
    return element("svg", *parts, class_="plot", viewBox=f"0 0 {WIDE} {HIGH}", role="img")


def _down(share: float) -> float:
    return HIGH - EDGE + 2 - min(max(share, 0.0), 1.0) * (HIGH - EDGE - 12)


def _finite(values: Iterable[float]) -> list[float]:
    return [value for value in values if abs(value) < axis.MOST]
