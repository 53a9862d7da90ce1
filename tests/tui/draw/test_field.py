"""Arrows and grids as dots."""

import numpy as np
import pytest

from gantui.tui.draw import field

ENDS = (0.0, 10.0, 0.0, 10.0)  # on 10 × 10 cells: 20 × 40 dots


@pytest.mark.parametrize(
    ("step", "tip"), [((1, 0), "→"), ((0, 1), "↑"), ((-1, 0), "←"), ((0, -1), "↓"), ((1, 0.5), "↗"), ((-1, -0.5), "↙")]
)
def test_an_arrow_points_where_it_goes(step: tuple[float, float], tip: str) -> None:
    found = field.arrows(np.array([[5.0, 5.0]]), np.array([step]), ENDS, 10, 10)
    ((column, row, char),) = found.tips
    assert char == tip
    assert found.shafts[20, 10]  # where it starts
    assert np.sign(column - 5) in (0, np.sign(step[0])) and np.sign(5 - row) in (0, np.sign(step[1]))


def test_long_slopes_are_long_arrows_and_none_is_no_arrow() -> None:
    origins = np.array([[1.0, y] for y in range(1, 9)])
    steps = np.array([[length, 0.0] for length in (0, 0.25, 0.5, 1, 1, 1, 1, 1)]) * 1e-6
    found = field.arrows(origins, steps, ENDS, 40, 10)
    lengths = found.shafts.sum(axis=1)[[36, 32, 28, 24, 20]]
    assert lengths[0] == 0
    assert lengths[1] < lengths[2] < lengths[3] == lengths[4]
    assert lengths[4] == pytest.approx(5, abs=1)  # an eighth of the picture's height


def test_a_small_picture_has_few_arrows_and_lines() -> None:
    everywhere = np.stack(np.meshgrid(np.linspace(0.5, 9.5, 21), np.linspace(0.5, 9.5, 21)), axis=2)
    origins = everywhere.reshape(-1, 2)
    tips = [len(field.arrows(origins, origins * 0 + 1, ENDS, 2 * rows, rows).tips) for rows in (10, 30)]
    assert 0 < tips[0] <= 5 < tips[1] <= 45
    upright = [int(field.lattice(everywhere, ENDS, 4 * rows, rows)[rows].sum()) for rows in (12, 30, 60)]
    assert upright == [5, 11, 21]  # between two lines across; the outermost are always there


def test_arrows_that_are_no_numbers_are_left_out() -> None:
    origins = np.array([[np.nan, 1], [1, 1], [1e38, 1], [2, 2]], dtype=np.float32)
    steps = np.array([[1, 1], [np.inf, 0], [1e38, 1e38], [0, 0]], dtype=np.float32)
    found = field.arrows(origins, steps, ENDS, 10, 10)
    assert not found.tips and not found.shafts.any()
    assert not field.arrows(np.zeros((0, 2)), np.zeros((0, 2)), ENDS, 10, 10).tips


def test_a_grid_s_knots_are_joined_with_their_neighbours() -> None:
    knots = np.stack(np.meshgrid([1.0, 5.0, 9.0], [1.0, 9.0]), axis=2)
    found = field.lattice(knots, ENDS, 10, 10)
    assert found[4:36, 2].all() and found[4:36, 10].all() and found[4:36, 18].all()
    assert found[36, 2:19].all() and found[4, 2:19].all()
    assert not found[10, 3:10].any()
    curve = field.lattice(knots[:1], ENDS, 10, 10)
    assert curve.sum() == curve[36].sum() == 17
