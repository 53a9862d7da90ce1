"""Kernel and sliced distances against closed forms and double loops."""

import math

import numpy as np
import pytest
import torch

from gantui.evaluation import blocks
from gantui.evaluation.kernel import kernel_distance, mmd
from gantui.evaluation.sliced import sliced_wasserstein


def _random(n: int, d: int, seed: int) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_ROWS", 7)


def _by_pairs(a: np.ndarray, b: np.ndarray, kernel) -> float:  # type: ignore[no-untyped-def]
    def mean(x: np.ndarray, y: np.ndarray, same: bool) -> float:
        return float(np.mean([kernel(p, q) for i, p in enumerate(x) for j, q in enumerate(y) if not (same and i == j)]))

    return mean(a, a, True) + mean(b, b, True) - 2 * mean(a, b, False)


@pytest.mark.usefixtures("small_blocks")
def test_both_by_definition() -> None:
    a, b = _random(19, 3, 0) + 0.5, _random(24, 3, 1)
    x, y = a.double().numpy(), b.double().numpy()
    assert kernel_distance(a, b) == pytest.approx(_by_pairs(x, y, lambda p, q: (p @ q / 3 + 1) ** 3))
    width = float(torch.pdist(b.double()).median())
    squared = _by_pairs(x, y, lambda p, q: math.exp(-((p - q) ** 2).sum() / (2 * width**2)))
    assert mmd(a, b) == pytest.approx(math.sqrt(squared))


def test_mmd_of_known_gaussians() -> None:
    """E exp(−‖x − y‖²/2s²) of Gaussians is one of a Gaussian's density: in closed form for any mean and deviation."""
    a, b = 1.5 * _random(4000, 1, 0) + 1.0, _random(4000, 1, 1)
    width = float(torch.pdist(b[:1000].double()).median())

    def expected(mean: float, variance: float) -> float:
        spread = width**2 + variance
        return width / math.sqrt(spread) * math.exp(-(mean**2) / (2 * spread))

    exact = expected(0, 2 * 1.5**2) + expected(0, 2) - 2 * expected(1, 1 + 1.5**2)
    assert mmd(a, b) == pytest.approx(math.sqrt(exact), rel=0.05)


def test_equal_distributions_are_near_and_others_far() -> None:
    a, b, far = _random(800, 8, 0), _random(800, 8, 1), _random(800, 8, 2) + 1
    assert mmd(a, b) < 0.06 < 0.3 < mmd(far, b) <= math.sqrt(2)
    assert abs(kernel_distance(a, b)) < 0.05 < 0.5 < kernel_distance(far, b)
    assert sliced_wasserstein(a, b) < 0.1 < 0.2 < sliced_wasserstein(far, b)


def test_data_of_one_value() -> None:
    same = torch.ones(5, 2)
    assert mmd(same, same) == 0
    assert mmd(same + 50, same) == pytest.approx(math.sqrt(2))


def test_sliced_distance_of_a_shift() -> None:
    """On a line the shift itself; in d dimensions shift·E|u₁|, u uniform on the sphere: 2/π·shift on the plane."""
    line = _random(500, 1, 0)
    assert sliced_wasserstein(line + 3, line) == pytest.approx(3, rel=1e-5)
    plane = _random(500, 2, 0)
    shifted = plane + torch.tensor([2.0, 0.0])
    assert sliced_wasserstein(shifted, plane, directions=2000) == pytest.approx(4 / math.pi, rel=0.03)


@pytest.mark.parametrize("measure", [mmd, kernel_distance, sliced_wasserstein])
def test_refusals_and_interruption(measure) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="needed"):
        measure(_random(3, 2, 0), _random(3, 4, 0))
    with pytest.raises(ValueError, match="needed"):
        measure(_random(0, 2, 0), _random(3, 2, 0))

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(_random(30, 2, 0), _random(30, 2, 1), check=interrupt)
