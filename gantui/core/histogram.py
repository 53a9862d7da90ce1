"""Histograms of D's scores, real beside fake, that merge exactly."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 64


@dataclass(frozen=True)
class Histogram:
    """Counts of D(x) and D(G(z)) in 64 equal bins over [low, high].

    `space` is `probability` (0 to 1) or `score` (−2ⁿ to 2ⁿ, so that ranges of different size share edges).
    """

    space: str
    low: float
    high: float
    real: tuple[int, ...]
    fake: tuple[int, ...]

    @property
    def overlap(self) -> float:
        """Σ min(p, q) over the bins: 1 where D can't tell the two apart, 0 where it tells them all."""
        n_real, n_fake = sum(self.real), sum(self.fake)
        if not n_real or not n_fake:
            return 0.0
        return sum(min(p / n_real, q / n_fake) for p, q in zip(self.real, self.fake, strict=True))

    def widened(self, high: float) -> "Histogram":
        """Return the same counts over ±`high`, a larger power of two; each old bin falls into one new."""
        if high <= self.high:
            return self
        factor = high / self.high
        if self.space != "score" or not factor.is_integer() or math.log2(factor) % 1:
            raise ValueError(f"can't widen {self.space} ±{self.high:g} to ±{high:g}")
        return Histogram("score", -high, high, _spread(self.real, factor), _spread(self.fake, factor))

    def merged(self, other: "Histogram") -> "Histogram":
        """Return the sum of two histograms of one space; ValueError if the spaces differ."""
        if self.space != other.space:
            raise ValueError(f"{self.space} and {other.space} don't merge")
        a, b = self.widened(other.high), other.widened(self.high)
        real = tuple(map(int.__add__, a.real, b.real))
        return Histogram(a.space, a.low, a.high, real, tuple(map(int.__add__, a.fake, b.fake)))


def score_range(largest: float) -> float:
    """Return the least power of two, 1 to 2⁶⁰, that covers |score| ≤ `largest`; infinity gets 2⁶⁰."""
    if not largest > 1:
        return 1.0
    mantissa, exponent = math.frexp(min(largest, 2.0**60))  # exact, which log2 is not
    return 2.0 ** (exponent - (mantissa == 0.5))


def _spread(counts: Sequence[int], factor: float) -> tuple[int, ...]:
    merged = [0] * BINS
    for index, count in enumerate(counts):
        centre = (index + 0.5 - BINS / 2) / factor  # in new bins, from the middle
        merged[math.floor(centre) + BINS // 2] += count  # added after: a tiny negative must not round to 0
    return tuple(merged)
