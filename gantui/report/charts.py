"""Curves over steps as SVG: mean and band, reference lines, marks of commands, branches that were left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isfinite, log10

from gantui.core import axis
from gantui.core.series import Column
from gantui.report.markup import Markup, element, joined

WIDTH, HEIGHT = 460, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 14, 26  # margins around the plot itself
COLUMNS = 300
MOST_NUMBERED = 24  # marks that bear the number of their command
LABEL_DROP = 4  # from the middle of a line of text to its foot
WORTH_LOG = 3.0  # least ratio of the largest mean to the smallest that makes a logarithmic axis worth offering

Columns = Sequence[Column]


@dataclass(frozen=True)
class Trace:
    """A curve: the stretches that led to the present state, and those that were left behind."""

    label: str
    role: str
    kept: Sequence[Columns]
    left: Sequence[Columns] = ()
    last: float | None = None

    def columns(self) -> list[Column]:
        """All that is drawn."""
        return [column for stretch in (*self.kept, *self.left) for column in stretch]


@dataclass(frozen=True)
class Mark:
    """A place on the axis of steps where something happened; `number` is the command's, 0 if it has none."""

    step: float
    number: int = 0


@dataclass(frozen=True)
class Reference:
    """A value to compare with, between two steps."""

    y: float
    label: str
    start: float
    end: float


@dataclass(frozen=True)
class Chart:
    """A figure. `log_first`: on a logarithmic axis where one makes sense; `from_zero`: the linear one holds 0."""

    title: str
    note: str
    traces: Sequence[Trace]
    steps: tuple[float, float]
    marks: Sequence[Mark] = ()
    references: Sequence[Reference] = ()
    log_first: bool = False
    from_zero: bool = False


