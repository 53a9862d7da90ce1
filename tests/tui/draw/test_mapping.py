"""From z to x."""

import numpy as np
import pytest
from drawings import assert_golden, assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gantui.tui.draw.density import GUTTER
from gantui.tui.draw.ink import plain
from gantui.tui.draw.mapping import draw

Z = np.linspace(-2, 2, 33)


def test_it_looks_as_it_did() -> None:
    assert_golden("mapping_80x9", draw(Z, np.tanh(2 * Z), -2, 2, 80, 9))


def test_a_collapsed_g_draws_all_strokes_to_one_point() -> None:
    rows = plain(draw(Z, Z * 0 + 1.0, -2, 2, 80, 9))
    top = [column for column, char in enumerate(rows[0]) if char > "\u2800" and column >= GUTTER]
    assert np.mean(top) == pytest.approx(GUTTER + 0.75 * (80 - 2 * GUTTER), abs=3)
    assert max(top) - min(top) < 10
    assert rows[-1].split() == ["-2", "-1", "0", "1", "2"]


def test_strokes_are_as_many_as_there_is_room_for_and_from_end_to_end() -> None:
    for width, strokes in ((80, 9), (120, 17), (230, 33)):
        foot = plain(draw(Z, Z, -2, 2, width, 20))[-3][GUTTER:-GUTTER]
        assert len("".join(char if char > "\u2800" else " " for char in foot).split()) == strokes
        assert min(foot[0], foot[-1]) > "\u2800"


numbers = arrays(np.float32, st.integers(1, 9), elements=st.floats(width=32))


@settings(deadline=None)
@given(numbers, numbers, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(1, 60), st.integers(1, 12))
def test_any_numbers_fill_exactly_any_area(
    z: np.ndarray, x: np.ndarray, low: float, high: float, width: int, height: int
) -> None:
    assert_whole(draw(z, x, low, high, width, height), width, height)
