"""From the screen that is shown to the one that is wanted, in few bytes."""

from collections.abc import Iterable
from functools import lru_cache

from gantui.tui.wire.cells import FLAT, INKED, PAPER, Grid, Style, disputed, narrow

_STEP = 4  # bytes of a move to the right by 2 to 9 cells


def difference(shown: Grid, wanted: Grid, rows: Iterable[int]) -> str:
    """Return what makes a terminal that shows `shown` show `wanted`, where only `rows` may differ, and set `shown` to it.

    Both grids have the same size. Nothing is presumed of the terminal's cursor and style; line wrap has to be off.
    """
    out: list[str] = []
    pen: Style | None = None
    for y in sorted(rows):
        if y >= wanted.height:
            continue
        chars, styles = wanted.chars[y], wanted.styles[y]
        if chars != shown.chars[y] or styles != shown.styles[y]:
            pen = _row(out, pen, y, chars, styles, shown.chars[y], shown.styles[y])
            shown.chars[y], shown.styles[y] = chars.copy(), styles.copy()
    return "".join(out)


def _row(
    out: list[str],
    pen: Style | None,
    y: int,
    chars: list[str | None],
    styles: list[Style],
    old_chars: list[str | None],
    old_styles: list[Style],
) -> Style | None:
    """Append to `out` what changes one row; return the style the terminal is left with."""
    width = len(chars)
    odd = _odd(chars) or _odd(old_chars)
    if odd:  # where the terminal put things is unknown: the whole row, with the cursor put back after each of them
        changed = list(range(width))
    else:
        changed = [
            x
            for x, (new, old, style, was) in enumerate(zip(chars, old_chars, styles, old_styles, strict=True))
            if new != old or (style is not was and style != was)
        ]
    append = out.append
    at = -1  # the cursor's column in this row, if it is known
    for x in changed:
        char, style = chars[x] or "", styles[x]
        blank = style.kind == FLAT or (char == " " and style.kind == PAPER)
        if blank:
            old, was = old_chars[x], old_styles[x]
            if (
                not odd
                and was.bg == style.bg
                and (was.kind == FLAT and old is not None or old == " " and was.kind == PAPER)
            ):
                continue  # blanks differ only in the colour of what isn't there
            char = " "
        elif not char:
            continue  # the second half of a wide character, which went out with the first
        if at != x:
            between = _between(chars, styles, at, x, pen) if 0 <= at < x else None
            if between is not None:
                append(between)
            elif at >= 0:
                append(f"\x1b[{x - at}C" if x - at > 1 else "\x1b[C")
            else:
                append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        if style is not pen and not (blank and pen is not None and pen.bg == style.bg and pen.kind != INKED):
            target = (
                Style(pen.fg if pen else "39", style.bg, pen.marks if pen and pen.kind != INKED else "")
                if blank
                else style
            )
            if target != pen:
                append(_turn(pen, target))
                pen = target
        append(char)
        at = x + 1
        if odd and disputed(char):
            at = -1
        elif at < width and chars[at] == "" and not blank:
            at += 1
    return pen


def _odd(chars: list[str | None]) -> bool:
    """Whether a row has cells of disputed width."""
    text = "".join(char or "" for char in chars) if None in chars else "".join(chars)  # type: ignore[arg-type]
    return not narrow(text) and any(disputed(char) for char in chars if char and not narrow(char))


def _between(chars: list[str | None], styles: list[Style], start: int, end: int, pen: Style | None) -> str | None:
    """Return the unchanged cells `start` to `end` as text, if to write them again is shorter than to step over them."""
    if end - start > _STEP:
        return None
    text = ""
    for x in range(start, end):
        char, style = chars[x] or "", styles[x]
        if style.kind == FLAT or (char == " " and style.kind == PAPER):
            if pen is None or style.bg != pen.bg or pen.kind == INKED:
                return None
            text += " "
        elif style != pen:
            return None
        else:
            text += char
    return text if len(text.encode()) <= (_STEP if end - start > 1 else _STEP - 1) else None


@lru_cache(8192)
def _turn(pen: Style | None, style: Style) -> str:
    """Return the SGR sequence from one style to the other; from anything (`None`) it starts with a reset."""
    if pen is None:
        codes = ["0", *_marks(style.marks)]
        codes += [colour for colour, default in ((style.fg, "39"), (style.bg, "49")) if colour != default]
    else:
        old, new = _marks(pen.marks), _marks(style.marks)
        gone = [mark for mark in old if mark not in new]
        codes = list(dict.fromkeys(_OFF.get(mark, "0") for mark in gone))
        if "0" in codes:
            return _turn(None, style)
        # What ends one mark may end another with it (22 ends bold and dim): those that stay are said again.
        codes += [mark for mark in new if mark not in old or _OFF.get(mark) in codes]
        codes += [colour for colour, was in ((style.fg, pen.fg), (style.bg, pen.bg)) if colour != was]
    return f"\x1b[{';'.join(codes)}m"


_OFF = {
    **{"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"},
    **{"51": "54", "52": "54", "53": "55"},
}


def _marks(marks: str) -> list[str]:
    return marks.split(";") if marks else []
