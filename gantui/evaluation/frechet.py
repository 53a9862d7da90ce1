"""The Fréchet distance between two sets of samples, each taken as a Gaussian."""

import math

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, blocks, column_means, flatten, no_check


def frechet_distance(a: Tensor, b: Tensor, check: Check = no_check) -> float:
    """Return the squared 2-Wasserstein distance of Gaussians with the sets' means and covariances.

    ‖μa − μb‖² + tr(Ca + Cb − 2 (Ca^½ Cb Ca^½)^½), in squared units of the data (Dowson & Landau 1982;
    Heusel et al. 2017, equation 6), with unbiased covariances. No covariance is ever formed: with centred
    samples A, B the last term is the sum of the singular values of A Bᵀ / √((n − 1)(m − 1)), which keeps all
    digits where covariances are singular, as with fewer samples than dimensions.

    Takes O(s³) time and 8·s·d bytes for each set, s = min(samples, d).

    Args:
        a, b: (N, ...) and (M, ...) with equal d after flattening, N, M ≥ 2.

    Raises:
        ValueError: fewer than two samples, or dimensions that differ.
    """
    a, b = flatten(a), flatten(b)
    if len(a) < 2 or len(b) < 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"{tuple(a.shape)} and {tuple(b.shape)}: two samples of equal dimension needed")
    mean_a, mean_b = column_means(a, check), column_means(b, check)
    factor_a = _covariance_factor(a, mean_a, check)
    factor_b = _covariance_factor(b, mean_b, check)
    check()
    cross = torch.linalg.svdvals(factor_a @ factor_b.T).sum()
    spread = factor_a.square().sum() + factor_b.square().sum() - 2 * cross
    # Equal sets give rounding noise of either sign; the true value is never below 0.
    return float((mean_a - mean_b).square().sum() + spread.clamp(min=0))


def _covariance_factor(matrix: Tensor, mean: Tensor, check: Check) -> Tensor:
    """Return F with at most min(N, d) rows, so that FᵀF is the unbiased covariance of a matrix (N, d)."""
    n, d = matrix.shape
    scale = math.sqrt(n - 1)
    if n <= d:
        return torch.cat([(block - mean) / scale for _, block in blocks(matrix, check)])
    triangle = mean.new_zeros(0, d)
    for _, block in blocks(matrix, check):
        stacked = torch.cat([triangle, (block - mean) / scale])
        triangle = torch.linalg.qr(stacked, mode="r").R
    return triangle
