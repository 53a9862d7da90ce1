"""Distances between two sets of samples by kernels: zero for equal distributions, whatever their shape."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, blocks, column_means, flatten, no_check

BANDWIDTH_SAMPLES = 1000  # of the data, from whose distances the bandwidth is taken
_Kernel = Callable[[Tensor, Tensor], Tensor]  # (n, d) and (m, d) → (n, m)


def mmd(a: Tensor, b: Tensor, check: Check = no_check) -> float:
    """Return the maximum mean discrepancy under a Gaussian kernel, in 0 to √2 (Gretton et al. 2012, equation 3).

    The root of the unbiased estimate of MMD², 0 where that is negative; exp(−‖x − y‖² / (2s²)) with s the median
    distance between points of `b`, the data (1 if they are all equal).

    Args:
        a, b: (N, ...) and (M, ...) with equal d after flattening, N, M ≥ 2.

    Raises:
        ValueError: fewer than two samples, or dimensions that differ.
    """
    a, b = _checked(a, b)
    centre = column_means(b)  # products of centred points lose fewest digits
    distances = torch.pdist(b[:BANDWIDTH_SAMPLES].to(torch.float64) - centre)
    width = float(distances.median()) or 1.0
    kernel = partial(_gaussian, centre=centre, width=width)
    return math.sqrt(max(0.0, _discrepancy(a, b, kernel, check)))


def kernel_distance(a: Tensor, b: Tensor, check: Check = no_check) -> float:
    """Return the kernel distance: the unbiased MMD² under (x·y / d + 1)³ (Bińkowski et al. 2018, section 4).

    For equal distributions it lies around 0, on either side. Arguments and errors as those of `mmd`.
    """
    return _discrepancy(*_checked(a, b), _cubic, check)


def _checked(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    a, b = flatten(a), flatten(b)
    if len(a) < 2 or len(b) < 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"{tuple(a.shape)} and {tuple(b.shape)}: two samples of equal dimension needed")
    return a, b


def _gaussian(x: Tensor, y: Tensor, centre: Tensor, width: float) -> Tensor:
    x, y = x - centre, y - centre
    squares = torch.addmm(x.square().sum(1)[:, None] + y.square().sum(1), x, y.T, alpha=-2)
    return squares.clamp_(min=0).mul_(-0.5 / width**2).exp_()


def _cubic(x: Tensor, y: Tensor) -> Tensor:
    return (x @ y.T).div_(x.shape[1]).add_(1).pow_(3)


def _discrepancy(a: Tensor, b: Tensor, kernel: _Kernel, check: Check) -> float:
    """Return mean k(a, a′) + mean k(b, b′) − 2·mean k(a, b); a sample is not paired with itself."""
    within = [_sum(s, s, kernel, check, itself=False) / (len(s) * (len(s) - 1)) for s in (a, b)]
    return sum(within) - 2 * _sum(a, b, kernel, check) / (len(a) * len(b))


def _sum(a: Tensor, b: Tensor, kernel: _Kernel, check: Check, itself: bool = True) -> float:
    total = 0.0
    for rows, x in blocks(a):
        for columns, y in blocks(b, check):
            values = kernel(x, y)
            if not itself and rows == columns:  # both sets are cut into the same blocks
                values.fill_diagonal_(0.0)
            total += float(values.sum())
    return total
