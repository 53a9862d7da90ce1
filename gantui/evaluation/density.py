"""Densities on a line, on an even grid: estimated from samples, compared, and what an optimal D makes of them."""

from typing import Any

import numpy as np

Numbers = "np.ndarray[Any, Any]"
NARROWEST, WIDEST = 1.0, 6.0  # bins: the kernel's standard deviation where there is most mass, and where there is least
ENOUGH = 8192  # samples; fewer are drawn smoother
SUPPORTED = 0.01  # of the largest p_data + p_g: below, nothing is said about D
LEAST = 1e-4  # of the largest, below which estimates are tails of kernels


class Grid:
    """An even grid of points from `low` to `high`, each in the middle of a bin; masses count what lies beyond, too.

    Masses are (points + 2,): the shares below the first bin, in each, and above the last.
    """

    def __init__(self, low: float, high: float, points: int) -> None:
        """Raises ValueError: fewer than two points, or `low` not below `high`."""
        if points < 2 or not low < high:
            raise ValueError(f"{points} points from {low} to {high}: 2 or more are needed, and a rising range")
        self.points: np.ndarray[Any, Any] = np.linspace(low, high, points)
        self.width = (high - low) / (points - 1)

    def masses(self, x: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """Return the shares of the finite numbers among `x` (N,); zeros where there are none."""
        x = x[np.isfinite(x)]
        bins = np.floor((x - self.points[0]) / self.width + 0.5).clip(-1, len(self.points)).astype(np.int64) + 1
        return np.bincount(bins, minlength=len(self.points) + 2) / max(len(x), 1)

    def of_density(self, p: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """Return the masses of a density (points,) that is known; what is missing to 1 lies beyond, half on each side.

        A density too narrow for the bins, whose masses come to more than 1, is scaled down.
        """
        inner = p * self.width
        inner = inner / max(float(inner.sum()), 1.0)
        beyond = (1 - float(inner.sum())) / 2
        return np.concatenate([[beyond], inner, [beyond]])


def kernel(masses: "np.ndarray[Any, Any]", count: int) -> "np.ndarray[Any, Any]":
    """Return K (points, points) that smooths what is distributed like `masses` (points + 2,): p = K @ masses[1:-1].

    Gaussians around each bin, wider where there is less (Abramson 1982: by the root of a first estimate), so that tails
    are about as well known as peaks; none is thinner than a bin. Mass stays on the grid. `count` samples are behind it.
    """
    inner = masses[1:-1]
    places = np.arange(len(inner))
    first = _gaussians(places, np.full(len(inner), NARROWEST)) @ inner
    rarity = np.sqrt(first.max() / np.maximum(first, 1e-12)) if first.max() > 0 else np.ones(len(inner))
    return _gaussians(places, max(1.0, (ENOUGH / max(count, 1)) ** (1 / 3)) * rarity.clip(NARROWEST, WIDEST))


def blur(points: int, deviation: float) -> "np.ndarray[Any, Any]":
    """Return the matrix (points, points) that adds Gaussian noise of `deviation` bins, 0 or more, to masses."""
    return _gaussians(np.arange(points), np.full(points, max(deviation, 1e-6)))


def _gaussians(places: "np.ndarray[Any, Any]", deviations: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Column j is a Gaussian around place j, its sum 1."""
    columns = np.exp(-0.5 * ((places[:, None] - places) / deviations) ** 2)
    return columns / columns.sum(0)  # type: ignore[no-any-return]


def jensen_shannon(p: "np.ndarray[Any, Any]", q: "np.ndarray[Any, Any]") -> float:
    """Return JSD(p‖q) = ½ KL(p‖m) + ½ KL(q‖m), m = (p + q)/2, in nats: 0 (equal) to log 2 (nowhere together).

    `p`, `q` are masses over the same cells, (n,), each of sum 1 (Goodfellow et al. 2014, theorem 1, has it in
    C(G) = −log 4 + 2·JSD).
    """
    both = p + q  # not halved: half of the least number there is would be 0
    total = 0.0
    for one in (p, q):
        there = one > 0
        total += 0.5 * float((one[there] * np.log(2 * one[there] / both[there])).sum())
    return max(total, 0.0)


def optimal_d(
    p_data: "np.ndarray[Any, Any]", p_g: "np.ndarray[Any, Any]", smoothing: float = 0.0
) -> "np.ndarray[Any, Any]":
    """Return D*(x) = (1 − s)·p_data/(p_data + p_g), (n,); NaN where both are next to nothing.

    Goodfellow et al. 2014, proposition 1; with label smoothing s, 0 to 0.5, Salimans et al. 2016, section 3.2.
    """
    total = p_data + p_g
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > LEAST * total.max(), (1 - smoothing) * p_data / total, np.nan)


def sup_error(
    d: "np.ndarray[Any, Any]",
    d_star: "np.ndarray[Any, Any]",
    p_data: "np.ndarray[Any, Any]",
    p_g: "np.ndarray[Any, Any]",
) -> float:
    """Return sup |D − D*|, all (n,), where p_data + p_g is above 1 % of its maximum; NaN if it is so nowhere."""
    total = p_data + p_g
    apart = np.abs(d - d_star)[total > SUPPORTED * total.max()]
    return float(apart.max()) if len(apart) else float("nan")


def w1_to_quantiles(x: "np.ndarray[Any, Any]", quantiles: "np.ndarray[Any, Any]") -> float:
    """Return W1 of numbers `x` (n,) to a distribution of which n evenly spaced `quantiles`, rising, are given.

    In their units; on the line it is the mean distance of equal ranks (Vallender 1974). NaN without finite numbers.
    """
    x = np.sort(x[np.isfinite(x)].astype(np.float64))
    if not len(x):
        return float("nan")
    if len(x) != len(quantiles):
        x = x[((np.arange(len(quantiles)) + 0.5) * len(x) / len(quantiles)).astype(np.int64)]
    return float(np.abs(x - quantiles).mean())
