"""Multilayer perceptrons for data of any shape."""

from itertools import pairwise
from math import prod

from torch import nn

from gantui.core.config import Config
from gantui.engine.networks.layers import Reshape, activation, output


def generator(config: Config, shape: tuple[int, ...], last: str) -> nn.Module:
    """Return G: z (B, z_dim) → samples (B, *shape); `last` is the output activation."""
    layers: list[nn.Module] = []
    for inputs, units in pairwise([config.z_dim, *config.g_widths]):
        layers += _dense(inputs, units, config.activation_g, config.maxout_pieces, config.norm_g == "batch")
    layers += [nn.Linear(config.g_widths[-1], prod(shape)), *output(last)]
    return nn.Sequential(*layers, *([Reshape(shape)] if len(shape) > 1 else []))


def discriminator(config: Config, shape: tuple[int, ...]) -> nn.Module:
    """Return D: examples (B, *shape) → scores (B,), logits or a critic's values."""
    layers: list[nn.Module] = [nn.Flatten()] if len(shape) > 1 else []
    for index, (inputs, units) in enumerate(pairwise([prod(shape), *config.d_widths])):
        if rate := config.dropout_hidden if index else config.dropout_input:
            layers.append(nn.Dropout(rate))
        norm = config.norm_d == "batch" and index > 0
        layers += _dense(inputs, units, config.activation_d, config.maxout_pieces, norm)
    if config.dropout_hidden:
        layers.append(nn.Dropout(config.dropout_hidden))
    return nn.Sequential(*layers, nn.Linear(config.d_widths[-1], 1), nn.Flatten(0))


def _dense(inputs: int, units: int, name: str, pieces: int, norm: bool) -> list[nn.Module]:
    width = units * pieces if name == "maxout" else units
    batch_norm = [nn.BatchNorm1d(width)] if norm else []
    return [nn.Linear(inputs, width), *batch_norm, activation(name, pieces)]
