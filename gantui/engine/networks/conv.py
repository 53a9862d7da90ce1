"""A small convolutional pair for images, after DCGAN (Radford et al. 2016): 4×4 kernels, stride 2.

Each width is one doubling (G) or halving (D) of the image's side.
"""

from itertools import pairwise

from torch import nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.networks.layers import Reshape, activation


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → images (B, C, H, W). Raises ConfigError if the side can't be halved so often."""
    side = _smallest_side("g_widths", config.g_widths, shape)
    name, pieces, norm = config.activation_g, config.maxout_pieces, config.norm_g == "batch"
    first, factor = config.g_widths[0], pieces if name == "maxout" else 1
    layers: list[nn.Module] = [
        nn.Linear(inputs, first * factor * side * side),
        Reshape((first * factor, side, side)),
        *_normalise_and_activate(first * factor, name, pieces, norm),
    ]
    for before, channels in pairwise(config.g_widths):
        layers.append(nn.ConvTranspose2d(before, channels * factor, 4, stride=2, padding=1))
        layers += _normalise_and_activate(channels * factor, name, pieces, norm)
    layers.append(nn.ConvTranspose2d(config.g_widths[-1], shape[0], 4, stride=2, padding=1))
    return nn.Sequential(*layers, *last)


def trunk(config: Config, shape: tuple[int, ...], more: int = 0) -> tuple[list[nn.Module], int]:
    """Return the layers of D before its last, (B, C + more, H, W) → (B, features), and how many features that are.

    Raises ConfigError as `generator` does.
    """
    side = _smallest_side("d_widths", config.d_widths, shape)
    name, pieces = config.activation_d, config.maxout_pieces
    factor = pieces if name == "maxout" else 1
    layers: list[nn.Module] = []
    for index, (inputs, channels) in enumerate(pairwise([shape[0] + more, *config.d_widths])):
        if rate := config.dropout_hidden if index else config.dropout_input:
            layers.append(nn.Dropout(rate))
        layers.append(nn.Conv2d(inputs, channels * factor, 4, stride=2, padding=1))
        norm = config.norm_d == "batch" and index > 0
        layers += _normalise_and_activate(channels * factor, name, pieces, norm)
    if config.dropout_hidden:
        layers.append(nn.Dropout(config.dropout_hidden))
    return [*layers, nn.Flatten()], config.d_widths[-1] * side * side


def _normalise_and_activate(width: int, name: str, pieces: int, norm: bool) -> list[nn.Module]:
    batch_norm = [nn.BatchNorm2d(width)] if norm else []
    return [*batch_norm, activation(name, pieces)]


def _smallest_side(key: str, widths: list[int], shape: tuple[int, ...]) -> int:
    side: int
    side, rest = divmod(shape[-1], 2 ** len(widths))
    if rest or not side:
        raise ConfigError(
            f"{key} = {widths}: {len(widths)} halvings don't divide an image of {shape[-1]} px; "
            f"give fewer widths or an image_size that is a multiple of {2 ** len(widths)}"
        )
    return side
