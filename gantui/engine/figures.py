"""The figures of Goodfellow et al. 2014: samples beside the training examples nearest to them, and lines in z."""

import torch
from torch import Tensor

from gantui.engine.data.dataset import Data
from gantui.evaluation.neighbours import k_nearest

_AT_ONCE = 1000


def nearest_examples(data: Data, samples: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the training examples nearest to samples (N, *shape), both in own units, by Euclidean distance.

    Returns: those examples (N, *shape), which they are (N,) int64, and how far away (N,) float64.
    """
    best = torch.full((len(samples),), torch.inf, dtype=torch.float64, device=samples.device)
    places = torch.zeros(len(samples), dtype=torch.int64, device=samples.device)
    for part in torch.arange(data.count, device=data.device).split(_AT_ONCE):
        distances, indices = k_nearest(samples, data.to_own(data.take(part)), 1)
        closer = distances[:, 0] < best
        best = torch.where(closer, distances[:, 0], best)
        places = torch.where(closer, part[indices[:, 0]], places)
    return data.to_own(data.take(places)), places, best


def with_neighbours(samples: Tensor, neighbours: Tensor) -> Tensor:
    """Return figure 2: samples (R·C, ...) in rows of C, each followed by the neighbour (R, ...) of its last one."""
    rows = samples.unflatten(0, (len(neighbours), -1))
    return torch.cat([rows, neighbours[:, None]], 1).flatten(0, 1)


def lines(ends: Tensor, steps: int) -> Tensor:
    """Return figure 3's latents: (R·steps, z_dim) on straight lines between each pair of `ends` (2·R, z_dim)."""
    starts, stops = ends.view(-1, 2, ends.shape[1]).unbind(1)
    shares = torch.linspace(0, 1, steps, device=ends.device)[:, None]
    return torch.lerp(starts[:, None], stops[:, None], shares).flatten(0, 1)
