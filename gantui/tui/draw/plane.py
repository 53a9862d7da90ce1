"""Data in the plane as theory sees it: D as colours, points, where samples are pushed, G's grid, what modes hold."""

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from gantui.tui.draw import axis, field, heat, scatter
from gantui.tui.draw.heat import NOTHING
from gantui.tui.draw.ink import Ink, Lines, Sheet
from gantui.tui.draw.scatter import GUTTER, LEAST_HEIGHT, LEAST_WIDTH, MONO, Extent
from gantui.tui.draw.strokes import braille

if TYPE_CHECKING:
    import numpy as np


class Shown(NamedTuple):
    """What there is to draw; None is left out.

    `real` and `fake` are points (N, 2); `d_map` (H, W) is D from the top left over `extent`, from and to in x, then y,
    between `low` and `high`; `arrows` (A, 2) are for the first of `fake`; `manifold` (n, m, 2); `modes` (M, 3) are x, y
    and a count.
    """

    real: "np.ndarray | None" = None
    fake: "np.ndarray | None" = None
    origins: "np.ndarray | None" = None
    d_map: "np.ndarray | None" = None
    extent: Extent | None = None
    arrows: "np.ndarray | None" = None
    manifold: "np.ndarray | None" = None
    modes: "np.ndarray | None" = None
    low: float = 0.0
    high: float = 1.0


def draw(shown: Shown, ends: Extent, width: int, height: int, mono: bool = False) -> Lines:
    """Return all of it over `ends`, which are widened to one scale for x and y where they are not too unequal.

    `mono`: without colours D is shades and points are characters.
    """
    sheet = Sheet(width, height)
    left = GUTTER if width >= LEAST_WIDTH else 0
    axes = height >= LEAST_HEIGHT
    top, rows = (1, height - 3) if axes else (0, height)
    columns = width - left
    ends = scatter.one_scale(ends, columns, rows)
    picture = _Picture(sheet, left, top, columns, rows, ends, mono)
    picture.colour(shown)
    if shown.manifold is not None:
        picture.dots(field.lattice(shown.manifold, ends, columns, rows), Ink("g"))
    outside = picture.points(shown.real, shown.fake)
    if shown.arrows is not None and shown.origins is not None:
        picture.arrows(shown.origins, shown.arrows)
    if shown.modes is not None:
        picture.counts(shown.modes)
    if left:
        scatter.y_axis(sheet, left, top, rows, ends)
    if axes:
        axis.draw_bottom(sheet, left, columns, ends[0], ends[1])
        _legend(sheet, shown, outside, mono)
    return sheet.lines()


