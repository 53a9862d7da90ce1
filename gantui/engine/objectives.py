"""Objectives: what D and G minimise, as functions of D's raw outputs (logits or critic scores).

All logarithms of probabilities are taken through softplus, so that no score overflows.
"""

from math import log
from typing import Protocol

from torch import Tensor
from torch.nn.functional import softplus

from gantui.core.events import ObjectiveFacts


class Objective(Protocol):
    """One loss of the family."""

    @property
    def facts(self) -> ObjectiveFacts:
        """What a viewer needs to draw it: probability or critic, values at p_g = p_data."""

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        """Return D's loss, a scalar, from scores of data and of samples, each (B,)."""

    def g_loss(self, fake: Tensor) -> Tensor:
        """Return G's loss, a scalar, from scores of samples (B,)."""


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

    facts = ObjectiveFacts(
        name="minimax", probability=True, equilibrium={"loss_d": log(4), "loss_g": -log(2), "value": -log(4)}
    )

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return log_d_loss(real, fake, smoothing)

    def g_loss(self, fake: Tensor) -> Tensor:
        return -softplus(fake).mean()


class NonSaturating:
    """G ascends mean log D(G(z)) instead (Goodfellow et al. 2014, section 3): same fixed point, live gradient."""

    facts = ObjectiveFacts(
        name="non_saturating",
        probability=True,
        equilibrium={"loss_d": log(4), "loss_g": log(2), "value": -log(4)},
    )

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        return log_d_loss(real, fake, smoothing)

    def g_loss(self, fake: Tensor) -> Tensor:
        return softplus(-fake).mean()


OBJECTIVES: dict[str, Objective] = {"minimax": Minimax(), "non_saturating": NonSaturating()}
