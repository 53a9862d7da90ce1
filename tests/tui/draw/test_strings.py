"""Text as lines."""

import pytest
from drawings import assert_golden, assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.tui.draw.ink import Ink, plain
from gantui.tui.draw.strings import draw

INK = Ink("fake")
EXPRESSIONS = ["7*(12+3)-45", "1+2", "", "9/(8-(7+6))*5", "30-4", "(1+2)*(3+4)", "11*11"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=30), st.integers(1, 90), st.integers(1, 9))
def test_any_text_fills_exactly_any_area(strings: list[str], width: int, height: int) -> None:
    assert_whole(draw(strings, width, height, INK), width, height)


@pytest.mark.parametrize(("width", "height"), [(48, 3), (20, 4), (6, 3)])
def test_lines_look_as_they_did(width: int, height: int) -> None:
    assert_golden(f"strings_{width}x{height}", draw(EXPRESSIONS, width, height, INK))


def test_as_many_columns_as_there_is_room_for_each_filled_before_the_next() -> None:
    lines = plain(draw([str(number) for number in range(100)], 9 * 3 + 2 * 2 + 3, 4, INK))
    assert [line.split() for line in lines] == [[str(row + 4 * column) for column in range(4)] for row in range(4)]


def test_what_a_terminal_would_obey_is_made_visible_and_wide_characters_keep_their_place() -> None:
    lines = plain(draw(["\x1b[2J", "日本語", "e\u0301e\u0301", "ab"], 20, 2, INK))
    assert lines == ["\\x1b[2J  éé         ", "日本語   ab         "]
