"""Curves: what a reader takes from them is true, at any size, with any numbers."""

import math

import pytest
from drawings import assert_golden, assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core.series import Column, Series
from gantui.tui.draw import axis
from gantui.tui.draw.curves import GUTTER, Curve, Frame, draw, fitting_range, left_out, plot_width, smoothed, value_at
from gantui.tui.draw.ink import plain

number = st.floats(allow_nan=True, allow_infinity=True)
columns = st.lists(st.one_of(st.none(), st.builds(Column, x=st.floats(-10, 200), low=number, mean=number, high=number)))


def losses(width: int, steps: int) -> list[Curve]:
    """Two losses that swing and settle, as a run of 5000 steps would log them."""
    d, g = Series(), Series()
    for step in range(0, steps, 10):
        t = step / 5000
        wave, spread = math.sin(t * 40) * math.exp(-t * 3), 0.1 + 0.05 * math.sin(step)
        for series, value in (
            (d, 1.386 - 0.9 * math.exp(-t * 6) + 0.2 * wave),
            (g, 0.69 + 2.2 * math.exp(-t * 5) - 0.3 * wave),
        ):
            series.add(step, value, value - spread, value + spread)
    count, end = 2 * plot_width(width), axis.nice_end(steps)
    return [Curve("loss_d", "d", d.columns(count, 0, end)), Curve("loss_g", "g", g.columns(count, 0, end))]


def rich_frame(steps: int, **changes: object) -> Frame:
    marks = [(1200, "lr_d=5e-4"), (2600, "k=2")]
    references = [(1.386, "2 log 2"), (0.693, "log 2")]
    return Frame(0, axis.nice_end(steps), marks=marks, references=references, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "width", "height", "steps", "changes"),
    [
        ("curves_120x20", 120, 20, 5000, {"cursor": 3400.0}),
        ("curves_80x14_log", 80, 14, 3500, {"log": True}),
        ("curves_80x14_mono", 80, 14, 5000, {"mono": True}),
        ("curves_50x10", 50, 10, 900, {}),
        ("curves_12x3", 12, 3, 900, {}),
    ],
)
def test_curves_look_as_they_did(name: str, width: int, height: int, steps: int, changes: dict[str, object]) -> None:
    assert_golden(name, draw(losses(width, steps), rich_frame(steps, **changes), width, height))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.builds(Curve, st.text(max_size=12), st.sampled_from(["d", "g"]), columns), max_size=3),
    st.builds(
        Frame,
        x_low=st.floats(-1, 10),
        x_high=st.floats(-1, 200),
        y_range=st.one_of(st.none(), st.tuples(number, number)),
        log=st.booleans(),
        marks=st.lists(st.tuples(number, st.text(max_size=9)), max_size=3),
        cursor=st.one_of(st.none(), st.floats(-5, 300)),
        references=st.lists(st.tuples(number, st.text(max_size=9)), max_size=2),
        band=st.booleans(),
        mono=st.booleans(),
    ),
    st.integers(1, 130),
    st.integers(1, 25),
)
def test_any_numbers_fill_exactly_any_area(curves: list[Curve], frame: Frame, width: int, height: int) -> None:
    assert_whole(draw(curves, frame, width, height), width, height)


def _flat(*means: float | None, width: int = 47) -> tuple[list[Column | None], int]:
    """Columns at x = 0.5, 1.5 … and the width of a drawing with one dot for each of 80."""
    return [None if mean is None else Column(i + 0.5, mean, mean, mean) for i, mean in enumerate(means)], width


def test_an_empty_column_is_bridged_and_a_nonfinite_one_is_a_gap() -> None:
    bridged, width = _flat(*[1.0] * 10, *[None] * 60, *[1.0] * 10)
    broken, _ = _flat(*[1.0] * 10, *[math.nan] * 60, *[1.0] * 10)
    frame = Frame(0, 80, (0.0, 2.0), band=False)
    for points, unbroken in ((bridged, True), (broken, False)):
        lines = draw([Curve("c", "d", points)], frame, width, 12)
        drawn = max(sum(len(text) for text, ink in line if ink.fg == "d") for line in lines[1:])
        assert drawn == (40 if unbroken else 10)


