"""The fully connected networks of Goodfellow et al. 2014 for faces (TFD) and CIFAR-10, as in the authors' own code.

Each layer of G has an activation and initial weights of its own, which `init_g = default` leaves as they are. D is a
plain perceptron. (So are both networks for MNIST.)
"""

from collections import OrderedDict
from math import prod

import torch
from torch import nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.networks import mlp
from gantui.engine.networks.layers import Reshape

SPREAD = 0.05  # weights are U(−SPREAD, SPREAD)
WIDE_SPREAD = 0.5  # of the linear output for CIFAR-10
LOW = -2.0  # bias of hidden sigmoids: they begin mostly off
INPUTS_OF_SPARSE = 100  # weights of an output unit for faces that are not 0 at first; those are N(0, 1)
PRETRAINED = "pretrained"

trunk = mlp.trunk


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → samples (B, *shape); `last` is the output activation.

    ReLU – sigmoid – output; of goodfellow_tfd_2 ReLU – sigmoid, then all of a G of goodfellow_tfd, as the module
    `PRETRAINED`. Raises ConfigError: a wrong number of widths.
    """
    numbers, reshape = prod(shape), [Reshape(shape)] if len(shape) > 1 else []
    if config.network == "goodfellow_tfd_2":
        first, code, *pretrained = _widths(config, 4)
        own = nn.Sequential(*relu(inputs, first), *sigmoid(first, code))
        return nn.Sequential(OrderedDict({"own": own, PRETRAINED: _faces(code, pretrained, shape, last)}))
    first, second = _widths(config, 2)
    if config.network == "goodfellow_tfd":
        return _faces(inputs, [first, second], shape, last)
    output = linear(second, numbers, WIDE_SPREAD)
    return nn.Sequential(*relu(inputs, first), *sigmoid(first, second, bias=0.0), output, *last, *reshape)


def _faces(inputs: int, widths: list[int], shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    first, second = widths
    output = nn.Linear(second, prod(shape))
    _fill_sparsely(output)
    reshape = [Reshape(shape)] if len(shape) > 1 else []
    return nn.Sequential(*relu(inputs, first), *sigmoid(first, second), output, *last, *reshape)


def _widths(config: Config, count: int) -> list[int]:
    if len(config.g_widths) != count:
        raise ConfigError(f"g_widths = {config.g_widths}: network = {config.network} has {count} hidden layers in G")
    return config.g_widths


def relu(inputs: int, units: int) -> list[nn.Module]:
    """Return a layer of rectifiers as modules."""
    return [linear(inputs, units), nn.ReLU(inplace=True)]


def sigmoid(inputs: int, units: int, bias: float = LOW) -> list[nn.Module]:
    """Return a layer of sigmoids as modules."""
    return [linear(inputs, units, bias=bias), nn.Sigmoid()]


def linear(inputs: int, units: int, spread: float = SPREAD, bias: float = 0.0) -> nn.Linear:
    """Return a linear layer with weights U(−spread, spread) and all biases equal."""
    layer = nn.Linear(inputs, units)
    nn.init.uniform_(layer.weight, -spread, spread)
    nn.init.constant_(layer.bias, bias)
    return layer


@torch.no_grad()
def _fill_sparsely(layer: nn.Linear) -> None:
    """Give each unit weights N(0, 1) from 100 inputs (all, if there are fewer) and none from the others."""
    count = min(INPUTS_OF_SPARSE, layer.in_features)
    chosen = torch.rand_like(layer.weight).topk(count).indices
    layer.weight.zero_().scatter_(1, chosen, torch.randn(layer.out_features, count))
    nn.init.zeros_(layer.bias)
