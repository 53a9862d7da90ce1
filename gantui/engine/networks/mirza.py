"""The networks of Mirza and Osindero 2014 for MNIST: labels have a hidden layer of their own before they join.

Both take their input with the condition vector behind it, as `conditional` hands it over.
"""

from math import prod

import torch
from torch import Tensor, nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.networks.layers import Maxout, Reshape

JOINT_PIECES = 4  # of D's joint maxout layer; those before have `maxout_pieces`


class Beside(nn.Module):
    """Two networks side by side: of (B, inputs + width) the first takes `inputs` columns, the second the rest.

    Returns both results behind each other.
    """

    def __init__(self, first: nn.Module, second: nn.Module, inputs: int) -> None:
        super().__init__()
        self.first, self.second, self._inputs = first, second, inputs

    def forward(self, x: Tensor) -> Tensor:
        head, tail = x[:, : self._inputs], x[:, self._inputs :]
        return torch.cat([self.first(head), self.second(tail)], 1)


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, z_dim + width) → samples (B, *shape): z → ReLU, y → ReLU, joint ReLU → output.

    `g_widths` are those three, `dropout_hidden` is on the input of the two last layers. Raises ConfigError: a wrong
    number of widths.
    """
    of_z, of_y, joint = _widths("g_widths", config.g_widths)
    beside = Beside(_relu(config.z_dim, of_z), _relu(inputs - config.z_dim, of_y), config.z_dim)
    return nn.Sequential(
        beside,
        *_dropout(config.dropout_hidden),
        _relu(of_z + of_y, joint),
        *_dropout(config.dropout_hidden),
        nn.Linear(joint, prod(shape)),
        *last,
        *([Reshape(shape)] if len(shape) > 1 else []),
    )


def trunk(config: Config, shape: tuple[int, ...], more: int = 0) -> tuple[list[nn.Module], int]:
    """Return the layers of D before its last, (B, numbers + width) → (B, features), and how many features that are.

    x → maxout, y → maxout, joint maxout; `d_widths` are those three. Raises ConfigError as `generator` does.
    """
    of_x, of_y, joint = _widths("d_widths", config.d_widths)
    numbers, pieces = prod(shape), config.maxout_pieces
    beside: nn.Module = nn.Sequential(nn.Flatten(), _maxout(numbers, of_x, pieces))
    joined = of_x
    if more:  # else these are layers of a network that takes x alone, such as an encoder
        beside, joined = Beside(_maxout(numbers, of_x, pieces), _maxout(more, of_y, pieces), numbers), of_x + of_y
    layers = [
        *_dropout(config.dropout_input),
        beside,
        *_dropout(config.dropout_hidden),
        _maxout(joined, joint, JOINT_PIECES),
        *_dropout(config.dropout_hidden),
    ]
    return layers, joint


def _widths(key: str, widths: list[int]) -> list[int]:
    if len(widths) != 3:
        raise ConfigError(f"{key} = {widths}: network = mirza has 3: of z or x, of the labels, and of the joint layer")
    return widths


def _relu(inputs: int, units: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, units), nn.ReLU(inplace=True))


def _maxout(inputs: int, units: int, pieces: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, units * pieces), Maxout(pieces))


def _dropout(rate: float) -> list[nn.Module]:
    return [nn.Dropout(rate)] if rate else []
