"""A sheet keeps its size whatever is written on it, and nothing on it can steer a terminal."""

import pytest
from drawings import assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from gantui.tui.draw.ink import Ink, Sheet, cell_width, cells, fitted, plain

RED = Ink("warning")


def test_neighbours_of_one_ink_are_one_segment() -> None:
    sheet = Sheet(8, 1)
    sheet.put(1, 0, "ab", RED)
    sheet.put(3, 0, "c", Ink("warning"))
    assert sheet.lines() == [[(" ", Ink()), ("abc", RED), ("    ", Ink())]]


def test_what_lies_beyond_the_edges_is_cut_off() -> None:
    sheet = Sheet(4, 2)
    assert sheet.put(-2, 0, "abcdefgh") == 6
    sheet.put(0, 2, "below")
    sheet.put(0, -1, "above")
    assert plain(sheet.lines()) == ["cdef", "    "]


def test_a_wide_character_that_loses_a_half_is_blanked() -> None:
    sheet = Sheet(6, 1)
    sheet.put(0, 0, "年龄年")
    sheet.put(1, 0, "x")
    sheet.put(4, 0, "y")
    assert plain(sheet.lines()) == [" x龄y "]
    sheet.put(5, 0, "年")
    assert plain(sheet.lines()) == [" x龄y "]


def test_escape_sequences_and_marks_without_width_come_out_harmless() -> None:
    sheet = Sheet(20, 1)
    sheet.put(0, 0, "a\x1b[2Jb\u202ee\u0301\u0300")
    assert plain(sheet.lines())[0] == "a\\x1b[2Jb\\u202e\u00e9    "


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 30), st.text(max_size=20)), max_size=4), st.integers(1, 24))
def test_any_texts_leave_the_width_exact(writes: list[tuple[int, str]], width: int) -> None:
    sheet = Sheet(width, 1)
    for column, text in writes:
        sheet.put(column, 0, text)
    assert cell_len(plain(sheet.lines())[0]) == width


@given(st.text(), st.integers(0, 12))
def test_fitted_never_takes_more(text: str, width: int) -> None:
    short = fitted(text, width)
    assert cell_width(short) <= width
    assert short == text or width == 0 or short.endswith("…")


@given(st.text())
def test_cells_are_one_or_two_wide(text: str) -> None:
    assert all(len(cell) in (1, 2) for cell in cells(text))


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-1, 5)])
def test_a_sheet_has_at_least_a_cell(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Sheet(width, height)


def test_labels_may_cover_the_background_only() -> None:
    sheet = Sheet(6, 1)
    sheet.put(0, 0, ".", Ink("muted"))
    sheet.put(2, 0, "x", Ink("d"))
    assert sheet.free(0, 0, 2) and sheet.free(3, 0, 3)
    assert not sheet.free(0, 0, 3) and not sheet.free(3, 0, 4) and not sheet.free(-1, 0, 1)
    assert_whole(sheet.lines(), 6, 1)


def test_of_every_character_as_many_cells_are_kept_as_it_takes() -> None:
    """Vowel signs, jamo, flags, modifiers: alone, beside others, and in pairs."""
    for text in (
        "ा",
        "xाx",
        "\u1160",
        "\u1112\u1161",
        "\U0001f1e9\U0001f1ea",
        "\U0001f44b\U0001f3fd",
        "e\u0301",
        "漢x",
    ):
        kept = cells(text)
        assert cell_len("".join(cell[0] for cell in kept)) == sum(map(len, kept)) == cell_width(text)
