"""The figures of Goodfellow et al. 2014: samples beside the training examples nearest to them, and lines in z."""

from typing import NamedTuple

import torch
from torch import Tensor

from gantui.engine.conditions import Rows
from gantui.engine.data.dataset import Data
from gantui.engine.model import Model
from gantui.engine.sampling import of_latents
from gantui.engine.training import draw
from gantui.evaluation.neighbours import k_nearest

ROW = 5  # samples in a row of figure 2, before the neighbour of the last
STEPS = 10  # samples in a row of figure 3
ROWS = 4
_AT_ONCE = 1000


class Figure(NamedTuple):
    """Images `sheet` (N, ...) to be laid out in `columns`, and what they are by name: `x`, the samples, and more."""

    sheet: Tensor
    columns: int | None
    arrays: dict[str, Tensor]
    caption: str = ""


def plain(x: Tensor) -> Figure:
    """Return samples (N, ...) and nothing else."""
    return Figure(x, None, {"x": x})


def beside_neighbours(x: Tensor, data: Data) -> Figure:
    """Return figure 2: samples (5·R, *shape) in rows of 5, each followed by the training example nearest to the last.

    Arrays: `nearest` (R, *shape), those examples; `nearest_index` (R,), which of the training examples they are;
    `nearest_distance` (R,), how far away.
    """
    examples, places, distances = nearest_examples(data, x[ROW - 1 :: ROW])
    sheet = torch.cat([x.unflatten(0, (-1, ROW)), examples[:, None]], 1).flatten(0, 1)
    arrays = {"x": x, "nearest": examples, "nearest_index": places, "nearest_distance": distances}
    return Figure(sheet, ROW + 1, arrays, f"; column {ROW + 1}: the training example nearest to the sample before it")


def nearest_examples(data: Data, samples: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the training examples (N, *shape) nearest to samples (N, *shape), in own units, by Euclidean distance.

    Also which of the training examples they are, int64 (N,), and how far away, float64 (N,).
    """
    best = torch.full((len(samples),), torch.inf, dtype=torch.float64, device=samples.device)
    places = torch.zeros(len(samples), dtype=torch.int64, device=samples.device)
    for part in torch.arange(data.count, device=samples.device).split(_AT_ONCE):
        distances, indices = k_nearest(samples, data.to_own(data.take(part)), 1)
        closer = distances[:, 0] < best
        best = torch.where(closer, distances[:, 0], best)
        places = torch.where(closer, part[indices[:, 0]], places)
    return data.to_own(data.take(places)), places, best


def interpolation(model: Model, rows: int, seed: int, labels: Rows = None) -> Figure:
    """Return figure 3: R rows of 10 samples in own units, each along a straight line between two latents.

    The latents are drawn with `seed`; under a condition `labels` (R, A) are those of the rows. The array `z` is
    (10·R, z_dim).
    """
    device = next(model.g.parameters()).device
    z = lines(draw(model.config, 2 * rows, torch.Generator(device).manual_seed(seed), device), STEPS)
    along = None if labels is None else labels.to(device).repeat_interleave(STEPS, 0)
    x = of_latents(model.config, model.data, model.g, z, seed, along)
    return Figure(x, STEPS, {"x": x, "z": z}, "; each row along a straight line in z")


def lines(ends: Tensor, steps: int) -> Tensor:
    """Return (R·steps, d): points at even distances on the straight lines between pairs of `ends` (2·R, d)."""
    starts, stops = ends.view(-1, 2, ends.shape[1]).unbind(1)
    shares = torch.linspace(0, 1, steps, device=ends.device)[:, None]
    return torch.lerp(starts[:, None], stops[:, None], shares).flatten(0, 1)
