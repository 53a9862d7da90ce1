"""From the screen that is shown to the one that is wanted, in few bytes."""

from collections.abc import Iterable
from functools import lru_cache

from gantui.tui.wire.cells import FLAT, INKED, PAPER, Grid, Style, disputed, narrow

_STEP = 4  # bytes of a move to the right by 2 to 9 cells


def difference(shown: Grid, wanted: Grid, rows: Iterable[int]) -> str:
    """Return what makes a terminal that shows `shown` show `wanted`, which differ in `rows` at most; update `shown`.

    Both grids have the same size. Nothing is presumed of the terminal's cursor and style; line wrap has to be off.
    """
    pencil = _Pencil()
    for y in sorted(rows):
        if y >= wanted.height:
            continue
        chars, styles = wanted.chars[y], wanted.styles[y]
        old_chars, old_styles = shown.chars[y], shown.styles[y]
        if chars == old_chars and styles == old_styles:
            continue
        pencil.x = -1
        if _odd(chars) or _odd(old_chars):
            _whole(pencil, y, chars, styles)
        else:
            _changes(pencil, y, chars, styles, old_chars, old_styles)
        shown.chars[y], shown.styles[y] = chars.copy(), styles.copy()
    return "".join(pencil.out)


class _Pencil:
    """The terminal as it is left by what was written: the cursor's column in the row (-1: elsewhere) and the style."""

    __slots__ = ("out", "style", "x")

    def __init__(self) -> None:
        self.out: list[str] = []
        self.x = -1
        self.style: Style | None = None

    def go(self, x: int, y: int) -> None:
        if self.x < 0:
            self.out.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        else:
            self.out.append(f"\x1b[{x - self.x}C" if x - self.x > 1 else "\x1b[C")
        self.x = x

    def write(self, text: str, style: Style, end: int) -> None:
        """Write `text`, which reaches up to column `end`."""
        pen = self.style
        if style is not pen:
            if style.kind == FLAT:
                text = " " * (end - self.x)
            if not self.blank(text, style):
                if style != pen:
                    self.out.append(_turn(pen, style))
                    self.style = style
            elif pen is None or pen.bg != style.bg or pen.kind == INKED:  # the foreground may stay as it is
                paper = Style(pen.fg if pen else "39", style.bg, pen.marks if pen and pen.kind != INKED else "")
                self.out.append(_turn(pen, paper))
                self.style = paper
        self.out.append(text)
        self.x = end

    def blank(self, text: str | None, style: Style) -> bool:
        return style.kind == FLAT or (style.kind == PAPER and text is not None and not text.strip(" "))


def _changes(
    pencil: _Pencil,
    y: int,
    chars: list[str | None],
    styles: list[Style],
    old_chars: list[str | None],
    old_styles: list[Style],
) -> None:
    """Write the cells of row `y` that differ, in runs of one style."""
    changed = [
        x
        for x, (new, old, style, was) in enumerate(zip(chars, old_chars, styles, old_styles, strict=True))
        if new != old
        or (
            style is not was
            and style != was
            # blanks that differ only in the colour of what isn't there are the same
            and not (new == " " and style.bg == was.bg and style.kind == PAPER == was.kind)
        )
    ]
    start = end = -1
    style: Style | None = None
    for x in changed:
        if x != end or styles[x] is not style:
            if style is not None:
                _run(pencil, y, start, end, chars, styles)
            start, style = x, styles[x]
        end = x + 1
    if style is not None:
        _run(pencil, y, start, end, chars, styles)


def _run(pencil: _Pencil, y: int, start: int, end: int, chars: list[str | None], styles: list[Style]) -> None:
    if pencil.x != start and not (0 <= pencil.x < start <= pencil.x + _STEP and _fill(pencil, start, chars, styles)):
        pencil.go(start, y)
    text = "".join(chars[start:end])  # type: ignore[arg-type]  # a wanted cell is never unknown
    if end < len(chars) and chars[end] == "":
        end += 1  # a wide character took the place of another one: its second half didn't change
    pencil.write(text, styles[start], end)


def _fill(pencil: _Pencil, end: int, chars: list[str | None], styles: list[Style]) -> bool:
    """Write the unchanged cells up to `end` again, if that is shorter than to step over them; return whether it was."""
    start, pen = pencil.x, pencil.style
    text = ""
    for char, style in zip(chars[start:end], styles[start:end], strict=True):
        if pencil.blank(char, style):
            if pen is None or style.bg != pen.bg or pen.kind == INKED:
                return False
            text += " "
        elif style != pen:
            return False
        else:
            text += char or ""
    if len(text.encode()) > (_STEP if end - start > 1 else _STEP - 1):
        return False
    pencil.out.append(text)
    pencil.x = end
    return True


def _odd(chars: list[str | None]) -> bool:
    """Whether a row has cells of disputed width."""
    if chars[0] is None:  # nothing is known of the row: it will be written whole anyway
        return False
    return not narrow("".join(chars)) and any(char and disputed(char) for char in chars)  # type: ignore[arg-type]


def _whole(pencil: _Pencil, y: int, chars: list[str | None], styles: list[Style]) -> None:
    """Write all cells of row `y`, with the cursor put in its place after each one of disputed width."""
    for x, (char, style) in enumerate(zip(chars, styles, strict=True)):
        if char:
            if pencil.x != x:
                pencil.x = -1
                pencil.go(x, y)
            wide = x + 1 < len(chars) and chars[x + 1] == ""
            pencil.write(char, style, x + 1 + wide)
            if disputed(char):
                pencil.x = -1


@lru_cache(2048)
def _turn(pen: Style | None, style: Style) -> str:
    """Return the SGR sequence from one style to the other; from anything (`None`) it starts with a reset."""
    if pen is None:
        codes = ["0", *_marks(style.marks)]
        codes += [colour for colour, default in ((style.fg, "39"), (style.bg, "49")) if colour != default]
    else:
        old, new = _marks(pen.marks), _marks(style.marks)
        codes = list(dict.fromkeys(_OFF.get(mark, "0") for mark in old if mark not in new))
        if "0" in codes:
            return _turn(None, style)
        # What ends one mark may end another with it (22 ends bold and dim): those that stay are said again.
        codes += [mark for mark in new if mark not in old or _OFF.get(mark) in codes]
        codes += [colour for colour, was in ((style.fg, pen.fg), (style.bg, pen.bg)) if colour != was]
    return f"\x1b[{';'.join(codes)}m"


_OFF = {  # mark -> what ends it
    **dict.fromkeys(("1", "2"), "22"),
    **dict.fromkeys(("4", "21"), "24"),
    **dict.fromkeys(("5", "6"), "25"),
    **dict.fromkeys(("51", "52"), "54"),
    "3": "23",
    "7": "27",
    "8": "28",
    "9": "29",
    "53": "55",
}


def _marks(marks: str) -> list[str]:
    return marks.split(";") if marks else []
