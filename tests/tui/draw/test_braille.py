"""Dots are where they were set, lines have no holes, and the front layer is the one that is seen."""

from hypothesis import given
from hypothesis import strategies as st

from gantui.tui.draw.braille import Dots, paint
from gantui.tui.draw.ink import Ink, Sheet, plain

D, G = Ink("d"), Ink("g")


def _painted(*layers: Dots) -> Sheet:
    sheet = Sheet(layers[0].width // 2, layers[0].height // 4)
    paint(sheet, 0, 0, list(layers))
    return sheet


def _seen(sheet: Sheet) -> set[tuple[int, int]]:
    """The dots on a sheet, read off its characters."""
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    return {
        (2 * column + x, 4 * row + y)
        for row, chars in enumerate(sheet.chars)
        for column, char in enumerate(chars)
        for bit, (x, y) in enumerate(places)
        if char != " " and (ord(char) - 0x2800) >> bit & 1
    }


@given(st.sets(st.tuples(st.integers(0, 13), st.integers(0, 19))))
def test_every_dot_is_where_it_was_set(dots: set[tuple[int, int]]) -> None:
    layer = Dots(7, 5, D)
    for x, y in dots:
        layer.span(x, y, y)
    assert _seen(_painted(layer)) == dots


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(-5, 24)), min_size=1, max_size=12))
def test_a_path_passes_its_points_without_a_hole(steps: list[tuple[int, int]]) -> None:
    points, x = [], -1
    for step, y in steps:
        x += step
        points.append((x, y))
    layer = Dots(40, 5, D)
    layer.path(points)
    dots = _seen(_painted(layer))
    assert {(x, y) for x, y in points if 0 <= y < 20} <= dots
    low, high = min(y for _, y in points), max(y for _, y in points)
    assert all(low <= y <= high and points[0][0] <= x <= points[-1][0] for x, y in dots)
    if low >= 0 and high < 20:
        for column in range(points[0][0], points[-1][0]):
            here, there = ({y for x, y in dots if x == at} for at in (column, column + 1))
            assert here and there and min(abs(a - b) for a in here for b in there) <= 1


def test_a_straight_line_is_thin() -> None:
    layer = Dots(4, 2, D)
    layer.path([(0, 0), (7, 7)])
    assert _seen(_painted(layer)) == {(n, n) for n in range(8)}


def test_what_lies_outside_is_cut_off() -> None:
    layer = Dots(1, 1, D)
    layer.span(0, -9, 99)
    layer.span(2, 0, 3)
    layer.span(1, 5, 9)
    layer.row(-1, 1)
    assert _seen(_painted(layer)) == {(0, y) for y in range(4)}


def test_layers_of_one_level_share_a_cell_in_the_ink_of_the_last() -> None:
    first, second = Dots(1, 1, D), Dots(1, 1, G)
    first.span(0, 0, 0)
    second.span(1, 3, 3)
    assert _painted(first, second).lines() == [[("⢁", G)]]


def test_a_higher_level_hides_what_is_below_it_in_its_cells_only() -> None:
    band, curve = Dots(2, 1, D, level=0), Dots(2, 1, G, level=1)
    for x in range(4):
        band.span(x, 0, 3)
    curve.span(0, 1, 1)
    assert _painted(band, curve).lines() == [[("⠂", G), ("⣿", D)]]


def test_dashes_and_chessboards() -> None:
    layer = Dots(3, 1, D)
    layer.row(1, 1)
    layer.keep(2, 4)
    assert plain(_painted(layer).lines()) == ["⠒ ⠒"]
    full = Dots(1, 1, D)
    full.span(0, 0, 3)
    full.span(1, 0, 3)
    full.thin()
    assert _seen(_painted(full)) == {(0, 0), (0, 2), (1, 1), (1, 3)}
