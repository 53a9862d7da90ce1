"""The Fréchet distance between two sets of samples, each taken as a Gaussian."""

import math

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, blocks, column_means, flatten, no_check, products


def frechet_distance(a: Tensor, b: Tensor, check: Check = no_check) -> float:
    """Return the squared 2-Wasserstein distance of Gaussians with the sets' means and covariances.

    ‖μa − μb‖² + tr(Ca + Cb − 2 (Ca^½ Cb Ca^½)^½), in squared units of the data (Dowson & Landau 1982;
    Heusel et al. 2017, equation 6), with unbiased covariances. No covariance is ever formed: with centred
    samples A, B the last term is the sum of the singular values of A Bᵀ / √((n − 1)(m − 1)), which keeps all
    digits where covariances are singular, as with fewer samples than dimensions.

    Takes O(s³) time, s = min(samples, d), and 8·s² bytes beside a few blocks of the sets.

    Args:
        a, b: (N, ...) and (M, ...) with equal d after flattening, N, M ≥ 2.

    Raises:
        ValueError: fewer than two samples, or dimensions that differ.
    """
    a, b = flatten(a), flatten(b)
    if len(a) < 2 or len(b) < 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"{tuple(a.shape)} and {tuple(b.shape)}: two samples of equal dimension needed")
    mean_a, mean_b = column_means(a, check), column_means(b, check)
    if max(len(a), len(b)) <= a.shape[1]:  # then the product of the samples themselves is the smallest matrix
        cross, squares_a, squares_b = products(a, b, mean_a, mean_b, check)
        cross /= math.sqrt((len(a) - 1) * (len(b) - 1))
        traces = squares_a.sum() / (len(a) - 1) + squares_b.sum() / (len(b) - 1)
    else:
        factor_a, factor_b = _covariance_factor(a, mean_a, check), _covariance_factor(b, mean_b, check)
        cross, traces = factor_a @ factor_b.T, factor_a.square().sum() + factor_b.square().sum()
    check()
    spread = traces - 2 * torch.linalg.svdvals(cross).sum()
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
