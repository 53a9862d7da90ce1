"""Building blocks that both architectures share: activations, maxout, normalisation, initialisation."""

from typing import Any

import torch
from torch import Tensor, nn

LEAK = 0.2  # slope below zero of LeakyReLU, as in DCGAN (Radford et al. 2016)


class Maxout(nn.Module):
    """The largest of `pieces` linear units: (B, U·P, ...) → (B, U, ...) (Goodfellow et al. 2013, eq. 1)."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        largest: Tensor = x.unflatten(1, (-1, self.pieces)).amax(2)
        return largest


class Reshape(nn.Module):
    """(B, ...) → (B, *shape)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        shaped: Tensor = x.unflatten(1, self.shape)
        return shaped


class Crop(nn.Module):
    """The middle of images, `side` pixels wide: (B, C, H, W) → (B, C, side, side)."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, x: Tensor) -> Tensor:
        top, left = ((edge - self.side) // 2 for edge in x.shape[2:])
        return x[:, :, top : top + self.side, left : left + self.side]


class SumPixels(nn.Module):
    """(B, C, H, W) → (B, C), the sums over all pixels."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum((2, 3))


def activation(name: str, pieces: int, inplace: bool = True) -> nn.Module:
    """Return the activation called `name`; `pieces` counts for maxout only.

    `inplace` saves a copy where nothing else needs the input.
    """
    match name:
        case "relu":
            return nn.ReLU(inplace=inplace)
        case "leaky_relu":
            return nn.LeakyReLU(LEAK, inplace=inplace)
        case "tanh":
            return nn.Tanh()
        case "sigmoid":
            return nn.Sigmoid()
        case _:
            return Maxout(pieces)


def output(name: str) -> list[nn.Module]:
    """Return G's last activation as a list of no or one module."""
    layers: dict[str, list[nn.Module]] = {"linear": [], "tanh": [nn.Tanh()], "sigmoid": [nn.Sigmoid()]}
    return layers[name]


def initialise(network: nn.Module, how: str) -> None:
    """Set the weights of every linear and convolutional layer: `default`, `uniform:R`, `normal:S`, `orthogonal:GAIN`.

    Other than by default, biases become 0; with `normal` the scales of batch normalisation are N(1, S) as in
    DCGAN. Draws from torch's default generator.
    """
    if how == "default":
        return
    name, _, number = how.partition(":")
    size = float(number)
    fill: Any = {
        "uniform": lambda w: nn.init.uniform_(w, -size, size),
        "normal": lambda w: nn.init.normal_(w, 0.0, size),
        "orthogonal": lambda w: nn.init.orthogonal_(w, gain=size),
    }[name]
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            fill(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and name == "normal":
            nn.init.normal_(layer.weight, 1.0, size)


def normalise_spectrally(network: nn.Module) -> None:
    """Divide every weight of `network` by its largest singular value (Miyato et al. 2018), one power iteration."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            torch.nn.utils.parametrizations.spectral_norm(layer)
