"""How well examples are made again from what was inferred of them."""

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, blocks, flatten, no_check


def reconstruction(x: Tensor, made: Tensor, check: Check = no_check) -> dict[str, float]:
    """Return how far G(E(x)) is from x, and relative to how far it is from other examples.

    `error` is the mean of ‖x − G(E(x))‖, `baseline` that of ‖x' − G(E(x))‖ over all other examples x' (Donahue et al.
    2017 shuffle them instead), `ratio` the one by the other: 0 for an exact inverse, about 1 where E has seen nothing
    of x. A ratio without a baseline is left out.

    Args:
        x, made: (N, ...) of equal shape, N ≥ 2, finite, float, one device.
        check: called between blocks; may raise, to interrupt.
    """
    x, made = flatten(x), flatten(made)
    own = torch.zeros((), dtype=torch.float64, device=x.device)
    all_pairs = own.clone()
    for rows, part in blocks(made, check):
        own += (x[rows] - part).norm(dim=1).sum()
        all_pairs += torch.cdist(part, x.double()).sum()
    error, baseline = float(own) / len(x), float(all_pairs - own) / (len(x) * (len(x) - 1))
    return {"error": error, "baseline": baseline} | ({"ratio": error / baseline} if baseline > 0 else {})
