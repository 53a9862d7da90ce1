"""Nearest neighbours, and what they tell: precision, recall, and whether a generator copies its data."""

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, blocks, column_means, flatten, no_check, products, rows


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
    for some in rows(len(queries)):
        query = queries[some]
        near, index = distances.new_empty(len(query), 0), indices.new_empty(len(query), 0)
        for others in rows(len(points)):
            squares = _squared_distances(query, points[others], centre, check)
            if leave_one_out and some == others:  # both sets are cut into the same blocks
                squares.fill_diagonal_(torch.inf)
            found, place = squares.topk(min(k, squares.shape[1]), largest=False)
            near, best = torch.cat([near, found], 1).topk(min(k, near.shape[1] + found.shape[1]), largest=False)
            index = torch.cat([index, place + others.start], 1).gather(1, best)
        distances[some], order = _exact_distances(query, points, index, check).sort(1)
        indices[some] = index.gather(1, order)
    return distances, indices


def manifolds(
    generated: Tensor,
    real: Tensor,
    k: int = 3,
    wide: int = 5,
    check: Check = no_check,
    *,
    spacing: Tensor | None = None,
) -> dict[str, float]:
    """Return `precision` and `recall` (Kynkäänniemi et al. 2019), `density` and `coverage` (Naeem et al. 2020).

    Precision is the share of generated samples within the real manifold, recall the share of real ones
    within the generated manifold; a manifold is the union of balls around a set's samples, each reaching to
    its k-th nearest neighbour in the set, itself not counted. Coverage is the share of real balls with a generated
    sample in them, and density in how many of them a generated sample lies, over `wide`, which is how far these
    balls reach. All are 0 to 1, but density may exceed 1.

    Args:
        generated, real: (N, ...) and (M, ...) with equal d after flattening, N, M ≥ 2.
        k, wide: neighbours, 1 or more; cut to the sets' sizes less 1.
        spacing: distances (M, k or `wide`, whichever is more) of the real samples to their nearest, if known.

    Raises:
        ValueError: fewer than two samples, or dimensions that differ.
    """
    generated, real = flatten(generated), flatten(real)
    _require(generated, real, least=2)
    reach_generated = k_nearest(generated, generated, k, check, leave_one_out=True)[0][:, -1]
    if spacing is None:
        spacing = k_nearest(real, real, max(k, wide), check, leave_one_out=True)[0]
    reach_real, reach_wide = (spacing[:, min(number, len(real) - 1) - 1].square() for number in (k, wide))
    centre = column_means(real)
    precise = torch.zeros(len(generated), dtype=torch.bool, device=generated.device)
    recalled = torch.zeros(len(real), dtype=torch.bool, device=real.device)
    covered, balls = torch.zeros_like(recalled), 0
    for some in rows(len(generated)):
        for others in rows(len(real)):
            squares = _squared_distances(generated[some], real[others], centre, check, exact_copies=True)
            precise[some] |= (squares <= reach_real[others]).any(1)
            within = squares <= reach_wide[others]
            balls += int(within.sum())
            covered[others] |= within.any(0)
            recalled[others] |= (squares <= reach_generated[some].square()[:, None]).any(0)
    return {
        "precision": float(precise.double().mean()),
        "recall": float(recalled.double().mean()),
        "density": balls / (wide * len(generated)),
        "coverage": float(covered.double().mean()),
    }


def nearest_distance(generated: Tensor, real: Tensor, check: Check = no_check) -> float:
    """Return the mean Euclidean distance from a generated sample to the nearest real one, in data units.

    Far below the same among real samples the generator copies. ValueError: no samples, or unequal dimensions.
    """
    _require(flatten(generated), flatten(real), least=1)
    return float(k_nearest(generated, real, 1, check)[0].mean())


def _require(a: Tensor, b: Tensor, least: int) -> None:
    if min(len(a), len(b)) < least or a.shape[1] != b.shape[1]:
        raise ValueError(f"{tuple(a.shape)} and {tuple(b.shape)}: {least} of equal dimension needed at least")


def _squared_distances(a: Tensor, b: Tensor, centre: Tensor, check: Check, exact_copies: bool = False) -> Tensor:
    """Return ‖aᵢ − bⱼ‖² (N, M) by a product; `exact_copies`: what rounding could make of 0 is 0."""
    found, squares_a, squares_b = products(a, b, centre, centre, check)
    norms = squares_a[:, None] + squares_b
    squares = norms - 2 * found
    if exact_copies:
        squares[squares <= 1e-13 * norms] = 0
    return squares


def _exact_distances(queries: Tensor, points: Tensor, indices: Tensor, check: Check) -> Tensor:
    """Return the distances (N, k) to the points that `indices` name, by differences: an exact copy is at 0."""
    found = []
    for some, query in blocks(queries, check):
        found.append(torch.stack([(query - points[column]).norm(dim=1) for column in indices[some].T], 1))
    return torch.cat(found)