@dataclass(frozen=True)
class Scale:
    """Steps and values to places in the drawing."""

    steps: tuple[float, float]
    values: tuple[float, float]
    log: bool = False

    def x(self, step: float) -> float:
        """The place of a step, within the plot."""
        low, high = self.steps
        return LEFT + min(max((step - low) / ((high - low) or 1.0), 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """The place of a value, within the plot."""
        low, high = (log10(end) for end in self.values) if self.log else self.values
        at = log10(max(value, axis.LEAST)) if self.log else value
        share = (at - low) / ((high - low) or 1.0)
        return HEIGHT - BOTTOM - min(max(share, 0.0), 1.0) * (HEIGHT - TOP - BOTTOM)


def figure(chart: Chart, key: str) -> Markup:
    """Return a plot with its heading and last values, and a switch to a logarithmic axis where one makes sense.

    `key` tells the figure apart from the others of the page.
    """
    means = [column.mean for trace in chart.traces for column in trace.columns() if isfinite(column.mean)]
    plots = [_plot(chart, log=False)]
    switch: list[Markup] = []
    if means and min(means) > 0 and max(means) >= WORTH_LOG * min(means):
        switch = [
            element("input", type="checkbox", id=f"log-{key}", class_="switch", checked=chart.log_first),
            element("label", "log", for_=f"log-{key}", title="logarithmic axis"),
        ]
        plots.append(_plot(chart, log=True))
    heading = element("figcaption", element("h3", chart.title), element("span", class_="at"), _legend(chart.traces))
    note = element("p", chart.note, class_="note") if chart.note else ""
    return element("figure", *switch, heading, *plots, note, class_="chart")


def frame(scale: Scale, inside: object, class_: str) -> Markup:
    """Return an SVG with grid and axes around what is drawn inside; its attributes tell scripts the scale."""
    low, high = scale.values
    parts = []
    for value, text in _value_ticks(scale):
        y = f"{scale.y(value):.1f}"
        parts.append(element("path", d=Markup(f"M{LEFT},{y}H{WIDTH - RIGHT}"), class_="grid"))
        parts.append(element("text", text, x=LEFT - 6, y=f"{scale.y(value) + LABEL_DROP:.1f}", text_anchor="end"))
    steps = axis.ticks(*scale.steps, 6)
    for step, text in zip(steps, axis.labels(steps), strict=True):
        x = scale.x(step)
        parts.append(element("path", d=Markup(f"M{x:.1f},{HEIGHT - BOTTOM}v4"), class_="tick"))
        parts.append(element("text", text, x=f"{x:.1f}", y=HEIGHT - BOTTOM + 17, text_anchor="middle"))
    base = element("path", d=Markup(f"M{LEFT},{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"), class_="tick")
    cursor = element("path", d=Markup(f"M0,{TOP}V{HEIGHT - BOTTOM}"), class_="cursor", visibility="hidden")
    return element(
        "svg", *parts, inside, base, cursor, class_=f"plot {class_}", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img",
        data_left=LEFT, data_right=WIDTH - RIGHT, data_top=TOP, data_foot=HEIGHT - BOTTOM,
        data_x0=f"{scale.steps[0]:.10g}", data_x1=f"{scale.steps[1]:.10g}", data_y0=f"{low:.10g}",
        data_y1=f"{high:.10g}", data_log="1" if scale.log else None,
    )  # fmt: skip


def _plot(chart: Chart, *, log: bool) -> Markup:
    references = [ref for ref in chart.references if ref.y > 0 or not log]
    held = [ref.y for ref in references] + ([0.0] if chart.from_zero and not log else [])
    columns = [column for trace in chart.traces for column in trace.columns()]
    scale = Scale(chart.steps, axis.fitting(held, columns, band=True, log=log), log)
    parts = [*_marks(chart.marks, scale), *_references(references, scale)]
    parts += [_band(trace, scale) for trace in chart.traces]
    for trace in chart.traces:
        parts += _lines(trace.left, scale, f"left {trace.role}", None)
    for index, trace in enumerate(chart.traces):
        parts += _lines(trace.kept, scale, f"mean {trace.role}", index)
    parts += _labels(references, scale)
    return frame(scale, joined(parts), "log" if log else "linear")


def _value_ticks(scale: Scale) -> list[tuple[float, str]]:
    if scale.log:
        return [(value, axis.label(value)) for value in axis.log_ticks(*scale.values, 6)]
    values = axis.ticks(*scale.values, 5)
    return list(zip(values, axis.labels(values), strict=True))


def _legend(traces: Sequence[Trace]) -> Markup:
    keys = []
    for index, trace in enumerate(traces):
        value = "–" if trace.last is None else f"{trace.last:.4g}"
        swatch = element("i") if len(traces) > 1 else ""
        label = f"{trace.label} " if trace.label else ""
        keys.append(element("span", swatch, label, element("b", value, data_key=index), class_=f"key {trace.role}"))
    return element("span", *keys, class_="keys")


def _runs(stretches: Sequence[Columns], least: float) -> Iterator[list[Column]]:
    """What can be drawn, broken where it can't."""
    for stretch in stretches:
        for drawable, run in groupby(stretch, key=lambda column: least < column.mean < float("inf")):
            if drawable:
                yield list(run)


def _least(scale: Scale) -> float:
    return 0.0 if scale.log else -float("inf")


def _lines(stretches: Sequence[Columns], scale: Scale, class_: str, key: int | None) -> Iterator[Markup]:
    path = ""
    for run in _runs(stretches, _least(scale)):
        points = [f"{scale.x(column.x):.1f},{scale.y(column.mean):.1f}" for column in run]
        path += f"M{' '.join(points)}" + ("h0" if len(points) == 1 else "")
    if path:
        yield element("path", d=Markup(path), class_=class_, data_key=key)


def _band(trace: Trace, scale: Scale) -> Markup:
    path = ""
    for run in _runs(trace.kept, _least(scale)):
        if len(run) > 1 and any(column.low < column.high for column in run):
            above = [f"{scale.x(column.x):.1f},{scale.y(column.high):.1f}" for column in run]
            below = [f"{scale.x(column.x):.1f},{scale.y(column.low):.1f}" for column in reversed(run)]
            path += f"M{' '.join(above + below)}Z"
    return element("path", d=Markup(path), class_=f"band {trace.role}") if path else Markup("")


def _marks(marks: Sequence[Mark], scale: Scale) -> Iterator[Markup]:
    by_place = {round(scale.x(mark.step)): mark for mark in reversed(marks)}  # of several in one place the first
    numbered = len(by_place) <= MOST_NUMBERED
    behind = 0.0
    for x, mark in sorted(by_place.items()):
        yield element("path", d=Markup(f"M{x},{TOP}V{HEIGHT - BOTTOM}"), class_="mark")
        if numbered and mark.number and x >= behind:
            yield element("text", mark.number, x=x, y=TOP - 4, text_anchor="middle", class_="mark")
            behind = x + 12


def _references(references: Sequence[Reference], scale: Scale) -> Iterator[Markup]:
    for ref in references:
        x, end, y = scale.x(ref.start), scale.x(ref.end), scale.y(ref.y)
        yield element("path", d=Markup(f"M{x:.1f},{y:.1f}H{end:.1f}"), class_="reference")


def _labels(references: Sequence[Reference], scale: Scale) -> Iterator[Markup]:
    """What the lines that reach the end stand for, above them or else below; of two in one place the later."""
    taken: list[float] = []
    for ref in (one for one in reversed(references) if one.end >= scale.steps[1]):
        y = scale.y(ref.y) - 5 if scale.y(ref.y) > TOP + 14 else scale.y(ref.y) + 13
        if all(abs(y - other) > 12 for other in taken):
            taken.append(y)
            yield element("text", ref.label, x=WIDTH - RIGHT - 2, y=f"{y:.1f}", text_anchor="end", class_="reference")
