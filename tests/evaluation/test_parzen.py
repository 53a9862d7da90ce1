"""Parzen windows: in closed form, against scikit-learn, and the choice of σ."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.neighbors import KernelDensity

from gantui.evaluation import parzen as module
from gantui.evaluation.parzen import SIGMAS, log_densities, parzen


def _random(n: int, d: int, seed: int) -> torch.Tensor:
    return torch.rand(n, d, generator=torch.Generator().manual_seed(seed))


def _reference(x: torch.Tensor, centres: torch.Tensor, sigma: float) -> np.ndarray:
    """log p(x) by scikit-learn, all centres in one leaf: with several its bounds lose all digits in 784 dimensions."""
    kde = KernelDensity(bandwidth=sigma, leaf_size=len(centres), atol=0, rtol=0)
    found: np.ndarray = kde.fit(centres.flatten(1).double().numpy()).score_samples(x.flatten(1).double().numpy())
    return found


def test_the_grid_is_that_of_the_original() -> None:
    assert np.allclose(SIGMAS, np.logspace(-1, 0, 10), rtol=1e-14)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 2.0])
def test_one_centre_is_a_gaussian(sigma: float) -> None:
    x, centre = _random(7, 3, 0), _random(1, 3, 1)
    expected = torch.distributions.Normal(centre.double(), sigma).log_prob(x.double()).sum(1)
    assert torch.allclose(log_densities(x, centre, [sigma])[0], expected, rtol=1e-12)


def test_two_centres_by_hand() -> None:
    x, centres = torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [2.0]])
    peak = 1 / math.sqrt(2 * math.pi)
    at_zero = peak * (1 + math.exp(-2)) / 2
    at_one = peak * math.exp(-0.5)
    found = log_densities(x, centres, [1.0])[0].tolist()
    assert found == pytest.approx([math.log(at_zero), math.log(at_one)], rel=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 40), st.integers(1, 20), st.floats(0.02, 3), st.floats(-50, 50))
def test_equals_scikit_learn(n: int, t: int, d: int, sigma: float, shift: float) -> None:
    x, centres = _random(t, d, 0) + shift, _random(n, d, 1) + shift
    found = log_densities(x, centres, [sigma])[0].numpy()
    assert np.allclose(found, _reference(x, centres, sigma), rtol=1e-6, atol=1e-6)


def test_images_as_scikit_learn_sees_them() -> None:
    """1,024 dimensions and the whole grid."""
    digits = torch.from_numpy(np.kron(load_digits().images[:1000] / 16, np.ones((1, 4, 4)))).float()
    x, centres = digits[:100], digits[100:]
    found = log_densities(x, centres, SIGMAS)
    for row, sigma in zip(found, SIGMAS, strict=True):
        assert np.allclose(row.numpy(), _reference(x, centres, sigma), rtol=1e-6)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x, centres = _random(50, 4, 0), _random(30, 4, 1)
    whole = log_densities(x, centres, SIGMAS)
    monkeypatch.setattr(module, "MAX_NUMBERS", 100)
    assert torch.allclose(log_densities(x, centres, SIGMAS), whole, rtol=1e-12)


def test_far_from_every_centre_nothing_underflows() -> None:
    assert log_densities(torch.full((1, 2), 1e4), torch.zeros(3, 2), [0.1])[0, 0] == pytest.approx(-1e10, rel=1e-6)


def test_sigma_is_chosen_on_validation_and_the_rest_is_of_the_test_set() -> None:
    generator = torch.Generator().manual_seed(0)
    samples, validation, test = (torch.randn(n, 2, generator=generator) for n in (500, 200, 300))
    found = parzen(samples, validation, 0.5 * test)
    means = [_reference(validation, samples, sigma).mean() for sigma in SIGMAS]
    assert found["parzen_sigma"] == SIGMAS[int(np.argmax(means))]
    densities = _reference(0.5 * test, samples, found["parzen_sigma"])
    assert found["parzen_ll"] == pytest.approx(densities.mean(), rel=1e-6)
    assert found["parzen_se"] == pytest.approx(densities.std() / math.sqrt(300), rel=1e-6)
    assert (found["parzen_samples"], found["parzen_examples"]) == (500, 300)


def test_what_is_not_finite_is_no_centre() -> None:
    samples, x = _random(20, 3, 0), _random(10, 3, 1)
    broken = torch.cat([samples, torch.full((1, 3), torch.nan), torch.full((1, 3), torch.inf)])
    assert parzen(broken, x, x) == parzen(samples, x, x)


@pytest.mark.parametrize(
    ("samples", "examples", "sigmas"),
    [((0, 2), (3, 2), [1.0]), ((3, 2), (0, 2), [1.0]), ((3, 2), (3, 4), [1.0]), ((3, 2), (3, 2), [1.0, 0.0])],
)
def test_refuses_what_has_no_density(samples: tuple[int, ...], examples: tuple[int, ...], sigmas: list[float]) -> None:
    with pytest.raises(ValueError, match="examples"):
        parzen(torch.zeros(samples), torch.zeros(examples), torch.zeros(examples), sigmas)


def test_it_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NUMBERS", 20)
    seen = []

    def check() -> None:
        seen.append(1)
        if len(seen) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parzen(_random(10, 2, 0), _random(10, 2, 1), _random(10, 2, 2), check=check)
