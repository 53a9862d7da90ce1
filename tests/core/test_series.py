"""Curves never lose an extreme, whatever is drawn."""

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core.series import Column, Series

values = st.floats(-1e6, 1e6)
points = st.lists(st.tuples(st.floats(0, 100), values, st.floats(0, 10)), min_size=1, max_size=200)


def _filled(data: list[tuple[float, float, float]], capacity: int) -> tuple[Series, list[tuple[float, ...]]]:
    """A series of the points (x running total of steps, mean, mean ± spread), and the points themselves."""
    series, kept, x = Series(capacity), [], 0.0
    for step, mean, spread in data:
        x += step
        series.add(x, mean, mean - spread, mean + spread)
        kept.append((x, mean - spread, mean, mean + spread))
    return series, kept


@settings(max_examples=80, deadline=None)
@given(points, st.sampled_from([2, 4, 16]), st.integers(1, 50))
def test_the_full_view_keeps_every_extreme_and_the_mean(
    data: list[tuple[float, float, float]], capacity: int, count: int
) -> None:
    series, kept = _filled(data, capacity)
    columns = [column for column in series.columns(count) if column]
    assert len(series) <= capacity
    assert min(column.low for column in columns) == min(point[1] for point in kept)
    assert max(column.high for column in columns) == max(point[3] for point in kept)
    (whole,) = series.columns(1)
    assert whole is not None
    assert whole.mean == pytest.approx(math.fsum(point[2] for point in kept) / len(kept), abs=1e-6)


@settings(max_examples=80, deadline=None)
@given(points, st.integers(1, 30), st.floats(0, 1), st.floats(0, 1))
def test_columns_equal_brute_force_over_their_bins(
    data: list[tuple[float, float, float]], count: int, left: float, right: float
) -> None:
    capacity = 16
    series, kept = _filled(data, capacity)
    per_bin = 1
    while math.ceil(len(kept) / per_bin) > capacity:
        per_bin *= 2
    bins = [kept[i : i + per_bin] for i in range(0, len(kept), per_bin)]
    end_of_data = kept[-1][0]
    start, end = sorted((left * end_of_data, right * end_of_data))
    width = (end - start) / count
    edges = [start + i * width for i in range(count)]
    columns = series.columns(count, start, end)
    assert len(columns) == count
    for i, column in enumerate(columns):
        last = i == count - 1
        inside = [
            point
            for group in bins
            for point in group
            if group[0][0] >= edges[i] and (group[0][0] <= end if last else group[0][0] < edges[i + 1])
        ]
        if not inside:
            assert column is None
        else:
            assert column is not None
            assert (column.low, column.high) == (min(p[1] for p in inside), max(p[3] for p in inside))
            assert column.mean == pytest.approx(math.fsum(p[2] for p in inside) / len(inside), abs=1e-6)


def test_a_million_points_stay_bounded_and_drawable() -> None:
    series = Series()
    spike = 654_321
    for x in range(1_000_000):
        series.add(x, 1e9 if x == spike else math.sin(x))
    assert len(series) <= 8192
    began = time.perf_counter()
    columns = series.columns(200)
    assert time.perf_counter() - began < 0.5
    assert len(columns) == 200 and all(columns)
    highest = max((column for column in columns if column), key=lambda column: column.high)
    assert highest.high == 1e9
    assert abs(highest.x - spike) <= 1_000_000 / 200


def test_empty_and_single() -> None:
    series = Series()
    assert (series.last, series.span, series.columns(3), series.columns(0)) == (None, None, [None] * 3, [])
    series.add(5, 2.0)
    assert (series.last, series.span) == (2.0, (5.0, 5.0))
    assert [c for c in series.columns(3) if c] == [Column(5.0, 2.0, 2.0, 2.0)]
    assert series.columns(2, 6, 9) == [None, None]


def test_an_x_that_goes_back_is_taken_as_the_last() -> None:
    series = Series()
    series.add(5, 1.0)
    series.add(3, 2.0)
    assert series.span == (5, 5)


@pytest.mark.parametrize("capacity", [-2, 0, 1, 3])
def test_capacity_must_be_even(capacity: int) -> None:
    with pytest.raises(ValueError, match="even"):
        Series(capacity)


@settings(max_examples=80, deadline=None)
@given(points, st.sampled_from([2, 4, 16]), st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_extending_equals_adding_one_by_one(
    data: list[tuple[float, float, float]], capacity: int, sizes: list[int]
) -> None:
    one_by_one, kept = _filled(data, capacity)
    many = Series(capacity)
    start = 0
    while start < len(kept):
        for size in sizes:
            chunk = kept[start : start + size]
            many.extend([x for x, *_ in chunk], [(mean, low, high) for _, low, mean, high in chunk])
            start += size
    assert len(many) == len(one_by_one)
    for ours, theirs in zip(many.columns(7), one_by_one.columns(7), strict=True):
        assert (ours is None) == (theirs is None)
        if ours and theirs:
            assert (ours.x, ours.low, ours.high) == (theirs.x, theirs.low, theirs.high)
            assert ours.mean == pytest.approx(theirs.mean, abs=1e-6)


def test_what_lies_beyond_a_cut_is_forgotten_and_the_curve_goes_on_from_there() -> None:
    series = Series(capacity=4)
    series.extend(range(8), [(float(x), 0.0, 9.0) for x in range(8)])
    series.cut(4.5)
    assert series.span == (0, 4)
    series.add(6, 100.0)
    assert (series.last, series.span) == (100.0, (0, 6))
    series.cut(-1)
    assert (len(series), series.last) == (0, None)
    series.add(1, 2.0)
    assert (series.last, series.span) == (2.0, (1, 1))


def test_each_point_needs_a_place() -> None:
    with pytest.raises(ValueError, match="2 places for 1 points"):
        Series().extend([1, 2], [(0.0, 0.0, 0.0)])


@settings(max_examples=80, deadline=None)
@given(points, st.sampled_from([2, 8, 64]), st.integers(1, 40), st.floats(0, 60), st.floats(0, 200), st.integers(1, 9))
def test_a_window_asked_again_shows_what_came_since(
    data: list[tuple[float, float, float]], capacity: int, count: int, start: float, span: float, stride: int
) -> None:
    """What is kept of the last drawing is what would be computed anew."""
    asked, x = Series(capacity), 0.0
    for index, (step, mean, spread) in enumerate(data):
        x += step
        asked.add(x, mean, mean - spread, mean + spread)
        if index % stride == 0:
            asked.columns(count, start, start + span)
        if index % 31 == 30:
            asked.cut(x - 5)
    window = asked.columns(count, start, start + span)
    asked._window = None
    assert window == asked.columns(count, start, start + span)
