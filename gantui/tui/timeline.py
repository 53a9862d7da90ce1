"""Which of a run's previews is looked at, and how. Plain Python: no screen, no files."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from gantui.tui.distribution import AT_FIRST
from gantui.tui.view import Preview

NETWORKS = ("ema", "raw", "both")


class Timeline:
    """The previews there are, in order, and the present one: the newest, until one goes back."""

    def __init__(self) -> None:
        self.previews: list[Preview] = []
        self.following = True
        self._at = 0

    @property
    def now(self) -> Preview | None:
        """The present one, None if there are none."""
        return self.previews[self._at] if self.previews else None

    @property
    def place(self) -> int:
        """Which it is, from 1."""
        return self._at + 1

    @property
    def span(self) -> tuple[float, float]:
        """Where on the x axis the first and the last one are."""
        return (self.previews[0].x, self.previews[-1].x) if self.previews else (0.0, 0.0)

    def take(self, previews: Sequence[Preview], files: Collection[str] | None) -> None:
        """Have these, but of each file the last one only, and none that isn't in `files` (None: all are).

        The present one stays; if it has gone, the nearest takes its place.
        """
        before = self.now
        by_file = {preview.file: preview for preview in previews if files is None or preview.file in files}
        self.previews = sorted(by_file.values(), key=lambda preview: preview.x)
        if self.following or before is None:
            self._at = max(len(self.previews) - 1, 0)
        elif before.file in by_file:
            self._at = self.previews.index(by_file[before.file])
        else:
            self._at = self._nearest(before.x)

    def move(self, count: int) -> None:
        """Go `count` previews on (or back, below 0). At the newest, follow."""
        self._go(self._at + count)

    def move_to(self, x: float) -> None:
        """Go to the one nearest to a place on the x axis."""
        self._go(self._nearest(x))

    def _go(self, index: int) -> None:
        last = max(len(self.previews) - 1, 0)
        self._at = min(max(index, 0), last)
        self.following = self._at == last

    def _nearest(self, x: float) -> int:
        after = bisect_left(self.previews, x, key=lambda preview: preview.x)
        near = [index for index in (after - 1, after) if 0 <= index < len(self.previews)]
        return min(near, key=lambda index: abs(self.previews[index].x - x), default=0)


@dataclass
class Looking:
    """What a person has chosen to see of a run's samples; it outlives the screen that shows it."""

    timeline: Timeline = field(default_factory=Timeline)
    pinned: Preview | None = None
    networks: str = "ema"  # whose samples: of the averaged G, of G itself (`raw`), of both
    with_data: bool = False
    inferred: bool = False  # reconstructions of data, G(E(x)), instead of samples
    zoom: int = 0
    layers: frozenset[str] = AT_FIRST  # of the distribution
    averaged: bool = False  # the distribution of the averaged G, instead of that which D plays against
