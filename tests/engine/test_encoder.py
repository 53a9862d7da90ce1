"""The encoder: what it learns of a G that can be inverted, and that nothing of it flows back into G and D."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from engine_cases import NoLook
from torch import nn

from gantui.core.errors import ConfigError
from gantui.core.events import Metrics, Record
from gantui.engine import encoder, sampling
from gantui.engine.algorithm import next_update
from gantui.engine.previews import take
from gantui.engine.telemetry import Telemetry
from gantui.engine.training import Training, digest

Make = Callable[..., Training]
SETTINGS: dict[str, dict[str, Any]] = {
    "points": {},
    "dropout, two updates of G": {"dropout_hidden": 0.5, "g_steps": 2},
    "simultaneous": {"update": "simultaneous"},
    "images": {"data": "digits", "network": "conv", "norm_g": "batch", "norm_d": "batch"},
    "no average": {"norm_g": "batch", "ema_decay": 0},
    "under a condition": {"data": "digits", "condition": "concat"},
}
settings = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


def _train(training: Training, updates: int = 9) -> Training:
    for _ in range(updates):
        next_update(training)
    return training


@settings
def test_g_and_d_are_trained_to_the_bit_as_without_it(make_training: Make, settings: dict[str, Any]) -> None:
    plain, inferring = (_train(make_training(encoder=on, **settings)).snapshot() for on in (False, True))
    assert not {"e", "opt_e"} & plain.keys()
    assert digest({name: inferring[name] for name in plain}) == digest(plain)
    assert digest(inferring) != digest(plain)


@settings
def test_it_learns_with_each_update_of_g_and_of_no_other(make_training: Make, settings: dict[str, Any]) -> None:
    training = make_training(encoder=True, **settings)
    assert training.encoder
    for _ in range(6):
        before = [parameter.clone() for parameter in training.encoder.parameters]
        outcome = next_update(training)
        moved = any(not torch.equal(a, b) for a, b in zip(before, training.encoder.parameters, strict=True))
        assert moved == ("loss_e" in outcome.numbers) == (outcome.loss_g is not None)
        assert not any(parameter.requires_grad for parameter in training.encoder.parameters)
        assert all(parameter.requires_grad for parameter in training.g_parameters)
        assert training.g.training


def test_its_weights_come_from_the_seed_and_cost_no_chance(make_training: Make) -> None:
    config, data = make_training().config, make_training().data
    before = torch.get_rng_state()
    first, again, other = (encoder.build(config, data, seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    x = torch.randn(3, 2)
    assert torch.equal(first(x), again(x)) and not torch.equal(first(x), other(x))


@pytest.mark.parametrize("dist", ["normal", "uniform"])
def test_it_predicts_latents_as_far_as_there_are_such(make_training: Make, dist: str) -> None:
    training = make_training(z_dist=dist)
    z = encoder.build(training.config, training.data, 0)(1e4 * torch.randn(100, 2))
    assert z.shape == (100, training.config.z_dim)
    assert (z.abs() <= 3**0.5 + 1e-6).all() == (dist == "uniform")


def test_it_is_a_regression_without_dropout(make_training: Make) -> None:
    training = make_training(dropout_input=0.2, dropout_hidden=0.5, spectral_norm=True)
    layers = list(encoder.build(training.config, training.data, 0).modules())
    assert not any(isinstance(layer, nn.Dropout) or hasattr(layer, "parametrizations") for layer in layers)
    assert any(hasattr(layer, "parametrizations") for layer in training.d.modules())


def test_the_cost_of_an_exact_inverse_is_nothing() -> None:
    turn = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(0)))[0]
    g, e = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
    with torch.no_grad():
        g.weight.copy_(turn)
        e.weight.copy_(turn.T)
    z = torch.randn(50, 3)
    assert encoder.cost(e, g, g(z), z).item() == pytest.approx(0, abs=1e-10)
    assert encoder.cost(nn.Identity(), nn.Identity(), z, z + 1).item() == pytest.approx(1, rel=1e-5)


def test_reconstructions_are_made_with_the_labels_of_the_examples(make_training: Make) -> None:
    training = make_training(data="digits", condition="concat", encoder=True)
    assert training.encoder and training.labels and training.encoder.rows is not None
    e, x, rows = training.encoder.network, training.encoder.examples, training.encoder.rows
    assert torch.equal(x, training.data.take(training.shown))
    made = encoder.reconstruct(training.labels, training.best_generator, e, x, rows)
    assert torch.allclose(made[5:6], training.best_generator(e(x[5:6]), training.labels.encode(rows[5:6])), atol=1e-6)
    other = encoder.reconstruct(training.labels, training.best_generator, e, x, (rows + 1) % 10)
    assert not torch.allclose(made, other)


def test_more_examples_than_a_batch_are_reconstructed_in_order(make_training: Make) -> None:
    x = torch.randn(encoder.BATCH + 7, 4)
    assert torch.equal(encoder.reconstruct(None, nn.Identity(), nn.Identity(), x, None), x)


def test_previews_and_evaluations_say_what_it_is_worth(make_training: Make) -> None:
    training = _train(make_training(data="digits", encoder=True))
    assert training.encoder
    arrays = take(training)
    assert arrays["x_inferred"].shape == arrays["x"].shape
    assert 0 <= arrays["x_inferred"].min() < arrays["x_inferred"].max() <= 1
    evaluate, g = sampling.evaluate, training.best_generator
    with_e, _, _ = evaluate(training.config, training.data, g, e=training.encoder.network)
    without, _, _ = evaluate(training.config, training.data, g)
    assert 0.5 < with_e.pop("reconstruction") < 1.5
    assert with_e == without
    assert "x_inferred" not in take(make_training(data="digits"))


def test_no_update_waits_for_the_device(make_training: Make) -> None:
    training = _train(make_training(encoder=True), 3)
    with NoLook():
        for _ in range(4):
            next_update(training)


def test_its_cost_is_in_the_log(make_training: Make) -> None:
    written: list[Record] = []
    training = make_training(encoder=True)
    telemetry = Telemetry(training, written.append)
    for _ in range(4):
        telemetry.gather(next_update(training))
    telemetry.flush()
    (metrics,) = [record for record in written if isinstance(record, Metrics)]
    assert metrics.v["loss_e"][0] > 0


@pytest.mark.parametrize("part", ["weight", "moment"])
def test_a_state_is_finite_only_with_it(make_training: Make, part: str) -> None:
    training = _train(make_training(encoder=True))
    assert training.encoder and training.is_finite()
    weight = training.encoder.parameters[0]
    with torch.no_grad():
        bad = weight if part == "weight" else training.encoder.optimiser.state[weight]["exp_avg"]
        bad.view(-1)[0] = float("nan")
    assert not training.is_finite()


def test_its_rate_follows_the_schedule(make_training: Make) -> None:
    training = make_training(encoder=True, lr_schedule="cosine", max_steps=10)
    assert training.encoder
    rates = []
    for _ in range(10):
        _train(training, 2)
        rates.append(training.encoder.optimiser.param_groups[0]["lr"])
    assert rates[0] == encoder.LR and rates == sorted(rates, reverse=True) and rates[-1] < encoder.LR / 20


def test_data_of_another_kind_are_refused(make_training: Make) -> None:
    training = make_training()
    with pytest.raises(ConfigError, match="not from poems"):
        encoder.build(training.config, replace(training.data, kind="poems"), 0)


class _Categories:
    blocks = (3,)


def test_categories_that_g_draws_by_chance_are_refused(make_training: Make) -> None:
    training = make_training()
    with pytest.raises(ConfigError, match="by chance"):
        encoder.build(training.config, replace(training.data, codec=_Categories()), 0)
