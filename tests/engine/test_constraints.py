"""The zero-centred penalties: by hand, per example, and as the algorithm puts them into D's loss."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from gantui.engine import algorithm
from gantui.engine.constraints import zero_centred_penalty
from gantui.engine.training import Training

Make = Callable[..., Training]


def test_a_linear_critic_pays_its_squared_weight_norm() -> None:
    weight = torch.tensor([1.0, -2.0, 0.5])
    x = torch.randn(4, 3, requires_grad=True)
    assert zero_centred_penalty(x @ weight, x).item() == pytest.approx(1 + 4 + 0.25)


def test_the_penalty_is_the_mean_over_examples_of_the_sum_over_features() -> None:
    # D(x) = Σ x³/3 over the features, so that ∂D/∂x = x², and an example pays Σ x⁴.
    x = torch.tensor([[[1.0, 2.0]], [[0.0, 3.0]]], requires_grad=True)
    penalty = zero_centred_penalty((x**3 / 3).sum((1, 2)), x)
    assert penalty.item() == pytest.approx(((1 + 16) + (0 + 81)) / 2)


def test_it_does_not_depend_on_how_many_examples_repeat() -> None:
    torch.manual_seed(0)
    d = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))
    x = torch.randn(5, 2)
    once, often = x.clone().requires_grad_(), x.repeat(4, 1).requires_grad_()
    torch.testing.assert_close(zero_centred_penalty(d(once), once), zero_centred_penalty(d(often), often))


def test_its_gradient_reaches_d_exactly() -> None:
    weight = torch.tensor([1.0, -2.0], requires_grad=True)
    x = torch.randn(4, 2, requires_grad=True)
    zero_centred_penalty(x @ weight, x).backward()
    torch.testing.assert_close(weight.grad, 2 * weight.detach())  # d‖w‖²/dw


def _gradients_at(d: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """‖∇D‖² for each example on its own."""
    squares = []
    for example in x:
        one = example[None].clone().requires_grad_()
        squares.append(torch.autograd.grad(d(one).sum(), one)[0].square().sum())
    return torch.stack(squares)


@pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "maxout"])
def test_r1_looks_at_data_and_r1_r2_at_samples_too(make_training: Make, activation: str) -> None:
    for constraint in ("r1", "r1_r2"):
        training = make_training(constraint=constraint, constraint_weight=1, activation_d=activation)
        real, fake = torch.randn(6, 2), 3 + torch.randn(6, 2)
        real_score, fake_score, penalty = algorithm._judge(training, real.clone(), fake.clone())
        torch.testing.assert_close(real_score, training.d(real))
        torch.testing.assert_close(fake_score, training.d(fake))
        expected = _gradients_at(training.d, real).mean()
        if constraint == "r1_r2":
            expected = expected + _gradients_at(training.d, fake).mean()
        torch.testing.assert_close(penalty, expected)


def test_no_constraint_no_penalty(make_training: Make) -> None:
    assert algorithm._judge(make_training(), torch.randn(6, 2), torch.randn(6, 2))[2] is None


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@pytest.mark.parametrize("constraint", ["r1", "r1_r2"])
def test_d_descends_its_loss_plus_half_the_weighted_penalty(make_training: Make, constraint: str, update: str) -> None:
    def gradients(weight: float) -> tuple[list[torch.Tensor], algorithm.Outcome]:
        training = make_training(
            constraint=constraint, constraint_weight=weight, update=update, activation_d="tanh", instance_noise=0.1
        )
        outcome = algorithm.next_update(training)
        return [p.grad.clone() for p in training.d_parameters], outcome

    (none, _), (one, _), (three, outcome) = gradients(1e-9), gradients(1), gradients(3)
    assert outcome.penalty is not None
    assert any((b - a).abs().max() > 1e-4 for a, b in zip(none, one, strict=True))
    for a, b, c in zip(none, one, three, strict=True):  # linear in γ
        torch.testing.assert_close(c - a, 3 * (b - a), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@pytest.mark.parametrize("constraint", ["r1", "r1_r2"])
def test_a_conv_pair_with_spectral_norm_trains_under_a_constraint(
    make_training: Make, constraint: str, update: str
) -> None:
    training = make_training(
        data="digits", network="conv", constraint=constraint, constraint_weight=1, spectral_norm=True, update=update
    )
    for _ in range(4):
        outcome = algorithm.next_update(training)
    assert outcome.fake.isfinite().all()
    assert training.is_finite()
