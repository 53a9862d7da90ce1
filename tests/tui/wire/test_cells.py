from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gantui.tui.wire.cells import PLAIN, Grid, Style, disputed, split

RED = Style("31")
anything = st.text(
    st.one_of(
        st.sampled_from("ab ⣿漢한é\u0301\u200d\ufe0f👍🏽🇩☔"),
        st.characters(exclude_categories=("Cc", "Cs")),
    ),
    max_size=12,
)


def test_wide_characters_take_two_cells_and_marks_none() -> None:
    assert split("a漢e\u0301") == ("a", "漢", "", "e\u0301")
    assert split("\u0301a") == ("a",)


def test_half_of_a_wide_character_is_a_blank() -> None:
    grid = Grid(4, 1)
    grid.put(0, 0, "漢字", PLAIN)
    grid.put(1, 0, "xy", RED)
    assert grid.chars == [[" ", "x", "y", " "]]
    grid.put(3, 0, "漢", PLAIN)
    assert grid.chars == [[" ", "x", "y", " "]]
    assert grid.styles[0] == [PLAIN, RED, RED, PLAIN]


def test_what_does_not_fit_is_left_out() -> None:
    grid = Grid(3, 1)
    assert grid.put(1, 0, "abcd", RED) == 5
    assert grid.put(7, 0, "x", RED) == 8
    assert grid.put(0, 4, "x", RED) == 0
    assert grid.chars == [[" ", "a", "b"]]


@given(st.lists(st.tuples(st.integers(0, 12), anything), max_size=8))
def test_every_wide_character_has_both_halves(writes: list[tuple[int, str]]) -> None:
    grid = Grid(10, 1)
    for x, text in writes:
        grid.put(x, 0, text, PLAIN)
    chars = grid.chars[0]
    assert len(chars) == len(grid.styles[0]) == 10
    for x, char in enumerate(chars):
        assert char is not None
        if char == "":
            assert x > 0
            assert chars[x - 1] != ""
        else:
            assert (x + 1 < 10 and chars[x + 1] == "") == (cell_len(char) == 2)


def test_pictographs_and_sequences_are_disputed() -> None:
    assert all(disputed(cell) for cell in ("👍", "☔", "✈\ufe0f", "e\u0301", "🇩"))
    assert not any(disputed(cell) for cell in ("a", "漢", "⣿", "▀", "─", "é", "\U0001fb00"))
