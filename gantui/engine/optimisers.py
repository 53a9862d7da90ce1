"""Optimisers from torch, fused where torch has that, and the schedules of learning rate and momentum."""

from collections.abc import Iterable
from inspect import unwrap
from math import cos, pi
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gantui.core.config import Config

LR_FLOOR = 1e-6  # of the schedule of 2014
MOMENTUM_EPOCHS = (1, 250)  # its momentum rises between these
_Kind = TypeVar("_Kind", bound=type[Optimizer])


def _uncompiled(kind: _Kind) -> _Kind:
    """Return an optimiser of torch's without what is for its compiler alone, whose import takes 1.7 s and 140 MB."""
    named = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
    plain = {name: unwrap(getattr(kind, name)) for name in named}
    return type(kind.__name__, (kind,), plain | {"step": torch.no_grad()(unwrap(kind.step))})  # type: ignore[return-value]


Adam = _uncompiled(torch.optim.Adam)
SGD = _uncompiled(torch.optim.SGD)
RMSprop = _uncompiled(torch.optim.RMSprop)


def make(kind: str, parameters: Iterable[nn.Parameter], config: Config) -> Optimizer:
    """Return a new optimiser of `kind` (adam, sgd, rmsprop); rates are set by `pace` before each use.

    Its steps keep to `config.max_column_norm`.
    """
    parameters = list(parameters)
    optimiser: Optimizer
    match kind:
        case "adam":
            optimiser = Adam(parameters, lr=0.0, betas=(config.beta1, config.beta2), fused=True)
        case "sgd":
            optimiser = SGD(parameters, lr=0.0, momentum=config.momentum, fused=True)
        case _:
            optimiser = RMSprop(parameters, lr=0.0, alpha=config.beta2, momentum=config.momentum, foreach=True)
    if bound := config.max_column_norm:
        weights = [parameter.detach() for parameter in parameters if parameter.dim() == 2]
        optimiser.register_step_post_hook(lambda *_: limit_columns(weights, bound))
    return optimiser


def limit_columns(weights: Iterable[Tensor], bound: float) -> None:
    """Scale down the weights into each unit whose Euclidean norm exceeds `bound`, in place.

    Args:
        weights: of linear layers, (units, inputs); the columns are those of the transposed matrix, as in the paper
            (Goodfellow et al. 2013, Maxout networks). Of a maxout unit each piece is a column of its own.
    """
    for weight in weights:
        weight.renorm_(2, 0, bound)


def set_moments(optimiser: Optimizer, config: Config) -> None:
    """Bring the decay rates of a running optimiser to those of `config`, keeping what it has gathered.

    Momentum is left to `pace`, as its schedule may have moved it.
    """
    for group in optimiser.param_groups:
        if "betas" in group:
            group["betas"] = (config.beta1, config.beta2)
        if "alpha" in group:
            group["alpha"] = config.beta2


def pace(optimiser: Optimizer, lr: float, momentum: float) -> None:
    """Set the effective learning rate, and the momentum where the optimiser has one."""
    for group in optimiser.param_groups:
        group["lr"] = lr
        if "momentum" in group:
            if momentum and not group["momentum"]:
                _come_to_rest(optimiser)
            group["momentum"] = momentum


def _come_to_rest(optimiser: Optimizer) -> None:
    """Set all velocities to 0 before momentum is switched on: RMSprop would miss them, SGD's are out of date."""
    for parameter, state in optimiser.state.items():
        if state:
            state["momentum_buffer"] = torch.zeros_like(parameter)


def effective_lr(base: float, config: Config, step: int) -> float:
    """Return the learning rate at iteration `step` (from 0).

    constant: base. cosine: base·(1 + cos(π·step/horizon))/2, 0 from the horizon on. decay: base divided by
    lr_decay after every step, not below 1e-6 (the schedule of Goodfellow et al. 2014's code).
    """
    match config.lr_schedule:
        case "constant":
            return base
        case "cosine":
            horizon = config.max_steps if config.lr_horizon == "max_steps" else config.lr_horizon
            return annealed(base, step / horizon)
        case _:
            return max(base * config.lr_decay**-step, min(base, LR_FLOOR))


def annealed(base: float, share: float) -> float:
    """Return base·(1 + cos(π·share))/2: `base` at share 0, 0 from share 1 on."""
    return base * 0.5 * (1 + cos(pi * min(1.0, share)))


def horizon_note(config: Config) -> str:
    """Return a note if the steps to do go beyond the cosine's end, where nothing is learnt any more, else ""."""
    if config.lr_schedule == "cosine" and config.lr_horizon != "max_steps" and config.max_steps > config.lr_horizon:
        return f"learning rates are 0 from step {config.lr_horizon} on (lr_horizon of the cosine, fixed at the start)"
    return ""


def effective_momentum(config: Config, epoch: float) -> float:
    """Return the momentum at `epoch` (in passes over the data): constant, or with schedule `decay` the ramp of 2014."""
    if config.lr_schedule != "decay":
        return config.momentum
    first, last = MOMENTUM_EPOCHS
    share = min(1.0, max(0.0, (epoch - first) / (last - first)))
    return config.momentum + share * (config.momentum_final - config.momentum)
