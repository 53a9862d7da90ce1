"""Objectives: what D and G minimise, as functions of D's raw outputs (logits or critic scores).

All logarithms of probabilities are taken through softplus, so that no score overflows.
"""

from math import log
from typing import Protocol

from torch import Tensor
from torch.nn.functional import relu, softplus

from gantui.core.config import Config
from gantui.core.events import ObjectiveFacts
from gantui.core.parts import is_part
from gantui.engine.own_loss import OwnObjective


class Objective(Protocol):
    """One loss of the family."""

    @property
    def facts(self) -> ObjectiveFacts:
        """What a viewer needs to draw it: probability or critic, values at p_g = p_data."""

    @property
    def compares(self) -> bool:
        """Whether G's loss compares samples with data, and so wants scores of data too."""

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        """Return D's loss, a scalar, from scores of data and of samples, each (B,).

        `smoothing`, 0 to 0.5, lowers D's target for data; losses that have none leave it out.
        """

    def g_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """Return G's loss, a scalar, from scores of samples (B,), and of data (B,) if it `compares`."""


def log_d_loss(real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return −mean log D(x) − mean log(1 − D(G(z))), the sum form of Goodfellow et al. 2014, eq. 1.

    `smoothing` s, 0 to 0.5, lowers D's target for data to 1 − s (Salimans et al. 2016, section 3.4):
    softplus(−a) + s·a equals −(1 − s) log σ(a) − s log σ(−a).
    """
    on_data = softplus(-real).mean()
    if smoothing:
        on_data = on_data + smoothing * real.mean()
    return on_data + softplus(fake).mean()


def value(real: Tensor, fake: Tensor) -> Tensor:
    """Return V(D, G) = mean log D(x) + mean log(1 − D(G(z))) over the last dimension (eq. 1)."""
    return -softplus(-real).mean(-1) - softplus(fake).mean(-1)


class Minimax:
    """The zero-sum game as Algorithm 1 prints it: G descends mean log(1 − D(G(z))), which saturates."""

    compares = False
    facts = ObjectiveFacts(
        name="minimax",
        probability=True,
        equilibrium={"loss_d": log(4), "loss_g": -log(2), "value": -log(4), "d_x": 0.5, "d_gz": 0.5},
    )

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return log_d_loss(real, fake, smoothing)

    def g_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -softplus(fake).mean()


class NonSaturating:
    """G ascends mean log D(G(z)) instead (Goodfellow et al. 2014, section 3): same fixed point, live gradient."""

    compares = False
    facts = ObjectiveFacts(
        name="non_saturating",
        probability=True,
        equilibrium={"loss_d": log(4), "loss_g": log(2), "value": -log(4), "d_x": 0.5, "d_gz": 0.5},
    )

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return log_d_loss(real, fake, smoothing)

    def g_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return softplus(-fake).mean()


class LeastSquares:
    """D regresses 1 on data and 0 on samples, G wants 1 (Mao et al. 2017, eq. 9): a = 0, b = c = 1.

    D* = p_data/(p_data + p_g), but the score itself is D(x): it is not held to (0, 1).
    """

    compares = False
    facts = ObjectiveFacts(
        name="least_squares",
        probability=False,
        score_range=None,
        equilibrium={"loss_d": 0.25, "loss_g": 0.125, "d_x": 0.5, "d_gz": 0.5},
    )

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return 0.5 * ((real - (1 - smoothing)).square().mean() + fake.square().mean())

    def g_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return 0.5 * (fake - 1).square().mean()


class Hinge:
    """D wants a margin: data above 1, samples below −1 (Lim & Ye 2017; Miyato et al. 2018, eq. 16 and 17)."""

    compares = False
    facts = ObjectiveFacts(name="hinge", probability=False, score_range=None, equilibrium={"loss_d": 2.0})

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return relu(1 - real).mean() + relu(1 + fake).mean()

    def g_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()


class Wasserstein:
    """D widens mean D(x) − mean D(G(z)); held to slopes below c, that is c·W₁ (Arjovsky et al. 2017, eq. 2 and 3)."""

    compares = False
    facts = ObjectiveFacts(name="wasserstein", probability=False, score_range=None, equilibrium={"loss_d": 0.0})

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return fake.mean() - real.mean()

    def g_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()


class Relativistic:
    """D tells which of a pair is the data's (Jolicoeur-Martineau 2018; RpGAN in Huang et al. 2024).

    Only differences of scores count; their level drifts.
    """

    compares = True
    facts = ObjectiveFacts(
        name="relativistic", probability=False, score_range=None, equilibrium={"loss_d": log(2), "loss_g": log(2)}
    )

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return softplus(fake - real).mean()

    def g_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        assert real is not None
        return softplus(real - fake).mean()


OBJECTIVES: dict[str, Objective] = {
    objective.facts.name: objective
    for objective in (Minimax(), NonSaturating(), LeastSquares(), Hinge(), Wasserstein(), Relativistic())
}


def available(config: Config) -> dict[str, Objective]:
    """Return the losses of a run that starts with `config`, by name: gantui's, and the user's own if it names one.

    So a part is imported when a run starts and never because of a command or of what a checkpoint says.
    Raises ConfigError: the user's own can't be found, or isn't as `own_loss.Loss` says.
    """
    return OBJECTIVES | ({config.loss: OwnObjective(config.loss)} if is_part(config.loss) else {})


def switch_note(before: ObjectiveFacts, after: ObjectiveFacts) -> str:
    """Return what it means that a running training goes from one loss to another; "" if scores mean the same."""
    if before.probability == after.probability:
        return ""
    if after.probability:
        return "D is a probability now: its scores so far are read as logits, D(x) on an axis from 0 to 1"
    return "D is a critic now: its logits so far are read as scores, on an axis without bounds"
