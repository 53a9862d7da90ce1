"""What is written to a terminal, carried out on a grid of cells."""

import re
from collections.abc import Callable

from gantui.tui.wire.cells import PLAIN, Grid, Style, narrow

_CONTROL = r"\x00-\x1f\x7f-\x9f"
_TOKENS = re.compile(
    rf"\x1b\[([\d;:]+)m([^{_CONTROL}]*)\x1b\[0m"  # 1, 2: a run of text in a style, which is nearly all there is
    r"|\x1b\[(\d+);(\d+)H"  # 3, 4: the cursor is moved
    rf"|([^{_CONTROL}]+)"  # 5: text
    r"|(\x1b\[[0-?]*[ -/]*[@-~]"  # 6: any other sequence: CSI,
    r"|\x1b\].*?(?:\x07|\x1b\\)"  # OSC,
    r"|\x1b[PX^_].*?\x1b\\"  # DCS, SOS, PM, APC,
    r"|\x1b[ -/]*[0-Z\\`-~]"  # two characters,
    rf"|[{_CONTROL}])",  # a single control character
    re.DOTALL,
)
_MOVE_OR_ERASE = re.compile(r"\x1b\[([\d;]*)([A-HJKdf])")


class Parser:
    """Carries out on a `Grid` what would draw on a terminal, and gives back what wouldn't.

    `style` makes a `Style` of SGR parameters, counted from no style. Hyperlinks are taken out (they are written around
    their text, which goes another way), and so are stray control characters.
    """

    def __init__(self, style: Callable[[str], Style]) -> None:
        self._style = style
        self._parameters = ""  # SGR that no reset has ended yet
        self._x = self._y = 0

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, from 0."""
        return self._x, self._y

    def feed(self, text: str, grid: Grid, touched: set[int]) -> list[str]:
        """Carry out `text` on `grid` and add the rows it may have changed to `touched`.

        Returns the sequences that don't draw (modes, queries, titles, the clipboard, the bell), in order. `text` has no
        half sequences.
        """
        passing: list[str] = []
        style, put, width = self._style, grid.put, grid.width
        x, y, parameters = self._x, self._y, self._parameters
        chars, styles = grid.row(y)
        for run, styled, row, column, plain, other in _TOKENS.findall(text):
            if run:
                drawn = style(f"{parameters};{run}" if parameters else run)
                size = len(styled)
                end = x + size
                if end < width and narrow(styled) and chars[x] and chars[end]:  # `Grid.put`, where nothing needs care
                    chars[x:end] = styled
                    styles[x:end] = [drawn] * size
                    x = end
                else:
                    x = put(x, y, styled, drawn)
                parameters = ""
            elif row:
                x, y = max(1, int(column)) - 1, max(1, int(row)) - 1
                touched.add(y)
                chars, styles = grid.row(y)
            elif plain:
                x = put(x, y, plain, style(parameters) if parameters else PLAIN)
            elif other == "\n":
                x, y = 0, y + 1
                touched.add(y)
                chars, styles = grid.row(y)
            elif other == "\r":
                x = 0
            elif other[:2] == "\x1b[" and other[-1] == "m" and other[2:3] not in (">", "?"):
                parameters = f"{parameters};{other[2:-1]}" if other not in ("\x1b[m", "\x1b[0m") else ""
            elif moved := _MOVE_OR_ERASE.fullmatch(other):
                x, y = _move_or_erase(moved[2], moved[1], x, y, grid, touched)
                chars, styles = grid.row(y)
            elif other.startswith("\x1b]8;"):
                pass
            elif len(other) > 1 or other == "\x07":
                passing.append(other)
        self._x, self._y, self._parameters = x, y, parameters
        return passing


def _move_or_erase(final: str, parameters: str, x: int, y: int, grid: Grid, touched: set[int]) -> tuple[int, int]:
    numbers = [int(number or 0) for number in parameters.split(";")]
    first, second = numbers[0], numbers[1] if len(numbers) > 1 else 0
    step = max(1, first)
    if final in "JK" and first != 1:
        start = x if first == 0 else 0
        rows = range(y + 1 if first == 0 else 0, grid.height) if final == "J" else ()
        grid.put(start, y, " " * (grid.width - start), PLAIN)
        for row in rows:
            grid.put(0, row, " " * grid.width, PLAIN)
        touched.update((y, *rows))
        return x, y
    if final in "Hf":
        x, y = max(1, second) - 1, step - 1
    elif final == "A":
        y -= step
    elif final == "B":
        y += step
    elif final == "C":
        x += step
    elif final == "D":
        x -= step
    elif final == "E":
        x, y = 0, y + step
    elif final == "F":
        x, y = 0, y - step
    elif final == "G":
        x = step - 1
    elif final == "d":
        y = step - 1
    x, y = max(0, min(grid.width - 1, x)), max(0, min(grid.height - 1, y))
    touched.add(y)
    return x, y
