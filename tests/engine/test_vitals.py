"""What a diagnosis needs of the networks: measured without a trace, and right where it can be reckoned."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from engine_cases import NoLook
from torch import nn

from gantui.engine.algorithm import next_update
from gantui.engine.training import Training, digest
from gantui.engine.vitals import NAMES, NEIGHBOURS_EVERY, PATH, Vitals, _silence

Make = Callable[..., Training]
KINDS: dict[str, dict[str, Any]] = {
    "ring": {},
    "relativistic": {"loss": "relativistic"},
    "dropout and norm": {"dropout_hidden": 0.5, "norm_g": "batch", "norm_d": "batch"},
    "labels": {"data": "digits", "condition": "projection"},
    "text": {"data": "grammar"},
    "critic": {"data": "gaussian", "loss": "wasserstein", "constraint": "gradient_penalty", "constraint_weight": 1},
}


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_finite_and_nothing_of_the_training_moves(make_training: Make, kind: str) -> None:
    training = make_training(**KINDS[kind])
    vitals, before = Vitals(training), digest(training.snapshot())
    gradients = [p.grad for p in (*training.g_parameters, *training.d_parameters)]
    for _ in range(2):
        numbers = vitals.take()
        assert set(numbers) <= set(NAMES) and {"spread", "variety", "gap", "g_signal", "dead_g"} <= set(numbers)
        assert all(number.dim() == 0 and bool(number.isfinite()) for number in numbers.values())
    assert digest(training.snapshot()) == before
    assert all(
        a is b
        for a, b in zip(gradients, [p.grad for p in (*training.g_parameters, *training.d_parameters)], strict=True)
    )
    assert training.g.training and training.d.training
    assert not any(module._forward_hooks for network in (training.g, training.d) for module in network.modules())


def test_after_the_first_time_no_number_is_read_off_the_device(make_training: Make) -> None:
    training = make_training()
    vitals = Vitals(training)
    vitals.take()
    next_update(training)
    with NoLook():
        vitals.take()


def test_the_way_of_samples_is_followed(make_training: Make) -> None:
    training = make_training()
    vitals, last = Vitals(training), training.g[-1]
    assert isinstance(last, nn.Linear)
    taken = [vitals.take()]
    for _ in range(PATH):
        with torch.no_grad():
            last.bias += 0.1  # samples move along one line
        taken.append(vitals.take())
    distance = vitals._reference and float(vitals._reference.distance)
    assert "drift" not in taken[0] and "straightness" not in taken[-2]
    assert float(taken[-1]["drift"]) == pytest.approx(0.1 * 2**0.5 / (distance or 0), rel=1e-3)
    assert float(taken[-1]["straightness"]) == pytest.approx(1, abs=1e-3)
    for index in range(PATH + 1):
        with torch.no_grad():
            last.bias += 0.1 if index % 2 else -0.1  # to and fro
        numbers = vitals.take()
    assert float(numbers["straightness"]) < 0.01
    vitals.forget()
    assert "drift" not in vitals.take()


def test_the_signal_is_the_slope_of_g_s_loss_at_its_samples(make_training: Make) -> None:
    training = make_training(loss="wasserstein", d_widths=[4], activation_d="relu")
    with torch.no_grad():
        for parameter in training.d_parameters:
            parameter.zero_()
    assert float(Vitals(training).take()["g_signal"]) == 0
    with torch.no_grad():  # D(x) = 3·relu(x₁ + 100): its slope is 3 everywhere
        first, second = training.d_parameters[0], training.d_parameters[2]
        first[0, 0], training.d_parameters[1][0], second[0, 0] = 1, 100, 3
    vitals = Vitals(training)
    numbers = vitals.take()
    assert vitals._reference
    assert float(numbers["g_signal"]) == pytest.approx(3 * float(vitals._reference.distance), rel=1e-4)


def test_dead_units_are_counted_in_hidden_layers_only() -> None:
    layer = nn.Linear(3, 8)
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([-100.0] * 6 + [100.0] * 2))
    x = torch.randn(64, 3)
    for network, expected in (
        (nn.Sequential(layer, nn.ReLU(inplace=True), nn.Linear(8, 2)), [0.75]),
        (nn.Sequential(layer, nn.Tanh(), nn.Linear(8, 2), nn.Sigmoid()), [1.0]),
        (nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(), nn.Linear(8, 2), nn.Tanh(), nn.Unflatten(1, (1, 2))), []),
    ):
        with torch.no_grad(), _silence(network) as shares:
            network(x)
        assert [float(share) for share in shares] == pytest.approx(expected)


def test_copies_are_looked_for_now_and_then_and_not_of_points(make_training: Make) -> None:
    digits = Vitals(make_training(data="digits"))
    assert ["nn_ratio" in digits.take() for _ in range(NEIGHBOURS_EVERY + 1)] == [True, *[False] * 3, True]
    assert "nn_ratio" not in Vitals(make_training()).take()
