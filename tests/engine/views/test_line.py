"""The picture on a line: against what is known of a G that is written down, and a D that is trained to its optimum."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from gantui.engine import views
from gantui.engine.algorithm import update_discriminator
from gantui.engine.training import Training

Make = Callable[..., Training]
MEAN, STD = 4.0, 1.25  # of `gaussian`


def _settle_g(training: Training, weight: float, bias: float) -> None:
    """G(z) = weight·z₀ + bias, in the model's range."""
    training.ema = None
    training.g = nn.Linear(training.config.z_dim, 1)
    with torch.no_grad():
        training.g.weight.zero_()
        training.g.weight[0, 0] = weight
        training.g.bias.fill_(bias)


def _constant_d(training: Training, score: float) -> None:
    training.d = nn.Sequential(nn.Linear(1, 1), nn.Flatten(0))
    with torch.no_grad():
        training.d[0].weight.zero_()
        training.d[0].bias.fill_(score)


@pytest.mark.parametrize(("weight", "bias"), [(1.0, 0.0), (0.6, 1.0), (2.0, -1.0)])
@pytest.mark.parametrize("z_dim", [1, 4, 8])
def test_densities_and_distances_of_a_g_that_is_known(
    make_training: Make, z_dim: int, weight: float, bias: float
) -> None:
    training = make_training(data="gaussian", z_dim=z_dim)
    _settle_g(training, weight, bias)
    found = views.take(training)
    own = stats.norm(
        float(training.data.shift) + bias * float(training.data.scale), weight * float(training.data.scale)
    )
    there = own.pdf(found["grid"]) > 0.1 * own.pdf(own.mean())
    there[:6] = there[-6:] = False  # nothing comes in there from beyond the grid
    assert found["p_g"][there] == pytest.approx(own.pdf(found["grid"][there]), rel=0.07 if z_dim < 8 else 0.2)
    assert found["p_data"] == pytest.approx(stats.norm.pdf(found["grid"], MEAN, STD), rel=1e-3)
    data = stats.norm(MEAN, STD)
    middle = lambda x: (data.pdf(x) + own.pdf(x)) / 2  # noqa: E731
    x = np.linspace(-16, 24, 40_001)
    jsd = sum(0.5 * np.trapezoid(p.pdf(x) * (np.log(p.pdf(x)) - np.log(middle(x))), x) for p in (data, own))
    assert found["jsd"] == pytest.approx(jsd, abs=0.004 if z_dim < 8 else 0.01)
    u = (np.arange(4096) + 0.5) / 4096
    assert found["w1"] == pytest.approx(np.abs(own.ppf(u) - data.ppf(u)).mean() / STD, abs=0.02 if z_dim < 8 else 0.06)


def test_where_g_sends_z(make_training: Make) -> None:
    training = make_training(data="gaussian", z_dim=3)
    _settle_g(training, 0.5, 1.0)
    found = views.take(training)
    assert found["map_z"][[0, 16, 32]] == pytest.approx([-2, 0, 2])
    expected = (0.5 * found["map_z"] + 1) * float(training.data.scale) + float(training.data.shift)
    assert found["map_x"] == pytest.approx(expected, rel=1e-5)
    for box, (low, high) in {"uniform": (-math.sqrt(3), math.sqrt(3)), "cube": (0.0, 1.0)}.items():
        boxed = make_training(data="gaussian", z_dim=1, z_dist=box)
        _settle_g(boxed, 1.0, 0.0)
        found = views.take(boxed)
        assert found["map_z"][[0, 32]] == pytest.approx([low, high])
        x = (found["grid"] - float(boxed.data.shift)) / float(boxed.data.scale)
        inside = (x > low + 0.15 * (high - low)) & (x < high - 0.15 * (high - low))
        assert found["p_g"][inside] == pytest.approx(1 / ((high - low) * float(boxed.data.scale)), rel=0.05)


