"""Heavy tails of a column drawn in, so that its bulk is not squeezed into a point where networks see it.

Standardising by a deviation that a few huge values decide leaves all others within a fraction of it, and a G that
misses one row in five hundred misses a quarter of the variance. Instead each value gets the quantile of a Gaussian
that has its rank in the column. In between, the map is linear from knot to knot: it rises everywhere, so it is undone
exactly.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

HEAVY = 4.0  # excess kurtosis; 0 of a Gaussian, 3 of a Laplacian, 6 of an exponential distribution
MOST_KNOTS = 512
Knots = Tensor  # float64 (2, k): k values, rising, and where they lie on the Gaussian


def find(values: "np.ndarray[Any, Any]") -> Knots | None:
    """Return the map for values (N,) that vary, None where their excess kurtosis is below 4.

    Equal values share their middle rank. Of many values those are knots that lie evenly on the Gaussian, which are
    all of the rare ones.
    """
    if kurtosis(values) < HEAVY:
        return None
    distinct, counts = np.unique(values, return_counts=True)
    share = torch.from_numpy((np.cumsum(counts) - counts / 2) / len(values))
    on_gaussian = torch.special.ndtri(share)
    if len(distinct) > MOST_KNOTS:
        even = torch.linspace(float(on_gaussian[0]), float(on_gaussian[-1]), MOST_KNOTS, dtype=torch.float64)
        kept = torch.searchsorted(on_gaussian, even).clamp(max=len(distinct) - 1).unique()
        return torch.stack([torch.from_numpy(distinct)[kept], on_gaussian[kept]])
    return torch.stack([torch.from_numpy(distinct), on_gaussian])


def kurtosis(values: "np.ndarray[Any, Any]") -> float:
    """Return the excess kurtosis of values (N,) that vary."""
    z = (values - values.mean()) / values.std()
    return float((z**4).mean()) - 3


def drawn_in(values: "np.ndarray[Any, Any]", knots: Knots | None) -> "np.ndarray[Any, Any]":
    """Return values (N,) with the tails drawn in; without knots as they are."""
    return values if knots is None else np.interp(values, knots[0].numpy(), knots[1].numpy())


def drawn_out(z: Tensor, knots: Knots | None) -> Tensor:
    """Return values (N,), float64, from what `drawn_in` made of them; beyond the last knots the last values."""
    if knots is None:
        return z
    values, places = knots.to(z.device)
    inside = z.clamp(places[0], places[-1])
    right = torch.searchsorted(places, inside).clamp(1, len(places) - 1)
    share = (inside - places[right - 1]) / (places[right] - places[right - 1])
    return torch.lerp(values[right - 1], values[right], share)
