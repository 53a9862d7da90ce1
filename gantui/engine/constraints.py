"""Constraints: what holds D back, as a cost in its loss or as a rule for its weights.

Each takes scores in its own way, as some need slopes of D; `weight` is the setting `constraint_weight`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import relu

if TYPE_CHECKING:
    from gantui.core.config import Config
    from gantui.engine.conditions import Discriminator
    from gantui.engine.training import Training

Numbers = dict[str, Tensor]
TINY = 1e-20  # where all scores are 0, so is their ratio


@dataclass(frozen=True, slots=True)
class Judged:
    """D's scores of data and of samples, each (B,), and what D pays for them beside its loss.

    `cost` is a scalar in the graph, None if there is none; `numbers` are scalars for the log.
    """

    real: Tensor
    fake: Tensor
    cost: Tensor | None = None
    numbers: Numbers = field(default_factory=dict)


class Unconstrained:
    """No constraint; the others alter what they need of it."""

    multipliers: Tensor = torch.empty(0)  # (N,), part of the training's state; most constraints have none

    def judge(self, training: "Training", d: "Discriminator", real: Tensor, fake: Tensor) -> Judged:
        """Return D's scores of both batches, (B, *shape) as D sees them. May draw from the training's noise.

        `d` is D with the labels of the batch, which data and samples share. It is asked for the data first, then
        for the samples, then perhaps for more.
        """
        return Judged(*_scores(training, d, real, fake))

    def after_step(self, training: "Training", judged: Judged, measure: bool) -> Numbers:
        """Do what follows a step of D; returns more numbers, those that cost extra only to `measure`."""
        return {}


class Clip(Unconstrained):
    """Weights of D stay within ±weight, clipped after each of its steps (Arjovsky et al. 2017, algorithm 1).

    `clip_share` is the share of them that lie at the bound, 0 to 1.
    """

    def after_step(self, training: "Training", judged: Judged, measure: bool) -> Numbers:
        bound = training.config.constraint_weight
        weights = [parameter.detach() for parameter in training.d_parameters]
        torch._foreach_clamp_min_(weights, -bound)
        torch._foreach_clamp_max_(weights, bound)
        return {"clip_share": _share_at(weights, bound)} if measure else {}


class R1(Unconstrained):
    """weight/2 · mean ‖∇D(x)‖² at data (Mescheder et al. 2018, eq. 9); `penalty` is the mean alone."""

    def judge(self, training: "Training", d: "Discriminator", real: Tensor, fake: Tensor) -> Judged:
        real = real.requires_grad_()
        real_score = d(real)
        penalty = zero_centred_penalty(real_score, real)
        cost = 0.5 * training.config.constraint_weight * penalty
        return Judged(real_score, d(fake), cost, {"penalty": penalty.detach()})


class R1R2(Unconstrained):
    """R1, and the same at samples (Mescheder et al. 2018, eq. 9 and 10); `penalty` is the sum of both means."""

    def judge(self, training: "Training", d: "Discriminator", real: Tensor, fake: Tensor) -> Judged:
        both = torch.cat([real, fake]).requires_grad_()
        scores = d(both)
        # The mean over both halves, times two, is R1's mean plus R2's.
        penalty = 2 * zero_centred_penalty(scores, both)
        cost = 0.5 * training.config.constraint_weight * penalty
        real_score, fake_score = scores.split(len(real))
        return Judged(real_score, fake_score, cost, {"penalty": penalty.detach()})


class GradientPenalty(Unconstrained):
    """weight · mean (‖∇D(x̂)‖ − 1)² at points between data and samples (Gulrajani et al. 2017, eq. 3).

    One-sided it only counts slopes above 1. `penalty` is the mean alone, `d_slope` the mean of ‖∇D(x̂)‖.
    """

    def judge(self, training: "Training", d: "Discriminator", real: Tensor, fake: Tensor) -> Judged:
        real_score, fake_score = _scores(training, d, real, fake)
        between = interpolate(real, fake.detach(), training.noise).requires_grad_()
        slopes = slope_norms(d(between), between)
        excess = slopes - 1
        if training.config.gradient_penalty_form == "one_sided":
            excess = relu(excess)
        penalty = excess.square().mean()
        numbers = {"penalty": penalty.detach(), "d_slope": slopes.detach().mean()}
        return Judged(real_score, fake_score, training.config.constraint_weight * penalty, numbers)


class SecondMoment(Unconstrained):
    """The second moment of all scores, Ω = ½·mean D(x)² + ½·mean D(G(z))², is held to 1 (Mroueh & Sercu 2017).

    D pays the augmented Lagrangian λ·(Ω − 1) + weight/2·(Ω − 1)²; after its step λ ← λ + weight·(Ω − 1)
    (their algorithm 1). `fisher_ratio` = (mean D(x) − mean D(G(z)))/√Ω is at most 2 in size; `second_moment`
    is Ω, `multiplier` λ.
    """

    def __init__(self, device: torch.device) -> None:
        self.multipliers = torch.zeros(1, device=device)

    def judge(self, training: "Training", d: "Discriminator", real: Tensor, fake: Tensor) -> Judged:
        real_score, fake_score = _scores(training, d, real, fake)
        moment = 0.5 * (real_score.square().mean() + fake_score.square().mean())
        excess, weight = moment - 1, training.config.constraint_weight
        cost = self.multipliers[0] * excess + 0.5 * weight * excess.square()
        with torch.no_grad():
            ratio = (real_score.mean() - fake_score.mean()) / moment.sqrt().clamp_min(TINY)
        return Judged(real_score, fake_score, cost, {"fisher_ratio": ratio, "second_moment": moment.detach()})

    def after_step(self, training: "Training", judged: Judged, measure: bool) -> Numbers:
        excess = judged.numbers["second_moment"] - 1
        self.multipliers = self.multipliers + training.config.constraint_weight * excess
        return {"multiplier": self.multipliers[0]}


class EachVariance(Unconstrained):
    """Var D(x) ≤ 1 on data and Var D(G(z)) ≤ 1 on samples, each with a multiplier λ ≥ 0 of its own.

    The augmented Lagrangian of an inequality (Rockafellar 1973): D pays (max(0, λ + ρ·e)² − λ²)/2ρ for each
    excess e = Var − 1, ρ = weight; after its step λ ← max(0, λ + ρ·e). `variance_x`, `variance_gz` are the
    variances, `multiplier_x`, `multiplier_gz` the multipliers.
    """

    def __init__(self, device: torch.device) -> None:
        self.multipliers = torch.zeros(2, device=device)

    def judge(self, training: "Training", d: "Discriminator", real: Tensor, fake: Tensor) -> Judged:
        scores = _scores(training, d, real, fake)
        variances = torch.stack([part.var(correction=0) for part in scores])
        excess, weight, multipliers = variances - 1, training.config.constraint_weight, self.multipliers
        active = multipliers + weight * excess > 0
        # Written out by cases, as the difference of squares would lose all digits to a small ρ.
        cost = torch.where(
            active, multipliers * excess + 0.5 * weight * excess.square(), -multipliers.square() / (2 * weight)
        )
        on_data, on_samples = variances.detach().unbind()
        return Judged(*scores, cost.sum(), {"variance_x": on_data, "variance_gz": on_samples})

    def after_step(self, training: "Training", judged: Judged, measure: bool) -> Numbers:
        variances = torch.stack([judged.numbers["variance_x"], judged.numbers["variance_gz"]])
        self.multipliers = relu(self.multipliers + training.config.constraint_weight * (variances - 1))
        on_data, on_samples = self.multipliers.unbind()
        return {"multiplier_x": on_data, "multiplier_gz": on_samples}


STATELESS: dict[str, Callable[[], Unconstrained]] = {
    "none": Unconstrained,
    "clip": Clip,
    "gradient_penalty": GradientPenalty,
    "r1": R1,
    "r1_r2": R1R2,
}


def make(config: "Config", device: torch.device) -> Unconstrained:
    """Return the constraint of `config`; one with multipliers begins with them at 0."""
    if config.constraint == "variance":
        return SecondMoment(device) if config.variance_form == "pooled" else EachVariance(device)
    return STATELESS[config.constraint]()


def zero_centred_penalty(scores: Tensor, inputs: Tensor) -> Tensor:
    """Return the mean over examples of ‖∇ₓD(x)‖², summed over an example's features, differentiable.

    Args:
        scores: D's outputs (B,), each a function of its own row of `inputs` only (no batch statistics).
        inputs: (B, ...), part of the graph of `scores`.

    R1 is half this at data, R2 half this at samples (Mescheder et al. 2018, eq. 9 and 10).
    """
    (gradient,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    return gradient.flatten(1).square().sum(1).mean()


def slope_norms(scores: Tensor, inputs: Tensor) -> Tensor:
    """Return ‖∇ₓD(x)‖ (B,) for each example, differentiable, also where it is 0; arguments as above."""
    (gradient,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    norms: Tensor = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return norms


def interpolate(real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """Return points (B, ...) on the segments from fake to real, at one U(0, 1) share for each example."""
    shape = (len(real), *[1] * (real.dim() - 1))
    shares = torch.rand(shape, generator=generator, dtype=real.dtype, device=real.device)
    return torch.lerp(fake, real, shares)


def _scores(training: "Training", d: "Discriminator", real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Return D's scores of data (B,) and of samples (B,).

    Both go through D as one batch, which is faster, unless D looks at statistics of its batch.
    """
    if training.d_sees_batches:
        return d(real), d(fake)
    real_score, fake_score = d(torch.cat([real, fake])).split(len(real))
    return real_score, fake_score


def _share_at(weights: list[Tensor], bound: float) -> Tensor:
    """Return the share of all numbers in `weights` that are ±bound, a scalar."""
    at_bound = torch.stack([(weight.abs() >= bound).sum() for weight in weights])
    return at_bound.sum() / sum(weight.numel() for weight in weights)
