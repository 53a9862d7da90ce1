"""Which classes a generator without labels makes, by the labels of the data nearest to its samples."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, no_check
from gantui.evaluation.neighbours import k_nearest


def class_shares(
    generated: Tensor,
    real: Tensor,
    labels: Tensor,
    classes: Sequence[str],
    k: int = 5,
    check: Check = no_check,
) -> dict[str, float]:
    """Return for each class the share of generated samples whose k nearest real ones vote for it.

    Of classes with equal votes the one with the nearest neighbour wins.

    Args:
        generated, real: (N, ...) and (M, ...) with equal d after flattening, N, M ≥ 1.
        labels: (M,) whole numbers from 0 to len(classes) − 1.
        classes: names, by label.

    Returns:
        Shares 0 to 1 by class name, in the order of `classes`; they sum to 1.

    Raises:
        ValueError: no samples, labels that don't match `real` or `classes`, dimensions that differ.
    """
    labels = labels.flatten().to(generated.device, torch.int64)
    if len(labels) != len(real) or not len(generated):
        raise ValueError(f"{len(generated)} samples, {len(real)} data, {len(labels)} labels")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(classes):
        raise ValueError(f"labels {int(labels.min())} to {int(labels.max())} for {len(classes)} classes")
    _, index = k_nearest(generated, real, k, check)
    # Weights fall with the rank, but sum to less than one vote: they decide only ties.
    weights = 1 + 0.25 * 0.5 ** torch.arange(index.shape[1], device=index.device, dtype=torch.float64)
    votes = torch.zeros(len(index), len(classes), dtype=torch.float64, device=index.device)
    votes.scatter_add_(1, labels[index], weights.expand(len(index), -1).contiguous())
    counts = torch.bincount(votes.argmax(1), minlength=len(classes)).tolist()
    return {name: count / len(index) for name, count in zip(classes, counts, strict=True)}
