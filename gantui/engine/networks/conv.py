"""A convolutional pair for images of any side, after DCGAN (Radford et al. 2016): 4×4 kernels, stride 2.

Each width is one doubling (G) or halving (D) of the image's side. Kernels that the stride divides cover every pixel
equally often, which the 5×5 of the authors' code don't (Odena et al. 2016, Deconvolution and checkerboard artifacts).
"""

from itertools import pairwise

from torch import nn

from gantui.core.config import Config
from gantui.engine.networks.layers import Reshape, normalise_and_activate
from gantui.engine.networks.sides import crop, first_side, last_side


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → images (B, C, H, W). Raises ConfigError for more doublings than the side has room for.

    It starts from the side halved as often as there are widths, rounded up; what that makes too much is cut off.
    """
    side = first_side("g_widths", config.g_widths, shape[-1])
    name, pieces, norm = config.activation_g, config.maxout_pieces, nn.BatchNorm2d if config.norm_g == "batch" else None
    first, factor = config.g_widths[0], pieces if name == "maxout" else 1
    layers: list[nn.Module] = [
        nn.Linear(inputs, first * factor * side * side),
        Reshape((first * factor, side, side)),
        *normalise_and_activate(first * factor, norm, name, pieces),
    ]
    for before, channels in pairwise(config.g_widths):
        layers.append(nn.ConvTranspose2d(before, channels * factor, 4, stride=2, padding=1))
        layers += normalise_and_activate(channels * factor, norm, name, pieces)
    layers.append(nn.ConvTranspose2d(config.g_widths[-1], shape[0], 4, stride=2, padding=1))
    return nn.Sequential(*layers, *crop(side * 2 ** len(config.g_widths), shape[-1]), *last)


def trunk(config: Config, shape: tuple[int, ...], more: int = 0) -> tuple[list[nn.Module], int]:
    """Return the layers of D before its last, (B, C + more, H, W) → (B, features), and how many features that are.

    Of an odd side a halving leaves the smaller half. Raises ConfigError for more halvings than the side has.
    """
    side = last_side("d_widths", config.d_widths, shape[-1])
    name, pieces = config.activation_d, config.maxout_pieces
    factor = pieces if name == "maxout" else 1
    layers: list[nn.Module] = []
    for index, (inputs, channels) in enumerate(pairwise([shape[0] + more, *config.d_widths])):
        if rate := config.dropout_hidden if index else config.dropout_input:
            layers.append(nn.Dropout(rate))
        layers.append(nn.Conv2d(inputs, channels * factor, 4, stride=2, padding=1))
        norm = nn.BatchNorm2d if config.norm_d == "batch" and index else None
        layers += normalise_and_activate(channels * factor, norm, name, pieces)
    if config.dropout_hidden:
        layers.append(nn.Dropout(config.dropout_hidden))
    return [*layers, nn.Flatten()], config.d_widths[-1] * side * side
