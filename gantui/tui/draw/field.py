"""Where samples are pushed, as arrows, and how G bends its latents, as a grid: both as strokes of dots."""

import math
from typing import TYPE_CHECKING, NamedTuple

from gantui.tui.draw.strokes import every_nth, strokes

if TYPE_CHECKING:
    import numpy as np

    from gantui.tui.draw.scatter import Extent

LONGEST, LONGEST_SHARE = 10, 1 / 8  # dots of a long arrow, or so much of the picture's height if that is less
LONG = 0.9  # of the arrows are shorter than what is drawn as a long one
CELLS_EACH = 40  # of the picture, at least, for an arrow
LINES_APART = 10  # dots between lines of a grid that fills the picture's height, at least
TIPS = "→↗↑↖←↙↓↘"


class Arrows(NamedTuple):
    """Shafts as dots (4 × rows, 2 × columns), and tips as (column, row, character)."""

    shafts: "np.ndarray"
    tips: list[tuple[int, int, str]]


def to_dots(points: "np.ndarray", ends: "Extent", columns: int, rows: int) -> "np.ndarray":
    """Return points (..., 2) of the plane as dots from the top left, (..., 2)."""
    import numpy as np

    x_low, x_high, y_low, y_high = ends
    given = np.asarray(points, dtype=float)
    with np.errstate(all="ignore"):
        x = (given[..., 0] - x_low) / (x_high - x_low) * 2 * columns
        y = (y_high - given[..., 1]) / (y_high - y_low) * 4 * rows
        return np.stack([x, y], axis=-1)


def arrows(origins: "np.ndarray", steps: "np.ndarray", ends: "Extent", columns: int, rows: int) -> Arrows:
    """Return arrows from `origins` (A, 2) along `steps` (A, 2), as long beside each other as the steps are.

    Of the first ones only, as many as the picture has room for. Nine in ten are at most as long as a long one: lengths
    tell places apart, and not one moment from the next.
    """
    import numpy as np

    room = max(columns * rows // CELLS_EACH, 1)
    origins, steps = origins[:room], steps[:room]
    with np.errstate(all="ignore"):
        start = to_dots(origins, ends, columns, rows)
        ways = to_dots(origins + steps, ends, columns, rows) - start
        lengths = np.hypot(ways[:, 0], ways[:, 1])
        good = np.isfinite(start).all(1) & np.isfinite(lengths) & (lengths > 0)
        start, ways, lengths = start[good], ways[good], lengths[good]
        if not len(lengths):
            return Arrows(strokes(np.zeros((0, 4)), 2 * columns, 4 * rows), [])
        unit = max(float(np.quantile(lengths, LONG)), float(lengths.max()) / 1e6)
        longest = min(LONGEST, LONGEST_SHARE * 4 * rows)
        ways = ways * (longest * np.minimum(lengths / unit, 1.5) / lengths)[:, None]
    tips: list[tuple[int, int, str]] = []
    for (x, y), (along, down) in zip((start + ways).tolist(), ways.tolist(), strict=True):
        if math.hypot(along, down) >= 1 and 0 <= x < 2 * columns and 0 <= y < 4 * rows:
            eighth = round(math.atan2(-down, along) / (math.pi / 4)) % 8
            tips.append((int(x) // 2, int(y) // 4, TIPS[eighth]))
    return Arrows(strokes(np.concatenate([start, start + ways], axis=1), 2 * columns, 4 * rows), tips)


def lattice(knots: "np.ndarray", ends: "Extent", columns: int, rows: int) -> "np.ndarray":
    """Return the dots (4 × rows, 2 × columns) of lines through `knots` (n, m, 2) of the plane, along both axes.

    In a small picture of every nth line only: all of them would fill it.
    """
    import numpy as np

    places = to_dots(knots, ends, columns, rows)
    down, across = (every_nth(count, 4 * rows / LINES_APART) for count in knots.shape[:2])
    pairs = [(places[::down, :-1], places[::down, 1:]), (places[:-1, ::across], places[1:, ::across])]
    segments = [np.concatenate([one.reshape(-1, 2), other.reshape(-1, 2)], axis=1) for one, other in pairs]
    return strokes(np.concatenate(segments), 2 * columns, 4 * rows)
