"""An encoder of a trained G: it finds the inverse where there is one, and is kept for its checkpoint alone."""

import stat
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gantui.engine import inference, model
from gantui.engine.algorithm import next_update
from gantui.engine.checkpoints import Saved, save
from gantui.engine.data.dataset import Data
from gantui.engine.model import Model, form
from gantui.engine.training import Training
from gantui.runs.files import write_atomic
from gantui.runs.layout import RunDir

Make = Callable[..., Training]
CPU = torch.device("cpu")


def _saved(run: RunDir, training: Training, updates: int = 6) -> Model:
    """The training as it is read back from a checkpoint after some updates."""
    from gantui.core import presets

    for _ in range(updates):
        next_update(training)
    write_atomic(run.config_toml, presets.to_toml(training.config).encode())
    save(run, training.snapshot(), form(training.data), 0, 0, 0)
    return model.load(run, CPU)


def _linear(training: Training, weight: torch.Tensor) -> tuple[Model, Data]:
    """A model whose G is a linear map, and data that it makes."""
    g = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    with torch.no_grad():
        g.weight.copy_(weight)
    g.requires_grad_(False).eval()
    z = torch.randn(500, weight.shape[1], generator=torch.Generator().manual_seed(5))
    data = replace(training.data, x=g(z), count=500)
    saved = Saved(file="checkpoints/u000000000-b0.pt", sha256="", digest="", branch=0, update=0, step=0)
    return Model(training.config, data, g, training.d, None, saved, []), data


def test_of_an_invertible_linear_g_it_finds_the_inverse(make_training: Make) -> None:
    weight = torch.tensor([[1.0, 0.5], [-0.3, 0.8]])
    linear, data = _linear(make_training(z_dim=2, d_widths=[64]), weight)
    found = inference.train(linear, 1500, 0)
    z = torch.randn(200, 2, generator=torch.Generator().manual_seed(7))
    assert (found.e(z @ weight.T) - z).square().mean() < 0.005
    values = inference.measure(linear, data, found.e)
    assert values["reconstruction"] < 0.05 and values["reconstruction_samples"] < 0.05 and values["z_error"] < 0.01


def test_where_g_forgets_half_of_z_the_data_are_made_again_all_the_same(make_training: Make) -> None:
    """Of z₂, which shows nowhere, nothing better than its mean can be said: its error is its variance, 1."""
    linear, data = _linear(make_training(z_dim=2, d_widths=[64]), torch.tensor([[1.0, 0.0], [0.5, 0.0]]))
    values = inference.measure(linear, data, inference.train(linear, 1000, 0).e)
    assert values["reconstruction"] < 0.05
    assert values["z_error"] == pytest.approx(0.5, abs=0.05)


def test_one_seed_makes_one_encoder_and_no_state_of_torch_is_moved(make_training: Make) -> None:
    linear, _ = _linear(make_training(z_dim=2), torch.eye(2))
    before = torch.get_rng_state()
    first, again, other = (inference.train(linear, 20, seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    x = torch.randn(5, 2)
    assert torch.equal(first.e(x), again.e(x)) and not torch.equal(first.e(x), other.e(x))


def test_training_can_be_interrupted_and_tells_how_far_it_is(make_training: Make) -> None:
    linear, _ = _linear(make_training(z_dim=2), torch.eye(2))
    steps = []

    def progress(step: int, cost: float) -> None:
        steps.append(step)
        assert cost > 0
        if step >= 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inference.train(linear, 1000, 0, progress)
    assert steps == [0, 50, 100]


@pytest.mark.parametrize(
    "settings", [{}, {"data": "digits", "condition": "concat", "z_dist": "uniform"}], ids=["points", "condition"]
)
def test_it_is_kept_for_its_checkpoint(make_training: Make, run: RunDir, settings: dict[str, Any]) -> None:
    training = make_training(**settings)
    loaded = _saved(run, training)
    assert inference.kept(run, loaded) is None
    made = inference.train(loaded, 30, 3)
    inference.keep(run, loaded, made)
    assert stat.S_IMODE(run.encoder.stat().st_mode) == 0o600
    back = inference.kept(run, loaded)
    assert back and (back.steps, back.seed) == (30, 3)
    x = training.data.take(torch.arange(9))
    assert torch.equal(back.e(x), made.e(x))
    assert inference.kept(run, _saved(run, training)) is None  # there is a newer checkpoint


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x80\x02K\x01."])
def test_a_damaged_file_counts_as_none(make_training: Make, run: RunDir, content: bytes) -> None:
    loaded = _saved(run, make_training())
    run.encoder.write_bytes(content)
    assert inference.kept(run, loaded) is None


def test_a_flipped_bit_in_a_weight_is_noticed(make_training: Make, run: RunDir) -> None:
    loaded = _saved(run, make_training())
    mine = inference.train(loaded, 2, 0)
    inference.keep(run, loaded, mine)
    raw = bytearray(run.encoder.read_bytes())
    at = raw.index(next(mine.e.parameters()).detach().numpy().tobytes())
    raw[at] ^= 1
    run.encoder.write_bytes(raw)
    assert inference.kept(run, loaded) is None


def test_one_of_another_shape_or_with_other_content_counts_as_none(make_training: Make, run: RunDir) -> None:
    loaded = _saved(run, make_training())
    mine = inference.train(loaded, 2, 0)
    inference.keep(run, loaded, replace(mine, e=nn.Linear(2, 2)))
    assert inference.kept(run, loaded) is None
    torch.save([1, 2], run.encoder)
    assert inference.kept(run, loaded) is None


def test_the_encoder_of_the_run_itself_is_used_as_it_is(make_training: Make, run: RunDir) -> None:
    training = make_training(encoder=True, data="digits")
    loaded = _saved(run, training)
    found = inference.kept(run, loaded)
    assert found and found.steps == 0 and training.encoder
    x = training.encoder.examples
    assert torch.equal(found.e(x), training.encoder.network(x))


def test_what_is_shown_are_examples_and_what_g_makes_of_them(make_training: Make, run: RunDir) -> None:
    training = make_training(data="digits")
    loaded = _saved(run, training)
    e = inference.train(loaded, 10, 0).e
    inference.show(run, loaded, training.data, e)
    with np.load(run.inferred) as arrays:
        assert set(arrays.files) == {"x", "x_inferred", "step"} and arrays["step"] == 3
        x = training.data.take(torch.arange(64))
        assert np.array_equal(arrays["x"], training.data.to_own(x).numpy())
        assert np.allclose(arrays["x_inferred"], training.data.to_own(loaded.g(e(x))).numpy(), atol=1e-6)


def test_the_model_has_the_d_of_the_checkpoint_and_the_d_of_the_start(make_training: Make, run: RunDir) -> None:
    fresh, training = make_training(spectral_norm=True), make_training(spectral_norm=True)
    loaded = _saved(run, training)
    x = training.data.take(torch.arange(9))
    assert torch.equal(loaded.d(x), training.d.eval()(x))
    before = torch.get_rng_state()
    assert torch.equal(model.untrained_discriminator(loaded)(x), fresh.d.eval()(x))
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(loaded.d(x), fresh.d(x))
