"""Densities on a line against closed forms: masses, kernels, JSD, W1, D*."""

import math

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import integrate, stats

from gantui.evaluation.density import Grid, blur, jensen_shannon, kernel, optimal_d, sup_error, w1_to_quantiles
from gantui.evaluation.wasserstein import wasserstein_1d

GRID = Grid(-8, 8, 321)
masses = arrays(np.float64, 12, elements=st.floats(0, 1)).filter(lambda p: p.sum() > 0.01).map(lambda p: p / p.sum())


def test_masses_are_the_shares_of_bins_and_of_what_lies_beyond() -> None:
    grid = Grid(0, 3, 4)  # bins from −0.5 to 3.5
    x = np.array([-9, -0.6, -0.4, 0.4, 0.6, 3.4, 3.6, 1e30, np.nan, np.inf])
    assert grid.masses(x) * 8 == pytest.approx([2, 2, 1, 0, 1, 2])
    assert not grid.masses(np.array([np.nan])).any()
    known = Grid(-4, 4, 101).of_density(stats.norm.pdf(np.linspace(-4, 4, 101)))
    assert known.sum() == pytest.approx(1)
    assert known[51] == pytest.approx(0.08 * stats.norm.pdf(0))
    with pytest.raises(ValueError, match="rising"):
        Grid(1, 1, 5)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.5, 0.7), (-3.0, 2.0)])
def test_jsd_of_two_gaussians(mean: float, std: float) -> None:
    p, q = stats.norm(0, 1), stats.norm(mean, std)

    def integrand(x: float) -> float:
        a, b = p.pdf(x), q.pdf(x)
        m = (a + b) / 2
        return 0.5 * sum(c * math.log(c / m) for c in (a, b) if c > 0)

    expected, _ = integrate.quad(integrand, -12, 12, limit=200)
    found = jensen_shannon(*(GRID.of_density(of.pdf(GRID.points)) for of in (p, q)))
    assert found == pytest.approx(expected, abs=2e-3)


@settings(deadline=None)
@given(masses, masses)
@example(np.array([1.0, 0.0]), np.array([1.0, 5e-324]))
def test_jsd_is_symmetric_and_between_0_and_log_2(p: np.ndarray, q: np.ndarray) -> None:
    found = jensen_shannon(p, q)
    assert 0 <= found <= math.log(2) + 1e-12
    assert found == pytest.approx(jensen_shannon(q, p), abs=1e-12)
    assert jensen_shannon(p, p) == pytest.approx(0, abs=1e-12)
    nothing = p * 0
    apart = jensen_shannon(np.append(p, nothing), np.append(nothing, q))
    assert apart == pytest.approx(math.log(2))


@settings(max_examples=50, deadline=None)
@given(masses, st.integers(1, 10**6))
def test_a_kernel_moves_mass_and_loses_none(p: np.ndarray, count: int) -> None:
    smooth = kernel(np.concatenate([[0], p, [0]]), count)
    assert (smooth >= 0).all()
    assert (smooth @ p).sum() == pytest.approx(1)
    assert smooth.shape == (12, 12)


def test_smoothed_samples_come_near_their_density() -> None:
    """Within a tenth where there is a tenth of the peak, and within a third at a hundredth."""
    x = np.random.default_rng(0).normal(size=8192)
    found = GRID.masses(x)
    p = kernel(found, len(x)) @ found[1:-1] / GRID.width
    exact = stats.norm.pdf(GRID.points)
    for share, most in ((0.1, 0.12), (0.01, 0.35)):
        there = exact > share * exact.max()
        assert np.abs(p / exact - 1)[there].max() < most


def test_blur_adds_a_deviation() -> None:
    p = np.zeros(321)
    p[160] = 1
    spread = blur(321, 12.0) @ p
    assert spread @ (np.arange(321) - 160) == pytest.approx(0, abs=1e-9)
    assert spread @ (np.arange(321) - 160) ** 2 == pytest.approx(144, rel=1e-3)
    assert np.array_equal(blur(321, 0.0) @ p, p)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (2.0, 1.0), (0.5, 2.0)])
def test_w1_of_two_gaussians(mean: float, std: float) -> None:
    """E|m + (s − 1)·n| of a standard normal n: the mean of a folded normal distribution."""
    u = (np.arange(20_000) + 0.5) / 20_000
    spread = abs(std - 1)
    if spread:
        exact = spread * math.sqrt(2 / math.pi) * math.exp(-(mean**2) / (2 * spread**2))
        exact += mean * (1 - 2 * stats.norm.cdf(-mean / spread))
    else:
        exact = mean
    found = w1_to_quantiles(mean + std * stats.norm.ppf(u), stats.norm.ppf(u))
    assert found == pytest.approx(exact, abs=2e-3)


def test_w1_is_that_of_the_sorted_samples() -> None:
    chance = np.random.default_rng(1)
    x, y = chance.normal(size=300), chance.exponential(size=300)
    assert w1_to_quantiles(x, np.sort(y)) == pytest.approx(wasserstein_1d(torch.tensor(x), torch.tensor(y)))
    assert math.isnan(w1_to_quantiles(np.array([np.nan]), np.sort(y)))
    half = w1_to_quantiles(np.append(x[:150], [np.inf] * 150), np.sort(y))  # as if each counted twice
    assert half == pytest.approx(wasserstein_1d(torch.tensor(x[:150]), torch.tensor(y)))


def test_the_optimal_d_of_two_densities() -> None:
    p, q = stats.norm.pdf(GRID.points, -1, 1), stats.norm.pdf(GRID.points, 1, 1)
    found = optimal_d(p, q)
    there = np.isfinite(found)
    assert found[there] == pytest.approx(1 / (1 + np.exp(2 * GRID.points[there])))  # equal deviations: logistic
    assert np.isnan(found[0])  # neither is there
    assert optimal_d(p, q, 0.1)[there] == pytest.approx(0.9 * found[there])
    wrong = np.where(np.abs(GRID.points) < 5, found + 0.01, 0.0)  # far out it may say what it likes
    wrong[160] += 0.02
    assert sup_error(wrong, found, p, q) == pytest.approx(0.03)
    assert math.isnan(sup_error(wrong, found, p * 0, q * 0))
