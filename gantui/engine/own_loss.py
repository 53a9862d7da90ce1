"""A loss of the user's own, made an Objective."""

from math import isfinite
from typing import Any, Protocol

import msgspec
import torch
from torch import Tensor

from gantui.core.errors import ConfigError
from gantui.core.events import ObjectiveFacts
from gantui.engine.parts import asked, described, find, label


class Loss(Protocol):
    """What a loss must offer. It holds no state: nothing of it is saved, and it may be asked at any time.

    Attributes:
        probability: optional, default False. True: D's outputs are logits, and viewers draw sigmoid(score) from
            0 to 1. False: D is a critic, whose scores are drawn as they are.
        compares: optional, default False. True: `g_loss` is called with scores of samples and of data,
            `g_loss(fake, real)`, the latter without gradients to G.
        equilibrium: optional, values at p_g = p_data by the name of the number (loss_d, loss_g, d_x, d_gz,
            value), for reference lines.
    """

    def d_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return what D descends, a scalar, from D's outputs for data and for samples, each float32 (B,)."""

    def g_loss(self, fake: Tensor) -> Tensor:
        """Return what G descends, a scalar, from D's outputs (B,) for samples; see `compares`."""


class OwnObjective:
    """The loss `part` names, an object or a class without arguments, behind the interface of `objectives.Objective`.

    Raises ConfigError: it can't be found, or isn't as `Loss` says; it is tried on four scores.
    """

    def __init__(self, part: str) -> None:
        self._part = part
        self._loss = find("loss", part)
        if isinstance(self._loss, type):
            with asked("loss", part, "making it"):
                self._loss = self._loss()
        for name in ("d_loss", "g_loss"):
            if not callable(getattr(self._loss, name, None)):
                raise self._error(f"has no method {name}; a loss needs d_loss(real, fake) and g_loss(fake)")
        self.compares: bool = self._attribute("compares", bool, False)
        probability = self._attribute("probability", bool, False)
        equilibrium = self._attribute("equilibrium", dict[str, float], {})
        if not all(map(isfinite, equilibrium.values())):
            raise self._error("its equilibrium must hold finite numbers only")
        self.facts = ObjectiveFacts(
            name=part,
            probability=probability,
            score_range=(0.0, 1.0) if probability else None,
            equilibrium=equilibrium,
        )
        self._try()

    def d_loss(self, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
        """Return D's loss; settings with a `smoothing` of a loss of one's own are refused."""
        loss: Tensor = self._loss.d_loss(real, fake)
        return loss

    def g_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """Return G's loss."""
        loss: Tensor = self._loss.g_loss(fake, real) if self.compares else self._loss.g_loss(fake)
        return loss

    @torch.enable_grad()
    def _try(self) -> None:
        real, fake = (torch.linspace(low, 1.0, 4).requires_grad_() for low in (-0.5, -1.0))
        with torch.random.fork_rng(devices=[]):
            with asked("loss", self._part, "d_loss for 4 scores of data and of samples"):
                self._check("d_loss", self.d_loss(real, fake))
            with asked("loss", self._part, "g_loss for 4 scores"):
                self._check("g_loss", self.g_loss(fake, real.detach()))

    def _check(self, name: str, value: object) -> None:
        if not isinstance(value, Tensor) or value.shape != () or not value.is_floating_point():
            raise self._error(f"{name} returned {described(value)}; must be a scalar tensor, such as a mean")
        if not value.requires_grad:
            raise self._error(f"{name} doesn't depend on the scores of samples, so that nothing can be learnt from it")
        if not value.isfinite():
            raise self._error(f"{name} is {value.item()} for scores from -1 to 1; must be finite")

    def _attribute(self, name: str, kind: Any, default: object) -> Any:
        value = getattr(self._loss, name, default)
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            allowed = "true or false" if kind is bool else "names and numbers, such as {'loss_d': 1.386}"
            raise self._error(f"its {name} is a {type(value).__name__}; must be {allowed}") from None

    def _error(self, text: str) -> ConfigError:
        return ConfigError(f"{label('loss', self._part)}: {text}")
