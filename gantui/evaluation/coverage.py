"""Coverage of the modes of a known mixture of Gaussians."""

import math

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, blocks, flatten, no_check

HIGH_QUALITY = 3.0  # standard deviations


def mode_coverage(samples: Tensor, centres: Tensor, std: float, check: Check = no_check) -> dict[str, int | float]:
    """Compare samples with a mixture of M equal isotropic Gaussians.

    A sample is of high quality if it lies less than 3 std from the nearest centre (Euclidean); even perfect
    samples reach only 1 − e^(−9/2) = 98.9 % in two dimensions. Lin et al. 2018 (PacGAN), section 4.1;
    Srivastava et al. 2017 (VEEGAN).

    Args:
        samples: (N, d), N ≥ 1.
        centres: (M, d), M ≥ 1.
        std: standard deviation of each mode along each axis, in the data's units, above 0.

    Returns:
        `modes` centres with at least one sample of high quality, 0 to M; `modes_total` M; `high_quality`
        share of such samples in percent, 0 to 100; `reverse_kl` KL(their histogram over the modes ‖ uniform)
        in nats, 0 to log M, and log M where there are none.

    Raises:
        ValueError: no samples, no centres, shapes that differ, or std not above 0.
    """
    samples, centres = flatten(samples), flatten(centres).to(samples.device, torch.float64)
    if not len(samples) or not len(centres) or samples.shape[1] != centres.shape[1] or not std > 0:
        raise ValueError(
            f"samples {tuple(samples.shape)}, centres {tuple(centres.shape)}, std {std}:"
            " must be (N, d), (M, d) and above 0"
        )
    counts = torch.zeros(len(centres), dtype=torch.int64, device=samples.device)
    for _, block in blocks(samples, check):
        # Differences, not products: std may be a thousand times smaller than the centres.
        distances = torch.cdist(block, centres, compute_mode="donot_use_mm_for_euclid_dist")
        distance, mode = distances.min(1)
        counts += torch.bincount(mode[distance < HIGH_QUALITY * std], minlength=len(centres))
    return {
        "modes": int((counts > 0).sum()),
        "modes_total": len(centres),
        "high_quality": 100 * int(counts.sum()) / len(samples),
        "reverse_kl": _kl_to_uniform(counts.tolist()),
    }


def _kl_to_uniform(counts: list[int]) -> float:
    total = sum(counts)
    if not total:
        return math.log(len(counts))
    shares = [count / total for count in counts if count]
    return max(0.0, sum(share * math.log(share * len(counts)) for share in shares))
