"""A recurrent generator for text, and the convolutional D of `text_conv` against it; x is (B, symbols, length).

Each symbol is drawn by Gumbel-softmax (Jang et al. 2017; Kusner and Hernández-Lobato 2016) and given to the step
that draws the next. G needs no second derivatives, under any constraint, so cuDNN's lack of them does no harm; D,
which does, is no recurrent network.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from gantui.core.config import Config
from gantui.engine.networks.layers import GumbelSoftmax
from gantui.engine.networks.text_conv import trunk

__all__ = ["generator", "trunk"]


class Recurrent(nn.Module):
    """Gated recurrent units (Cho et al. 2014), one layer for each width: z (B, inputs) → symbols (B, V, L).

    z decides the state they begin with, and is given to every step beside the symbol before, which is none at first.
    """

    def __init__(self, inputs: int, widths: Sequence[int], shape: tuple[int, ...], draw: GumbelSoftmax) -> None:
        super().__init__()
        symbols, self._length = shape
        self._widths, self._symbols = list(widths), symbols
        self.begin = nn.Linear(inputs, sum(widths))
        self.cells = nn.ModuleList(nn.GRUCell(a, b) for a, b in pairwise([symbols + inputs, *widths]))
        self.logits = nn.Linear(widths[-1], symbols)
        self.draw = draw

    def forward(self, z: Tensor) -> Tensor:
        states = list(self.begin(z).tanh().split(self._widths, 1))
        symbol, drawn = z.new_zeros(len(z), self._symbols), []
        for _ in range(self._length):
            signal = torch.cat([symbol, z], 1)
            for index, cell in enumerate(self.cells):
                states[index] = signal = cell(signal, states[index])
            symbol = self.draw(self.logits(signal))
            drawn.append(symbol)
        return torch.stack(drawn, 2)


def generator(config: Config, inputs: int, shape: tuple[int, ...], last: list[nn.Module]) -> nn.Module:
    """Return G: (B, inputs) → symbols (B, V, L), drawn one after the other; `last` is not asked for any."""
    draw = GumbelSoftmax(config.gumbel_temperature, config.straight_through)
    return Recurrent(inputs, config.g_widths, shape, draw)
