"""The convolutional pair for text of WGAN-GP (Gulrajani et al. 2017, their gan_language.py); x is (B, symbols, length).

Each width is one residual block of two convolutions, 5 places wide, that keeps the length. G writes all places at
once, each as shares of the symbols: nothing is drawn, and no symbol waits for the one before.
"""

from itertools import pairwise

from torch import Tensor, nn

from gantui.core.config import Config
from gantui.engine.networks.layers import Reshape, normalise_and_activate, require_plain

KERNEL = 5  # places
BRANCH = 0.3  # share of a block's branch in its sum
BLOCKS = "blocks of text networks"


class Block(nn.Module):
    """x + 0.3 · branch(x), (B, C, L) → (B, C', L); a convolution of single places stands for x where C' ≠ C."""

    def __init__(self, before: int, width: int, name: str, norm: bool) -> None:
        super().__init__()
        normal = nn.BatchNorm1d if norm else None
        self.shortcut = nn.Conv1d(before, width, 1) if before != width else nn.Identity()
        self.branch = nn.Sequential(
            *normalise_and_activate(before, normal, name, inplace=norm),
            nn.Conv1d(before, width, KERNEL, padding=KERNEL // 2),
            *normalise_and_activate(width, normal, name),
            nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2),
        )

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = self.shortcut(x).add(self.branch(x), alpha=BRANCH)
        return total


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → shares of symbols (B, V, L). Raises ConfigError for activation_g = maxout."""
    require_plain("activation_g", config.activation_g, BLOCKS)
    (symbols, length), widths = shape, config.g_widths
    layers: list[nn.Module] = [nn.Linear(inputs, widths[0] * length), Reshape((widths[0], length))]
    for before, width in pairwise([widths[0], *widths]):
        layers.append(Block(before, width, config.activation_g, config.norm_g == "batch"))
    return nn.Sequential(*layers, nn.Conv1d(widths[-1], symbols, 1), *last)


def trunk(config: Config, shape: tuple[int, ...], more: int = 0) -> tuple[list[nn.Module], int]:
    """Return the layers of D before its last, (B, V + more, L) → (B, features), and how many features that are.

    Raises ConfigError for activation_d = maxout.
    """
    require_plain("activation_d", config.activation_d, BLOCKS)
    (symbols, length), widths = shape, config.d_widths
    layers: list[nn.Module] = [nn.Dropout(config.dropout_input)] if config.dropout_input else []
    layers.append(nn.Conv1d(symbols + more, widths[0], 1))
    for before, width in pairwise([widths[0], *widths]):
        if config.dropout_hidden:
            layers.append(nn.Dropout(config.dropout_hidden))
        layers.append(Block(before, width, config.activation_d, config.norm_d == "batch"))
    if config.dropout_hidden:
        layers.append(nn.Dropout(config.dropout_hidden))
    return [*layers, nn.Flatten()], widths[-1] * length
