"""The picture in the plane: D's map the right way up, slopes by hand, the grid, the modes; and nothing moves."""

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from gantui.engine import previews, views
from gantui.engine.algorithm import next_update
from gantui.engine.training import Training, digest
from gantui.engine.views.plane import ASPECT, descent, extent
from gantui.evaluation.coverage import mode_coverage

Make = Callable[..., Training]


class Tilted(nn.Module):
    """Score w·x + b."""

    def __init__(self, w: list[float], b: float = 0.0) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(torch.tensor(w)), b

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.w + self.b


@pytest.mark.parametrize(("w", "axis"), [([2.0, 0.0], 1), ([0.0, 2.0], 0)])
def test_the_map_is_d_the_right_way_up(make_training: Make, w: list[float], axis: int) -> None:
    training = make_training(data="grid")
    training.d = Tilted(w)
    found = views.take(training)
    rows, columns = found["d_map"].shape
    x_low, x_high, y_low, y_high = found["extent"].tolist()
    x = x_low + (np.arange(columns) + 0.5) / columns * (x_high - x_low)
    y = y_high - (np.arange(rows) + 0.5) / rows * (y_high - y_low)
    own = np.stack(np.meshgrid(x, y), 2)
    model = (own - training.data.shift.numpy()) / training.data.scale.numpy()
    expected = 1 / (1 + np.exp(-(model @ np.array(w))))
    assert found["d_map"] == pytest.approx(expected, abs=2e-3)
    assert (np.diff(found["d_map"].astype(float), axis=axis) * (1 if axis else -1) >= 0).all()


def test_a_critic_s_map_keeps_its_scores(make_training: Make) -> None:
    training = make_training(loss="wasserstein")
    training.d = Tilted([0.0, 0.0], 123456.0)
    assert views.take(training)["d_map"] == pytest.approx(123456.0)


def test_slopes_are_those_of_the_loss_by_hand(make_training: Make) -> None:
    w = torch.tensor([0.5, -2.0])
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    score = x @ w
    cases: dict[str, torch.Tensor] = {
        "non_saturating": torch.sigmoid(-score),  # −d/ds softplus(−s)
        "minimax": torch.sigmoid(score),
        "wasserstein": torch.ones(7),
        "hinge": torch.ones(7),
        "least_squares": 1 - score,
    }
    for loss, rate in cases.items():
        training = make_training(loss=loss)
        training.d = Tilted(w.tolist())
        torch.testing.assert_close(descent(training, x, None), rate[:, None] * w, msg=loss)


def test_a_loss_of_pairs_compares_each_sample_with_all_of_some_data(make_training: Make) -> None:
    training = make_training(loss="relativistic")
    training.d = Tilted([0.5, -2.0])
    x = torch.randn(3, 2, generator=torch.Generator().manual_seed(0))
    real = training.data.take(torch.arange(64)) @ training.d.w.detach()
    for one, found in zip(x, descent(training, x, None), strict=True):
        one = one.clone().requires_grad_(True)
        loss = softplus(real - one @ training.d.w.detach()).mean()
        torch.testing.assert_close(found, -torch.autograd.grad(loss, one)[0])


def test_arrows_are_pushes_in_own_units_at_the_first_samples(make_training: Make) -> None:
    training = make_training(data="grid", loss="wasserstein")
    training.d = Tilted([0.25, -1.0])
    found = views.take(training)
    expected = np.array([0.25, -1.0]) * training.data.scale.numpy()
    assert found["arrows"] == pytest.approx(np.broadcast_to(expected, (64, 2)), rel=1e-5)
    training = make_training()
    x = previews.take(training)
    with torch.no_grad():
        model = (torch.tensor(x["x_raw"][:64]) - training.data.shift) / training.data.scale
    by_hand = descent(training, model, None) * training.data.scale
    assert x["arrows_raw"] == pytest.approx(by_hand.numpy(), rel=1e-3, abs=1e-6)


def test_the_grid_of_a_linear_g_is_its_image(make_training: Make) -> None:
    training = make_training(z_dim=3)
    training.ema, training.g = None, nn.Linear(3, 2)
    found = views.take(training)["manifold"]
    assert found.shape == (21, 21, 2)
    for row, column in ((0, 0), (0, 20), (20, 3), (10, 10)):
        z = torch.tensor([-2 + 0.2 * column, -2 + 0.2 * row, 0.0])
        own = training.data.to_own(training.g(z[None]))[0].detach()
        assert found[row, column] == pytest.approx(own.numpy(), abs=1e-5)


