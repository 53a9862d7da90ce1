"""Rows of text: headers, titles, footers; what doesn't fit is left out piece by piece."""

from collections.abc import Sequence

from gantui.tui.draw.ink import Ink, Line, Lines, Segment, cell_width, cells, fitted

Part = Sequence[Segment]


def row(width: int, left: Sequence[Part], right: Sequence[Part] = (), *, bg: str | None = None) -> Line:
    """Return a line of `width` cells: parts from the left, parts at the right end, blanks between.

    A part that doesn't fit is left out, whole: of the right the first, then of the left the last; the very
    first of the left is cut instead.
    """
    left, right = list(left), list(right)
    while right and _width(left) + _width(right) + 1 > width:
        right.pop(0)
    while len(left) > 1 and _width(left) > width:
        left.pop()
    gap = width - _width(left) - _width(right)
    segments = [segment for part in left for segment in part]
    if gap < 0:
        segments = cut(segments, width)
        gap = 0
    segments += [(" " * gap, Ink())] if gap else []
    segments += [segment for part in right for segment in part]
    return [(_safe(text), ink._replace(bg=ink.bg or bg)) for text, ink in segments]


def cut(segments: Part, width: int) -> Line:
    """Return the segments cut to `width` cells."""
    kept: Line = []
    room = width
    for text, ink in segments:
        if room <= 0:
            break
        kept.append((fitted(text, room), ink))
        room -= cell_width(kept[-1][0])
    return [*kept, (" " * room, Ink())] if room > 0 else kept


def beside(drawings: Sequence[Lines], gap: int = 2) -> Lines:
    """Return drawings of one height next to each other, `gap` blank cells between."""
    between: Line = [(" " * gap, Ink())]
    return [
        [segment for index, line in enumerate(lines) for segment in ([*between, *line] if index else line)]
        for lines in zip(*drawings, strict=True)
    ]


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` broken at blanks into lines of at most `width` cells; longer words are cut. At least one line."""
    lines, line = [], ""
    for word in text.split():
        if line and cell_width(line) + 1 + cell_width(word) > width:
            lines.append(line)
            line = ""
        while cell_width(word) > max(width - cell_width(line), 1):
            kept = _head(word, width)
            lines.append(kept)
            word = word[len(kept) :]
        line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines


def _head(word: str, width: int) -> str:
    """Return as many characters as `width` cells hold, but at least one."""
    count = 1
    while count < len(word) and cell_width(word[: count + 1]) <= width:
        count += 1
    return word[:count]


def title(width: int, name: str, parts: Sequence[Part], right: Sequence[Part], *, focused: bool = False) -> Line:
    """Return the first row of a panel: its name, what it says beside, and a rule to its end."""
    ink = Ink("accent", bold=True) if focused else Ink("title", bold=True)
    head: Part = [("━ " if focused else "─ ", Ink("accent" if focused else "rule")), (f"{name} ", ink)]
    line = row(width, [head, *parts], right)
    return [("".join("━" if focused else "─" for _ in text), Ink("accent" if focused else "rule"))
            if not text.strip() and len(text) > 1 else (text, ink) for text, ink in line]  # fmt: skip


def _width(parts: Sequence[Part]) -> int:
    return sum(cell_width(text) for part in parts for text, _ in part)


def _safe(text: str) -> str:
    return "".join(cell[0] for cell in cells(text))  # without the blank that stands for a wide one's second cell