def test_a_single_spike_of_the_band_does_not_flatten_the_plot() -> None:
    points = [Column(i + 0.5, 0.9, 1.0, 1e6 if i == 7 else 1.1) for i in range(80)]
    assert fitting_range([Curve("c", "d", points)], Frame(0, 80))[1] < 2


def test_means_and_references_always_fit() -> None:
    points = [Column(i + 0.5, 1, 50.0 if i == 3 else 1.0, 60) for i in range(80)]
    low, high = fitting_range([Curve("c", "d", points)], Frame(0, 80, references=[(-3.0, "r")]))
    assert low <= -3 and high >= 50


def test_a_logarithmic_axis_says_what_it_leaves_out() -> None:
    points, width = _flat(*[1.0] * 40, *[-1.0] * 20, *[10.0] * 20, width=90)
    curves, frame = [Curve("loss_d", "d", points)], Frame(0, 80, log=True)
    assert left_out(curves, frame) == 20
    assert "values ≤ 0 left out" in plain(draw(curves, frame, width, 12))[0]
    assert left_out(curves, Frame(0, 80)) == 0
    assert "left out" not in plain(draw(curves, Frame(0, 80), width, 12))[0]


def test_the_legend_reads_at_the_cursor_or_at_the_end() -> None:
    points, width = _flat(*[0.25] * 40, *[0.75] * 40, width=60)
    curve = Curve("loss_d", "d", points)
    assert "loss_d 0.75" in plain(draw([curve], Frame(0, 80), width, 10))[0]
    at = plain(draw([curve], Frame(0, 80, cursor=10.0), width, 10))
    assert "loss_d 0.25" in at[0] and at[0].endswith("step 10")
    assert at[5][GUTTER + 10 * (width - GUTTER) // 80] == "│"
    assert value_at(Curve("c", "d", [None]), 3) is None


def test_the_plot_stands_still_whatever_the_labels() -> None:
    for scale in (1e-6, 1.0, 1e7):
        points, width = _flat(*[scale, 2 * scale] * 40)
        rows = plain(draw([Curve("c", "d", points)], Frame(0, 80), width, 12))[1:-2]
        assert {row[GUTTER - 1] for row in rows} <= {"│", "┤"}


def test_curves_are_told_apart_without_colours() -> None:
    points, width = _flat(*[1.0] * 80)
    other, _ = _flat(*[1.5] * 80)
    curves = [Curve("loss_d", "d", points), Curve("loss_g", "g", other)]
    rows = plain(draw(curves, Frame(0, 80, (0.0, 2.0), band=False, mono=True), width, 14))
    assert "━━ loss_d" in rows[0] and "╍╍ loss_g" in rows[0]
    dashed, solid = (
        row for row in rows[1:-2] if row.count(" ", GUTTER) < 20 and len(set(row[GUTTER:])) < 4 and row[20] > "⠁"
    )
    assert len(set(solid[GUTTER:])) == 1 < len(set(dashed[GUTTER:]))


class TestSmoothing:
    def test_strength_0_changes_nothing_and_a_constant_stays(self) -> None:
        points, _ = _flat(3.0, None, 3.0, 3.0)
        assert smoothed(points, 0) == points
        assert [c.mean for c in smoothed(points, 0.9) if c] == pytest.approx([3, 3, 3])

    def test_it_is_the_bias_corrected_average(self) -> None:
        points, _ = _flat(1.0, 2.0, None, 4.0)
        weights = [0.25, 0.5, 1]
        expected = sum(w * x for w, x in zip(weights, (1, 2, 4), strict=True)) / sum(weights)
        result = smoothed(points, 0.5)
        assert result[2] is None and result[3] is not None
        assert result[3].mean == pytest.approx(expected)
        assert (result[3].low, result[3].high) == (4, 4)

    def test_nonfinite_values_do_not_spread(self) -> None:
        points, _ = _flat(1.0, math.nan, math.inf, 1.0)
        result = smoothed(points, 0.5)
        assert result[3] is not None and result[3].mean == pytest.approx(1)

    @pytest.mark.parametrize("strength", [-0.1, 1, math.nan])
    def test_strength_is_checked(self, strength: float) -> None:
        with pytest.raises(ValueError, match="at least 0 and below 1"):
            smoothed([], strength)
