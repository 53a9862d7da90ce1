"""A map of D as levels of colour."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gantui.tui.draw import heat
from gantui.tui.draw.ink import Ink

SQUARE = (0.0, 1.0, 0.0, 1.0)


def test_levels_are_even_from_low_to_high_the_right_way_up() -> None:
    ramp = np.linspace(1, 0, 90)[:, None] * np.ones(3)  # high at the top
    found = heat.levels(ramp, SQUARE, 0, 1, SQUARE, 4, 9)
    assert found.shape == (18, 4)
    assert (found == found[:, :1]).all()
    assert found[:, 0].tolist() == sorted(range(9), reverse=True)[0:0] + [i for i in range(8, -1, -1) for _ in range(2)]
    across = heat.levels(ramp.T[:, ::-1], SQUARE, 0, 1, SQUARE, 9, 2)
    assert across[0].tolist() == list(range(9))


def test_between_the_points_of_a_coarse_map_it_is_linear() -> None:
    found = heat.levels(np.array([[0.0, 1.0]]), SQUARE, 0, 1, SQUARE, 36, 1)[0]
    assert found[:9].tolist() == [0] * 9 and found[-9:].tolist() == [8] * 9  # beyond the centres it goes on
    assert (np.diff(found) >= 0).all() and set(found.tolist()) == set(range(9))


def test_nothing_is_shown_where_the_map_ends_or_has_no_number() -> None:
    found = heat.levels(np.full((2, 2), 0.5), SQUARE, 0, 1, (-1.0, 2.0, 0.0, 1.0), 9, 1)[0]
    assert found.tolist() == [-1] * 3 + [4] * 3 + [-1] * 3
    holes = np.array([[0.5, np.nan], [np.inf, 0.5]])
    assert (heat.levels(holes, SQUARE, 0, 1, SQUARE, 4, 2) == -1).any()


def test_a_critic_s_colours_span_nearly_all_of_its_scores() -> None:
    scores = np.append(np.linspace(-3, 5, 1000), [1e30, np.nan])[None]
    low, high = heat.ends_of(scores, SQUARE, False, SQUARE)
    assert low == pytest.approx(-3, abs=0.3) and high == pytest.approx(5, abs=0.3)
    assert heat.ends_of(scores, SQUARE, True, SQUARE) == (0, 1)
    assert heat.ends_of(np.full((3, 3), 7.0), SQUARE, False, SQUARE) == (6.5, 7.5)
    assert heat.ends_of(np.full((3, 3), np.nan), SQUARE, False, SQUARE) == (0, 1)


def test_a_critic_s_colours_are_for_where_the_data_is() -> None:
    scores = np.zeros((40, 40))
    scores[:10] = -100  # the top quarter
    scores[10:, :20] = 1
    assert heat.ends_of(scores, SQUARE, False, (0.1, 0.9, 0.1, 0.7)) == (0, 1)
    assert heat.ends_of(scores, SQUARE, False, (0.1, 0.9, 0.1, 0.9)) == (-100, 1)
    assert heat.ends_of(scores, SQUARE, False, (5.0, 6.0, 5.0, 6.0)) == (-100, 1)  # the map has nothing there


def test_cells() -> None:
    assert heat.cell(3, 3, mono=False) == (" ", Ink(bg="heat3"))
    assert heat.cell(3, 8, mono=False) == ("▀", Ink("heat3", "heat8"))
    assert heat.cell(-1, 8, mono=False) == ("▄", Ink("heat8"))
    assert heat.cell(3, -1, mono=False) == ("▀", Ink("heat3", None))
    assert heat.cell(8, 8, mono=True)[0] == "▓"
    assert heat.cell(0, 0, mono=True)[0] == " "


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(width=32)),
    st.tuples(*[st.floats(-1e3, 1e3)] * 4),
    st.integers(1, 6),
    st.integers(1, 6),
)
def test_any_map_gives_levels(values: np.ndarray, ends: tuple[float, ...], columns: int, rows: int) -> None:
    found = heat.levels(values, SQUARE, *heat.ends_of(values, SQUARE, False, ends), ends, columns, rows)  # type: ignore[arg-type]
    assert found.shape == (2 * rows, columns)
    assert ((found >= -1) & (found < heat.LEVELS)).all()