def test_at_equilibrium_the_numbers_are_those_of_the_theory(make_training: Make) -> None:
    training = make_training(data="gaussian", z_dim=1)
    _settle_g(training, 1.0, 0.0)
    _constant_d(training, 0.0)
    found = views.take(training)
    assert found["value"] == pytest.approx(-math.log(4))
    assert found["jsd"] < 0.001
    assert found["w1"] < 0.01
    assert found["d_error"] < 0.03
    _constant_d(training, 2.0)
    found = views.take(training)
    p = 1 / (1 + math.exp(-2))
    assert found["value"] == pytest.approx(math.log(p) + math.log(1 - p), rel=1e-5)
    assert found["d_error"] == pytest.approx(p - 0.5, abs=0.03)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_d_trained_to_its_optimum_is_the_optimal_d(make_training: Make, smoothing: float) -> None:
    """Two known densities, N(4, 1.25²) and N(4, 1.75²): D alone is trained, on samples of the one and the other."""
    training = make_training(
        data="gaussian", z_dim=1, d_widths=[32], activation_d="relu", batch_size=1024, lr_d=0.02, beta1=0.9,
        max_steps=300, label_smoothing=smoothing,
    )  # fmt: skip
    _settle_g(training, 1.4, 0.0)
    assert views.take(training)["d_error"] > 0.15
    for training.step in range(300):
        training.set_pace()
        update_discriminator(training)
    found = views.take(training)
    p, q = (stats.norm.pdf(found["grid"], *of) for of in ((MEAN, STD), (MEAN, 1.4 * STD)))
    exact = (1 - smoothing) * p / (p + q)
    there = p + q > 0.01 * (p + q).max()
    assert np.abs(found["d"] - exact)[there].max() < 0.05
    assert found["d_error"] < 0.05
    assert np.abs(found["d_star"] - exact)[there].max() < 0.03
    if not smoothing:  # V(D*, G) = −log 4 + 2 JSD
        assert found["value"] == pytest.approx(-math.log(4) + 2 * float(found["jsd"]), abs=0.02)


def test_instance_noise_blurs_what_the_optimal_d_tells_apart(make_training: Make) -> None:
    training = make_training(data="gaussian", z_dim=1, instance_noise=0.5)
    _settle_g(training, 0.8, 0.8)
    found = views.take(training)
    p = stats.norm.pdf(found["grid"], MEAN, STD * math.sqrt(1.25))
    q = stats.norm.pdf(found["grid"], 5.0, math.sqrt(1.0 + 0.25 * STD**2))
    there = p + q > 0.05 * (p + q).max()
    assert np.abs(found["d_star"] - p / (p + q))[there].max() < 0.03


def test_a_critic_has_scores_and_no_optimum(make_training: Make) -> None:
    training = make_training(data="gaussian", loss="wasserstein")
    _constant_d(training, 7.0)
    found = views.take(training)
    assert found["d"] == pytest.approx(np.full(200, 7.0))
    assert "d_star" not in found
    assert np.isnan(found["d_error"]) and np.isnan(found["value"])
    assert not found["probability"]
    assert np.isfinite(found["jsd"])


def test_under_a_condition_d_is_averaged_and_compared_with_nothing(make_training: Make, tmp_path: Path) -> None:
    rows = "x,kind\n" + "".join(f"{i / 50},{'a' if i % 4 else 'b'}\n" for i in range(200))
    (tmp_path / "line.csv").write_text(rows)
    training = make_training(data=str(tmp_path / "line.csv"), labels="kind", condition="concat", seed=11)

    class Told(nn.Module):
        """logit(0.9) for the first kind, logit(0.1) for the other."""

        def forward(self, x: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
            return math.log(9) * (1 - 2 * c[:, 0])

    training.d = Told()
    found = views.take(training)
    share = float((training.preview_rows == 1).float().mean())  # the previews' labels are as the data's
    assert found["d"] == pytest.approx(np.full(200, share * 0.1 + (1 - share) * 0.9), abs=1e-4)
    assert share == pytest.approx(0.25, abs=0.05) or share == pytest.approx(0.75, abs=0.05)
    assert np.isnan(found["d_error"])
    assert np.isfinite(found["value"])


def test_data_that_nobody_knows_the_density_of(make_training: Make, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(10, 3, size=(5000, 1))
    np.save(tmp_path / "unknown.npy", x.astype(np.float32))
    found = views.take(make_training(data=str(tmp_path / "unknown.npy"), seed=12))
    exact = stats.norm.pdf(found["grid"], 10, 3)
    assert np.abs(found["p_data"] - exact).max() < 0.15 * exact.max()
    assert found["p_data"].sum() * (found["grid"][1] - found["grid"][0]) == pytest.approx(1, abs=0.01)


def test_a_generator_of_nans_has_no_density_and_no_numbers(make_training: Make) -> None:
    training = make_training(data="gaussian")
    _settle_g(training, float("nan"), 0.0)
    found = views.take(training)
    assert not found["p_g"].any()
    assert all(np.isnan(found[name]) for name in ("jsd", "w1", "d_error", "value"))
    assert np.isfinite(found["d"]).all()


def test_samples_far_away_are_all_that_jsd_says(make_training: Make) -> None:
    training = make_training(data="gaussian")
    _settle_g(training, 0.01, 1000.0)
    found = views.take(training)
    assert found["jsd"] == pytest.approx(math.log(2), abs=0.002)
    assert found["w1"] == pytest.approx(1000, rel=0.01)
