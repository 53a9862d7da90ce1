"""The Wasserstein-1 distance on the line, which needs no critic: it is an area between two curves."""

import torch
from torch import Tensor


def wasserstein_1d(a: Tensor, b: Tensor) -> float:
    """Return the exact W1 of two samples of numbers, in their units: ∫ |Fa(x) − Fb(x)| dx (Vallender 1974).

    Args:
        a, b: N and M numbers of any shape, N, M ≥ 1.

    Raises:
        ValueError: an empty sample.
    """
    a, b = _sorted(a), _sorted(b).to(a.device)
    points = torch.cat([a, b]).sort().values
    share_a = torch.searchsorted(a, points[:-1], right=True).double() / len(a)
    share_b = torch.searchsorted(b, points[:-1], right=True).double() / len(b)
    return float(((share_a - share_b).abs() * points.diff()).sum())


def relative_w1(a: Tensor, b: Tensor) -> float:
    """Return `w1`: W1 in units of the standard deviation of `b`, the data; 0 is perfect, collapse gives < 1.

    Raises ValueError if `b` has no spread.
    """
    spread = float(_sorted(b).std(correction=0))
    if not spread > 0:
        raise ValueError("the data has no spread to measure by")
    return wasserstein_1d(a, b) / spread


def _sorted(sample: Tensor) -> Tensor:
    if not sample.numel():
        raise ValueError("no samples")
    return sample.detach().to(torch.float64).flatten().sort().values
