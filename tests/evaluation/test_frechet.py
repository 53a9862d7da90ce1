"""The Fréchet distance against its formula, closed forms, and the case of singular covariances."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from gantui.evaluation import blocks
from gantui.evaluation.frechet import frechet_distance


def _random(n: int, d: int, seed: int) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _by_formula(a: torch.Tensor, b: torch.Tensor) -> float:
    ca, cb = np.cov(a.numpy(), rowvar=False), np.cov(b.numpy(), rowvar=False)
    root = sqrtm(ca @ cb).real
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb - 2 * root))


def test_equals_the_formula() -> None:
    a, b = _random(60, 5, 0) @ _random(5, 5, 1), _random(80, 5, 2) + 0.5
    assert frechet_distance(a, b) == pytest.approx(_by_formula(a, b), rel=1e-8)


def test_equals_the_formula_over_several_blocks() -> None:
    a, b = _random(2500, 3, 0), 2 * _random(1200, 3, 1)
    assert frechet_distance(a, b) == pytest.approx(_by_formula(a, b), rel=1e-8)


def test_diagonal_gaussians_have_a_closed_form() -> None:
    signs = torch.tensor([[s, t] for s in (-1.0, 1.0) for t in (-1.0, 1.0)]).double()
    deviation_a, deviation_b = torch.tensor([1.0, 2.0]).double(), torch.tensor([3.0, 0.5]).double()
    shift = torch.tensor([1.0, -2.0]).double()
    expected = shift.square().sum() + 4 / 3 * (deviation_a - deviation_b).square().sum()
    found = frechet_distance(signs * deviation_a, signs * deviation_b + shift)
    assert found == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize(("n", "m"), [(6, 7), (6, 40), (40, 6)])
def test_fewer_samples_than_dimensions(n: int, m: int) -> None:
    """Singular covariances: rotate the few dimensions the samples span into view, and compare there."""
    a, b = _random(n, 20, 3), _random(m, 20, 4)
    exact = frechet_distance(a, b)
    wide = torch.cat([a, torch.zeros(n, 300)], 1), torch.cat([b, torch.zeros(m, 300)], 1)
    rotation = torch.linalg.qr(_random(320, 320, 5)).Q
    assert frechet_distance(wide[0] @ rotation, wide[1] @ rotation) == pytest.approx(exact, rel=1e-9)
    ca, cb = np.cov(a.numpy(), rowvar=False), np.cov(b.numpy(), rowvar=False)
    values = np.linalg.eigvals(ca @ cb).real.clip(min=0)
    direct = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb) - 2 * np.sqrt(values).sum()
    assert exact == pytest.approx(float(direct), rel=1e-5)


def test_of_many_dimensions_a_few_are_taken_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = _random(6, 50, 0), 2 * _random(9, 50, 1) + 1
    whole, calls = frechet_distance(a, b), []
    monkeypatch.setattr(blocks, "MAX_NUMBERS", 36)  # 4 columns of 9 rows
    assert frechet_distance(a, b, lambda: calls.append(1)) == pytest.approx(whole, rel=1e-12)
    assert len(calls) > 50 / 4  # so often it can be interrupted


def test_equal_sets_are_at_zero_and_never_below() -> None:
    a = _random(30, 50, 0).float()
    assert 0 <= frechet_distance(a, a.flip(0)) < 1e-10


def test_is_symmetric_and_flattens() -> None:
    a, b = _random(20, 12, 0), _random(30, 12, 1)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a))
    assert frechet_distance(a.view(20, 3, 2, 2), b) == frechet_distance(a, b)


def test_refuses_one_sample_and_unequal_dimensions() -> None:
    with pytest.raises(ValueError, match="two samples"):
        frechet_distance(_random(1, 3, 0), _random(5, 3, 0))
    with pytest.raises(ValueError, match="equal dimension"):
        frechet_distance(_random(5, 3, 0), _random(5, 4, 0))
