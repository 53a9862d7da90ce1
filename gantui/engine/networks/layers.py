"""Building blocks that both architectures share: activations, maxout, normalisation, initialisation."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gantui.core.errors import ConfigError

CLIPPED = 1e-7  # how close a mean may come to the end of the output's range
UNIFORM_BOUND = 3**0.5  # U(−√3, √3), the uniform distribution of z, has unit variance
_TINY = 1e-30  # an exponential variate may be 0, whose logarithm is not finite
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


class Bounded(nn.Module):
    """(B, ...) → the same between −bound and bound, by tanh; near 0 it leaves the numbers as they are."""

    def __init__(self, bound: float) -> None:
        super().__init__()
        self.bound = bound

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x / self.bound) * self.bound


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


def normalise_and_activate(
    width: int, norm: Callable[[int], nn.Module] | None, name: str, pieces: int = 1, inplace: bool = True
) -> list[nn.Module]:
    """Return the normalisation, if any, and after it the activation; `inplace` as in `activation`."""
    return [*([norm(width)] if norm else []), activation(name, pieces, inplace)]


def require_plain(key: str, name: str, blocks: str) -> None:
    """Refuse the activation `name` in `blocks`, which add what lies around it. Raises ConfigError, naming `key`."""
    if name == "maxout":
        raise ConfigError(
            f"{key} = maxout: {blocks} add what comes before and after an activation, "
            "so it must keep the number of channels; use relu, leaky_relu, tanh or sigmoid"
        )


class GumbelSoftmax(nn.Module):
    """Categories that gradients can pass (Jang et al. 2017; Maddison et al. 2017): logits (B, K, ...) → (B, K, ...).

    In training a point of the simplex, softmax((logits + Gumbel noise) / temperature), close to one-hot at low
    temperatures; `straight_through`, and in evaluation mode, a sample of the category, one-hot. Noise comes from
    torch's default generator.
    """

    def __init__(self, temperature: float, straight_through: bool = False) -> None:
        super().__init__()
        self.temperature = temperature
        self.straight_through = straight_through

    def forward(self, logits: Tensor) -> Tensor:
        noisy = logits - torch.empty_like(logits).exponential_().clamp_min_(_TINY).log_()
        if not self.training:
            return one_hot_of(noisy)
        shares = (noisy / self.temperature).softmax(1)
        return straight_through(shares) if self.straight_through else shares


class Shares(nn.Module):
    """Symbols that are not drawn, but shared out (Gulrajani et al. 2017): logits (B, V, L) → (B, V, L).

    In training the softmax over symbols; `straight_through`, and in evaluation mode, one-hot, the likeliest.
    """

    def __init__(self, straight_through: bool = False) -> None:
        super().__init__()
        self.straight_through = straight_through

    def forward(self, logits: Tensor) -> Tensor:
        if not self.training:
            return one_hot_of(logits)
        shares = logits.softmax(1)
        return straight_through(shares) if self.straight_through else shares


def one_hot_of(scores: Tensor) -> Tensor:
    """Return 1 where a score is the highest of its K, 0 elsewhere: (B, K, ...) → (B, K, ...)."""
    return torch.zeros_like(scores).scatter_(1, scores.argmax(1, keepdim=True), 1.0)


def straight_through(shares: Tensor) -> Tensor:
    """Return the likeliest category, one-hot, whose gradients are those of the shares (Bengio et al. 2013).

    D then sees of G what it sees of the data, and can't tell them apart by how sharp they are.
    """
    return shares + (one_hot_of(shares) - shares).detach()


class Mixed(nn.Module):
    """G's last activation where numbers and categories stand side by side: (B, numbers + sum of blocks) → same."""

    def __init__(self, last: str, blocks: tuple[int, ...], temperature: float, straight_through: bool) -> None:
        super().__init__()
        self.numbers = nn.Sequential(*output(last))
        self.categories = GumbelSoftmax(temperature, straight_through)
        self._blocks = list(blocks)

    def forward(self, x: Tensor) -> Tensor:
        numbers, *blocks = x.split([x.shape[1] - sum(self._blocks), *self._blocks], 1)
        return torch.cat([self.numbers(numbers), *(self.categories(block) for block in blocks)], 1)


def output(
    name: str, blocks: tuple[int, ...] = (), temperature: float = 1.0, straight_through: bool = False
) -> list[nn.Module]:
    """Return G's last activation as a list of no or one module; `blocks` at the end are one-hot categories."""
    if blocks:
        return [Mixed(name, blocks, temperature, straight_through)]
    layers: dict[str, list[nn.Module]] = {
        "linear": [],
        "tanh": [nn.Tanh()],
        "sigmoid": [nn.Sigmoid()],
        "softmax": [Shares(straight_through)],
    }
    return layers[name]


def set_temperature(network: nn.Module, temperature: float) -> None:
    """Let all categories of a network have this temperature from here on."""
    for module in network.modules():
        if isinstance(module, GumbelSoftmax):
            module.temperature = temperature


def initialise(network: nn.Module, how: str) -> None:
    """Set the weights of every layer that has some: `default`, `uniform:R`, `normal:S`, `orthogonal:GAIN`.

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
        if isinstance(layer, nn.GRUCell):
            for weights, biases in ((layer.weight_ih, layer.bias_ih), (layer.weight_hh, layer.bias_hh)):
                fill(weights)
                nn.init.zeros_(biases)
        elif isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d | nn.ConvTranspose2d):
            fill(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) and name == "normal":
            nn.init.normal_(layer.weight, 1.0, size)


@torch.no_grad()
def begin_near(g: nn.Module, mean: Tensor, last: str) -> None:
    """Set the bias of G's last layer so that G begins around the example `mean` (*shape), float64.

    The output activation `last` is inverted: logit or artanh, kept finite by clipping at a distance of 1e-7 from the
    ends of the range. A bias for a whole map is that of the map's mean.
    """
    *_, bias = (bias for name, bias in g.named_parameters() if name.endswith("bias"))
    if bias.numel() != mean.numel():
        mean = mean.flatten(1).mean(1)
    match last:
        case "sigmoid":
            mean = mean.clamp(CLIPPED, 1 - CLIPPED).logit()
        case "tanh":
            mean = mean.clamp(CLIPPED - 1, 1 - CLIPPED).atanh()
    bias.copy_(mean.view(bias.shape))


def normalise_spectrally(network: nn.Module) -> None:
    """Divide every weight of `network` by its largest singular value (Miyato et al. 2018), one power iteration."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d):
            torch.nn.utils.parametrizations.spectral_norm(layer)
