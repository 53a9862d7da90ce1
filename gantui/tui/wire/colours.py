"""Colours, reduced to what the terminal can show and the line should carry."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Literal

from gantui.tui.wire.cells import FLAT, INKED, PAPER, Style

Depth = Literal["true", "256", "16", "none"]

_CUBE = (0, 95, 135, 175, 215, 255)  # the levels of the palette's 6 x 6 x 6 cube, entries 16 to 231
_GREYS = {16: 0, **{232 + i: 8 + 10 * i for i in range(24)}, 231: 255}  # entry -> level: 26 greys
_BASIC = (
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)),
    *(
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255,) * 3,
    ),
)  # what most terminals show as the first 16 entries

_SEEN_ON_BLANKS = {"4", "21", "7", "9", "51", "52", "53"}  # underlined, reversed, struck, framed, overlined
_MARKS_OFF = {"22": "12", "23": "3", "24": "4", "25": "56", "27": "7", "28": "8", "29": "9"}
_KEPT = 4096  # styles: a screen has some hundred, pictures in true colour bring thousands of new ones each


def colour_depth(environ: Mapping[str, str]) -> Depth:
    """Return how many colours the terminal described by `environ` has: "true", "256" or "none".

    "16" (greys) is never the answer: it is a choice for a thin line, not something terminals differ in. A terminal with
    a name but without "256" in it is taken to know the 256 colours too, or to map them to its own, as xterm, screen,
    tmux and the Linux console do.
    """
    term = environ.get("TERM", "").lower()
    if (
        environ.get("NO_COLOR")
        or term in ("", "dumb", "unknown")
        or term.startswith(("vt1", "vt2", "vt3", "vt4", "vt5"))
    ):
        return "none"
    # GNU screen hands COLORTERM on from the terminal it was started in, and can't show what it promises. tmux can.
    in_screen = "STY" in environ or (term.startswith("screen") and "TMUX" not in environ)
    promised = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") and not in_screen
    return "true" if promised or term.endswith("-direct") else "256"


class Palette:
    """Turns the SGR parameters a style was written with into the `Style` that is sent."""

    def __init__(self, depth: Depth) -> None:
        self.depth = depth
        self._styles: dict[str, Style] = {}

    def style(self, parameters: str) -> Style:
        """Return the style of `parameters` ("1;38;2;255;0;0"), counted from no style at all."""
        style = self._styles.get(parameters)
        if style is None:
            if len(self._styles) >= _KEPT:
                self._styles.clear()
            style = self._styles[parameters] = self._read(parameters)
        return style

    def _read(self, parameters: str) -> Style:
        colours = {"3": "39", "4": "49"}
        marks: set[str] = set()
        codes = iter(parameters.replace(":", ";").split(";"))
        for code in codes:
            if code in ("", "0"):
                colours = {"3": "39", "4": "49"}
                marks.clear()
            elif code in ("38", "48"):
                colours[code[0]] = self._extended(code, codes)
            elif code in ("39", "49"):
                colours[code[0]] = code
            elif len(code) == 2 and code[0] in "34":
                colours[code[0]] = self._entry(code[0] + "8", int(code[1]), code)
            elif (len(code) == 2 and code[0] == "9") or (len(code) == 3 and code[:2] == "10"):
                ground = "3" if len(code) == 2 else "4"
                colours[ground] = self._entry(ground + "8", 8 + int(code[-1]), code)
            elif code in _MARKS_OFF:
                marks.difference_update(_MARKS_OFF[code], {"21"} if code == "24" else ())
            elif code in ("54", "55"):
                marks.difference_update(("51", "52") if code == "54" else ("53",))
            elif code.isdecimal():
                marks.add(code)
        fg, bg = colours["3"], colours["4"]
        inked = not marks.isdisjoint(_SEEN_ON_BLANKS)
        same = fg[2:] == bg[2:] != "" and marks.isdisjoint(("1", "2"))  # bold may brighten
        return Style(fg, bg, ";".join(sorted(marks)), FLAT if same else INKED if inked else PAPER)

    def _extended(self, code: str, codes: Iterator[str]) -> str:
        try:
            if next(codes) == "5":
                entry = int(next(codes))
                return self._entry(code, entry, f"{code};5;{entry}")
            red, green, blue = [min(255, int(next(codes))) for _ in range(3)]
        except (StopIteration, ValueError):
            return code[0] + "9"
        return self._rgb(code, red, green, blue)

    def _entry(self, code: str, entry: int, as_written: str) -> str:
        """A colour that was given as an entry of the palette: the user's own palette, unless only greys may be sent."""
        if self.depth == "16":
            return self._rgb(code, *_level(entry))
        return code[0] + "9" if self.depth == "none" else as_written

    def _rgb(self, code: str, red: int, green: int, blue: int) -> str:
        if self.depth == "true":
            return f"{code};2;{red};{green};{blue}"
        if self.depth == "256":
            return f"{code};5;{nearest_256(red, green, blue)}"
        if self.depth == "16":
            return f"{code};5;{nearest_16(red, green, blue)}"
        return code[0] + "9"


@lru_cache(4096)
def nearest_256(red: int, green: int, blue: int) -> int:
    """Return the entry (16 to 255) of the 256-colour palette nearest to a colour of 0 to 255 per channel.

    The cube's own greys give way to those of the ramp, so that there are 26 greys and not 30: four that differ from a
    neighbour by 3 of 255 or less cost bytes and can't be told apart.
    """
    r, g, b = _nearest_level(red), _nearest_level(green), _nearest_level(blue)
    grey = _nearest_grey((red + green + blue + 1) // 3)
    level = _GREYS[grey]
    to_grey = (level - red) ** 2 + (level - green) ** 2 + (level - blue) ** 2
    to_cube = (_CUBE[r] - red) ** 2 + (_CUBE[g] - green) ** 2 + (_CUBE[b] - blue) ** 2
    return grey if r == g == b or to_grey < to_cube else 16 + 36 * r + 6 * g + b


def nearest_16(red: int, green: int, blue: int) -> int:
    """Return the entry of the 256-colour palette for the luma of a colour, one of 16 greys."""
    luma = (299 * red + 587 * green + 114 * blue) / 1000
    return _nearest_grey(round(luma / 17) * 17)


@cache
def _nearest_level(value: int) -> int:
    return min(range(6), key=lambda i: abs(_CUBE[i] - value))


@cache
def _nearest_grey(value: int) -> int:
    return min(_GREYS, key=lambda entry: abs(_GREYS[entry] - value))


def _level(entry: int) -> tuple[int, int, int]:
    """Return the colour most terminals show for an entry (0 to 255) of the palette."""
    if entry < 16:
        red, green, blue = _BASIC[max(0, entry)]
        return red, green, blue
    if entry < 232:
        entry -= 16
        return _CUBE[entry // 36], _CUBE[entry // 6 % 6], _CUBE[entry % 6]
    grey = 8 + 10 * (min(255, entry) - 232)
    return grey, grey, grey
