"""Multilayer perceptrons for data of any shape."""

from itertools import pairwise
from math import prod

from torch import nn

from gantui.core.config import Config
from gantui.engine.networks.layers import Reshape, activation


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → samples (B, *shape); `last` is the output activation."""
    layers: list[nn.Module] = []
    for before, units in pairwise([inputs, *config.g_widths]):
        layers += _dense(before, units, config.activation_g, config.maxout_pieces, config.norm_g == "batch")
    layers.append(nn.Linear(config.g_widths[-1], prod(shape)))
    return nn.Sequential(*layers, *([Reshape(shape)] if len(shape) > 1 else []), *last)


def trunk(config: Config, shape: tuple[int, ...], more: int = 0) -> tuple[list[nn.Module], int]:
    """Return the layers of D before its last, (B, *shape) → (B, features), and how many features that are.

    With `more` the input is (B, numbers + more) instead: an example's numbers and so many others.
    """
    layers: list[nn.Module] = [nn.Flatten()] if len(shape) > 1 and not more else []
    for index, (inputs, units) in enumerate(pairwise([prod(shape) + more, *config.d_widths])):
        if rate := config.dropout_hidden if index else config.dropout_input:
            layers.append(nn.Dropout(rate))
        norm = config.norm_d == "batch" and index > 0
        layers += _dense(inputs, units, config.activation_d, config.maxout_pieces, norm)
    if config.dropout_hidden:
        layers.append(nn.Dropout(config.dropout_hidden))
    return layers, config.d_widths[-1]


def _dense(inputs: int, units: int, name: str, pieces: int, norm: bool) -> list[nn.Module]:
    width = units * pieces if name == "maxout" else units
    batch_norm = [nn.BatchNorm1d(width)] if norm else []
    return [nn.Linear(inputs, width), *batch_norm, activation(name, pieces)]
