"""The figures of Goodfellow et al. 2014: samples beside the training examples nearest to them, and ways through z."""

from typing import NamedTuple

import torch
from torch import Tensor

from gantui.engine import latents
from gantui.engine.conditions import Rows
from gantui.engine.data.dataset import Data
from gantui.engine.data.order import mix
from gantui.engine.model import Model
from gantui.engine.sampling import of_latents
from gantui.engine.training import draw
from gantui.evaluation.neighbours import k_nearest

ROW = 5  # samples in a row of figure 2, before the neighbour of the last
STEPS = 10  # samples in a row of figure 3
ROWS = 4
_AT_ONCE = 1000
_ROWS_AT_ONCE = 100


class Figure(NamedTuple):
    """Samples `sheet` (N, ...), images laid out in `columns`, and what they are by name: `x`, the samples, and more."""

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


def interpolation(
    model: Model, rows: int, seed: int, labels: Rows = None, path: str = "linear", truncation: float | None = None
) -> Figure:
    """Return figure 3: R rows of 10 samples in own units, each along a `path` of `latents.PATHS` between two latents.

    The latents are drawn with `seed`, and within `truncation` standard deviations if there is one; under a condition
    `labels` (R, A) are those of the rows. The array `z` is (10·R, z_dim). Raises ConfigError: see `latents.check_path`.
    """
    latents.check_path(model.config, path)
    ends = _drawn(model, 2 * rows, seed, truncation)
    ways, name = (latents.straight, "a straight line") if path == "linear" else (latents.spherical, "an arc")
    return _along(model, ways(ends, STEPS), seed, labels, f"; each row along {name} in z")


def sweep(
    model: Model, dimension: int, rows: int, seed: int, labels: Rows = None, truncation: float | None = None
) -> Figure:
    """Return R rows of 10 samples in own units: of latents that differ in one `dimension` alone, see `latents.swept`.

    Arguments and arrays as above. Raises ConfigError: there is no such dimension.
    """
    z = latents.swept(model.config, _drawn(model, rows, seed, truncation), dimension, STEPS, truncation)
    way = z[0, :, dimension]
    return _along(model, z, seed, labels, f"; along each row z[{dimension}] goes from {way[0]:.3g} to {way[-1]:.3g}")


def _drawn(model: Model, count: int, seed: int, truncation: float | None) -> Tensor:
    device = next(model.g.parameters()).device
    z = draw(model.config, count, torch.Generator(device).manual_seed(seed), device)
    return z if truncation is None else latents.truncated(model.config, z, truncation)


def _along(model: Model, z: Tensor, seed: int, labels: Rows, caption: str) -> Figure:
    """Samples of z (R, steps, z_dim), row by row. What G draws itself is the same at all steps of a row."""
    labels = None if labels is None else labels.to(z.device)
    found = []
    for first in range(0, len(z), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        of_rows = None if labels is None else labels[rows]
        steps = (
            of_latents(model.config, model.data, model.g, at, mix(seed, first), of_rows) for at in z[rows].unbind(1)
        )
        found.append(torch.stack(list(steps), 1))
    x = torch.cat(found).flatten(0, 1)
    return Figure(x, z.shape[1], {"x": x, "z": z.flatten(0, 1)}, caption)
