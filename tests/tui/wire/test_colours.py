import pytest
from hypothesis import given
from hypothesis import strategies as st

from gantui.tui.wire.cells import FLAT, INKED, PAPER, Style
from gantui.tui.wire.colours import Depth, Palette, colour_depth, nearest_16, nearest_256

levels = st.integers(0, 255)


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "true"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, "true"),
        ({"TERM": "xterm-direct"}, "true"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm"}, "256"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/s,1,0", "COLORTERM": "truecolor"}, "true"),
        ({"TERM": "screen-256color", "TMUX": "/tmp/s,1,0", "COLORTERM": "truecolor"}, "true"),
        ({"TERM": "screen-256color", "TMUX": "/tmp/s,1,0"}, "256"),
        ({"TERM": "screen", "STY": "1.pts", "COLORTERM": "truecolor"}, "256"),
        ({"TERM": "screen.xterm-256color", "COLORTERM": "truecolor"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
        ({"TERM": "dumb"}, "none"),
        ({"TERM": "vt100"}, "none"),
        ({}, "none"),
    ],
)
def test_depth_is_read_from_the_environment(environ: dict[str, str], depth: Depth) -> None:
    assert colour_depth(environ) == depth


@pytest.mark.parametrize(
    ("depth", "fg", "bg"),
    [
        ("true", "38;2;255;0;10", "48;2;18;18;18"),
        ("256", "38;5;196", "48;5;233"),
        ("16", "38;5;240", "48;5;233"),
        ("none", "39", "49"),
    ],
)
def test_a_style_is_reduced_to_the_depth(depth: Depth, fg: str, bg: str) -> None:
    assert Palette(depth).style("1;38;2;255;0;10;48;2;18;18;18") == Style(fg, bg, "1", PAPER)


def test_parameters_are_read_in_order() -> None:
    palette = Palette("256")
    assert palette.style("31;44;1;3;22") == Style("31", "44", "3", PAPER)
    assert palette.style("4;91;107") == Style("91", "107", "4", INKED)
    assert palette.style("7;0;38;5;9;49") == Style("38;5;9", "49", "", PAPER)
    assert palette.style("38;5;20;48;5;20") == Style("38;5;20", "48;5;20", "", FLAT)
    assert palette.style("38;2;1") == Style()
    assert Palette("16").style("31").fg.startswith("38;5;2")


@given(levels, levels, levels)
def test_256_colours_are_the_nearest(red: int, green: int, blue: int) -> None:
    cube = (0, 95, 135, 175, 215, 255)
    colours = {
        16 + 36 * r + 6 * g + b: (cube[r], cube[g], cube[b]) for r in range(6) for g in range(6) for b in range(6)
    }
    colours |= {232 + i: (8 + 10 * i,) * 3 for i in range(24)}

    def distance(entry: int) -> float:
        return sum((a - b) ** 2 for a, b in zip(colours[entry], (red, green, blue), strict=True)) ** 0.5

    chosen = nearest_256(red, green, blue)
    assert distance(chosen) <= min(map(distance, colours)) + 6  # the cube's own greys stand aside


def test_there_are_26_greys_and_16_for_a_thin_line() -> None:
    greys = [nearest_256(value, value, value) for value in range(256)]
    assert len(set(greys)) == 26
    assert (
        len({nearest_16(r, g, b) for r in range(0, 256, 15) for g in range(0, 256, 15) for b in range(0, 256, 15)})
        == 16
    )


def test_styles_do_not_pile_up() -> None:
    palette = Palette("true")
    for value in range(20_000):
        palette.style(f"38;2;{value >> 16};{value >> 8 & 255};{value & 255}")
    assert len(palette._styles) <= 16_384
