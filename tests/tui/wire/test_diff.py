"""The difference, carried out on what is shown, gives what is wanted."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gantui.tui.wire.cells import FLAT, INKED, PLAIN, Grid, Style
from gantui.tui.wire.colours import Palette
from gantui.tui.wire.diff import difference
from gantui.tui.wire.parse import Parser

WIDTH, HEIGHT = 12, 3
PALETTE = Palette("true")
STYLES = [
    *(
        "",
        "31",
        "44",
        "31;44",
        "1",
        "1;2",
        "4;31",
        "7",
        "9;53",
        "38;5;7;48;5;7",
        "38;2;1;2;3;48;2;1;2;3",
        "3;38;2;1;2;3",
    ),
]
texts = st.text(st.sampled_from("ab  ⣿漢한é\u0301👍☔"), max_size=8)
writes = st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), texts, st.sampled_from(STYLES))


def look(grid: Grid) -> list[list[tuple[str, ...]]]:
    """What can be seen: of a blank, the background alone; where both colours are one, as of a blank."""
    rows = []
    for chars, styles in zip(grid.chars, grid.styles, strict=True):
        row = []
        for char, style in zip(chars, styles, strict=True):
            blank = style.kind == FLAT or (char == " " and style.kind != INKED)
            row.append((" ", style.bg) if blank else (str(char), style.fg, style.bg, style.marks))
        rows.append(row)
    return rows


def apply(grid: Grid, text: str) -> None:
    Parser(PALETTE.style).feed(text, grid, set())


@given(st.lists(st.lists(writes, max_size=8), min_size=1, max_size=4))
def test_it_leads_to_what_is_wanted(frames: list[list[tuple[int, int, str, str]]]) -> None:
    wanted, shown = Grid(WIDTH, HEIGHT), Grid(WIDTH, HEIGHT, fill=None)
    terminal = Grid(WIDTH, HEIGHT)
    for y in range(HEIGHT):
        terminal.put(0, y, "#" * WIDTH, Style("31", "42", "7", INKED))
    rows = set(range(HEIGHT))
    for frame in frames:
        for x, y, text, style in frame:
            wanted.put(x, y, text, PALETTE.style(style))
        apply(terminal, difference(shown, wanted, rows))
        assert look(terminal) == look(wanted)
        assert difference(shown, wanted, rows) == ""


def drawn(before: str, after: str, style: Style = PLAIN, then: Style | None = None) -> str:
    shown, wanted = Grid(20, 1), Grid(20, 1)
    shown.put(0, 0, before, style)
    wanted.put(0, 0, after, then or style)
    return difference(shown, wanted, {0})


def test_only_what_changed_is_sent() -> None:
    assert drawn("loss 0.125", "loss 0.127") == "\x1b[1;10H\x1b[0m7"
    assert drawn("same", "same") == ""


def test_short_gaps_are_written_and_long_ones_stepped_over() -> None:
    assert drawn("a12b", "x12y") == "\x1b[1H\x1b[0mx12y"
    assert drawn("a123456b", "x123456y") == "\x1b[1H\x1b[0mx\x1b[6Cy"
    assert drawn("a⣿⣿b", "x⣿⣿y") == "\x1b[1H\x1b[0mx\x1b[2Cy"


def test_only_the_half_of_the_colours_that_changes_is_sent() -> None:
    shown, wanted = Grid(4, 1), Grid(4, 1)
    for x, (fg, bg) in enumerate([("31", "44"), ("32", "44"), ("32", "45")]):
        wanted.put(x, 0, "x", Style(fg, bg))
    assert difference(shown, wanted, {0}) == "\x1b[1H\x1b[0;31;44mx\x1b[32mx\x1b[45mx"


def test_the_colour_of_what_is_not_there_is_not_sent() -> None:
    assert drawn("    ", "    ", Style("31", "44"), Style("32", "44")) == ""
    shown, wanted = Grid(3, 1), Grid(3, 1)
    wanted.put(0, 0, "a", Style("31", "44"))
    wanted.put(1, 0, " ", Style("32", "44"))
    wanted.put(2, 0, "b", Style("31", "44"))
    assert difference(shown, wanted, {0}) == "\x1b[1H\x1b[0;31;44ma b"


def test_marks_end_without_those_that_stay() -> None:
    shown, wanted = Grid(3, 1), Grid(3, 1)
    for x, marks in enumerate(["1;2;3", "2;3", ""]):
        wanted.put(x, 0, "x", Style(marks=marks))
    assert difference(shown, wanted, {0}) == "\x1b[1H\x1b[0;1;2;3mx\x1b[22;2mx\x1b[22;23mx"


def test_a_row_with_disputed_widths_is_written_whole_with_each_cell_in_its_place() -> None:
    sent = drawn("ab☔cd", "ab☔cx")
    assert sent.startswith("\x1b[1H\x1b[0mab☔\x1b[1;5Hcx")
    assert len(re.sub(r"\x1b\[[\d;]*[Hm]", "", sent)) == 19
    # Also the row they have just left: where they were is unknown.
    assert drawn("ab☔cd", "abxxcd").startswith("\x1b[1H\x1b[0mabxxcd")
