"""Constraints on D that enter its loss as a penalty."""

import torch
from torch import Tensor


def zero_centred_penalty(scores: Tensor, inputs: Tensor) -> Tensor:
    """Return the mean over examples of ‖∇ₓD(x)‖², summed over an example's features, differentiable.

    Args:
        scores: D's outputs (B,), each a function of its own row of `inputs` only (no batch statistics).
        inputs: (B, ...), part of the graph of `scores`.

    R1 is half this at data, R2 half this at samples (Mescheder et al. 2018, eq. 9 and 10).
    """
    (gradient,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    return gradient.flatten(1).square().sum(1).mean()
