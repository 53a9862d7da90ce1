"""What theory says of the game, from numbers of the log: how far apart, how far from equilibrium, how steep.

Plain arithmetic on floats. p is p_data, q is p_g; D's outputs are probabilities for the losses that have some, and
scores for critics.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gantui.core.events import ObjectiveFacts

LOG_2, LOG_4 = math.log(2), math.log(4)
LOG_FORM = ("minimax", "non_saturating")  # losses whose D ascends V(D, G)
EDGE = 1e-12  # how near to 0 and 1 a D is taken, where its logarithm is wanted


@dataclass(frozen=True)
class Bound:
    """`name` of a divergence between data and samples that is at least `least`, in 0 to `most`."""

    name: str
    least: float
    most: float

    @property
    def share(self) -> float:
        """How much of the most it can be, 0 to 1."""
        return self.least / self.most


def jsd_bound(value: float) -> Bound:
    """Return JSD(p, q) ≥ (log 4 + V)/2 in nats, for any D; equal where D is D* (Goodfellow et al., eq. 6)."""
    return Bound("JSD", _within((LOG_4 + value) / 2, LOG_2), LOG_2)


def pairs_bound(loss_d: float) -> Bound:
    """Return JSD of (x, x̃) and (x̃, x) ≥ log 2 − D loss, of the relativistic loss.

    It tells a pair of an example and a sample from the same pair turned round, by D(x) − D(x̃): half of eq. 6.
    """
    return Bound("pairs' JSD", _within(LOG_2 - loss_d, LOG_2), LOG_2)


def variation_bound(loss_d: float) -> Bound:
    """Return the total variation ½∫|p − q| ≥ 1 − D loss/2, of the hinge loss, whose least is ∫ 2·min(p, q)."""
    return Bound("½∫|p−q|", _within(1 - loss_d / 2, 1.0), 1.0)


def triangular_bound(loss_d: float) -> Bound:
    """Return the triangular ∫(p − q)²/(p + q) ≥ 2 − 8·D loss, of least squares, whose least is ½∫ pq/(p + q), at D*."""
    return Bound("triangular", _within(2 - 8 * loss_d, 2.0), 2.0)


OF_CRITICS: dict[str, Callable[[float], Bound]] = {
    "least_squares": triangular_bound,
    "hinge": variation_bound,
    "relativistic": pairs_bound,
}


def bound(objective: ObjectiveFacts, value: float | None, loss_d: float | None, smoothing: float = 0.0) -> Bound | None:
    """Return the divergence that D's loss bounds from below, None if it bounds none or the number isn't known.

    With label `smoothing` D's loss is that of another game; V is still that of this one.
    """
    if objective.probability:
        if value is None and loss_d is not None and objective.name in LOG_FORM and not smoothing:
            value = -loss_d
        return None if value is None else jsd_bound(value)
    of_loss = OF_CRITICS.get(objective.name)
    return of_loss(loss_d) if of_loss and loss_d is not None and not smoothing else None


def equilibrium(objective: ObjectiveFacts, smoothing: float = 0.0) -> Mapping[str, float]:
    """Return what numbers are by name where p_g = p_data and D is the best there is.

    With D's target for data lowered to 1 − s that is D = (1 − s)/2 (Salimans et al. 2016, section 3.4).
    """
    known = objective.equilibrium
    if not smoothing or "d_x" not in known:
        return known
    d = (1 - smoothing) / 2
    if objective.name == "least_squares":
        return {"loss_d": d * d, "loss_g": 0.5 * (1 - d) ** 2, "d_x": d, "d_gz": d}
    if objective.name not in LOG_FORM:
        return known
    on, off = math.log(d), math.log(1 - d)
    loss_g = off if objective.name == "minimax" else -on
    return {"loss_d": -(1 - smoothing) * on - (1 + smoothing) * off, "loss_g": loss_g, "value": on + off} | {
        "d_x": d,
        "d_gz": d,
    }


@dataclass(frozen=True)
class Cost:
    """What G descends, as a function of D's output for one sample, and how steep it is there.

    `cost` and `slope` take D(G(z)): a probability, or a score. The slope is |∂cost/∂logit|, or |∂cost/∂score|: what G's
    gradient is a multiple of. `linear`: the slope is, so that the mean's slope is the mean slope.
    """

    label: str
    cost: Callable[[float], float]
    slope: Callable[[float], float]
    loss: str  # the loss that it belongs to
    linear: bool = True


MINIMAX = Cost("log(1−D)", lambda d: math.log(max(1 - d, EDGE)), lambda d: d, "minimax")
NON_SATURATING = Cost("−log D", lambda d: -math.log(max(d, EDGE)), lambda d: 1 - d, "non_saturating")
LEAST_SQUARES = Cost("½(D−1)²", lambda s: 0.5 * (s - 1) * (s - 1), lambda s: abs(s - 1), "least_squares", linear=False)


def costs(objective: ObjectiveFacts, d_x: float | None) -> list[Cost]:
    """Return the costs to show: for a probability both forms of 2014, for a critic that of its loss.

    `d_x` is the mean score of data, which the relativistic loss compares with. Of a critic's loss of the user's own
    nothing is known: none.
    """
    if objective.probability:
        return [MINIMAX, NON_SATURATING]
    if objective.name == "least_squares":
        return [LEAST_SQUARES]
    if objective.name in ("hinge", "wasserstein"):
        return [Cost("−D", lambda s: -s, lambda s: 1.0, objective.name)]
    if objective.name == "relativistic" and d_x is not None:
        level = d_x
        return [
            Cost(
                "−log σ(D(G(z))−D(x))",
                lambda s: _softplus(level - s),
                lambda s: sigmoid(level - s),
                "relativistic",
                linear=False,
            )
        ]
    return []


def mean_slope(cost: Cost, d_gz: float | None, counts: Sequence[int], low: float, high: float) -> float | None:
    """Return the mean size of G's gradient with respect to D's output, over samples; None if nothing is known of them.

    `counts` are those of D(G(z)) in equal bins from `low` to `high`. Where the slope is linear the mean `d_gz` says it
    exactly, even where all of them lie in one bin.
    """
    if cost.linear and d_gz is not None:
        return cost.slope(d_gz)
    total, width = sum(counts), (high - low) / max(len(counts), 1)
    if not total:
        return None if d_gz is None else cost.slope(d_gz)
    slopes = (count * cost.slope(low + (index + 0.5) * width) for index, count in enumerate(counts))
    return sum(slopes) / total


def logit(d: float) -> float:
    """Return log(d/(1 − d)) of a probability, which is taken as no nearer to 0 and 1 than 1e-12."""
    d = min(max(d, EDGE), 1 - EDGE)
    return math.log(d) - math.log1p(-d)


def sigmoid(x: float) -> float:
    """Return 1/(1 + e⁻ˣ)."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else (lost := math.exp(x)) / (1 + lost)


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _within(least: float, most: float) -> float:
    return min(max(least, 0.0), most)