class _Picture:
    """The cells of a sheet that the plane takes; each layer covers those before it."""

    def __init__(self, sheet: Sheet, left: int, top: int, columns: int, rows: int, ends: Extent, mono: bool) -> None:
        self._sheet, self._left, self._top, self._mono = sheet, left, top, mono
        self._columns, self._rows, self._ends = columns, rows, ends
        self._grounds: list[list[str | None]] = [[None] * columns for _ in range(rows)]

    def colour(self, shown: Shown) -> None:
        """D, two levels to a cell; what comes over it stands on the level between."""
        if shown.d_map is None or shown.extent is None:
            return
        levels = heat.levels(
            shown.d_map, shown.extent, shown.low, shown.high, self._ends, self._columns, self._rows
        ).tolist()
        cells: dict[tuple[int, int], tuple[str, Ink]] = {}
        for row in range(self._rows):
            chars, inks = self._sheet.chars[self._top + row], self._sheet.inks[self._top + row]
            for column, pair in enumerate(zip(levels[2 * row], levels[2 * row + 1], strict=True)):
                if pair not in cells:
                    cells[pair] = heat.cell(*pair, self._mono)
                chars[self._left + column], inks[self._left + column] = cells[pair]
                if not self._mono:
                    self._grounds[row][column] = heat.role(sum(pair) // 2 if NOTHING not in pair else max(pair))

    def dots(self, dots: "np.ndarray", ink: Ink, below: Collection[str] = ()) -> None:
        """A layer of dots in one ink, below cells of some roles."""
        import numpy as np

        codes = braille(dots)
        for row, column in np.argwhere(codes > 0x2800).tolist():
            if self._sheet.inks[self._top + row][self._left + column].fg not in below:
                self._put(column, row, chr(codes[row, column]), ink)

    def points(self, real: "np.ndarray | None", fake: "np.ndarray | None") -> int:
        """Data and samples, each cell in the ink of what it has more of; returns how many samples lie outside."""
        import numpy as np

        none = np.zeros((0, 2))
        counts = [
            scatter.dots(none if points is None else points, self._ends, self._columns, self._rows)
            for points in (real, fake)
        ]
        codes = braille((counts[0] + counts[1]) > 0)
        kinds = scatter.kinds(*counts)
        for row, column in np.argwhere(codes > 0x2800).tolist():
            role = ("real", "fake", "both")[kinds[row, column]]
            self._put(column, row, MONO[role] if self._mono else chr(codes[row, column]), Ink(role))
        return 0 if fake is None else len(fake) - int(counts[1].sum())

    def arrows(self, origins: "np.ndarray", steps: "np.ndarray") -> None:
        """Shafts of dots, and tips. Where data is, samples are drawn to: shafts don't hide it."""
        drawn = field.arrows(origins, steps, self._ends, self._columns, self._rows)
        self.dots(drawn.shafts, Ink("cursor"), below=("real", "both"))
        for column, row, tip in drawn.tips:
            self._put(column, row, tip, Ink("cursor", bold=True))

    def counts(self, modes: "np.ndarray") -> None:
        """How many samples each mode has, above its centre (below it at the upper edge)."""
        import numpy as np

        places = field.to_dots(modes[:, :2], self._ends, self._columns, self._rows)
        for (x, y), count in zip(places.tolist(), modes[:, 2].tolist(), strict=True):
            if not (0 <= x < 2 * self._columns and 0 <= y < 4 * self._rows and np.isfinite(count)):
                continue
            row = int(y) // 4 + (-1 if y >= 4 else 1)
            text = axis.label(count)
            column = min(max(int(x) // 2 - len(text) // 2, 0), self._columns - len(text))
            for place, char in enumerate(text, max(column, 0)):
                if 0 <= row < self._rows and place < self._columns:
                    self._put(place, row, char, Ink("text" if count else "error", bold=True))

    def _put(self, column: int, row: int, char: str, ink: Ink) -> None:
        y, x = self._top + row, self._left + column
        self._sheet.chars[y][x] = char
        self._sheet.inks[y][x] = ink._replace(bg=self._grounds[row][column])


def _legend(sheet: Sheet, shown: Shown, outside: int, mono: bool) -> None:
    entries: list[list[tuple[str, Ink]]] = []
    for role, name, there in (
        ("real", "data", shown.real is not None),
        ("fake", "samples", shown.fake is not None),
        ("both", "both", shown.real is not None and shown.fake is not None),
    ):
        if there:
            entries.append([(f"{MONO[role] if mono else '■'} {name}", Ink(role))])
    if shown.d_map is not None:
        entries.append(heat.scale(axis.label(shown.low), axis.label(shown.high), mono))
    if shown.arrows is not None:
        entries.append([("→ down G's loss", Ink("cursor"))])
    if shown.manifold is not None:
        entries.append([("# G(grid of z)", Ink("g"))])
    if shown.fake is not None and (note := scatter.outside_note(outside, len(shown.fake))):
        entries.insert(0, [(note, Ink("warning"))])  # what isn't seen matters more than names of what is
    column = 0
    for entry in entries:
        if column + sum(len(text) for text, _ in entry) <= sheet.width:
            for text, ink in entry:
                column = sheet.put(column, 0, text, ink)
            column += 2
