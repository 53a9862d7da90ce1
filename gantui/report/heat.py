"""What D made of data and of samples over the steps: histograms, as many as a picture has columns."""

import io
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gantui.core import axis
from gantui.core.events import Hist
from gantui.core.histogram import BINS, Histogram, score_range

if TYPE_CHECKING:
    import numpy as np

CAPACITY = 512
COLUMNS, ROWS = 240, BINS
LEVELS = 24  # of opacity
RARE = 0.005  # the share of the scores at each end that may lie outside
LARGEST = 2.0**60


class Heat:
    """Histograms of one space by rising step, in bounded memory: when there are too many, neighbours merge."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.histograms: list[Histogram] = []

    def add(self, step: int, histogram: Histogram) -> None:
        """Append one."""
        self.steps.append(max(step, self.steps[-1]) if self.steps else step)
        self.histograms.append(histogram)
        if len(self.steps) >= 2 * CAPACITY:
            self.steps = self.steps[::2]
            pairs = zip(self.histograms[::2], self.histograms[1::2], strict=True)
            self.histograms = [first.merged(second) for first, second in pairs]

    def until(self, step: float) -> list[tuple[int, Histogram]]:
        """Return first step and histogram of those that begin at `step` or before."""
        end = bisect_right(self.steps, step)
        return list(zip(self.steps[:end], self.histograms[:end], strict=True))


def checked(record: Hist) -> Histogram | None:
    """Return a record's histogram, None if it is none or empty: the log may be anybody's."""
    if len(record.real) != BINS or len(record.fake) != BINS or not any(record.real + record.fake):
        return None
    is_score = record.space == "score" and 1 <= record.high <= LARGEST
    ends = (-record.high, score_range(record.high)) if is_score else (0.0, 1.0)
    if record.space not in ("probability", "score") or (record.low, record.high) != ends:
        return None
    return Histogram(record.space, record.low, record.high, tuple(record.real), tuple(record.fake))


def extent(histograms: Sequence[Histogram]) -> tuple[float, float]:
    """Return between which values nearly all scores of nearly all histograms lie; 0 and 1 of a probability."""
    import numpy as np

    if histograms[0].space == "probability":
        return 0.0, 1.0
    lows, highs = [], []
    for one in histograms:
        edges, summed = _summed(one, np.add(one.real, one.fake, dtype=float))
        lows.append(float(edges[np.searchsorted(summed, RARE, "right") - 1]))
        highs.append(float(edges[np.searchsorted(summed, 1 - RARE)]))
    return axis.nice_range(float(np.quantile(lows, 0.02)), float(np.quantile(highs, 0.98)))


def shares(
    found: Sequence[tuple[int, Histogram]], space: str, steps: tuple[float, float], ends: tuple[float, float]
) -> "tuple[np.ndarray, np.ndarray]":
    """Return the shares of D(x) and of D(G(z)) by row of values (from the top) and column of steps: (64, 240) each.

    A histogram holds until the next of `found`, of whatever space; where none holds, or one of another space than
    `space`, all shares are 0.
    """
    import numpy as np

    rows = np.linspace(*ends, ROWS + 1)
    starts = [step for step, _ in found]
    real, fake = np.zeros((ROWS, COLUMNS)), np.zeros((ROWS, COLUMNS))
    for column in range(COLUMNS):
        step = steps[0] + (column + 0.5) / COLUMNS * (steps[1] - steps[0])
        index = bisect_right(starts, step) - 1
        if index < 0 or found[index][1].space != space:
            continue
        one = found[index][1]
        for counts, out in ((one.real, real), (one.fake, fake)):
            out[::-1, column] = np.diff(np.interp(rows, *_summed(one, np.asarray(counts, dtype=float))))
    return real, fake


def png(shown: "np.ndarray", colour: str) -> bytes:
    """Return shares as a PNG in one colour (`#rrggbb`), the more opaque the larger: so it serves on any ground.

    The scale is a square root: early on nearly everything lies in one row, and the few scores that D is unsure of,
    which G learns from, would not be seen.
    """
    import numpy as np
    from PIL import Image

    highest = max(float(np.quantile(shown.max(0), 0.9)), 1e-9)
    levels = np.ceil(np.sqrt((shown / highest).clip(0, 1)) * (LEVELS - 1)).astype(np.uint8)
    picture = Image.fromarray(levels, "P")
    picture.putpalette(list(bytes.fromhex(colour.removeprefix("#"))) * LEVELS)
    buffer = io.BytesIO()
    picture.save(
        buffer, "PNG", transparency=bytes(255 * level // (LEVELS - 1) for level in range(LEVELS)), optimize=True
    )
    return buffer.getvalue()


def _summed(one: Histogram, counts: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
    """The edges of the bins (65,), and which share lies below each."""
    import numpy as np

    summed = np.concatenate([[0.0], np.cumsum(counts)])
    return np.linspace(one.low, one.high, BINS + 1), summed / max(summed[-1], 1e-300)
