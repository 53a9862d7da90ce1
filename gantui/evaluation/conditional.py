"""Of a generator under a condition: does it make what it is asked for, and as varied as the data?"""

from collections.abc import Sequence

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, flatten, no_check
from gantui.evaluation.judge import Judge
from gantui.evaluation.moments import standardise, varying

LEAST = 5  # examples of a group, and samples, for a distance between them that means something
MOST = 500  # of each: their pairs are all looked at


def obedience(judge: Judge, samples: Tensor, asked: Tensor, names: Sequence[str], check: Check = no_check) -> dict:
    """Return how often samples are seen as what they were asked to be.

    Args:
        samples: (N, ...) in the units of the data, N ≥ 1; those that are not finite count as wrong.
        asked: int64 (N, A), the labels that the generator was given.
        names: of the A attributes.

    Returns:
        `class_accuracy`, the share 0 to 1, mean over attributes, and `class_accuracy_data`, the judge's own on data
        that it hasn't learnt from: more can't be expected. With several attributes also `class_accuracy_all`, the
        share of samples with every attribute right, and by name `attribute_accuracy`, `attribute_accuracy_data`.
    """
    right = (judge.predict(samples, check) == asked.to(samples.device)).double()
    shares, own = right.mean(0).tolist(), list(judge.accuracy)
    values = {"class_accuracy": sum(shares) / len(shares), "class_accuracy_data": sum(own) / len(own)}
    if len(names) == 1:
        return values
    return values | {
        "class_accuracy_all": float(right.prod(1).mean()),
        "attribute_accuracy": dict(zip(names, shares, strict=True)),
        "attribute_accuracy_data": dict(zip(names, own, strict=True)),
    }


def diversity(
    samples: Tensor, asked: Tensor, real: Tensor, rows: Tensor, kind: str, check: Check = no_check
) -> dict[tuple[int, ...], float]:
    """Return for each combination of labels the spread of its samples, relative to that of the data.

    The spread is the mean Euclidean distance between two different members, in the units of the data (pixels of 0
    to 1; a table is standardised by the data). 1 is as varied as the data, 0 a class collapsed to one sample, above
    1 more varied, or noisy. It is blind to what varies: read it beside the accuracy.

    Args:
        samples, asked: (N, ...) and the labels they were asked for, int64 (N, A).
        real, rows: (M, ...) and its labels, int64 (M, A).
        kind: image, points or table.

    Returns:
        Ratios ≥ 0 by row, in rising order; combinations with fewer than 5 finite samples or examples, or with equal
        examples only, are left out. Of each at most 500 are looked at.
    """
    asked, rows = asked.to(samples.device), rows.to(real.device)
    samples, real = flatten(samples), flatten(real)
    finite = samples.isfinite().all(1)
    samples, asked = samples[finite], asked[finite]
    if kind == "table" and len(real) > 1 and varying(real).any():
        samples, real = standardise(samples, real)
    ratios = {}
    for row in rows.unique(dim=0) if len(rows) else rows:
        check()
        made = samples[(asked == row).all(1)][:MOST]
        data = real[(rows == row).all(1)][:MOST]
        if min(len(made), len(data)) >= LEAST and (spread := mean_distance(data)) > 0:
            ratios[tuple(row.tolist())] = mean_distance(made) / spread
    return ratios


def mean_distance(x: Tensor) -> float:
    """Return the mean Euclidean distance of two different rows of x (N, d), N ≥ 2."""
    return float(torch.nn.functional.pdist(x.double()).mean())