def test_one_latent_makes_a_curve(make_training: Make) -> None:
    training = make_training(z_dim=1, z_dist="uniform")
    training.ema, training.g = None, nn.Linear(1, 2)
    found = views.take(training)["manifold"]
    assert found.shape == (1, 64, 2)
    ends = training.data.to_own(training.g(torch.tensor([[-math.sqrt(3)], [math.sqrt(3)]]))).detach()
    assert found[0, [0, -1]] == pytest.approx(ends.numpy(), abs=1e-5)


def test_modes_are_counted_as_an_evaluation_counts_them(make_training: Make) -> None:
    training = make_training(data="grid", z_dim=2)
    training.ema = None

    class Few(nn.Module):
        """Three of the 25 modes: mostly the middle one, exactly; some beside one, too far out."""

        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Parameter(torch.ones(1))

        def forward(self, z: torch.Tensor) -> torch.Tensor:
            own = torch.zeros(len(z), 2)
            own[z[:, 0] > 1] = torch.tensor([4.0, -4.0])
            own[z[:, 0] < -1] = torch.tensor([2.0, 2.0 + 0.2])  # 4 deviations
            return (own - training.data.shift) / training.data.scale

    training.g = Few()
    found = views.take(training)
    counts = {(x, y): n for x, y, n in found["modes"].tolist()}
    assert len(counts) == 25
    assert {place for place, n in counts.items() if n} == {(0.0, 0.0), (4.0, -4.0)}
    assert counts[0.0, 0.0] == pytest.approx(0.683 * 2500, rel=0.05)
    view = views._views[training]
    mixture = training.data.mixture
    samples = training.data.to_own(training.g(view._z))
    measured = mode_coverage(samples, mixture.centres, mixture.std)
    assert measured["modes"] == 2
    assert found["high_quality"] == pytest.approx(measured["high_quality"], abs=1e-3)


def test_data_without_known_modes_has_none(make_training: Make) -> None:
    found = views.take(make_training(data="swiss_roll"))
    assert {"extent", "d_map", "arrows", "manifold", "arrows_raw"} <= set(found)
    assert not {"modes", "high_quality"} & set(found)


def test_the_map_has_the_shape_of_a_terminal_unless_the_ranges_are_of_different_kinds() -> None:
    square = np.random.default_rng(0).uniform(-1, 1, size=(1000, 2))
    x_low, x_high, y_low, y_high = extent(square)
    assert (x_high - x_low) / (y_high - y_low) == pytest.approx(ASPECT)
    assert y_low < -1 and y_high > 1
    low_and_high = extent(square * [1, 1000])
    assert low_and_high[1] - low_and_high[0] < 4
    same = extent(np.ones((10, 2)))
    assert same[0] < same[1] and same[2] < same[3]


@pytest.mark.parametrize(
    "settings",
    [
        {"norm_g": "batch", "norm_d": "batch", "dropout_hidden": 0.5},
        {"data": "gaussian", "norm_d": "batch"},
        {"spectral_norm": True, "loss": "relativistic", "data": "grid"},
        {"data": "mixture", "update": "simultaneous"},
    ],
)
def test_looking_moves_nothing(make_training: Make, settings: dict[str, Any]) -> None:
    training = make_training(**settings)
    for _ in range(5):
        next_update(training)
    before, chance = digest(training.snapshot()), torch.get_rng_state()
    gradients = [p.grad is None or p.grad.clone() for p in training.d_parameters]
    first, second = views.take(training), views.take(training)
    assert digest(training.snapshot()) == before
    assert torch.equal(torch.get_rng_state(), chance)
    assert training.g.training and training.d.training
    assert all(
        (g is True and p.grad is None) or torch.equal(g, p.grad)
        for g, p in zip(gradients, training.d_parameters, strict=True)
    )
    assert first and all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)


def test_images_have_no_such_picture(make_training: Make) -> None:
    assert views.take(make_training(data="digits")) == {}


@pytest.mark.parametrize("settings", [{"data": "gaussian"}, {}, {"data": "grid", "loss": "wasserstein"}])
def test_a_preview_stays_small(make_training: Make, settings: dict[str, Any]) -> None:
    file = io.BytesIO()
    np.savez(file, **previews.take(make_training(**settings)))  # type: ignore[arg-type]
    assert len(file.getvalue()) < 100_000
