"""The measures that fit a kind of data, as one dictionary for an `eval` record."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from gantui.evaluation import mixed
from gantui.evaluation.blocks import Check, flatten, no_check
from gantui.evaluation.classes import class_shares
from gantui.evaluation.coverage import mode_coverage
from gantui.evaluation.frechet import frechet_distance
from gantui.evaluation.kernel import kernel_distance, mmd
from gantui.evaluation.moments import standardise, table_fidelity, varying
from gantui.evaluation.neighbours import k_nearest, manifolds, nearest_distance
from gantui.evaluation.sliced import sliced_wasserstein
from gantui.evaluation.wasserstein import relative_w1

MOST_PAIRED = 2_000  # samples of each set between which a kernel is taken
NEIGHBOURS, WIDE = 3, 5
LEAST = 2  # samples of each set; fewer have no spread


def measure(
    generated: Tensor,
    real: Tensor,
    *,
    kind: str,
    labels: Tensor | None = None,
    classes: Sequence[str] = (),
    centres: Tensor | None = None,
    std: float | None = None,
    sizes: Sequence[int] = (),
    features: Callable[[Tensor, Check], Tensor] | None = None,
    check: Check = no_check,
) -> dict[str, Any]:
    """Return the measures of a generator that fit its data, by the names used in `eval` records.

    Where the mixture is known (`centres`, `std`): `modes`, `modes_total`, `high_quality`, `reverse_kl`. Points
    on a line: `w1`, `mean`, `sd`. Other points without a mixture: neighbours. Images: `frechet_pixels`,
    `kernel_distance_pixels`, neighbours, and `class_shares` where there are labels; with `features` also
    `frechet_features`, `kernel_distance_features`, and neighbours among features instead of pixels. Tables:
    `mean_error`, `sd_error`, `correlation_error`, `copied`, and on columns standardised by the data `frechet`
    and neighbours; where some are categories also `share_error`, and correlations are of `mixed.vectors`.
    Points and tables of numbers: `mmd`, `sliced_wasserstein`, on such columns. Neighbours are `precision`,
    `recall`, `density`, `coverage`, `nn_distance`, `nn_distance_data`.

    Samples that are not finite are left out and counted in `nonfinite` (there only if above 0). A set of
    fewer than two samples yields no measures.

    Args:
        generated, real: (N, ...) and (M, ...) of equal shape otherwise, float, one device, the data's units.
        kind: image, points or table, as in `DataFacts`.
        labels: (M,) classes of `real`, from 0.
        classes: class names, by label.
        centres: (modes, d) of a mixture of equal Gaussians.
        std: their standard deviation along each axis.
        sizes: of a table with categories or empty cells, see `mixed`: there NaN is an empty cell.
        features: of images, (n, C, H, W) to (n, F), finite.
        check: called between blocks of work, at least every second or so; may raise, to interrupt.

    Returns:
        Finite floats, ints, and dictionaries of them; what overflowed is left out.

    Raises:
        ValueError: an unknown kind, or shapes that don't match.
    """
    if kind not in ("image", "points", "table"):
        raise ValueError(f"kind = {kind!r}: must be image, points or table")
    shape = real.shape[1:]
    generated, real = flatten(generated), flatten(real)
    finite = (~generated.isinf() if sizes else generated.isfinite()).all(1)
    values: dict[str, Any] = {} if finite.all() else {"nonfinite": int((~finite).sum())}
    generated = generated[finite]
    if min(len(generated), len(real)) < LEAST:
        return values
    if centres is not None and std is not None:
        values |= mode_coverage(generated, centres, std, check)
    if kind == "table":
        values |= _of_mixed(generated, real, sizes, check) if sizes else _of_table(generated, real, check)
    elif kind == "image":
        values["frechet_pixels"] = frechet_distance(generated, real, check)
        values["kernel_distance_pixels"] = kernel_distance(generated, real, check)
        if features:
            made, data = (features(images.unflatten(1, shape), check) for images in (generated, real))
            values["frechet_features"] = frechet_distance(made, data, check)
            values["kernel_distance_features"] = kernel_distance(made, data, check)
            values |= _neighbours(made, data, check)
        else:
            values |= _neighbours(generated, real, check)
        if labels is not None and classes:
            values["class_shares"] = class_shares(generated, real, labels, classes, check=check)
    elif real.shape[1] == 1:
        values |= _on_a_line(generated, real) | _distances(generated, real, check)
    else:
        values |= _distances(generated, real, check)
        if centres is None:
            values |= _neighbours(generated, real, check)
    return {name: value for name, value in values.items() if isinstance(value, dict) or math.isfinite(value)}


def _on_a_line(generated: Tensor, real: Tensor) -> dict[str, float]:
    values = {"mean": float(generated.double().mean()), "sd": float(generated.double().std())}
    return values | {"w1": relative_w1(generated, real)} if real.min() < real.max() else values


def _of_table(generated: Tensor, real: Tensor, check: Check) -> dict[str, float]:
    if not varying(real).any():
        return {}
    values = table_fidelity(generated, real) | {"copied": mixed.copied(generated, real, check)}
    generated, real = standardise(generated[: len(real)], real)  # neighbours: sets of equal size
    values["frechet"] = frechet_distance(generated, real, check)
    return values | _distances(generated, real, check) | _neighbours(generated, real, check)


def _distances(generated: Tensor, real: Tensor, check: Check) -> dict[str, float]:
    """Distances of distributions in few dimensions, where each column counts in its own standard deviations."""
    if not varying(real).any():
        return {}
    generated, real = standardise(generated, real)
    return {
        "mmd": mmd(generated[:MOST_PAIRED], real[:MOST_PAIRED], check),
        "sliced_wasserstein": sliced_wasserstein(generated, real, check=check),
    }


def _of_mixed(generated: Tensor, real: Tensor, sizes: Sequence[int], check: Check) -> dict[str, float]:
    values = mixed.worst_moments(generated, real, sizes)
    values["share_error"] = mixed.share_error(generated, real, sizes)
    values["copied"] = mixed.copied(generated, real, check)
    vectors = [mixed.vectors(rows, real, sizes) for rows in (generated, real)]
    if not varying(vectors[1]).any():
        return values
    values["correlation_error"] = table_fidelity(*vectors)["correlation_error"]
    near, data = (mixed.comparable(rows, real, sizes) for rows in (generated[: len(real)], real))
    values["frechet"] = frechet_distance(near, data, check)
    return values | _neighbours(near, data, check)


def _neighbours(generated: Tensor, real: Tensor, check: Check) -> dict[str, float]:
    spacing = k_nearest(real, real, WIDE, check, leave_one_out=True)[0]
    return manifolds(generated, real, NEIGHBOURS, WIDE, check, spacing=spacing) | {
        "nn_distance": nearest_distance(generated, real, check),
        "nn_distance_data": float(spacing[:, 0].mean()),
    }
