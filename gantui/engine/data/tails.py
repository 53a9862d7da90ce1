"""Heavy tails of a column drawn in by asinh, so that its bulk is not squeezed into a point where networks see it.

Standardising by a deviation that a few huge values decide leaves all others within a fraction of it. z = asinh((x −
centre)/width) is linear within about one `width` of the centre and logarithmic far out, and exactly invertible.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

HEAVY = 4.0  # excess kurtosis; 0 of a Gaussian, 3 of a Laplacian, 6 of an exponential distribution
WIDTHS = (8.0, 4.0, 2.0, 1.0, 0.5, 0.25)  # in robust deviations: the first, and so mildest, that suffices
MOST_ASINH = 80.0  # beyond it sinh is out of any column's range


class Tail(NamedTuple):
    """`width` is 0 where the column stays as it is."""

    centre: float = 0.0
    width: float = 0.0


def find(values: "np.ndarray[Any, Any]") -> Tail:
    """Return how to draw in the tails of values (N,) that vary, none where the excess kurtosis is below 4.

    The centre is the median, a robust deviation the half of what lies between the quartiles, over 0.674 (or the mean
    distance from the median, where more than half of the values are equal).
    """
    before = kurtosis(values)
    if before < HEAVY:
        return Tail()
    low, centre, high = np.quantile(values, (0.25, 0.5, 0.75))
    spread = float(high - low) / 1.349 or float(np.abs(values - centre).mean())
    tails = [Tail(float(centre), width * spread) for width in WIDTHS]
    after = [kurtosis(drawn_in(values, tail)) for tail in tails]
    best = next((i for i, found in enumerate(after) if found < HEAVY), int(np.argmin(after)))
    return tails[best] if after[best] < before else Tail()


def kurtosis(values: "np.ndarray[Any, Any]") -> float:
    """Return the excess kurtosis of values (N,) that vary."""
    z = (values - values.mean()) / values.std()
    return float((z**4).mean()) - 3


def drawn_in(values: "np.ndarray[Any, Any]", tail: Tail) -> "np.ndarray[Any, Any]":
    """Return values (N,) with the tail drawn in."""
    return np.asarray(np.arcsinh((values - tail.centre) / tail.width)) if tail.width else values


def drawn_out(z: Tensor, tails: Tensor) -> Tensor:
    """Return values (N, n), float64, from what `drawn_in` made of them; `tails` (2, n) are centres and widths."""
    centre, width = tails
    return torch.where(width > 0, centre + width * z.clamp(-MOST_ASINH, MOST_ASINH).sinh(), z)
