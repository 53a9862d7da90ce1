"""Several drawings in one area."""

import pytest
from drawings import assert_whole
from hypothesis import given
from hypothesis import strategies as st

from gantui.tui.draw.ink import Ink, Lines, plain
from gantui.tui.draw.panels import arrange, side_by_side


def _filled(letter: str) -> object:
    def draw(width: int, height: int) -> Lines:
        return [[(letter * width, Ink("text"))] for _ in range(height)]

    return draw


@given(st.integers(0, 6), st.integers(1, 120), st.integers(1, 40))
def test_panels_fill_exactly_their_area(count: int, width: int, height: int) -> None:
    panels = [_filled("abcdef"[index]) for index in range(count)]
    lines = side_by_side(panels, width, height)
    assert_whole(lines, width, height)
    if count:
        assert "a" in "".join(plain(lines))


def test_a_row_lies_beside_a_gap_and_rows_below_each_other() -> None:
    assert plain(side_by_side([_filled("a"), _filled("b")], 12, 2)) == ["aaaaa  bbbbb"] * 2
    assert plain(side_by_side([_filled("a"), _filled("b")], 4, 5)) == ["aaaa", "aaaa", "bbbb", "bbbb", "bbbb"]


@pytest.mark.parametrize(("count", "width", "height", "columns"), [(2, 120, 35, 2), (2, 60, 60, 1), (4, 120, 35, 2)])
def test_panels_come_nearest_to_squares(count: int, width: int, height: int, columns: int) -> None:
    assert arrange(count, width, height).columns == columns
