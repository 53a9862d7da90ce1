import pytest

from gantui.tui.wire.cells import PLAIN, Grid, Style
from gantui.tui.wire.colours import Palette
from gantui.tui.wire.parse import Parser


def fed(*texts: str, width: int = 8, height: int = 3) -> tuple[list[str], list[str], set[int], Grid]:
    """Return what the rows show, what passed, and which rows were touched."""
    grid, parser, touched = Grid(width, height), Parser(Palette("true").style), set[int]()
    passed = [sequence for text in texts for sequence in parser.feed(text, grid, touched)]
    return ["".join(char or "" for char in row) for row in grid.chars], passed, touched, grid


def test_runs_are_drawn_where_the_cursor_is() -> None:
    rows, passed, touched, grid = fed("\x1b[2;3H\x1b[31mab\x1b[0m\x1b[1mc\x1b[0md\n\x1b[4mx\x1b[0m")
    assert rows == ["        ", "  abcd  ", "x       "]
    assert not passed
    assert touched == {1, 2}
    assert grid.styles[1][2:6] == [Style("31"), Style("31"), Style(marks="1"), PLAIN]


def test_what_does_not_draw_passes_in_order() -> None:
    sequences = [
        *("\x1b[?1049h", "\x1b[>25u", "\x1b[?2026$p", "\x1b[2 q", "\x1b]52;c;aGk=\x07", "\x1b]22;pointer\x1b\\"),
        *("\x07", "\x1bP+q544e\x1b\\", "\x1b=", "\x1b[6n", "\x1b[<u"),
    ]
    rows, passed, _, _ = fed("".join(sequences[:6]) + "\x1b[1;1Ha" + "".join(sequences[6:]) + "b")
    assert passed == sequences
    assert rows[0] == "ab      "


def test_links_and_stray_controls_are_taken_out_and_their_text_stays() -> None:
    rows, passed, _, _ = fed("\x1b[1;1H\x1b]8;id=1;http://x\x1b\\\x1b[4mli\x08\x00nk\x1b[0m\x1b]8;;\x1b\\!\x9b")
    assert rows[0] == "link!   "
    assert not passed


def test_styles_add_up_until_a_reset() -> None:
    _, _, _, grid = fed("\x1b[1;1H\x1b[31m\x1b[1mab\x1b[0mc", "\x1b[32md", "e\x1b[mf")
    assert grid.styles[0][:6] == [Style("31", marks="1")] * 2 + [PLAIN] + [Style("32")] * 2 + [PLAIN]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("\x1b[1;3H\x1b[K", "01      "),
        ("\x1b[1;3H\x1b[J", "01      "),
        ("\x1b[2J", "        "),
        ("\x1b[2;1H\x1b[A\x1b[3Cx", "012x4567"),
        ("\x1b[1;8H\x1b[2Dx", "01234x67"),
        ("\x1b[3G\x1b[1dx\ry", "y1x34567"),
        ("\x1b[H\x1b[99Cx", "0123456x"),
    ],
)
def test_moves_and_erasures_are_carried_out(text: str, row: str) -> None:
    assert fed("\x1b[1;1H01234567\x1b[1;1H", text)[0][0] == row


def test_writing_below_and_beside_the_grid_does_nothing() -> None:
    rows, _, _, _ = fed("\x1b[9;1Hx\x1b[1mlong text\x1b[0m\x1b[1;9Hy\x1b[1mz\x1b[0m")
    assert rows == ["        "] * 3
