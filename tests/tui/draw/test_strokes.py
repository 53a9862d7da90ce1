"""Strokes as dots."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gantui.tui.draw.strokes import braille, strokes


def test_strokes_go_from_end_to_end_without_a_gap() -> None:
    found = strokes(np.array([[0, 0, 9, 0], [2.5, 1.5, 2.5, 7.5]]), 10, 8)
    assert found[0].all() and found[1:, 2].all()
    assert found.sum() == 10 + 7  # and nothing else
    slanted = strokes(np.array([[0.5, 7.5, 7.5, 0.5]]), 10, 8)
    assert (slanted == np.eye(8, 10)[::-1]).all()


def test_what_lies_outside_is_cut_off_and_what_is_no_number_left_out() -> None:
    found = strokes(np.array([[-5, 3, 15, 3], [np.nan, 0, 5, 0], [0, 0, np.inf, 5], [1e30, 0, 0, 0]]), 10, 8)
    assert found.sum() == found[3].sum() == 10


@settings(deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(0, 9), st.just(4)), elements=st.floats(width=64)))
def test_any_strokes_fit_any_picture(segments: np.ndarray) -> None:
    assert strokes(segments, 6, 8).shape == (8, 6)


def test_a_cell_of_braille_has_its_dots_in_order() -> None:
    dots = np.zeros((4, 4), dtype=bool)
    dots[0, 0] = dots[3, 1] = dots[:, 2] = True
    assert "".join(map(chr, braille(dots)[0])) == "⢁⡇"
