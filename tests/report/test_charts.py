"""Curves stand where their numbers are."""

import re

import pytest
from report.reading import Node, read

from gantui.core.series import Column
from gantui.report import charts
from gantui.report.charts import Chart, Mark, Reference, Scale, Trace


def columns(*means: float, spread: float = 0.0) -> list[Column]:
    return [Column(x, mean - spread, mean, mean + spread) for x, mean in enumerate(means)]


def figure(*traces: Trace, **more: object) -> Node:
    return read(charts.figure(Chart("T", "", traces, (0.0, 10.0), **more), "k"))  # type: ignore[arg-type]


def points(node: Node) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+),([\d.]+)", node.attributes["d"] or "")]


def test_a_value_can_be_read_back_from_its_place_by_the_scale_that_the_plot_tells() -> None:
    shown = figure(Trace("", "d", [columns(1.0, 10.0, 100.0)]))
    for class_ in ("linear", "log"):
        svg = shown.one("svg", class_)
        told = {
            name: float(svg.attributes[f"data-{name}"] or "nan")
            for name in ("left", "right", "top", "foot", "x0", "x1", "y0", "y1")
        }
        (path,) = svg.all("path", "mean")
        for (x, y), (step, mean) in zip(points(path), ((0, 1.0), (1, 10.0), (2, 100.0)), strict=True):
            share = (told["foot"] - y) / (told["foot"] - told["top"])
            value = told["y0"] + share * (told["y1"] - told["y0"])
            if class_ == "log":
                assert svg.attributes["data-log"] == "1"
                value = told["y0"] * (told["y1"] / told["y0"]) ** share
            assert value == pytest.approx(mean, rel=0.01, abs=0.1)
            assert told["x0"] + (x - told["left"]) / (told["right"] - told["left"]) * 10 == pytest.approx(
                step, abs=0.01
            )


def test_a_logarithmic_axis_is_offered_only_where_it_makes_sense() -> None:
    for means, there in (((1, 10), True), ((1, 2), False), ((-1, 10), False), ((0, 10), False)):
        assert bool(list(figure(Trace("", "d", [columns(*means)])).all("svg", "log"))) is there
    assert "checked" in figure(Trace("", "d", [columns(1, 10)]), log_first=True).one("input").attributes
    assert "checked" not in figure(Trace("", "d", [columns(1, 10)])).one("input").attributes


def test_a_band_reaches_from_the_lowest_to_the_highest_and_is_there_only_if_they_differ() -> None:
    band = next(figure(Trace("", "d", [columns(1, 2, 1, spread=0.5)])).all("path", "band"))
    assert len(points(band)) == 6
    assert not list(figure(Trace("", "d", [columns(1, 2, 1)])).all("path", "band"))


def test_what_is_not_finite_breaks_the_line_and_a_lone_point_is_a_dot() -> None:
    (line,) = figure(Trace("", "d", [columns(1, 2, float("nan"), 2)])).all("path", "mean")
    drawn = line.attributes["d"] or ""
    assert drawn.count("M") == 2 and drawn.endswith("h0")


def test_what_was_left_is_a_line_of_its_own_without_a_value() -> None:
    shown = figure(Trace("a", "d", [columns(2, 2)], [columns(3, 4)], last=2.0), Trace("b", "g", [columns(3, 4)]))
    (left,) = shown.all("path", "left")
    assert "data-key" not in left.attributes
    assert [path.attributes["data-key"] for path in shown.all("path", "mean")] == ["0", "1"]
    assert [b.text for b in shown.all("b")] == ["2", "–"]


def test_marks_are_numbered_while_they_are_few_and_one_in_each_place() -> None:
    trace = Trace("", "d", [columns(1, 2)])
    few = figure(trace, marks=[Mark(2, 1), Mark(2, 2), Mark(5, 3), Mark(7)])
    assert len(list(few.all("path", "mark"))) == 3 and [text.text for text in few.all("text", "mark")] == ["1", "3"]
    many = figure(trace, marks=[Mark(step / 10, step) for step in range(1, 100)])
    assert len(list(many.all("path", "mark"))) == 99 and not list(many.all("text", "mark"))


def test_a_reference_line_ends_where_its_objective_does_and_only_the_last_is_named() -> None:
    lines = [Reference(1.0, "first", 0, 5), Reference(2.0, "second", 5, 10)]
    shown = figure(Trace("", "d", [columns(1, 2)]), references=lines)
    first, second = (path.attributes["d"] or "" for path in shown.all("path", "reference"))
    middle = f"{Scale((0, 10), (0, 1)).x(5):.1f}"
    assert first.endswith(f"H{middle}") and second.startswith(f"M{middle}")
    assert [text.text for text in shown.all("text", "reference")] == ["second"]


def test_an_axis_may_be_held_to_zero() -> None:
    trace = Trace("", "d", [columns(7.9, 8.0)])
    assert figure(trace, from_zero=True).one("svg").attributes["data-y0"] == "0"
    assert float(figure(trace).one("svg").attributes["data-y0"] or 0) > 7
