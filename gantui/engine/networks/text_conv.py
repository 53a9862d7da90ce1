"""The convolutional pair for text of WGAN-GP (Gulrajani et al. 2017, their gan_language.py); x is (B, symbols, length).

Each width is one residual block of two convolutions, 5 places wide, that keeps the length. G writes all places at
once, each as shares of the symbols: nothing is drawn, and no symbol waits for the one before.
"""

from itertools import pairwise

from torch import Tensor, nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.networks.layers import Reshape, activation

KERNEL = 5  # places
BRANCH = 0.3  # share of a block's branch in its sum


class Block(nn.Module):
    """x + 0.3 · branch(x), (B, C, L) → (B, C', L); a convolution of single places stands for x where C' ≠ C."""

    def __init__(self, before: int, width: int, name: str, norm: bool) -> None:
        super().__init__()
        self.shortcut = nn.Conv1d(before, width, 1) if before != width else nn.Identity()
        self.branch = nn.Sequential(
            *_normalise_and_activate(before, name, norm, inplace=norm),
            nn.Conv1d(before, width, KERNEL, padding=KERNEL // 2),
            *_normalise_and_activate(width, name, norm),
            nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2),
        )

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = self.shortcut(x).add(self.branch(x), alpha=BRANCH)
        return total


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → shares of symbols (B, V, L). Raises ConfigError for activation_g = maxout."""
    _require_plain("activation_g", config.activation_g)
    (symbols, length), widths = shape, config.g_widths
    layers: list[nn.Module] = [nn.Linear(inputs, widths[0] * length), Reshape((widths[0], length))]
    for before, width in pairwise([widths[0], *widths]):
        layers.append(Block(before, width, config.activation_g, config.norm_g == "batch"))
    return nn.Sequential(*layers, nn.Conv1d(widths[-1], symbols, 1), *last)


def trunk(config: Config, shape: tuple[int, ...], more: int = 0) -> tuple[list[nn.Module], int]:
    """Return the layers of D before its last, (B, V + more, L) → (B, features), and how many features that are.

    Raises ConfigError for activation_d = maxout.
    """
    _require_plain("activation_d", config.activation_d)
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


def _normalise_and_activate(width: int, name: str, norm: bool, inplace: bool = True) -> list[nn.Module]:
    """`inplace` is wrong where the short cut wants the input too."""
    return [*([nn.BatchNorm1d(width)] if norm else []), activation(name, 1, inplace)]


def _require_plain(key: str, name: str) -> None:
    if name == "maxout":
        raise ConfigError(
            f"{key} = maxout: blocks of text networks add what comes before and after an activation, "
            "so it must keep the number of channels; use relu, leaky_relu, tanh or sigmoid"
        )
