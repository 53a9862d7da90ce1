"""The log-likelihood of data under a Parzen window over samples: the measure of Goodfellow et al. 2014, section 5.

What it says is limited: it varies a lot with the implementation, and hardly depends on what samples look like
(Theis et al. 2016).
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from gantui.evaluation.blocks import MAX_NUMBERS, Check, column_means, flatten, no_check

SIGMAS = tuple(10 ** (step / 9 - 1) for step in range(10))  # .1 to 1, evenly on a logarithmic scale
NEGLIGIBLE = -80.0  # beside the nearest centre, whose exponent is 0; below, exp falls to subnormals, ten times as slow
CAVEAT = (
    "Parzen-window estimates vary with sigma, the number of samples and the implementation, and can rank a generator "
    "that repeats its training data above the data itself: compare with care (Theis et al. 2016)"
)


def parzen(
    samples: Tensor,
    validation: Tensor,
    test: Tensor,
    sigmas: Sequence[float] = SIGMAS,
    check: Check = no_check,
) -> dict[str, float | int]:
    """Return how likely examples are under Gaussians of deviation σ around a generator's samples.

    σ is the one of `sigmas` under which the validation examples are most likely, as in the paper's own code.

    Args:
        samples: (N, ...), in the scale of the published numbers 0 to 1; those that are not finite are left out.
        validation, test: (V, ...) and (T, ...) of equal d after flattening, not trained on; V, T ≥ 1.
        sigmas: above 0, in the units of the data.
        check: called between blocks of work; may raise, to interrupt.

    Returns:
        `parzen_ll`, the mean of log p over the test examples in nats; `parzen_se`, its standard error, their
        deviation / √T; `parzen_sigma`; `parzen_samples` N and `parzen_examples` T.

    Raises:
        ValueError: no (finite) samples, no examples, dimensions that differ, or a σ not above 0.
    """
    samples = flatten(samples)
    samples = samples[samples.isfinite().all(1)]
    by_sigma = log_densities(validation, samples, sigmas, check).mean(1)
    sigma = sigmas[int(by_sigma.argmax())]
    (densities,) = log_densities(test, samples, [sigma], check)
    return {
        "parzen_ll": float(densities.mean()),
        "parzen_se": float(densities.std(correction=0)) / math.sqrt(len(densities)),
        "parzen_sigma": sigma,
        "parzen_samples": len(samples),
        "parzen_examples": len(densities),
    }


def log_densities(x: Tensor, centres: Tensor, sigmas: Sequence[float], check: Check = no_check) -> Tensor:
    """Return log p(x) (S, T) in float64 of x (T, ...), for S windows over `centres` (N, ...).

    log p(x) = log mean_j exp(−‖x − μ_j‖²/2σ²) − d·log(σ√2π). Distances are computed once for all σ, in blocks of
    bounded memory, in float64: 1/2σ² multiplies what their rounding leaves. Raises ValueError as `parzen` does.
    """
    x, centres = flatten(x), flatten(centres)
    if not len(x) or not len(centres) or x.shape[1] != centres.shape[1] or not all(sigma > 0 for sigma in sigmas):
        raise ValueError(f"examples {tuple(x.shape)}, samples {tuple(centres.shape)}, sigmas {list(sigmas)}")
    middle = column_means(centres, check)  # products of centred points lose fewest digits
    centres = centres.double() - middle
    norms = centres.square().sum(1)
    densities = x.new_empty(len(sigmas), len(x), dtype=torch.float64)
    rows = max(1, MAX_NUMBERS // len(centres))
    for start in range(0, len(x), rows):
        check()
        block = x[start : start + rows].double() - middle
        squares = torch.addmm(norms, block, centres.T, alpha=-2)
        nearest = squares.amin(1)
        farther = squares.sub_(nearest[:, None]).float()  # from here on small errors stay small
        nearest += block.square().sum(1)
        weights = torch.empty_like(farther)
        for row, sigma in enumerate(sigmas):
            precision = 1 / (2 * sigma**2)
            torch.mul(farther, -precision, out=weights).clamp_(min=NEGLIGIBLE).exp_()
            share = weights.mean(1)  # at least 1/N: to the nearest belongs exp(0)
            constant = x.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
            densities[row, start : start + rows] = share.double().log() - nearest * precision - constant
    return densities
