"""Learning rates and momentum by schedule, and optimisers that keep what they have gathered."""

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from math import cos, pi
from typing import Any

import pytest
import torch

from gantui.core.config import change
from gantui.engine import optimisers
from gantui.engine.algorithm import begin_iteration, next_update
from gantui.engine.optimisers import effective_lr, effective_momentum
from gantui.engine.training import Training

Make = Callable[..., Training]


def test_constant_is_constant(config_of: Callable[..., object]) -> None:
    config = config_of(lr_schedule="constant")
    assert {effective_lr(0.3, config, step) for step in (0, 1, 10**9)} == {0.3}  # type: ignore[arg-type]


@pytest.mark.parametrize(("settings", "horizon"), [({"max_steps": 200}, 200), ({"lr_horizon": 400}, 400)])
def test_cosine_falls_to_zero_at_its_horizon(
    config_of: Callable[..., object], settings: dict[str, object], horizon: int
) -> None:
    config = config_of(lr_schedule="cosine", **settings)
    rates = [effective_lr(2.0, config, step) for step in (0, horizon // 4, horizon // 2, horizon, 3 * horizon)]  # type: ignore[arg-type]
    assert rates == pytest.approx([2.0, 1 + cos(pi / 4), 1.0, 0.0, 0.0])


@pytest.mark.parametrize(("base", "decay"), [(0.1, 1.000004), (0.1, 1.01), (1e-7, 1.01), (0.1, 2.0)])
def test_decay_is_that_of_the_code_of_2014(config_of: Callable[..., object], base: float, decay: float) -> None:
    """A literal simulation: after every step the rate is divided, but not below 1e-6 (a base below stays)."""
    config = config_of(lr_schedule="decay", lr_decay=decay)
    rate = base
    for step in range(3000):
        expected = max(rate, min(base, 1e-6))
        assert effective_lr(base, config, step) == pytest.approx(expected, rel=1e-9)  # type: ignore[arg-type]
        rate /= decay
    assert effective_lr(base, config, 10**9) == pytest.approx(min(base, 1e-6))  # type: ignore[arg-type]


def test_momentum_rises_from_epoch_1_to_epoch_250(config_of: Callable[..., object]) -> None:
    config = config_of(lr_schedule="decay", momentum=0.5, momentum_final=0.7)
    momentum, slope = 0.5, (0.7 - 0.5) / 249
    assert effective_momentum(config, 0.0) == 0.5  # type: ignore[arg-type]
    for epoch in range(1, 400):
        assert effective_momentum(config, epoch) == pytest.approx(momentum)  # type: ignore[arg-type]
        if epoch < 250:
            momentum += slope
    assert momentum == pytest.approx(0.7)
    assert effective_momentum(config_of(momentum=0.5), 100.0) == 0.5  # type: ignore[arg-type]


def test_every_iteration_sets_the_pace_of_both_optimisers(make_training: Make) -> None:
    training = make_training(lr_schedule="cosine", lr_horizon=10, lr_d=1.0, lr_g=0.5, optimizer_d="sgd")
    for step in range(10):
        begin_iteration(training)
        share = 0.5 * (1 + cos(pi * step / 10))
        assert training.opt_d.param_groups[0]["lr"] == pytest.approx(share)
        assert training.opt_g.param_groups[0]["lr"] == pytest.approx(0.5 * share)
        next_update(training)
        next_update(training)
    before = [p.clone() for p in training.d_parameters]
    next_update(training)  # at the horizon nothing moves any more
    assert all(torch.equal(a, b) for a, b in zip(training.d_parameters, before, strict=True))


def test_momentum_follows_the_epochs_of_the_data(make_training: Make) -> None:
    training = make_training(
        optimizer_d="sgd", optimizer_g="sgd", lr_schedule="decay", momentum=0.5, momentum_final=0.7
    )
    training.batches.seek(100_000 * 126)  # the middle of the ramp: (126 − 1)/249
    begin_iteration(training)
    for optimiser in (training.opt_d, training.opt_g):
        assert optimiser.param_groups[0]["momentum"] == pytest.approx(0.5 + 0.2 * 125 / 249)


def test_sgd_steps_as_written(make_training: Make) -> None:
    """v ← m·v + g; w ← w − lr·v."""
    training = make_training(optimizer_d="sgd", momentum=0.5, lr_d=0.1, lr_schedule="constant", g_steps=0)
    velocity = [torch.zeros_like(p) for p in training.d_parameters]
    for _ in range(4):
        before = [p.detach().clone() for p in training.d_parameters]
        next_update(training)
        velocity = [0.5 * v + p.grad for v, p in zip(velocity, training.d_parameters, strict=True)]
        for p, old, v in zip(training.d_parameters, before, velocity, strict=True):
            torch.testing.assert_close(p.detach(), old - 0.1 * v)


def _moments(optimiser: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [t.clone() for state in optimiser.state.values() for t in state.values() if isinstance(t, torch.Tensor)]


@pytest.mark.parametrize(
    "changed", [{"lr_d": 0.5}, {"beta1": 0.9}, {"beta2": 0.5}, {"loss": "minimax"}, {"batch_size": 5}]
)
def test_moments_survive_a_change_of_settings(make_training: Make, changed: dict[str, object]) -> None:
    training = make_training()
    for _ in range(6):
        next_update(training)
    before = _moments(training.opt_d)
    assert before
    assert training.adopt(change(training.config, changed)) == ""
    training.set_pace()
    assert all(torch.equal(a, b) for a, b in zip(_moments(training.opt_d), before, strict=True))
    group = training.opt_d.param_groups[0]
    assert group["betas"] == (training.config.beta1, training.config.beta2)
    assert group["lr"] == pytest.approx(effective_lr(training.config.lr_d, training.config, training.step))


@pytest.mark.parametrize(("key", "name"), [("optimizer_d", "D"), ("optimizer_g", "G")])
def test_another_optimiser_starts_with_new_moments_and_says_so(make_training: Make, key: str, name: str) -> None:
    training = make_training()
    for _ in range(6):
        next_update(training)
    assert training.adopt(change(training.config, {key: "rmsprop"})) == f"{name}'s optimiser starts with new moments"
    training.set_pace()
    changed, kept = (training.opt_d, training.opt_g) if name == "D" else (training.opt_g, training.opt_d)
    assert not _moments(changed)
    assert changed.param_groups[0]["lr"] > 0
    assert _moments(kept)
    for _ in range(4):
        next_update(training)
    assert training.is_finite()


@pytest.mark.parametrize("optimiser", ["sgd", "rmsprop", "adam"])
def test_momentum_can_be_switched_on_and_off_while_training(make_training: Make, optimiser: str) -> None:
    """Switched on, it begins at rest: the first step is that of no momentum, whatever was gathered long ago."""
    training = make_training(optimizer_d=optimiser, momentum=0.5, lr_schedule="constant", g_steps=0)
    plain = make_training(optimizer_d=optimiser, momentum=0.0, lr_schedule="constant", g_steps=0)

    def set_momentum(momentum: float) -> None:
        training.adopt(change(training.config, {"momentum": momentum}))
        training.set_pace()

    next_update(training)
    set_momentum(0.0)
    next_update(training)
    next_update(plain)
    next_update(plain)
    plain.d.load_state_dict(training.d.state_dict())
    set_momentum(0.9)
    torch.manual_seed(0)
    next_update(training)
    next_update(plain)
    if optimiser == "sgd":
        for a, b in zip(training.d_parameters, plain.d_parameters, strict=True):
            torch.testing.assert_close(a, b)
    for _ in range(3):
        next_update(training)
    assert training.is_finite()


def test_rmsprop_takes_a_momentum_it_did_not_start_with(make_training: Make) -> None:
    training = make_training(optimizer_d="rmsprop", optimizer_g="rmsprop", momentum=0.0)
    for _ in range(4):
        next_update(training)
    training.adopt(change(training.config, {"momentum": 0.5}))
    training.set_pace()
    for _ in range(4):
        next_update(training)
    assert len(training.opt_d.state[training.d_parameters[0]]["momentum_buffer"]) == 16


@pytest.mark.parametrize(
    ("ours", "kind", "settings"),
    [
        (optimisers.Adam, torch.optim.Adam, {"betas": (0.5, 0.9), "fused": True}),
        (optimisers.SGD, torch.optim.SGD, {"momentum": 0.5, "fused": True}),
        (optimisers.RMSprop, torch.optim.RMSprop, {"momentum": 0.5, "foreach": True}),
    ],
)
def test_an_optimiser_without_the_compiler_is_torchs_to_the_bit(ours: Any, kind: Any, settings: dict[str, Any]) -> None:
    weights = [torch.linspace(-1, 1, 6).view(2, 3).requires_grad_() for _ in range(2)]
    pair, steps = [make([weight], lr=0.1, **settings) for make, weight in zip((ours, kind), weights, strict=True)], []
    pair[0].register_step_post_hook(lambda *_: steps.append(1))
    for number in range(6):
        if number == 3:  # either can go on from what the other has gathered
            pair[0].load_state_dict(deepcopy(pair[1].state_dict()))
        for optimiser, weight in zip(pair, weights, strict=True):
            optimiser.zero_grad()
            (weight**2 * (number + 1)).sum().backward()
            optimiser.step()
    assert isinstance(pair[0], kind) and torch.equal(*weights) and len(steps) == 6
    for mine, theirs in zip(*(optimiser.state_dict()["state"][0].values() for optimiser in pair), strict=True):
        assert torch.equal(torch.as_tensor(mine), torch.as_tensor(theirs))


def test_a_training_leaves_the_compiler_alone() -> None:
    """Its import would take longer than all else but that of torch, each time a run begins."""
    trained = """
import sys
import torch
from gantui.core.config import validate
from gantui.engine import algorithm, data, training
config = validate({"data": "ring", "threads": 1, "encoder": True})
one = training.Training(config, data.load(config, torch.device("cpu")), torch.device("cpu"))
for _ in range(4):
    algorithm.next_update(one)
one.restore(one.snapshot())
print("torch._dynamo" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", trained], capture_output=True, text=True, timeout=100)
    assert done.stdout == "False\n", done.stderr
