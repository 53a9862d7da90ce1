"""What both views are made of: D over a set of points, latents along a line, G at latents."""

import numpy as np
import torch
from torch import Tensor, nn

from gantui.core.combinations import TAKEN_BY_D
from gantui.engine import conditions
from gantui.engine.algorithm import in_evaluation_mode
from gantui.engine.conditions import Rows
from gantui.engine.training import Training


def frequent(training: Training, most: int) -> tuple[Rows, Tensor]:
    """Return the labels (R, A) that D's output is averaged over, at most so many, and their weights (R,), of sum 1.

    The most frequent ones, as often as in the data. None, and one weight, where D sees no labels.
    """
    rows = training.preview_rows
    if rows is None or training.config.condition not in TAKEN_BY_D:
        return None, torch.ones(1, device=training.device)
    found, counts = rows.unique(dim=0, return_counts=True)
    chosen = counts.argsort(descending=True, stable=True)[:most]
    return found[chosen], counts[chosen] / counts[chosen].sum()


def d_at(training: Training, points: Tensor, most_labels: int) -> Tensor:
    """Return D (P,) at points (P, d) of the model's range: a probability, or a critic's score; mean over labels."""
    rows, weights = frequent(training, most_labels)
    if rows is None:
        scores = in_evaluation_mode(training.d, points)
    else:
        each = points.repeat_interleave(len(rows), 0), rows.repeat(len(points), 1)
        scores = in_evaluation_mode(training.d, *training.inputs_of_d(*each))
    d = scores.sigmoid() if training.objective.facts.probability else scores
    return d.view(len(points), -1) @ weights


def generate(training: Training, g: nn.Module, z: Tensor, rows: Rows) -> Tensor:
    """Return G's samples (B, d) in the model's range, in evaluation mode."""
    return in_evaluation_mode(g, *conditions.inputs(z, training.labels, rows))


def one_label(training: Training, count: int) -> Rows:
    """Return the first label of the previews, so often: what varies along a line of latents is z alone."""
    rows = training.preview_rows
    return None if rows is None else rows[:1].expand(count, -1)


def numpy(tensor: Tensor) -> np.ndarray:
    """Return a tensor as float32."""
    return tensor.detach().float().cpu().numpy()
