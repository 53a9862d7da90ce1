"""The objectives against what the theory of Goodfellow et al. 2014 says of them."""

from math import log

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gantui.core.combinations import WITH_TARGETS
from gantui.core.config import FIELDS
from gantui.engine.objectives import OBJECTIVES, log_d_loss, switch_note, value

LEVELS = {  # scores that an optimal D may give to everything where p_g = p_data; several: any level will do
    "minimax": [0.0],
    "non_saturating": [0.0],
    "least_squares": [0.5],
    "hinge": [-0.9, 0.0, 0.7],
    "wasserstein": [-30.0, 0.0, 5.0],
    "relativistic": [-30.0, 0.0, 5.0],
}
EQUILIBRIA = [(name, level) for name, levels in LEVELS.items() for level in levels]


def test_every_loss_of_the_config_has_an_objective_of_its_name() -> None:
    assert set(FIELDS["loss"].choices) == set(OBJECTIVES)
    assert all(objective.facts.name == name for name, objective in OBJECTIVES.items())


@pytest.mark.parametrize(("name", "level"), EQUILIBRIA)
def test_where_p_g_is_p_data_the_losses_have_the_values_viewers_draw(name: str, level: float) -> None:
    objective, facts = OBJECTIVES[name], OBJECTIVES[name].facts
    scores = torch.full((5,), level, dtype=torch.float64, requires_grad=True)
    losses = {"loss_d": objective.d_loss(scores, scores), "loss_g": objective.g_loss(scores, scores)}
    (slope,) = torch.autograd.grad(losses["loss_d"], scores)
    torch.testing.assert_close(slope, torch.zeros_like(slope))  # D has nothing to gain by moving
    known = {"value": value(scores, scores)} | losses
    seen = scores.sigmoid() if facts.probability else scores
    for number, line in facts.equilibrium.items():
        reached = seen.mean() if number in ("d_x", "d_gz") else known[number]
        assert reached.item() == pytest.approx(line), number
    assert {"loss_d", *(["loss_g"] if name not in ("hinge", "wasserstein") else [])} <= facts.equilibrium.keys()


def test_the_constants_of_the_theory() -> None:
    lines = {name: objective.facts.equilibrium for name, objective in OBJECTIVES.items()}
    assert lines["minimax"]["loss_d"] == lines["non_saturating"]["loss_d"] == pytest.approx(1.3863, abs=1e-4)
    assert lines["minimax"]["value"] == pytest.approx(-1.3863, abs=1e-4)
    assert (lines["minimax"]["loss_g"], lines["non_saturating"]["loss_g"]) == pytest.approx((-log(2), log(2)))
    assert (lines["least_squares"]["loss_d"], lines["least_squares"]["loss_g"]) == (0.25, 0.125)
    assert (lines["hinge"], lines["wasserstein"]) == ({"loss_d": 2.0}, {"loss_d": 0.0})
    assert lines["relativistic"] == pytest.approx({"loss_d": log(2), "loss_g": log(2)})


def test_a_probability_has_an_axis_from_0_to_1_and_a_critic_none() -> None:
    axes = {name: (o.facts.probability, o.facts.score_range) for name, o in OBJECTIVES.items()}
    critics = dict.fromkeys(("least_squares", "hinge", "wasserstein", "relativistic"), (False, None))
    assert axes == critics | dict.fromkeys(("minimax", "non_saturating"), (True, (0.0, 1.0)))


