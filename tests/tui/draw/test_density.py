"""Densities and D over one-dimensional data."""

import numpy as np
import pytest
from drawings import assert_golden, assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gantui.tui.draw.density import GUTTER, draw
from gantui.tui.draw.ink import plain

GRID = np.linspace(-4, 4, 200)
P_DATA = (np.exp(-(((GRID - 1.5) / 0.4) ** 2)) + np.exp(-(((GRID + 1.5) / 0.4) ** 2))) / 1.42
P_G = np.exp(-(((GRID - 1) / 0.9) ** 2)) / 1.6
D = P_DATA / (P_DATA + P_G + 0.01)
curve = st.integers(0, 9).flatmap(lambda n: arrays(np.float64, n, elements=st.floats()))


@pytest.mark.parametrize(
    ("name", "p_data", "d", "width", "height", "probability"),
    [
        ("density_80x16", P_DATA, D, 80, 16, True),
        ("density_critic_50x10", None, 12 * D - 7, 50, 10, False),
    ],
)
def test_densities_look_as_they_did(
    name: str, p_data: np.ndarray | None, d: np.ndarray, width: int, height: int, probability: bool
) -> None:
    assert_golden(name, draw(GRID, p_data, P_G, d, width, height, probability))


@settings(max_examples=60, deadline=None)
@given(curve, st.one_of(st.none(), curve), curve, curve, st.integers(1, 100), st.integers(1, 20), st.booleans())
def test_any_curves_fill_exactly_any_area(
    grid: np.ndarray,
    p_data: np.ndarray | None,
    p_g: np.ndarray,
    d: np.ndarray,
    width: int,
    height: int,
    probability: bool,
) -> None:
    assert_whole(draw(grid, p_data, p_g, d, width, height, probability), width, height)


def test_a_probability_has_a_scale_of_its_own_from_0_to_1() -> None:
    flat = np.full(200, 0.5)
    rows = plain(draw(GRID, P_DATA, P_G, flat, 80, 17))
    right = "".join(row[-GUTTER:] for row in rows)
    assert "├1.0" in right and "├0.5" in right and "├0" in right
    lines = draw(GRID, None, P_G * 0, flat, 80, 17)
    inked = ["".join(text for text, ink in line if ink.fg == "d") for line in lines[1:-2]]
    levels = [row for row, text in enumerate(inked) if any(char > "\u2800" for char in text)]
    assert levels == [7]  # half way up


def test_where_there_are_no_samples_nothing_is_shaded() -> None:
    p_g = np.where(GRID > 0, 1.0, 0.0)
    lines = draw(GRID, None, p_g, GRID * 0 + 0.25, 80, 16)[1:-3]  # without the bottom, where the line goes along 0
    shaded = [[ink.fg == "fake" for text, ink in line for _ in text][GUTTER:] for line in lines]
    assert not np.any(np.array(shaded)[:, :31])
    assert np.array(shaded)[:, 34:66].mean() > 0.8  # the rest are cells of D


def test_what_is_no_number_is_a_gap_and_no_stroke() -> None:
    d_star = np.where(np.abs(GRID) < 2, 0.75, np.nan)
    lines = draw(GRID, None, None, None, 80, 17, d_star=d_star)[1:-2]
    inked = {row for row, line in enumerate(lines) if any(ink.fg == "text" and text.strip() for text, ink in line)}
    assert inked == {3}
