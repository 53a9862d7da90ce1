"""Straight strokes as dots of a picture, any number at once."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FAR = 4  # pictures: strokes with an end farther out than that are left out
MOST_DOTS = 1 << 21
DUST = 1e-9  # of a dot, lost in arithmetic


def strokes(segments: "np.ndarray", width: int, height: int) -> "np.ndarray":
    """Return which dots (height, width) lie on `segments` (S, 4), each from (x, y) to (x, y) in dots from the top left.

    What lies outside is cut off; segments that are not finite are left out.
    """
    import numpy as np

    given = np.asarray(segments, dtype=float).reshape(-1, 4)
    size = np.array([width, height, width, height])
    with np.errstate(all="ignore"):
        near = np.isfinite(given).all(1) & (np.abs(given) <= (FAR + 1) * size).all(1)
    given = given[near]
    found = np.zeros((height, width), dtype=bool)
    if not len(given):
        return found
    longest = np.abs(given[:, 2:] - given[:, :2]).max()
    count = int(min(np.ceil(longest) + 1, max(MOST_DOTS // len(given), 2)))
    share = np.linspace(0, 1, count)
    x, y = (np.floor(given[:, axis, None] * (1 - share) + given[:, axis + 2, None] * share + DUST) for axis in (0, 1))
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    found[y[inside].astype(int), x[inside].astype(int)] = True
    return found


def braille(dots: "np.ndarray") -> "np.ndarray":
    """Return the code points (rows, columns) of braille characters that show `dots` (4 × rows, 2 × columns)."""
    import numpy as np

    rows, columns = dots.shape[0] // 4, dots.shape[1] // 2
    bits = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
    codes: np.ndarray = (dots.reshape(rows, 4, columns, 2) * bits[:, None, :]).sum(axis=(1, 3)) + 0x2800
    return codes


def every_nth(count: int, room: float) -> int:
    """Return the least n of which every nth of `count` lines, the first and the last among them, are `room` at most."""
    return next((n for n in range(1, count - 1) if (count - 1) % n == 0 and (count - 1) // n < room), max(count - 1, 1))
