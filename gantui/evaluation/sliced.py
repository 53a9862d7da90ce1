"""The sliced Wasserstein distance: the exact one on the line, over many directions."""

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, flatten, no_check
from gantui.evaluation.wasserstein import wasserstein_1d

DIRECTIONS = 128
_SEED = 0x51D


def sliced_wasserstein(a: Tensor, b: Tensor, directions: int = DIRECTIONS, check: Check = no_check) -> float:
    """Return the mean W1 of projections on random unit directions, in units of the data (Bonneel et al. 2015).

    The directions are fixed, so that values of one run can be compared.

    Args:
        a, b: (N, ...) and (M, ...) with equal d after flattening, N, M ≥ 1.
        directions: how many, 1 or more. On a line one is enough, and exact.

    Raises:
        ValueError: no samples, or dimensions that differ.
    """
    a, b = flatten(a).to(torch.float32), flatten(b).to(torch.float32)
    if not len(a) or not len(b) or a.shape[1] != b.shape[1]:
        raise ValueError(f"{tuple(a.shape)} and {tuple(b.shape)}: samples of equal dimension needed")
    generator = torch.Generator().manual_seed(_SEED)
    onto = torch.randn(a.shape[1], directions, generator=generator)
    onto = (onto / onto.norm(dim=0)).to(a.device)
    total = 0.0
    for of_a, of_b in zip((a @ onto).T, (b @ onto).T, strict=True):
        check()
        total += wasserstein_1d(of_a, of_b)
    return total / directions
