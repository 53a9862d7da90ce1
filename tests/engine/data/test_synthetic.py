"""The synthetic sets against their published definitions (REFERENCE 3.1: VEEGAN, PacGAN; WGAN-GP)."""

import math

import pytest
import torch
from sklearn.datasets import make_swiss_roll

from gantui.engine.data import Mixture


def own(data):
    return data.to_own(data.x).double()


@pytest.mark.parametrize(("name", "modes", "std"), [("ring", 8, 0.01), ("grid", 25, 0.05)])
def test_mixtures_of_pacgan(load_data, name, modes, std):
    data = load_data(name)
    assert (data.count, data.kind, data.shape, data.output) == (100_000, "points", (2,), "linear")
    centres = data.mixture.centres.double()
    assert len(centres) == modes == len({tuple(c) for c in centres.round(decimals=4).tolist()})
    distances, nearest = torch.cdist(own(data), centres).min(1)
    # Per axis: E[r²] = 2 σ². Within 3 σ lie 1 − e^(−9/2) = 98.9 % (the ceiling of "high quality").
    assert distances.square().mean().div(2).sqrt().item() == pytest.approx(std, rel=0.02)
    assert (distances < 3 * std).double().mean().item() == pytest.approx(1 - math.exp(-4.5), abs=2e-3)
    counts = torch.bincount(nearest, minlength=modes).double()
    chi_square = ((counts - 1e5 / modes).square() / (1e5 / modes)).sum().item()
    assert chi_square < 3 * modes  # uniform modes: about modes − 1, far above only if they are not


def test_ring_has_eight_centres_on_the_unit_circle_an_eighth_apart(load_data):
    centres = load_data("ring").mixture.centres
    assert torch.allclose(centres.norm(dim=1), torch.ones(8))
    angles = torch.atan2(centres[:, 1], centres[:, 0]) % (2 * math.pi)
    assert torch.allclose(angles, torch.arange(8) * 2 * math.pi / 8, atol=1e-6)


def test_grid_centres(load_data):
    centres = {tuple(c) for c in load_data("grid").mixture.centres.tolist()}
    assert centres == {(a, b) for a in (-4, -2, 0, 2, 4) for b in (-4, -2, 0, 2, 4)}


def test_gaussian(load_data):
    data = load_data("gaussian")
    assert (data.shape, data.kind) == ((1,), "points")
    assert own(data).mean().item() == pytest.approx(4, abs=0.02)
    assert own(data).std().item() == pytest.approx(1.25, abs=0.02)


def test_mixture_is_uneven_and_well_separated(load_data):
    data = load_data("mixture")
    centres, weights = data.mixture.centres, data.mixture.weights
    shares = torch.cdist(own(data), centres.double()).argmin(1).bincount() / data.count
    assert torch.allclose(shares, weights, atol=0.01)
    assert len(set(weights.tolist())) == 3
    assert centres.flatten().diff().min() > 6 * data.mixture.std


def test_swiss_roll_is_that_of_scikit_learn(load_data):
    reference = make_swiss_roll(100_000, noise=0.25, random_state=0)[0][:, [0, 2]] / 7.5
    ours, theirs = own(load_data("swiss_roll")), torch.from_numpy(reference)
    for column in range(2):  # Wasserstein-1 of each coordinate and of the radius, by sorted samples
        assert (ours[:, column].sort()[0] - theirs[:, column].sort()[0]).abs().mean() < 0.02
    assert (ours.norm(dim=1).sort()[0] - theirs.norm(dim=1).sort()[0]).abs().mean() < 0.01


@pytest.mark.parametrize("dimensions", [1, 2])
def test_density_is_that_of_torch_distributions_and_integrates_to_one(dimensions):
    centres = torch.tensor([[-1.0] * dimensions, [2.0] * dimensions])
    mixture = Mixture(centres, 0.3, torch.tensor([0.25, 0.75]))
    axis = torch.linspace(-4, 5, 300)
    points = torch.cartesian_prod(*[axis] * dimensions).reshape(-1, dimensions)
    normal = torch.distributions.Independent(torch.distributions.Normal(centres, 0.3), 1)
    reference = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(mixture.weights), normal)
    density = mixture.density(points)
    assert density.shape == (len(points),)
    assert torch.allclose(density, reference.log_prob(points).exp(), rtol=1e-4, atol=1e-7)
    assert (density.sum() * (axis[1] - axis[0]) ** dimensions).item() == pytest.approx(1, abs=1e-3)


def test_samples_depend_on_the_seed_alone(load_data):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = load_data("ring", seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.x, load_data("ring", seed=3).x)
    assert not torch.equal(first.x, load_data("ring", seed=4).x)
