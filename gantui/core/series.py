"""A curve of any length in bounded memory, which never loses an extreme."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from struct import pack
from typing import TypeAlias

MOST_WAITING, MOST_PIECES = 1 << 16, 64  # points of a curve that may wait to be put into bins; in how many pieces
Numbers: TypeAlias = "array[float]"


@dataclass(frozen=True)
class Column:
    """One column of a drawn curve: lowest, mean and highest value of the points in it."""

    x: float
    low: float
    mean: float
    high: float


class Series:
    """Points (x, mean, low, high) with rising x, kept in at most `capacity` bins.

    When the bins are full, neighbours merge two by two: the extremes stay exact at every zoom, only their
    place on the x axis gets coarser, to one part in `capacity / 2` of the whole.
    """

    def __init__(self, capacity: int = 8192) -> None:
        if capacity < 2 or capacity % 2:
            raise ValueError(f"capacity = {capacity}: must be an even number, 2 or more")
        self._capacity = capacity
        self._per_bin = 1  # points that a full bin holds
        self._in_last = 0  # points in the last bin
        self._x, self._low, self._high, self._sum, self._n = (array("d") for _ in range(5))
        self._waiting: list[tuple[Numbers, Numbers]] = []  # x, and mean, low, high in turn
        self._waiting_points = 0
        self._last: float | None = None
        self._window: tuple[float, ...] | None = None  # of which `_columns` were asked last
        self._columns: list[Column | None] = []
        self._newest = 0.0  # the last x there was then

    def __len__(self) -> int:
        """The number of bins."""
        self._settle()
        return len(self._x)

    def add(self, x: float, mean: float, low: float | None = None, high: float | None = None) -> None:
        """Append a point; `low` and `high` default to `mean`. An x below the last is taken as the last."""
        if self._waiting:
            self._settle()
        self._last = mean
        self._add(x, mean, mean if low is None else low, mean if high is None else high)

    def _add(self, x: float, mean: float, low: float, high: float) -> None:
        if self._x and 0 < self._in_last < self._per_bin:
            self._low[-1] = min(self._low[-1], low)
            self._high[-1] = max(self._high[-1], high)
            self._sum[-1] += mean
            self._n[-1] += 1
            self._in_last += 1
            return
        if len(self._x) == self._capacity:
            self._halve()
        self._x.append(max(x, self._x[-1]) if self._x else x)
        self._low.append(low)
        self._high.append(high)
        self._sum.append(mean)
        self._n.append(1)
        self._in_last = 1

    def extend(self, x: Sequence[float], points: Iterable[tuple[float, float, float]]) -> None:
        """Append many points (mean, low, high), x rising from the last one. Raises ValueError: not one for each x.

        They are only kept until somebody asks for the curve: of a long history most curves are never looked at.
        """
        numbers = list(chain.from_iterable(points))
        flat = array("d")
        flat.frombytes(pack(f"{len(numbers)}d", *numbers))  # in half the time that array takes by itself
        if len(flat) != 3 * len(x):
            raise ValueError(f"{len(x)} places for {len(flat) / 3:g} points")
        if numbers:
            self._last = numbers[-3]
        self._waiting.append((x if isinstance(x, array) else array("d", x), flat))
        self._waiting_points += len(x)
        if self._waiting_points > MOST_WAITING or len(self._waiting) >= MOST_PIECES:
            self._settle()

    def _settle(self) -> None:
        """Put what waits into bins."""
        waiting, self._waiting, self._waiting_points = self._waiting, [], 0
        for x, flat in waiting:
            self._bin(x, flat[0::3], flat[1::3], flat[2::3])

    def _bin(self, x: Numbers, mean: Numbers, low: Numbers, high: Numbers) -> None:
        start, count = 0, len(x)
        while start < count:
            if self._x and 0 < self._in_last < self._per_bin:  # fill the bin that is begun
                self._add(x[start], mean[start], low[start], high[start])
                start += 1
                continue
            if len(self._x) == self._capacity:
                self._halve()
            size = self._per_bin
            bins = min((count - start) // size, self._capacity - len(self._x))
            if not bins:  # fewer points than a bin holds
                self._add(x[start], mean[start], low[start], high[start])
                start += 1
                continue
            end = start + bins * size
            self._x.extend(x[start:end:size])
            for ours, theirs, merge in ((self._low, low, min), (self._high, high, max), (self._sum, mean, _total)):
                ways = [theirs[first:end:size] for first in range(start, start + size)]
                ours.extend(map(merge, *ways) if size > 1 else ways[0])
            self._n.extend(array("d", [size]) * bins)
            self._in_last = size
            start = end

    def cut(self, x: float) -> None:
        """Forget the bins that begin beyond `x`."""
        self._settle()
        keep = bisect_right(self._x, x)
        if keep < len(self._x):
            for values in (self._x, self._low, self._high, self._sum, self._n):
                del values[keep:]
            self._in_last = int(self._n[-1]) if keep else 0
            self._window = None
            self._last = self._sum[-1] / self._n[-1] if keep else None

    def _halve(self) -> None:
        self._x = self._x[::2]
        self._low = array("d", map(min, self._low[::2], self._low[1::2]))
        self._high = array("d", map(max, self._high[::2], self._high[1::2]))
        self._sum = array("d", map(float.__add__, self._sum[::2], self._sum[1::2]))
        self._n = array("d", map(float.__add__, self._n[::2], self._n[1::2]))
        self._per_bin *= 2
        self._in_last = self._per_bin

    @property
    def last(self) -> float | None:
        """The mean of the newest point, or None; after a cut, that of the newest bin there is."""
        return self._last

    @property
    def span(self) -> tuple[float, float] | None:
        """First and last x, or None."""
        self._settle()
        return (self._x[0], self._x[-1]) if self._x else None

    def columns(self, count: int, start: float | None = None, end: float | None = None) -> list[Column | None]:
        """Return `count` columns of equal width over `start` ≤ x ≤ `end` (default: all); None where empty."""
        self._settle()
        if not self._x or count < 1:
            return [None] * max(count, 0)
        start = self._x[0] if start is None else start
        end = self._x[-1] if end is None else end
        width = (end - start) / count
        window = (count, start, end, self._per_bin)
        columns = self._unchanged(width) if window == self._window else []
        edges = [bisect_left(self._x, start + i * width) for i in range(len(columns), count)]
        edges.append(bisect_right(self._x, end))
        for edge, following in pairwise(edges):
            columns.append(self._column(start + (len(columns) + 0.5) * width, edge, max(edge, following)))
        self._window, self._columns, self._newest = window, columns, self._x[-1]
        return list(columns)

    def _unchanged(self, width: float) -> list[Column | None]:
        """The columns of the same window as the last time that lie before everything that came since."""
        start = self._window[1] if self._window else 0.0
        if width <= 0:
            return []
        passed = min((self._newest - start) / width, len(self._columns) + 1)  # of a very narrow window it may be inf
        return self._columns[: max(0, int(passed) - 1)]

    def _column(self, x: float, first: int, last: int) -> Column | None:
        if first >= last:
            return None
        mean = sum(self._sum[first:last]) / sum(self._n[first:last])
        return Column(x, min(self._low[first:last]), mean, max(self._high[first:last]))


def _total(*values: float) -> float:
    return sum(values)
