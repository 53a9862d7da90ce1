"""The exponential moving average of G's weights, from which samples are usually drawn."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn


class AveragedGenerator:
    """A copy of G that follows it: w̄ ← β·w̄ + (1 − β)·w after each update of G; buffers are copied.

    Early on β is held to (n + 1)/(n + 10) at the n-th update, so that the random start is soon forgotten.
    """

    def __init__(self, g: nn.Module) -> None:
        self.network = copy.deepcopy(g).requires_grad_(False).eval()
        self._averages: list[Tensor] = list(self.network.parameters())
        self._buffers = list(self.network.buffers())

    @torch.no_grad()
    def follow(self, g_parameters: Sequence[Tensor], g_buffers: Sequence[Tensor], decay: float, n: int) -> None:
        """Move towards G after its `n`-th update (from 1); `decay` β is from 0 to below 1."""
        beta = min(decay, (n + 1) / (n + 10))
        torch._foreach_lerp_(self._averages, list(g_parameters), 1.0 - beta)
        if g_buffers:
            torch._foreach_copy_(self._buffers, list(g_buffers))
