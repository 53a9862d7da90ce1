"""A residual pair for images of any side, after Gulrajani et al. 2017 (appendix C) and Miyato et al. 2018 (appendix B).

Each width is one block: it doubles (G) or halves (D) the side, and activates before each of its two convolutions.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from gantui.core.config import Config
from gantui.engine.networks.layers import Reshape, SumPixels, activation, normalise_and_activate, require_plain
from gantui.engine.networks.sides import crop, first_side, last_side

BLOCKS = "the blocks of network = residual"


class Block(nn.Module):
    """The sum of a branch of layers and a short cut of few, (B, C, H, W) → (B, C', H', W')."""

    def __init__(self, branch: Sequence[nn.Module], shortcut: Sequence[nn.Module]) -> None:
        super().__init__()
        self.branch, self.shortcut = nn.Sequential(*branch), nn.Sequential(*shortcut)

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = self.branch(x) + self.shortcut(x)
        return total


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → images (B, C, H, W). It reaches any side as `conv.generator` does.

    Raises ConfigError for more doublings than the side has room for, or activation_g = maxout.
    """
    widths, side = config.g_widths, first_side("g_widths", config.g_widths, shape[-1])
    require_plain("activation_g", config.activation_g, BLOCKS)
    name, norm = config.activation_g, nn.BatchNorm2d if config.norm_g == "batch" else None
    layers: list[nn.Module] = [nn.Linear(inputs, widths[0] * side * side), Reshape((widths[0], side, side))]
    for before, width in pairwise([widths[0], *widths]):
        layers.append(
            Block(
                [
                    *normalise_and_activate(before, norm, name, inplace=norm is not None),
                    nn.Upsample(scale_factor=2),
                    nn.Conv2d(before, width, 3, padding=1),
                    *normalise_and_activate(width, norm, name),
                    nn.Conv2d(width, width, 3, padding=1),
                ],
                # A convolution of single pixels may as well come before the doubling, at a quarter of the price.
                [nn.Conv2d(before, width, 1), nn.Upsample(scale_factor=2)],
            )
        )
    layers += [*normalise_and_activate(widths[-1], norm, name), nn.Conv2d(widths[-1], shape[0], 3, padding=1)]
    return nn.Sequential(*layers, *crop(side * 2 ** len(widths), shape[-1]), *last)


def trunk(config: Config, shape: tuple[int, ...], more: int = 0) -> tuple[list[nn.Module], int]:
    """Return the layers of D before its last, (B, C + more, H, W) → (B, features), and how many features that are.

    The features are sums over all pixels. Raises ConfigError as `generator` does, for d_widths and activation_d.
    """
    last_side("d_widths", config.d_widths, shape[-1])
    require_plain("activation_d", config.activation_d, BLOCKS)
    name = config.activation_d
    layers: list[nn.Module] = []
    for index, (before, width) in enumerate(pairwise([shape[0] + more, *config.d_widths])):
        if rate := config.dropout_hidden if index else config.dropout_input:
            layers.append(nn.Dropout(rate))
        norm = nn.BatchNorm2d if config.norm_d == "batch" and index else None
        # The first block is given images: activating those would throw half of them away.
        begin = normalise_and_activate(before, norm, name, inplace=norm is not None) if index else []
        branch = [
            *begin,
            nn.Conv2d(before, width, 3, padding=1),
            *normalise_and_activate(width, norm, name),
            nn.Conv2d(width, width, 3, padding=1),
            nn.AvgPool2d(2),
        ]
        layers.append(Block(branch, [nn.AvgPool2d(2), nn.Conv2d(before, width, 1)]))
    layers += [activation(name, 1), SumPixels()]
    if config.dropout_hidden:
        layers.append(nn.Dropout(config.dropout_hidden))
    return layers, config.d_widths[-1]
