"""Points of data and of samples: where they are, of which kind, and how many can't be seen."""

import numpy as np
import pytest
from drawings import assert_golden, assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gantui.tui.draw.ink import plain
from gantui.tui.draw.scatter import draw, extent

number = st.floats(allow_nan=True, allow_infinity=True)
points = st.integers(0, 12).flatmap(lambda n: arrays(np.float64, (n, 2), elements=number))


def ring(count: int, modes: list[int], spread: float) -> np.ndarray:
    """Points around some of eight places on a circle."""
    index = np.arange(count)
    angle = 2 * np.pi * np.array(modes)[index % len(modes)] / 8
    offset = spread * np.c_[np.sin(index * 1.7), np.cos(index * 2.3)]
    return 2 * np.c_[np.cos(angle), np.sin(angle)] + offset


REAL, FAKE = ring(800, list(range(8)), 0.1), ring(300, [0, 1, 3, 4], 0.2)


@pytest.mark.parametrize(("name", "width", "height", "mono"), [("80x20", 80, 20, False), ("50x12_mono", 50, 12, True)])
def test_points_look_as_they_did(name: str, width: int, height: int, mono: bool) -> None:
    assert_golden(f"scatter_{name}", draw(REAL, FAKE, extent(REAL), width, height, mono))


@settings(max_examples=60, deadline=None)
@given(
    points, points, st.tuples(number, number, number, number), st.integers(1, 100), st.integers(1, 24), st.booleans()
)
def test_any_points_fill_exactly_any_area(
    real: np.ndarray,
    fake: np.ndarray,
    ends: tuple[float, float, float, float],
    width: int,
    height: int,
    mono: bool,
) -> None:
    assert_whole(draw(real, fake, ends, width, height, mono), width, height)
    assert_whole(draw(real, fake, extent(real), width, height, mono), width, height)


def test_the_extent_holds_the_data_and_not_its_outliers() -> None:
    x_low, x_high, y_low, y_high = extent(np.r_[REAL, [[1e6, -1e6]]])
    assert -4 < x_low < -2 < 2 < x_high < 4 and -4 < y_low < -2 < 2 < y_high < 4
    assert extent(np.full((3, 2), np.nan)) == extent(np.zeros((0, 2)))


def test_a_circle_is_round() -> None:
    """As wide in dots as it is high: half a cell each across, a quarter each down."""
    circle = 2 * np.c_[np.cos(np.arange(900)), np.sin(np.arange(900))]
    rows = [row[7:] for row in plain(draw(circle, circle[:0], extent(circle), 120, 30))[1:-2]]
    filled = [[char > "\u2800" for char in row] for row in rows]
    wide = np.flatnonzero(np.any(filled, axis=0))
    high = np.flatnonzero(np.any(filled, axis=1))
    assert 2 * len(wide) == pytest.approx(4 * len(high), abs=6)


def test_a_cell_has_the_colour_of_the_kind_it_has_more_of() -> None:
    left, middle, right = [0.1, 0.05], [0.5, 0.05], [0.9, 0.05]
    real = np.array([left] * 99 + [middle] * 100)
    fake = np.array([left] * 1 + [middle] * 50 + [right] * 50)
    line = draw(real, fake, (0.0, 1.0, 0.0, 0.1), 20, 1)[0]
    assert [ink.fg for text, ink in line if text.strip()] == ["real", "both", "fake"]


def test_samples_beyond_are_counted() -> None:
    fake = np.r_[FAKE, [[9, 0], [np.nan, 0], [0, np.inf]]]
    assert "3 outside" in plain(draw(REAL, fake, extent(REAL), 80, 20))[0]
    assert "outside" not in plain(draw(REAL, FAKE, extent(REAL), 80, 20))[0]


def test_samples_that_are_all_outside_are_told_in_any_width() -> None:
    fake = np.full((5, 2), 1e3)
    for width in (80, 32):
        assert plain(draw(REAL, fake, extent(REAL), width, 20))[0].endswith("all samples outside")