def _by_hand(name: str, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Each loss as its paper prints it: of D, its slopes at data and samples, of G, its slope at samples."""
    n, p, q = len(real), 1 / (1 + (-real).exp()), 1 / (1 + (-fake).exp())
    u = 1 / (1 + (fake - real).exp())  # the share of certainty that data is data, of a pair
    log_d = (-(p.log() + (1 - q).log()).mean(), -(1 - p) / n, q / n)
    match name:
        case "minimax":
            return *log_d, (1 - q).log().mean(), -q / n
        case "non_saturating":
            return *log_d, -q.log().mean(), -(1 - q) / n
        case "least_squares":
            d = ((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2
            return d, (real - 1) / n, fake / n, ((fake - 1) ** 2).mean() / 2, (fake - 1) / n
        case "hinge":
            d = (1 - real).clamp(min=0).mean() + (1 + fake).clamp(min=0).mean()
            return d, -(real < 1).double() / n, (fake > -1).double() / n, -fake.mean(), torch.full_like(fake, -1 / n)
        case "wasserstein":
            flat = torch.full_like(fake, 1 / n)
            return fake.mean() - real.mean(), -flat, flat, -fake.mean(), -flat
        case _:
            return -u.log().mean(), -(1 - u) / n, (1 - u) / n, -(1 - u).log().mean(), -u / n


@pytest.mark.parametrize("name", OBJECTIVES)
def test_losses_and_their_gradients_are_those_of_the_papers(name: str) -> None:
    torch.manual_seed(1)
    real, fake = (2 * torch.randn(2, 9, dtype=torch.float64)).requires_grad_().unbind()
    objective = OBJECTIVES[name]
    loss_d, loss_g = objective.d_loss(real, fake), objective.g_loss(fake, real.detach())
    d, d_real, d_fake, g, g_fake = _by_hand(name, real.detach(), fake.detach())
    torch.testing.assert_close(loss_d.detach(), d)
    torch.testing.assert_close(loss_g.detach(), g)
    torch.testing.assert_close(torch.autograd.grad(loss_d, (real, fake)), (d_real, d_fake))
    torch.testing.assert_close(_gradient(loss_g, fake), g_fake)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    real, fake = (torch.tensor(s, dtype=torch.float64, requires_grad=True) for s in ([0.3, -2.0, 4], [-0.4, 1.7, -3]))
    torch.autograd.gradcheck(OBJECTIVES[name].d_loss, (real, fake))
    torch.autograd.gradcheck(OBJECTIVES[name].g_loss, (fake, real.detach()))


def test_only_the_relativistic_loss_of_g_looks_at_data() -> None:
    fake, real = torch.randn(2, 5)
    for name, objective in OBJECTIVES.items():
        assert objective.compares is (name == "relativistic")
        if not objective.compares:
            assert objective.g_loss(fake) == objective.g_loss(fake, real)


def test_the_relativistic_loss_looks_at_pairs_and_at_nothing_but_their_difference() -> None:
    real, fake = torch.randn(2, 6, dtype=torch.float64)
    loss = OBJECTIVES["relativistic"].d_loss
    torch.testing.assert_close(loss(real + 7, fake + 7), loss(real, fake))
    assert (loss(real, fake.roll(1)) - loss(real, fake)).abs() > 1e-3  # other pairs, another loss
    shuffled = torch.randperm(6)
    torch.testing.assert_close(loss(real[shuffled], fake[shuffled]), loss(real, fake))


def test_a_switch_between_probability_and_critic_says_what_scores_mean() -> None:
    facts = {name: objective.facts for name, objective in OBJECTIVES.items()}
    for a in facts.values():
        for b in facts.values():
            note = switch_note(a, b)
            assert bool(note) == (a.probability != b.probability)
            assert ("critic" in note and "without bounds" in note) == (a.probability and not b.probability)
            assert ("logits" in note and "0 to 1" in note) == (b.probability and not a.probability)


def _gradient(loss: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    (gradient,) = torch.autograd.grad(loss, scores)
    return gradient


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
@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_smoothing_lowers_the_target_of_data_alone(name: str, smoothing: float) -> None:
    real, fake = torch.randn(2, 7, dtype=torch.float64).requires_grad_()
    loss = OBJECTIVES[name].d_loss(real, fake, smoothing)
    p, q = real.sigmoid(), fake.sigmoid()
    expected = -((1 - smoothing) * p.log() + smoothing * (1 - p).log()).mean() - (1 - q).log().mean()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(_gradient(loss, real), ((p - (1 - smoothing)) / 7).detach())


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
def test_smoothing_lowers_the_target_of_least_squares_and_leaves_losses_without_targets_alone(smoothing: float) -> None:
    real, fake = torch.randn(2, 7, dtype=torch.float64)
    expected = ((real - (1 - smoothing)) ** 2).mean() / 2 + (fake**2).mean() / 2
    torch.testing.assert_close(OBJECTIVES["least_squares"].d_loss(real, fake, smoothing), expected)
    for name in set(OBJECTIVES) - set(WITH_TARGETS):
        assert OBJECTIVES[name].d_loss(real, fake, smoothing) == OBJECTIVES[name].d_loss(real, fake)


@pytest.mark.parametrize("score", [1e4, -1e4])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_huge_scores_stay_finite_in_value_and_gradient(name: str, score: float) -> None:
    for smoothing in (0.0, 0.1):
        real, fake = (torch.full((3,), score * sign, requires_grad=True) for sign in (1, -1))
        loss_d = OBJECTIVES[name].d_loss(real, fake, smoothing)
        loss_g = OBJECTIVES[name].g_loss(fake, real.detach())
        for loss, scores in ((loss_d, real), (loss_d, fake), (loss_g, fake)):
            gradient = torch.autograd.grad(loss, scores, retain_graph=True)[0]
            assert loss.isfinite()
            assert gradient.isfinite().all()


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_a_d_that_is_sure_pays_what_it_is_wrong_by(name: str) -> None:
    wrong = OBJECTIVES[name].d_loss(torch.full((3,), -1e4), torch.full((3,), 1e4))
    assert wrong.item() == pytest.approx(2e4)
    assert OBJECTIVES[name].d_loss(torch.full((3,), 1e4), torch.full((3,), -1e4)).item() == 0


def test_the_value_is_taken_over_the_last_dimension() -> None:
    real, fake = torch.randn(2, 3, 6)
    torch.testing.assert_close(value(real, fake), torch.stack([value(r, f) for r, f in zip(real, fake, strict=True)]))


@pytest.mark.parametrize("name", ["non_saturating", "least_squares"])
def test_d_trained_against_a_fixed_g_reaches_the_optimal_discriminator(name: str) -> None:
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
        loss = OBJECTIVES[name].d_loss(d(real), d(fake))
        loss.backward()
        return loss

    optimiser.step(closure)
    x = torch.linspace(-6, 6, 600)[:, None]
    p, q = data.log_prob(x).exp(), fakes.log_prob(x).exp()
    supported = (p + q > 0.01 * (p + q).max())[:, 0]
    reached = d(x).sigmoid() if OBJECTIVES[name].facts.probability else d(x)
    error = (reached - (p / (p + q))[:, 0])[supported].abs().max()
    assert error < 0.05
    if name == "least_squares":
        return
    # The value there is −log 4 + 2·JSD(p‖q) (theorem 1), here by quadrature.
    m, dx = (p + q) / 2, 12 / 599
    jsd = 0.5 * ((p * (p / m).log()).nansum() + (q * (q / m).log()).nansum()) * dx
    assert -closure().item() == pytest.approx(-log(4) + 2 * jsd.item(), abs=0.01)
