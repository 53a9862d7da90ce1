"""A map of numbers as few levels of colour, two to a cell: few, so that what hardly changes isn't sent again."""

from typing import TYPE_CHECKING

from gantui.tui.draw.ink import Ink

if TYPE_CHECKING:
    import numpy as np

    from gantui.tui.draw.scatter import Extent

LEVELS = 9  # roles heat0 (low) to heat8 (high), the middle one next to the ground
NOTHING = -1
RARE = 0.02  # the share of a critic's scores at each end that the colours need not tell apart
SHADES = " ░░░▒▒▒▓▓"  # without colours


def ends_of(values: "np.ndarray", where: "Extent", probability: bool, around: "Extent") -> tuple[float, float]:
    """Return what the first and the last level stand for.

    0 and 1, or nearly the whole range of a critic's scores `around` the data: far away they go on falling.
    """
    import numpy as np

    if probability:
        return 0.0, 1.0
    across, down = np.linspace(where[0], where[1], values.shape[1]), np.linspace(where[3], where[2], len(values))
    columns, rows = (across >= around[0]) & (across <= around[1]), (down >= around[2]) & (down <= around[3])
    near = values[rows][:, columns]
    near = near if near.size else values
    finite = near[np.isfinite(near)].astype(float)
    if not len(finite):
        return 0.0, 1.0
    low, high = np.quantile(finite, (RARE, 1 - RARE)).tolist()
    return (low, high) if low < high else (low - 0.5, low + 0.5)


def levels(
    values: "np.ndarray", where: "Extent", low: float, high: float, ends: "Extent", columns: int, rows: int
) -> "np.ndarray":
    """Return levels (2 × rows, columns), 0 to 8, of the picture `ends` at the middles of half cells; −1 for nothing.

    Args:
        values: (H, W) from the top left, at the centres of equal cells of `where`; linear between them.
        low, high: what the first and the last level stand for.
    """
    import numpy as np

    across = ends[0] + (np.arange(columns) + 0.5) / columns * (ends[1] - ends[0])
    down = ends[3] - (np.arange(2 * rows) + 0.5) / (2 * rows) * (ends[3] - ends[2])
    found = np.asarray(values, dtype=float)
    h, w = found.shape
    with np.errstate(all="ignore"):
        x = (across - where[0]) / (where[1] - where[0]) * w - 0.5
        y = (where[3] - down) / (where[3] - where[2]) * h - 0.5
        outside = ~(((y >= -0.5) & (y <= h - 0.5))[:, None] & ((x >= -0.5) & (x <= w - 0.5)))
        left, share_x = _between(x, w)
        top, share_y = _between(y, h)
        upper, lower = (
            found[row][:, left] * (1 - share_x) + found[row][:, np.minimum(left + 1, w - 1)] * share_x
            for row in (top, np.minimum(top + 1, h - 1))
        )
        shown = (upper * (1 - share_y[:, None]) + lower * share_y[:, None] - low) / (high - low)
        result: np.ndarray = np.where(
            outside | ~np.isfinite(shown), NOTHING, np.nan_to_num((shown * LEVELS).clip(0, LEVELS - 1)).astype(int)
        )
    return result


def _between(places: "np.ndarray", count: int) -> "tuple[np.ndarray, np.ndarray]":
    """Return the index before each place, and how far on to the next it is."""
    import numpy as np

    clipped = np.nan_to_num(places).clip(0, count - 1)
    first = np.minimum(clipped.astype(int), max(count - 2, 0))
    return first, clipped - first


def cell(upper: int, lower: int, mono: bool) -> tuple[str, Ink]:
    """Return the cell of two levels, one above the other."""
    if mono:
        return SHADES[max(upper, lower, 0)], Ink("muted")
    if upper == lower:
        return " ", Ink(bg=role(upper))
    if upper == NOTHING:
        return "▄", Ink(role(lower))
    return "▀", Ink(role(upper), role(lower))


def role(level: int) -> str | None:
    """Return the role of a level's colour, None for nothing."""
    return None if level == NOTHING else f"heat{level}"


def scale(low: str, high: str, mono: bool) -> list[tuple[str, Ink]]:
    """Return the legend: the colours between what the ends are called."""
    bar = [(SHADES[i], Ink("muted")) for i in (0, 1, 4, 7)] if mono else [("█", Ink(role(i))) for i in range(LEVELS)]
    return [(f"D {low} ", Ink("muted")), *bar, (f" {high}", Ink("muted"))]
