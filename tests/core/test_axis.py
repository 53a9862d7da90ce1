"""Axes say true things in few characters, and stand still."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gantui.core import axis

anything = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.35, "0.35"),
        (1.3863, "1.39"),
        (-12.34, "-12.3"),
        (1234, "1234"),
        (12000, "12k"),
        (81234, "81.2k"),
        (1.5e6, "1.5M"),
        (999_600, "1M"),
        (3e9, "3G"),
        (2e-4, "2e-4"),
        (0.001, "0.001"),
        (1e13, "1e13"),
        (math.nan, "nan"),
    ],
)
def test_a_label_has_three_digits(value: float, text: str) -> None:
    assert axis.label(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0, 0.5, 1, 1.5], ["0", "0.5", "1.0", "1.5"]),
        ([0, 5000, 10000], ["0", "5k", "10k"]),
        ([0, 2500, 5000, 7500], ["0", "2500", "5000", "7500"]),
        ([0, 0.5e6, 1e6, 1.5e6], ["0", "0.5M", "1.0M", "1.5M"]),
        ([-0.02, 0, 0.02], ["-0.02", "0", "0.02"]),
        ([0, 1e-4, 2e-4], ["0", "1e-4", "2e-4"]),
        ([], []),
    ],
)
def test_labels_of_one_axis_share_a_unit_and_decimals(values: list[float], texts: list[str]) -> None:
    assert axis.labels(values) == texts


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 20))
def test_ticks_are_few_inside_round_and_equally_spaced(low: float, span: float, most: int) -> None:
    high = low + span
    found = axis.ticks(low, high, most)
    slack = 1e-6 * span + 1e-9 * abs(low)
    assert len(found) <= most
    assert all(low - slack <= tick <= high + slack for tick in found)
    gaps = [b - a for a, b in pairwise(found)]
    assert all(gap == pytest.approx(gaps[0], rel=1e-3, abs=slack) for gap in gaps)


@given(anything, anything, st.integers(-1, 20))
def test_no_ends_make_ticks_fail(low: float, high: float, most: int) -> None:
    assert len(axis.ticks(low, high, most)) <= max(most, 0)
    assert len(axis.log_ticks(low, high, most)) <= max(most, 0)


def test_logarithmic_ticks_are_decades_with_2_and_5_where_they_fit() -> None:
    assert axis.log_ticks(0.1, 10, 10) == [0.1, 0.2, 0.5, 1, 2, 5, 10]
    assert axis.log_ticks(1e-4, 1, 6) == [1e-4, 1e-3, 0.01, 0.1, 1]
    assert axis.log_ticks(1e-8, 1, 5) == [1e-8, 1e-6, 1e-4, 0.01, 1]


@pytest.mark.parametrize(
    ("step", "most", "end"),
    [
        (0, None, 1),
        (7, None, 7.5),
        (1001, None, 1500),
        (1500, None, 1500),
        (1501, None, 2000),
        (7600, None, 10000),
        (7600, 8000, 8000),
        (8001, 8000, 10000),
        (100, 10000, 100),
        (math.nan, 5, 1),
    ],
)
def test_an_axis_of_steps_ends_at_a_round_step(step: float, most: float | None, end: float) -> None:
    assert axis.nice_end(step, most) == end


def test_a_run_of_a_million_steps_changes_its_axis_seldom() -> None:
    assert len({axis.nice_end(step, 1_000_000) for step in range(0, 1_000_001, 50)}) <= 32


@given(anything, anything, st.booleans())
def test_a_range_holds_its_values(low: float, high: float, log: bool) -> None:
    bottom, top = axis.nice_range(low, high, log)
    assert bottom < top and math.isfinite(bottom) and math.isfinite(top)
    assert not log or bottom > 0
    values = [value for value in (low, high) if 1e-200 < abs(value) < 1e200 and (value > 0 or not log)]
    if math.isfinite(low) and math.isfinite(high):
        slack = 1e-5 * (top - bottom)
        assert all(bottom - slack <= value <= top + slack for value in values)


def test_a_range_moves_only_when_it_must() -> None:
    assert axis.nice_range(0.31, 2.9) == axis.nice_range(0.34, 2.7) == (0, 3)
    assert axis.nice_range(2e-4, 0.7, log=True) == (1e-4, 1)
    assert axis.nice_range(0.3, 0.9, log=True) == (0.2, 1)
    assert axis.nice_range(-1, 0.5, log=True) == (1e-4, 1)


def test_what_hardly_changes_is_drawn_as_flat() -> None:
    bottom, top = axis.nice_range(1.3863, 1.3864)
    assert top - bottom >= 2e-3


@given(anything, anything, anything, st.integers(1, 200))
def test_any_value_has_a_place(value: float, low: float, high: float, cells: int) -> None:
    assert 0 <= axis.place(value, low, high, cells) < cells
