"""Neighbours against brute force, written from the definitions."""

import numpy as np
import pytest
import torch

from gantui.evaluation import blocks
from gantui.evaluation.neighbours import k_nearest, manifolds, nearest_distance


def _random(n: int, d: int, seed: int) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def _distances(a: torch.Tensor, b: torch.Tensor) -> np.ndarray:
    return np.linalg.norm(a.double().numpy()[:, None] - b.double().numpy()[None], axis=2)


def _share_within(inner: torch.Tensor, outer: torch.Tensor, k: int) -> float:
    """The definition: share of `inner` in a ball around some `outer` that reaches its k-th neighbour."""
    radius = np.sort(_distances(outer, outer), axis=1)[:, k]  # column 0 is the point itself
    return float((_distances(inner, outer) <= radius).any(1).mean())


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut even small sets into several blocks, of few rows and few columns."""
    monkeypatch.setattr(blocks, "MAX_ROWS", 7)
    monkeypatch.setattr(blocks, "MAX_NUMBERS", 14)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("seed", range(3))
def test_precision_and_recall_by_definition(k: int, seed: int) -> None:
    real, generated = _random(45, 4, seed), 0.7 * _random(31, 4, seed + 10) + 0.5
    found = manifolds(generated, real, k)
    assert found["precision"] == pytest.approx(_share_within(generated, real, k))
    assert found["recall"] == pytest.approx(_share_within(real, generated, k))


@pytest.mark.usefixtures("small_blocks")
def test_what_is_known_of_the_data_needs_no_second_look() -> None:
    real, generated = _random(45, 4, 0), 0.7 * _random(31, 4, 1)
    spacing = k_nearest(real, real, 5, leave_one_out=True)[0]
    assert manifolds(generated, real, spacing=spacing) == manifolds(generated, real)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("k", [1, 4, 9])
def test_k_nearest_by_definition(k: int) -> None:
    queries, points = _random(20, 3, 0), _random(33, 3, 1)
    distances, indices = k_nearest(queries, points, k)
    brute = _distances(queries, points)
    assert np.allclose(distances, np.sort(brute, 1)[:, :k], atol=1e-12)
    assert np.allclose(np.take_along_axis(brute, indices.numpy(), 1), distances, atol=1e-12)


@pytest.mark.usefixtures("small_blocks")
def test_leave_one_out_distances() -> None:
    real = _random(30, 3, 0)
    brute = _distances(real, real) + np.diag(np.full(30, np.inf))
    assert k_nearest(real, real, 1, leave_one_out=True)[0].mean() == pytest.approx(brute.min(1).mean())


def test_nearest_distance() -> None:
    generated, real = _random(30, 3, 0), _random(40, 3, 1)
    assert nearest_distance(generated, real) == pytest.approx(_distances(generated, real).min(1).mean())


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_exact_copies_are_at_zero(offset: float) -> None:
    real = _random(50, 64, 0) + offset
    assert nearest_distance(real[:20].clone(), real) == 0
    found = manifolds(real.clone(), real)
    assert (found["precision"], found["recall"], found["coverage"]) == (1.0, 1.0, 1.0)


def test_repeated_data_still_counts_its_copies_as_precise() -> None:
    real = (_random(1, 16, 0) + 100).repeat(6, 1)  # all radii are 0
    found = manifolds(real.clone(), real)
    assert (found["precision"], found["recall"], found["coverage"]) == (1.0, 1.0, 1.0)
    assert not k_nearest(real, real, 1, leave_one_out=True)[0].any()


def test_collapse_is_precise_without_recall_and_noise_is_neither() -> None:
    real = _random(100, 2, 0)
    collapsed, noise = manifolds(real[:1].repeat(20, 1), real), manifolds(real + 100, real)
    assert (collapsed["precision"], collapsed["recall"]) == (1.0, 0.01)
    assert collapsed["coverage"] < 0.15
    assert set(noise.values()) == {0.0}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(("k", "wide"), [(3, 5), (5, 2)])
def test_density_and_coverage_by_definition(k: int, wide: int) -> None:
    real, generated = _random(45, 4, 0), 0.7 * _random(31, 4, 10) + 0.5
    inside = _distances(generated, real) <= np.sort(_distances(real, real), axis=1)[:, wide]
    found = manifolds(generated, real, k, wide)
    assert found["density"] == pytest.approx(inside.sum() / (wide * 31))
    assert found["coverage"] == pytest.approx(inside.any(0).mean())
    assert found["precision"] == pytest.approx(_share_within(generated, real, k))


def test_density_of_equal_distributions_is_about_one_and_coverage_as_published() -> None:
    """E density = 1; E coverage = 1 − (N − 1)…(N − k)/((2N − 1)…(2N − k)) for equally many (Naeem et al., lemma 2)."""
    found = manifolds(_random(1000, 3, 0), _random(1000, 3, 1))
    left = np.prod([(1000 - i) / (2000 - i) for i in range(1, 6)])
    assert found["density"] == pytest.approx(1, abs=0.06)
    assert found["coverage"] == pytest.approx(1 - left, abs=0.02)


def test_k_is_cut_to_what_there_is() -> None:
    assert k_nearest(_random(3, 2, 0), _random(2, 2, 1), 5)[0].shape == (3, 2)
    assert 0 <= manifolds(_random(2, 2, 0), _random(2, 2, 1))["precision"] <= 1


def test_refuses_too_few_and_unequal() -> None:
    with pytest.raises(ValueError, match="needed"):
        k_nearest(_random(1, 2, 0), _random(1, 2, 0), 1, leave_one_out=True)
    with pytest.raises(ValueError, match="needed"):
        nearest_distance(_random(0, 2, 0), _random(3, 2, 0))
    with pytest.raises(ValueError, match="needed"):
        manifolds(_random(3, 2, 0), _random(3, 4, 0))
