"""Nearest neighbours, and what they tell: precision, recall, density, coverage, whether a generator copies its data."""

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, blocks, column_means, flatten, no_check


def k_nearest(
    queries: Tensor, points: Tensor, k: int, check: Check = no_check, *, leave_one_out: bool = False
) -> tuple[Tensor, Tensor]:
    """Return the Euclidean distances (N, k), rising, and indices (N, k) of the nearest `points` (M, d).

    `k` is cut to the number of points there are. With `leave_one_out` the queries are the points themselves,
    and none counts as its own neighbour.

    Raises:
        ValueError: no points to be near to, or dimensions that differ.
    """
    queries, points = flatten(queries), flatten(points)
    k = min(k, len(points) - leave_one_out)
    _require(queries, points, least=1 + leave_one_out)
    centre = column_means(points)  # products of centred points lose fewest digits
    distances = queries.new_empty(len(queries), k, dtype=torch.float64)
    indices = torch.empty(len(queries), k, dtype=torch.int64, device=queries.device)
    for rows, query in blocks(queries):
        near, index = query.new_empty(len(query), 0), indices.new_empty(len(query), 0)
        for columns, point in blocks(points, check):
            squares = _squared_distances(query - centre, point - centre)
            if leave_one_out and rows == columns:  # both sets are cut into the same blocks
                squares.fill_diagonal_(torch.inf)
            found, place = squares.topk(min(k, len(point)), largest=False)
            near, best = torch.cat([near, found], 1).topk(min(k, near.shape[1] + found.shape[1]), largest=False)
            index = torch.cat([index, place + columns.start], 1).gather(1, best)
        # By differences, so that an exact copy is at distance 0, not at the rounding error's root.
        exact = torch.stack([(query - points[column]).norm(dim=1) for column in index.T], 1)
        distances[rows], order = exact.sort(1)
        indices[rows] = index.gather(1, order)
    return distances, indices


def manifolds(generated: Tensor, real: Tensor, k: int = 3, wide: int = 5, check: Check = no_check) -> dict[str, float]:
    """Return `precision` and `recall` (Kynkäänniemi et al. 2019), `density` and `coverage` (Naeem et al. 2020).

    Precision is the share of generated samples within the real manifold, recall the share of real ones
    within the generated manifold; a manifold is the union of balls around a set's samples, each reaching to
    its k-th nearest neighbour in the set, itself not counted. All are 0 to 1 but density, which counts for each
    generated sample in how many of the real balls it lies, over `wide`; coverage is the share of real balls with a
    generated sample in them: outliers neither widen the one nor the other much. Their balls reach to the `wide`-th
    neighbour.

    Args:
        generated, real: (N, ...) and (M, ...) with equal d after flattening, N, M ≥ 2.
        k, wide: neighbours, 1 or more; cut to the smaller set's size less 1.

    Raises:
        ValueError: fewer than two samples, or dimensions that differ.
    """
    generated, real = flatten(generated), flatten(real)
    _require(generated, real, least=2)
    reach_generated = k_nearest(generated, generated, k, check, leave_one_out=True)[0][:, -1]
    k, wide = (min(number, len(real) - 1) for number in (k, wide))
    near = k_nearest(real, real, max(k, wide), check, leave_one_out=True)[0]
    reach_real, reach_wide = near[:, k - 1].square(), near[:, wide - 1].square()
    centre = column_means(real)
    precise = torch.zeros(len(generated), dtype=torch.bool, device=generated.device)
    recalled = torch.zeros(len(real), dtype=torch.bool, device=real.device)
    covered, balls = torch.zeros_like(recalled), 0
    for rows, fakes in blocks(generated):
        for columns, reals in blocks(real, check):
            squares = _squared_distances(fakes - centre, reals - centre, exact_copies=True)
            precise[rows] |= (squares <= reach_real[columns]).any(1)
            within = squares <= reach_wide[columns]
            balls += int(within.sum())
            covered[columns] |= within.any(0)
            recalled[columns] |= (squares <= reach_generated[rows].square()[:, None]).any(0)
    return {
        "precision": float(precise.double().mean()),
        "recall": float(recalled.double().mean()),
        "density": balls / (wide * len(generated)),
        "coverage": float(covered.double().mean()),
    }


def nearest_distance(generated: Tensor, real: Tensor, check: Check = no_check) -> float:
    """Return the mean Euclidean distance from a generated sample to the nearest real one, in data units.

    Far below `nn_distance_data` the generator copies. Raises ValueError on no samples or unequal dimensions.
    """
    _require(flatten(generated), flatten(real), least=1)
    return float(k_nearest(generated, real, 1, check)[0].mean())


def nn_distance_data(real: Tensor, check: Check = no_check) -> float:
    """Return the mean distance from a real sample to the nearest other one; ValueError below two samples."""
    return float(k_nearest(real, real, 1, check, leave_one_out=True)[0].mean())


def _require(a: Tensor, b: Tensor, least: int) -> None:
    if min(len(a), len(b)) < least or a.shape[1] != b.shape[1]:
        raise ValueError(f"{tuple(a.shape)} and {tuple(b.shape)}: {least} of equal dimension needed at least")


def _squared_distances(a: Tensor, b: Tensor, exact_copies: bool = False) -> Tensor:
    """Return ‖aᵢ − bⱼ‖² (N, M) by a product; `exact_copies`: what rounding could make of 0 is 0."""
    norms = a.square().sum(1)[:, None] + b.square().sum(1)
    squares = torch.addmm(norms, a, b.T, alpha=-2)
    if exact_copies:
        squares[squares <= 1e-13 * norms] = 0
    return squares
