"""Tables: are means, spreads and correlations of the columns those of the data?"""

import torch
from torch import Tensor

from gantui.evaluation.blocks import flatten


def varying(real: Tensor) -> Tensor:
    """Return a mask (d,) of the columns of a table (N, d) that are not constant."""
    return real.amin(0) < real.amax(0)


def standardise(generated: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """Return both tables in float64 with the real columns' mean 0 and sd 1, without the constant columns.

    At least one column of `real` must vary.
    """
    keep = varying(real)
    generated, real = generated[:, keep].double(), real[:, keep].double()
    mean, sd = real.mean(0), real.std(0)
    return (generated - mean) / sd, (real - mean) / sd


def table_fidelity(generated: Tensor, real: Tensor) -> dict[str, float]:
    """Compare the first two moments of two tables; all 0 is perfect.

    Columns that are constant in the data are skipped: they have no unit to measure by.

    Args:
        generated, real: (N, d) and (M, d), N, M ≥ 2.

    Returns:
        `mean_error` largest |difference of means| / sd of the data; `sd_error` largest |ratio of sds − 1|
        (1 = a collapsed column); `correlation_error` mean |difference of correlations| over the pairs of
        columns, 0 to 2, where a column that the generator made constant counts as uncorrelated.

    Raises:
        ValueError: fewer than two rows, or columns that differ.
    """
    generated, real = flatten(generated), flatten(real)
    if min(len(generated), len(real)) < 2 or generated.shape[1] != real.shape[1]:
        raise ValueError(f"{tuple(generated.shape)} and {tuple(real.shape)}: two equal rows needed")
    if not varying(real).any():
        return {"mean_error": 0.0, "sd_error": 0.0, "correlation_error": 0.0}
    generated, real = standardise(generated, real)
    d = real.shape[1]
    pairs = torch.triu_indices(d, d, offset=1)
    difference = (_correlations(generated) - _correlations(real))[pairs[0], pairs[1]].abs()
    return {
        "mean_error": float((generated.mean(0) - real.mean(0)).abs().max()),
        "sd_error": float((generated.std(0) - 1).abs().max()),
        "correlation_error": float(difference.mean()) if d > 1 else 0.0,
    }


def _correlations(table: Tensor) -> Tensor:
    centred = table - table.mean(0)
    norms = centred.norm(dim=0)
    unit: Tensor = centred / norms.clamp(min=1e-12 * len(table) ** 0.5)  # constant columns: 0, not 0/0
    return unit.T @ unit
