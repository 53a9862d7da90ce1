"""Samples and measures of a trained generator, from memory and from a run directory without its data."""

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

import msgspec
import pytest
import torch

from gantui.core import presets
from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine import checkpoints, model, networks
from gantui.engine.algorithm import next_update
from gantui.engine.checkpoints import NoCheckpoint
from gantui.engine.sampling import EVALUATION_SEED, evaluate, most_compared, samples
from gantui.engine.training import Training, digest
from gantui.runs.layout import RunDir

Make = Callable[..., Training]
CPU = torch.device("cpu")


def _trained(training: Training, updates: int = 8) -> Training:
    for _ in range(updates):
        next_update(training)
    return training


def _samples(training: Training, count: int, seed: int) -> torch.Tensor:
    return samples(training.config, training.data, training.best_generator, count, seed)


@pytest.mark.parametrize(("data", "shape"), [("ring", (2,)), ("digits", (1, 8, 8))])
def test_the_seed_decides_the_samples(make_training: Make, data: str, shape: tuple[int, ...]) -> None:
    training = _trained(make_training(data=data, norm_g="batch", z_dist="uniform"))
    before, chance = digest(training.snapshot()), torch.get_rng_state()
    first = _samples(training, 700, 1)
    assert first.shape == (700, *shape)
    assert torch.equal(first, _samples(training, 700, 1))
    assert not torch.equal(first, _samples(training, 700, 2))
    assert torch.equal(first[:500], _samples(training, 500, 1))
    assert not first.requires_grad
    assert digest(training.snapshot()) == before
    assert torch.equal(torch.get_rng_state(), chance)
    assert training.g.training


def test_sampling_can_be_interrupted(make_training: Make) -> None:
    class Stop(Exception):
        pass

    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls >= 3:
            raise Stop

    training = make_training()
    with pytest.raises(Stop):
        samples(training.config, training.data, training.g, 10_000, 0, check)
    with pytest.raises(Stop):
        evaluate(training.config, training.data, training.g, check)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((2,), 10_000), ((1, 28, 28), 10_000), ((3, 32, 32), 2000), ((3, 64, 64), 2000), ((3, 128, 128), 1000)],
)
def test_of_large_images_fewer_are_compared(shape: tuple[int, ...], expected: int) -> None:
    assert most_compared(prod(shape)) == expected


def test_of_large_images_fewer_are_made_at_once(make_training: Make) -> None:
    training, sizes = make_training(data="digits", network="conv"), []
    data = replace(training.data, shape=(3, 128, 128))
    g = networks.build(training.config, data.shape, "tanh")[0]
    g.register_forward_hook(lambda _, inputs, __: sizes.append(len(inputs[0])))
    assert samples(training.config, data, g, 70, 1).shape == (70, 3, 128, 128)
    assert sizes == [31, 31, 8]


@pytest.mark.parametrize(
    ("data", "count", "names"),
    [
        ("ring", 2500, {"modes", "modes_total", "high_quality", "reverse_kl"}),
        ("gaussian", 10_000, {"w1", "mean", "sd"}),
        ("digits", 1797, {"frechet_pixels", "class_shares", "nn_distance", "nn_distance_data", "precision", "recall"}),
    ],
)
def test_an_evaluation_has_the_measures_of_its_data_and_moves_nothing(
    make_training: Make, data: str, count: int, names: set[str]
) -> None:
    training = _trained(make_training(data=data, dropout_hidden=0.5))
    before, chance = digest(training.snapshot()), torch.get_rng_state()
    values, used, took = evaluate(training.config, training.data, training.best_generator)
    assert names <= set(values)
    assert (used, took >= 0) == (count, True)
    assert digest(training.snapshot()) == before
    assert torch.equal(torch.get_rng_state(), chance)
    again, *_ = evaluate(training.config, training.data, training.best_generator)
    assert values == again
    assert b"null" not in msgspec.json.encode(values)


class _Copier(torch.nn.Module):
    """A perfect generator: it deals out the data, whatever z is."""

    def __init__(self, examples: torch.Tensor) -> None:
        super().__init__()
        self.unused, self.examples, self.at = torch.nn.Parameter(torch.zeros(1)), examples, 0

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        self.at += len(z)
        return self.examples[self.at - len(z) : self.at]


def test_data_dealt_out_as_samples_measures_as_perfect(make_training: Make) -> None:
    training = make_training(data="ring")
    g = _Copier(training.data.take(torch.arange(2500)))
    values, *_ = evaluate(training.config, training.data, g)
    assert (values["modes"], values["modes_total"]) == (8, 8)
    assert values["high_quality"] > 0.97
    training = make_training(data="gaussian")
    values, *_ = evaluate(training.config, training.data, _Copier(training.data.take(torch.arange(10_000))))
    assert values["mean"] == pytest.approx(4, abs=0.05)
    assert values["sd"] == pytest.approx(1.25, abs=0.05)
    assert values["w1"] < 0.05


