"""The convolutional networks of Goodfellow et al. 2014 for CIFAR-10, as in the authors' own code.

G is dense but for its last layer, a transposed convolution; D convolves with maxout. They are made for images of 32 px.
"""

from math import prod

import torch
from torch import Tensor, nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.networks.goodfellow import SPREAD, relu, sigmoid
from gantui.engine.networks.layers import Maxout, Reshape

SIDE = 32  # px
MAP = 10  # side of the maps that G's convolution begins with: (10 − 1)·3 + 5 = 32
PIECES = 2  # of a maxout unit that convolves; a dense one has `maxout_pieces`
CONVOLUTIONS = ((8, 4), (8, 3), (5, 3))  # of D: kernel, padding
POOLS = ((4, 2), (4, 2), (2, 2))  # after each: window, stride; a window may reach over the edge
FINAL_SIDE = 5  # px, after 32 → 33 → 16 → 15 → 7 → 9 → 5


class UntiedBias(nn.Module):
    """A bias for every number of an image: (B, C, H, W) → same."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → images (B, C, 32, 32): ReLU – sigmoid – transposed convolution 5×5, stride 3.

    Raises ConfigError: another side, or widths that don't fit.
    """
    _check_side(shape)
    if len(config.g_widths) != 2 or config.g_widths[1] % MAP**2:
        raise ConfigError(
            f"g_widths = {config.g_widths}: network = {config.network} has 2 hidden layers in G, "
            f"the second of a multiple of {MAP**2} units"
        )
    first, second = config.g_widths
    maps = second // MAP**2
    convolution = nn.ConvTranspose2d(maps, shape[0], 5, stride=3, bias=False)
    nn.init.uniform_(convolution.weight, -SPREAD, SPREAD)
    return nn.Sequential(
        *relu(inputs, first),
        *sigmoid(first, second, bias=0.0),
        Reshape((maps, MAP, MAP)),
        convolution,
        UntiedBias(shape),
        *last,
    )


def trunk(config: Config, shape: tuple[int, ...], more: int = 0) -> tuple[list[nn.Module], int]:
    """Return the layers of D before its last, (B, C + more, 32, 32) → (B, features), and how many features that are.

    Three layers of maxout that convolve, each followed by max pooling, and a dense one. Raises ConfigError as
    `generator` does.
    """
    _check_side(shape)
    if len(config.d_widths) != 4:
        raise ConfigError(f"d_widths = {config.d_widths}: network = {config.network} has 4 hidden layers in D")
    *channels, features = config.d_widths
    layers: list[nn.Module] = []
    before, rate = shape[0] + more, config.dropout_input
    for units, (kernel, padding), (window, stride) in zip(channels, CONVOLUTIONS, POOLS, strict=True):
        layers += _dropout(rate)
        layers += [nn.Conv2d(before, units * PIECES, kernel, padding=padding), Maxout(PIECES)]
        layers.append(nn.MaxPool2d(window, stride, ceil_mode=True))
        before, rate = units, config.dropout_hidden
    layers += [*_dropout(rate), nn.Flatten()]
    layers += [nn.Linear(prod((before, FINAL_SIDE, FINAL_SIDE)), features * config.maxout_pieces)]
    return [*layers, Maxout(config.maxout_pieces), *_dropout(rate)], features


def _dropout(rate: float) -> list[nn.Module]:
    return [nn.Dropout(rate)] if rate else []


def _check_side(shape: tuple[int, ...]) -> None:
    if len(shape) != 3 or shape[1:] != (SIDE, SIDE):
        raise ConfigError(
            f"network = goodfellow_cifar10_conv: is for images of {SIDE} px, not for examples of shape {shape}"
        )
