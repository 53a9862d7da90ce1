"""Constraints: by hand, per example, and as the algorithm puts them into D's loss and beside its steps."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from engine_cases import CONSTRAINTS, NoLook
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from gantui.core.config import Config, validate
from gantui.core.errors import ConfigError
from gantui.engine import algorithm
from gantui.engine.constraints import Judged, interpolate, make, zero_centred_penalty
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


def _judge(training: Training, real: Tensor, fake: Tensor) -> Judged:
    return training.constraint.judge(training, training.discriminator(len(real), None), real.clone(), fake.clone())


def _slopes(d: nn.Module, x: Tensor) -> Tensor:
    """‖∇D‖ for each example on its own."""
    norms = []
    for example in x:
        one = example[None].clone().requires_grad_()
        with torch.enable_grad():
            norms.append(torch.autograd.grad(d(one).sum(), one)[0].norm())
    return torch.stack(norms)


@pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "maxout"])
def test_r1_looks_at_data_and_r1_r2_at_samples_too(make_training: Make, activation: str) -> None:
    for constraint in ("r1", "r1_r2"):
        training = make_training(constraint=constraint, constraint_weight=3, activation_d=activation)
        real, fake = torch.randn(6, 2), 3 + torch.randn(6, 2)
        judged = _judge(training, real, fake)
        torch.testing.assert_close(judged.real, training.d(real))
        torch.testing.assert_close(judged.fake, training.d(fake))
        expected = _slopes(training.d, real).square().mean()
        if constraint == "r1_r2":
            expected = expected + _slopes(training.d, fake).square().mean()
        torch.testing.assert_close(judged.numbers["penalty"], expected)
        torch.testing.assert_close(judged.cost.detach(), 1.5 * expected)


@pytest.mark.parametrize("settings", [{}, {"constraint": "clip", "constraint_weight": 0.1}], ids=str)
def test_without_a_penalty_d_pays_nothing_beside_its_loss(make_training: Make, settings: dict[str, object]) -> None:
    training = make_training(**settings)
    real, fake = torch.randn(2, 6, 2)
    judged = _judge(training, real, fake)
    assert judged.cost is None
    assert judged.numbers == {}
    torch.testing.assert_close(judged.real, training.d(real))
    torch.testing.assert_close(judged.fake, training.d(fake))


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
    assert outcome.numbers["penalty"] > 0
    assert any((b - a).abs().max() > 1e-4 for a, b in zip(none, one, strict=True))
    for a, b, c in zip(none, one, three, strict=True):  # linear in γ
        torch.testing.assert_close(c - a, 3 * (b - a), rtol=1e-3, atol=1e-6)


each_constraint = pytest.mark.parametrize("constraint", CONSTRAINTS.values(), ids=CONSTRAINTS.keys())


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("network", ["conv", "residual"])
@each_constraint
def test_a_pair_for_images_trains_under_every_constraint(
    make_training: Make, constraint: dict[str, object], network: str, normalised: bool, update: str
) -> None:
    if normalised and constraint.get("constraint") == "clip":
        return  # refused
    training = make_training(
        data="digits", network=network, spectral_norm=normalised, update=update, loss="wasserstein", **constraint
    )
    for _ in range(4):
        outcome = algorithm.next_update(training)
    assert outcome.fake.isfinite().all()
    assert training.is_finite()


@each_constraint
def test_g_is_left_alone_and_d_moves(make_training: Make, constraint: dict[str, object]) -> None:
    training = make_training(loss="wasserstein", **constraint)
    g, d = ([p.detach().clone() for p in side] for side in (training.g_parameters, training.d_parameters))
    algorithm.update_discriminator(training)
    assert all(torch.equal(a, b) for a, b in zip(g, training.g_parameters, strict=True))
    assert all(p.grad is None for p in training.g_parameters)
    assert any(not torch.equal(a, b) for a, b in zip(d, training.d_parameters, strict=True))


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@each_constraint
def test_no_update_waits_for_the_device(make_training: Make, constraint: dict[str, object], update: str) -> None:
    training = make_training(loss="relativistic", update=update, **constraint)
    with NoLook():
        for _ in range(4):
            algorithm.next_update(training, measure=True)
        with pytest.raises(AssertionError, match="read"):
            training.g_parameters[0].sum().item()


CLIP = {"constraint": "clip", "constraint_weight": 0.03, "loss": "wasserstein", "lr_schedule": "constant"}


class TestClip:
    @pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
    @pytest.mark.parametrize("settings", [{}, {"update": "simultaneous"}, {"norm_d": "batch"}], ids=str)
    def test_after_each_update_of_d_all_its_weights_are_inside(
        self, make_training: Make, optimizer: str, settings: dict[str, object]
    ) -> None:
        training = make_training(optimizer_d=optimizer, lr_d=0.01, **CLIP, **settings)
        assert max(p.abs().max().item() for p in training.d_parameters) > 0.1
        for _ in range(12):
            outcome = algorithm.next_update(training, measure=True)
            assert max(p.abs().max().item() for p in training.d_parameters) <= 0.03 + 1e-9
            if outcome.real is not None:
                weights = torch.cat([p.detach().flatten() for p in training.d_parameters])
                share = (weights.abs() == torch.tensor(0.03)).float().mean()
                torch.testing.assert_close(outcome.numbers["clip_share"], share)
                assert 0 < share <= 1

    def test_what_is_inside_stays_as_the_optimiser_left_it(self, make_training: Make) -> None:
        clipped = make_training(**CLIP | {"constraint_weight": 10.0})
        free = make_training(loss="wasserstein", lr_schedule="constant")
        for _ in range(6):
            algorithm.next_update(clipped)
            algorithm.next_update(free)
        assert all(torch.equal(a, b) for a, b in zip(clipped.d_parameters, free.d_parameters, strict=True))

    def test_g_is_not_clipped_and_the_share_is_taken_where_asked(self, make_training: Make) -> None:
        training = make_training(**CLIP)
        outcome = algorithm.update_discriminator(training)
        assert outcome.numbers == {}
        assert max(p.abs().max().item() for p in training.g_parameters) > 0.1


def _seen_between(training: Training, real: Tensor, fake: Tensor) -> tuple[Judged, Tensor]:
    """Judge, and return the points at which the slope of D was taken too."""
    seen: list[Tensor] = []
    hook = training.d.register_forward_pre_hook(lambda _m, args: seen.append(args[0].detach().clone()))
    judged = _judge(training, real, fake)
    hook.remove()
    (between,) = [x for x in seen if len(x) == len(real) and not torch.equal(x, real) and not torch.equal(x, fake)]
    return judged, between


class TestGradientPenalty:
    def _training(self, make_training: Make, **settings: object) -> Training:
        standard = {"constraint": "gradient_penalty", "constraint_weight": 10.0, "init_d": "normal:0.5"}
        return make_training(**standard | settings)

    @pytest.mark.parametrize("form", ["two_sided", "one_sided"])
    @pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "maxout"])
    def test_it_is_the_mean_over_examples_of_the_squared_distance_of_the_slope_from_1(
        self, make_training: Make, activation: str, form: str
    ) -> None:
        training = self._training(make_training, gradient_penalty_form=form, activation_d=activation)
        real, fake = torch.randn(9, 2), 3 + torch.randn(9, 2)
        with torch.no_grad():
            training.d_parameters[-2] /= _slopes(training.d, torch.cat([real, fake])).median()
        judged, between = _seen_between(training, real, fake)
        slopes = _slopes(training.d, between)
        assert (slopes < 1).any() and (slopes > 1).any()  # or the two forms would not differ
        excess = slopes - 1 if form == "two_sided" else (slopes - 1).clamp(min=0)
        torch.testing.assert_close(judged.numbers["penalty"], excess.square().mean())
        torch.testing.assert_close(judged.cost.detach(), 10 * excess.square().mean())
        torch.testing.assert_close(judged.numbers["d_slope"], slopes.mean())
        over_the_batch = (slopes.square().sum().sqrt() - 1).square()  # as if the batch were one example
        assert (judged.numbers["penalty"] - over_the_batch).abs() > 0.1

    def test_its_gradient_is_that_of_finite_differences(self, make_training: Make) -> None:
        training = self._training(make_training, activation_d="tanh", d_widths=[3])
        training.d.double()
        real, fake = torch.randn(2, 5, 2, dtype=torch.float64)
        state = training.noise.get_state()

        def cost() -> Tensor:
            training.noise.set_state(state)
            return _judge(training, real, fake).cost

        gradients = torch.autograd.grad(cost(), training.d_parameters[:-1])  # the last bias has no part in a slope
        for parameter, gradient in zip(training.d_parameters, gradients, strict=False):
            for index in range(parameter.numel()):
                ends = []
                for step in (1e-6, -1e-6):
                    with torch.no_grad():
                        parameter.view(-1)[index] += step
                    ends.append(cost().item())
                    with torch.no_grad():
                        parameter.view(-1)[index] -= step
                assert gradient.flatten()[index].item() == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-6)

    @pytest.mark.parametrize("shape", [(2,), (1, 8, 8)])
    def test_points_lie_on_the_segment_of_their_pair_each_at_a_share_of_its_own(self, shape: tuple[int, ...]) -> None:
        real, fake = torch.randn(2, 500, *shape)
        between = interpolate(real, fake, torch.Generator().manual_seed(0))
        shares = ((between - fake) / (real - fake)).flatten(1)
        clear = ((real - fake).abs() > 0.1).flatten(1)
        share = torch.stack(
            [row[ok].median() if ok.any() else row.median() for row, ok in zip(shares, clear, strict=True)]
        )
        torch.testing.assert_close(
            between, fake + share.view(-1, *[1] * len(shape)) * (real - fake), atol=1e-4, rtol=1e-4
        )
        assert (share >= -1e-5).all() and (share <= 1 + 1e-5).all()
        assert len(share.unique()) == 500
        assert share.mean().item() == pytest.approx(0.5, abs=0.05)
        assert share.std().item() == pytest.approx(1 / 12**0.5, abs=0.03)

    def test_shares_come_from_the_noise_of_the_run(self, make_training: Make) -> None:
        training = self._training(make_training)
        real, fake = torch.randn(2, 9, 2)
        state = training.noise.get_state()
        first = _judge(training, real, fake).numbers["penalty"]
        second = _judge(training, real, fake).numbers["penalty"]
        training.noise.set_state(state)
        assert first == _judge(training, real, fake).numbers["penalty"] != second

    def test_under_dropout_it_is_the_slope_of_the_thinned_network_example_by_example(self, make_training: Make) -> None:
        training = self._training(make_training, dropout_hidden=0.5, dropout_input=0.2)
        real, fake = torch.randn(2, 9, 2)
        noise, chance = training.noise.get_state(), torch.get_rng_state()
        judged = _judge(training, real, fake)
        training.noise.set_state(noise)
        torch.set_rng_state(chance)
        training.d(torch.cat([real, fake]))  # draws the masks that came first
        between = interpolate(real, fake, training.noise)
        masks = torch.get_rng_state()

        def scores(x: Tensor) -> Tensor:
            torch.set_rng_state(masks)
            return training.d(x)

        jacobian = torch.autograd.functional.jacobian(scores, between)  # (B, B, 2)
        of_its_own = torch.stack([jacobian[i, i] for i in range(9)])
        assert jacobian.norm() == pytest.approx(of_its_own.norm().item())  # no example moves another's score
        torch.testing.assert_close(judged.numbers["penalty"], (of_its_own.norm(dim=1) - 1).square().mean())

    def test_a_d_with_statistics_of_the_batch_would_mix_examples_and_is_refused(
        self, make_training: Make, config_of: Callable[..., Config]
    ) -> None:
        mixing = make_training(norm_d="batch").d
        jacobian = torch.autograd.functional.jacobian(mixing, torch.randn(9, 2))
        assert max(jacobian[i, j].norm() for i in range(9) for j in range(9) if i != j) > 1e-4
        with pytest.raises(ConfigError, match=r"constraint = gradient_penalty: .* norm_d = batch"):
            config_of(constraint="gradient_penalty", constraint_weight=1, norm_d="batch")

    def test_where_d_is_flat_its_gradient_is_finite(self, make_training: Make) -> None:
        training = self._training(make_training, activation_d="relu")
        with torch.no_grad():
            for parameter in training.d_parameters:
                parameter.zero_()
        judged = _judge(training, *torch.randn(2, 9, 2))
        assert judged.numbers["penalty"] == 1
        judged.cost.backward()
        assert all(p.grad is None or p.grad.isfinite().all() for p in training.d_parameters)

    def test_d_trained_under_it_measures_the_distance_of_two_points(self, make_training: Make) -> None:
        """Between two point masses W₁ is their distance, and the best critic has slope 1 on the way."""
        training = self._training(
            make_training, loss="wasserstein", activation_d="relu", d_widths=[32], init_d="default", g_steps=0
        )
        a, b = torch.tensor([[0.0, 0.0]]).expand(64, 2), torch.tensor([[1.2, 0.9]]).expand(64, 2)
        training.batches.next = lambda _m: a.clone()  # type: ignore[method-assign]
        training.g = _Constant(b)
        for _ in range(400):
            outcome = algorithm.update_discriminator(training)
        assert -outcome.loss_d.item() == pytest.approx(1.5, abs=0.15)
        assert outcome.numbers["d_slope"].item() == pytest.approx(1, abs=0.1)


class _Constant(nn.Module):
    """A G of one distribution, whatever the latents."""

    def __init__(self, samples: Tensor) -> None:
        super().__init__()
        self.samples = samples

    def forward(self, _z: Tensor) -> Tensor:
        return self.samples.clone()


numbers = st.lists(st.floats(-1e3, 1e3, width=32), min_size=2, max_size=12).map(torch.tensor)


class TestVariance:
    def _constraint(self, form: str, weight: float, multipliers: list[float], real: Tensor, fake: Tensor) -> Any:
        """A constraint of this form in a stand-in for a training whose D gives these scores."""
        config = validate({"constraint": "variance", "constraint_weight": weight, "variance_form": form})
        constraint = make(config, torch.device("cpu"))
        assert constraint.multipliers.tolist() == [0.0] * len(multipliers)
        constraint.multipliers = torch.tensor(multipliers, dtype=real.dtype)
        training = SimpleNamespace(config=config, d_sees_batches=False)
        return constraint, training, constraint.judge(training, lambda x: x, real, fake)

    def test_the_pooled_form_is_the_augmented_lagrangian_of_fisher_gan(self) -> None:
        real, fake = torch.randn(2, 7, dtype=torch.float64).requires_grad_().unbind()
        constraint, training, judged = self._constraint("pooled", 0.3, [0.7], real, fake)
        moment = ((real**2).mean() + (fake**2).mean()).item() / 2
        assert judged.cost.item() == pytest.approx(0.7 * (moment - 1) + 0.15 * (moment - 1) ** 2)
        slope = 0.7 + 0.3 * (moment - 1)
        expected = [slope * scores.detach() / 7 for scores in (real, fake)]
        torch.testing.assert_close(torch.autograd.grad(judged.cost, (real, fake)), tuple(expected))
        after = constraint.after_step(training, judged, False)
        assert constraint.multipliers.tolist() == pytest.approx([slope])
        assert after["multiplier"].item() == pytest.approx(slope)
        assert judged.numbers["second_moment"].item() == pytest.approx(moment)
        ratio = (real.mean() - fake.mean()).item() / moment**0.5
        assert judged.numbers["fisher_ratio"].item() == pytest.approx(ratio)

    @pytest.mark.parametrize("multipliers", [[0.0, 0.0], [0.4, 2.0], [5.0, 0.01]])
    def test_the_form_for_each_is_the_augmented_lagrangian_of_two_inequalities(self, multipliers: list[float]) -> None:
        real, fake = (
            torch.tensor([[-3.0, 0, 3, 4], [0.1, 0.2, -0.1, 0.3]], dtype=torch.float64).requires_grad_().unbind()
        )
        constraint, training, judged = self._constraint("each", 0.5, multipliers, real, fake)
        expected, slopes = 0.0, []
        for scores, multiplier in zip((real.detach(), fake.detach()), multipliers, strict=True):
            variance = ((scores - scores.mean()) ** 2).mean().item()
            active = max(0.0, multiplier + 0.5 * (variance - 1))
            expected += (active**2 - multiplier**2) / (2 * 0.5)
            slopes.append((active, 2 * (scores - scores.mean()) / 4))
        assert judged.cost.item() == pytest.approx(expected)
        gradients = torch.autograd.grad(judged.cost, (real, fake))
        torch.testing.assert_close(gradients, tuple(active * slope for active, slope in slopes))
        after = constraint.after_step(training, judged, False)
        assert constraint.multipliers.tolist() == pytest.approx([active for active, _ in slopes])
        assert [after["multiplier_x"].item(), after["multiplier_gz"].item()] == constraint.multipliers.tolist()
        assert judged.numbers["variance_x"].item() == pytest.approx(real.detach().var(correction=0).item())
        assert judged.numbers["variance_gz"].item() == pytest.approx(fake.detach().var(correction=0).item())

    def test_variances_below_1_cost_nothing_once_the_multipliers_are_0(self) -> None:
        real, fake = (0.5 * torch.randn(2, 50)).requires_grad_().unbind()
        _, _, judged = self._constraint("each", 2.0, [0.0, 0.0], real, fake)
        assert judged.cost == 0
        assert all((g == 0).all() for g in torch.autograd.grad(judged.cost, (real, fake)))

    @settings(deadline=None)
    @given(numbers, st.data())
    def test_the_ratio_is_never_above_2(self, real: Tensor, draw: st.DataObject) -> None:
        same_size = st.lists(st.floats(-1e3, 1e3, width=32), min_size=len(real), max_size=len(real))
        fake = draw.draw(same_size.map(torch.tensor))
        _, _, judged = self._constraint("pooled", 1.0, [0.0], real, fake)
        assert judged.numbers["fisher_ratio"].abs() <= 2 + 1e-5

    @pytest.mark.parametrize("form", ["pooled", "each"])
    def test_multipliers_grow_while_scores_are_too_wide_and_shrink_else(self, form: str) -> None:
        start = [1.0] if form == "pooled" else [1.0, 1.0]
        for scale, grows in ((3.0, True), (0.1, False)):
            scores = scale * torch.tensor([-1.0, 1.0])
            constraint, training, judged = self._constraint(form, 0.01, start, scores, scores)
            constraint.after_step(training, judged, False)
            assert bool((constraint.multipliers > 1).all()) is grows
            assert bool((constraint.multipliers < 1).all()) is not grows

    @pytest.mark.parametrize("form", ["pooled", "each"])
    def test_a_small_weight_keeps_its_digits_beside_a_large_multiplier(self, form: str) -> None:
        """(λ + ρ·e)² − λ² would cancel in single precision."""
        scores = torch.tensor([-2.0, 2.0])
        start = [3.0] if form == "pooled" else [3.0, 0.0]
        _, _, judged = self._constraint(form, 1e-6, start, scores, scores)
        assert judged.cost.item() == pytest.approx(3 * 3, rel=1e-4)

    def test_scores_of_a_thousand_overflow_nothing(self) -> None:
        for form, start in (("pooled", [0.0]), ("each", [0.0, 0.0])):
            real, fake = (1e4 * torch.randn(2, 64)).requires_grad_().unbind()
            constraint, training, judged = self._constraint(form, 0.01, start, real, fake)
            gradients = torch.autograd.grad(judged.cost, (real, fake))
            constraint.after_step(training, judged, False)
            assert judged.cost.isfinite() and constraint.multipliers.isfinite().all()
            assert all(gradient.isfinite().all() for gradient in gradients)
        _, _, judged = self._constraint("pooled", 1.0, [0.0], torch.zeros(4), torch.zeros(4))
        assert judged.numbers["fisher_ratio"] == 0

    def _trained(self, make_training: Make, form: str) -> tuple[Training, Tensor, Tensor]:
        """D at convergence against a fixed G, on quantiles of N(−1, 1) and N(1, 0.7²)."""
        training = make_training(
            data="gaussian",
            loss="wasserstein",
            constraint="variance",
            constraint_weight=0.05,
            variance_form=form,
            d_widths=[32, 32],
            activation_d="tanh",
            lr_d=0.01,
            beta1=0.5,
            g_steps=0,
            max_steps=1000,
        )
        u = (torch.arange(512) + 0.5)[:, None] / 512
        real, fake = (torch.distributions.Normal(m, s).icdf(u) for m, s in ((-1.0, 1.0), (1.0, 0.7)))
        training.batches.next = lambda _m: real.clone()  # type: ignore[method-assign]
        training.g = _Constant(fake)
        for _ in range(1000):
            algorithm.next_update(training)
        return training, real, fake

    def test_at_convergence_the_second_moment_is_1_and_the_ratio_that_of_the_theory(self, make_training: Make) -> None:
        """The best ratio is √(2·∫(p − q)²/(p + q)), by Cauchy and Schwarz, at D ∝ (p − q)/(p + q)."""
        training, _, _ = self._trained(make_training, "pooled")
        numbers = algorithm.update_discriminator(training).numbers
        x = torch.linspace(-8, 8, 4000, dtype=torch.float64)
        p, q = (torch.distributions.Normal(m, s).log_prob(x).exp() for m, s in ((-1.0, 1.0), (1.0, 0.7)))
        best = (2 * ((p - q).square() / (p + q)).sum() * (16 / 3999)).sqrt().item()
        assert best < 2
        assert numbers["second_moment"].item() == pytest.approx(1, abs=0.03)
        assert numbers["fisher_ratio"].item() == pytest.approx(best, rel=0.03)
        assert numbers["fisher_ratio"] <= 2

    def test_at_convergence_both_variances_are_1_under_the_form_for_each(self, make_training: Make) -> None:
        training, real, fake = self._trained(make_training, "each")
        numbers = algorithm.update_discriminator(training).numbers
        assert numbers["variance_x"].item() == pytest.approx(1, abs=0.05)
        assert numbers["variance_gz"].item() == pytest.approx(1, abs=0.05)
        assert min(numbers["multiplier_x"], numbers["multiplier_gz"]) > 0
        assert (training.d(real).mean() - training.d(fake).mean()).item() > 1

    def test_data_and_samples_stay_apart_where_d_looks_at_its_batch(self, make_training: Make) -> None:
        training = make_training(norm_d="batch", constraint="variance", constraint_weight=0.01)
        real, fake = torch.randn(8, 2), 5 + torch.randn(8, 2)
        judged = _judge(training, real, fake)
        torch.testing.assert_close(judged.real, training.d(real))
        torch.testing.assert_close(judged.fake, training.d(fake))


def test_spectral_norm_holds_d_to_a_slope_of_1_while_it_trains(make_training: Make) -> None:
    training = make_training(
        loss="hinge", spectral_norm=True, lr_d=0.003, lr_schedule="constant", init_d="normal:1", d_widths=[16, 16]
    )
    for _ in range(200):
        algorithm.next_update(training)
    layers = [layer for layer in training.d.modules() if isinstance(layer, nn.Linear)]
    assert len(layers) == 3
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, abs=0.05)
        assert torch.linalg.matrix_norm(layer.parametrizations.weight.original, 2) > 1.2
    x, y = 3 * torch.randn(2, 2000, 2)
    with torch.no_grad():
        rise = (training.d.eval()(x) - training.d(y)).abs() / (x - y).norm(dim=1)
    assert rise.max() <= 1.05