def _written(run: RunDir, training: Training) -> Training:
    run.config_toml.write_text(presets.to_toml(training.config))
    checkpoints.save(run, training.snapshot(), model.form(training.data), 0, 0, 0)
    return training


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"ema_decay": 0},
        {"data": "digits", "norm_g": "batch"},
        {"data": "digits", "network": "conv", "output": "sigmoid", "spectral_norm": True},
        {"data": "gaussian", "activation_g": "maxout", "z_dist": "uniform"},
    ],
    ids=str,
)
@pytest.mark.parametrize("raw", [False, True])
def test_a_loaded_model_samples_as_the_live_one(
    run: RunDir, make_training: Make, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], raw: bool
) -> None:
    training = _written(run, _trained(make_training(**settings)))
    chance = torch.get_rng_state()
    monkeypatch.setattr("gantui.engine.data.load", None)  # the data may be gone
    loaded = model.load(run, CPU, raw=raw)
    assert torch.equal(torch.get_rng_state(), chance)
    g = training.g if raw else training.best_generator
    expected = samples(training.config, training.data, g, 30, EVALUATION_SEED)
    assert torch.equal(samples(loaded.config, loaded.data, loaded.g, 30, EVALUATION_SEED), expected)
    assert (loaded.data.x, loaded.data.shape, loaded.data.name) == (None, training.data.shape, training.data.name)
    assert loaded.saved.update == 8
    assert loaded.problems == []


def test_settings_changed_live_are_those_of_the_checkpoint(
    run: RunDir, make_training: Make, config_of: Callable[..., Config]
) -> None:
    training = _trained(make_training())
    training.adopt(config_of(ema_decay=0, lr_d=0.5))
    _written(run, training)
    run.config_toml.write_text(presets.to_toml(config_of()))
    assert model.load(run, CPU).config.lr_d == 0.5


def test_without_checkpoint_or_config_the_message_says_so(
    run: RunDir, make_training: Make, config_of: Callable[..., Config]
) -> None:
    run.config_toml.write_text(presets.to_toml(config_of()))
    with pytest.raises(NoCheckpoint):
        model.load(run, CPU)
    _written(run, make_training())
    run.config_toml.unlink()
    with pytest.raises(ConfigError):
        model.load(run, CPU)


def test_a_config_that_no_longer_fits_the_weights_is_refused(
    run: RunDir, make_training: Make, config_of: Callable[..., Config]
) -> None:
    _written(run, make_training())
    run.config_toml.write_text(presets.to_toml(config_of(g_widths=[17])))
    with pytest.raises(ConfigError, match=r"config.toml"):
        model.load(run, CPU)


def test_an_evaluation_under_a_condition_moves_nothing_and_trains_one_judge(
    make_training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = _trained(make_training(data="digits", condition="concat"))
    before, chance, threads = digest(training.snapshot()), torch.get_rng_state(), torch.get_num_threads()
    values, *_ = evaluate(training.config, training.data, training.g)
    assert digest(training.snapshot()) == before
    assert torch.equal(torch.get_rng_state(), chance)
    assert torch.get_num_threads() == threads
    assert values["class_accuracy_data"] > 0.95
    assert list(values["diversity_by_class"]) == list("0123456789")
    monkeypatch.setattr("gantui.evaluation.judge.train", lambda *_: pytest.fail("it was there already"))
    assert evaluate(training.config, training.data, training.g)[0] == values


class _Perfect(torch.nn.Module):
    """Answers a condition with examples that have it."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self._data, self._used = training.data, 0

    def forward(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        assert self._data.labels is not None
        vectors = self._data.labels.encode(self._data.labels.rows)
        self._used += 1  # others of each class at each call
        fitting = [(vectors == row).all(1).nonzero().flatten() for row in y]
        chosen = [places[(31 * self._used + 7 * i) % len(places)] for i, places in enumerate(fitting)]
        return self._data.take(torch.stack(chosen))


@pytest.mark.parametrize(("data", "groups"), [("digits", 10), ("digits_inverted", 20)])
def test_the_data_itself_obeys_and_is_as_varied_as_the_data(make_training: Make, data: str, groups: int) -> None:
    training = make_training(data=data, condition="concat")
    values, *_ = evaluate(training.config, training.data, _Perfect(training))
    assert values["class_accuracy"] > 0.97
    assert len(values["diversity_by_class"]) == groups
    assert values["class_diversity"] == pytest.approx(1, abs=0.05)
