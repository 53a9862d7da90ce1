"""The objectives against what the theory of Goodfellow et al. 2014 says of them."""

from math import log

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gantui.core.config import FIELDS
from gantui.engine.objectives import OBJECTIVES, log_d_loss, value

ZERO = torch.zeros(5)


def test_every_loss_of_the_config_has_an_objective_of_its_name() -> None:
    assert set(FIELDS["loss"].choices) == set(OBJECTIVES)
    assert all(objective.facts.name == name for name, objective in OBJECTIVES.items())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_where_d_is_one_half_the_losses_take_their_equilibrium_values(name: str) -> None:
    objective = OBJECTIVES[name]
    assert objective.d_loss(ZERO, ZERO).item() == pytest.approx(log(4))
    assert objective.g_loss(ZERO).item() == pytest.approx({"minimax": -log(2), "non_saturating": log(2)}[name])
    assert value(ZERO, ZERO).item() == pytest.approx(-log(4))
    assert objective.facts.probability
    assert objective.facts.equilibrium == pytest.approx(
        {"loss_d": log(4), "loss_g": objective.g_loss(ZERO).item(), "value": -log(4)}
    )


def _gradient(loss: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    (gradient,) = torch.autograd.grad(loss, scores)
    return gradient


def test_losses_of_g_and_their_gradients_in_closed_form() -> None:
    a = torch.tensor([-3.0, -0.5, 0.0, 0.5, 3.0], dtype=torch.float64, requires_grad=True)
    p = 1 / (1 + (-a.detach()).exp())
    saturating, live = OBJECTIVES["minimax"].g_loss(a), OBJECTIVES["non_saturating"].g_loss(a)
    torch.testing.assert_close(saturating, (1 - p).log().mean())
    torch.testing.assert_close(live, -p.log().mean())
    torch.testing.assert_close(_gradient(saturating, a), -p / 5)
    torch.testing.assert_close(_gradient(live, a), -(1 - p) / 5)


def test_where_d_is_sure_of_a_fake_only_the_non_saturating_loss_moves_g() -> None:
    a = torch.tensor([-20.0], requires_grad=True)
    assert _gradient(OBJECTIVES["minimax"].g_loss(a), a).abs() < 1e-8
    assert _gradient(OBJECTIVES["non_saturating"].g_loss(a), a) == pytest.approx(-1)


def test_loss_of_d_is_the_cross_entropy_in_sum_form_and_minus_the_value() -> None:
    real, fake = torch.randn(2, 7, dtype=torch.float64)
    expected = binary_cross_entropy_with_logits(real, torch.ones(7).double()) + binary_cross_entropy_with_logits(
        fake, torch.zeros(7).double()
    )
    torch.testing.assert_close(log_d_loss(real, fake), expected)
    torch.testing.assert_close(value(real, fake), -expected)


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_smoothing_lowers_the_target_of_data_alone(name: str, smoothing: float) -> None:
    real, fake = torch.randn(2, 7, dtype=torch.float64).requires_grad_()
    loss = OBJECTIVES[name].d_loss(real, fake, smoothing)
    p, q = real.sigmoid(), fake.sigmoid()
    expected = -((1 - smoothing) * p.log() + smoothing * (1 - p).log()).mean() - (1 - q).log().mean()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(_gradient(loss, real), ((p - (1 - smoothing)) / 7).detach())


@pytest.mark.parametrize("score", [1e4, -1e4])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_huge_scores_stay_finite_in_value_and_gradient(name: str, score: float) -> None:
    for smoothing in (0.0, 0.1):
        real, fake = (torch.full((3,), score * sign, requires_grad=True) for sign in (1, -1))
        loss_d = OBJECTIVES[name].d_loss(real, fake, smoothing)
        loss_g = OBJECTIVES[name].g_loss(fake)
        for loss, scores in ((loss_d, real), (loss_d, fake), (loss_g, fake)):
            gradient = torch.autograd.grad(loss, scores, retain_graph=True)[0]
            assert loss.isfinite()
            assert gradient.isfinite().all()
    # D is sure and wrong by `score`: both terms cost |score|; sure and right: nothing.
    wrong = OBJECTIVES[name].d_loss(torch.full((3,), -1e4), torch.full((3,), 1e4))
    assert wrong.item() == pytest.approx(2e4)
    assert OBJECTIVES[name].d_loss(torch.full((3,), 1e4), torch.full((3,), -1e4)).item() == 0


def test_the_value_is_taken_over_the_last_dimension() -> None:
    real, fake = torch.randn(2, 3, 6)
    torch.testing.assert_close(value(real, fake), torch.stack([value(r, f) for r, f in zip(real, fake, strict=True)]))


def test_d_trained_against_a_fixed_g_reaches_the_optimal_discriminator() -> None:
    """D* = p_data/(p_data + p_g) (Goodfellow et al. 2014, proposition 1), on two known densities."""
    torch.manual_seed(0)
    data, fakes = torch.distributions.Normal(-1.0, 1.0), torch.distributions.Normal(1.0, 0.7)
    # Stratified samples: the quantiles of both, so that the loss is nearly its expectation.
    u = (torch.arange(4096) + 0.5)[:, None] / 4096
    real, fake = data.icdf(u), fakes.icdf(u)
    d = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1), nn.Flatten(0))
    optimiser = torch.optim.LBFGS(
        d.parameters(), max_iter=200, line_search_fn="strong_wolfe", tolerance_change=1e-9, history_size=20
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = OBJECTIVES["non_saturating"].d_loss(d(real), d(fake))
        loss.backward()
        return loss

    optimiser.step(closure)
    x = torch.linspace(-6, 6, 600)[:, None]
    p, q = data.log_prob(x).exp(), fakes.log_prob(x).exp()
    supported = (p + q > 0.01 * (p + q).max())[:, 0]
    error = (d(x).sigmoid() - (p / (p + q))[:, 0])[supported].abs().max()
    assert error < 0.05
    # The value there is −log 4 + 2·JSD(p‖q) (theorem 1), here by quadrature.
    m, dx = (p + q) / 2, 12 / 599
    jsd = 0.5 * ((p * (p / m).log()).nansum() + (q * (q / m).log()).nansum()) * dx
    assert -closure().item() == pytest.approx(-log(4) + 2 * jsd.item(), abs=0.01)
