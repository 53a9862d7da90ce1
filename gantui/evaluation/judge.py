"""A classifier of its own, trained on the data alone: it tells whether samples have the labels they were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, pi

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, cross_entropy
from torch.nn.utils import skip_init

from gantui.evaluation.blocks import MAX_ROWS, Check, no_check

STEPS = 300  # of training, whatever the size of the set: it bounds the time
BATCH = 64
LR = 5e-3
HELD_OUT = 0.2  # share of the data that only measures the classifier
MOST_SIDE = 24  # px; larger images are averaged down, which bounds the time too
LEAST = 5  # examples
_SEED = 0x1D9E


@dataclass(frozen=True, eq=False)
class Judge:
    """A trained classifier with one answer for each of A attributes.

    `accuracy`: for each attribute its share of right answers on data that it was not trained on, 0 to 1.
    """

    accuracy: tuple[float, ...]
    _net: nn.Sequential
    _mean: Tensor
    _scale: Tensor
    _sizes: tuple[int, ...]

    @torch.no_grad()
    def features(self, x: Tensor, check: Check = no_check) -> Tensor:
        """Return what its last hidden layer sees in x (N, ...), in the units of the data: (N, 128), 0 or more."""
        found = []
        for part in x.split(MAX_ROWS):
            check()
            found.append(self._net[:-1](_prepared(part, self._mean, self._scale)))
        return torch.cat(found)

    @torch.no_grad()
    def predict(self, x: Tensor, check: Check = no_check) -> Tensor:
        """Return the values it sees in x (N, ...), in the units of the data: int64 (N, A).

        Of examples that are not finite it sees no value: −1.
        """
        rows = []
        for part in x.split(MAX_ROWS):
            check()
            scores = self._net(_prepared(part, self._mean, self._scale)).split(self._sizes, 1)
            seen = torch.stack([score.argmax(1) for score in scores], 1)
            rows.append(seen.masked_fill(~part.flatten(1).isfinite().all(1)[:, None], -1))
        return torch.cat(rows) if rows else torch.empty(0, len(self._sizes), dtype=torch.int64, device=x.device)


def train(x: Tensor, rows: Tensor, sizes: Sequence[int], check: Check = no_check) -> Judge:
    """Return a judge trained on four fifths of the data, the same at each call on one device.

    Images go through two convolutions, numbers through two hidden layers; the attributes share all but the last
    layer. 300 steps of Adam with a cosine; no generator of chance but its own is touched.

    Args:
        x: (N, C, H, W) or (N, d) in the units of the data, N ≥ 5, finite.
        rows: (N, A) indices of values.
        sizes: how many values each attribute has, A of them.
        check: called between steps; may raise, to interrupt.

    Raises:
        ValueError: fewer than 5 examples, or labels that don't fit.
    """
    if len(x) < LEAST or rows.shape != (len(x), len(sizes)):
        raise ValueError(f"{len(x)} examples, labels {tuple(rows.shape)}, {len(sizes)} attributes")
    rows = rows.to(x.device)
    generator = torch.Generator().manual_seed(_SEED)
    order = torch.randperm(len(x), generator=generator).to(x.device)
    held, kept = order.tensor_split([ceil(HELD_OUT * len(x))])
    mean, scale = _spread(x[kept])
    net = _network(_prepared(x[:1], mean, scale).shape[1:], sum(sizes), generator).to(x.device)
    with torch.enable_grad():
        _fit(net, x, rows, kept, mean, scale, sizes, generator, check)
    net.requires_grad_(False).eval()
    judge = Judge((), net, mean, scale, tuple(sizes))
    right = (judge.predict(x[held], check) == rows[held]).double().mean(0)
    return Judge(tuple(right.tolist()), net, mean, scale, tuple(sizes))


def _fit(
    net: nn.Module,
    x: Tensor,
    rows: Tensor,
    kept: Tensor,
    mean: Tensor,
    scale: Tensor,
    sizes: Sequence[int],
    generator: torch.Generator,
    check: Check,
) -> None:
    optimizer = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=0.01)
    for step in range(STEPS):
        check()
        chosen = kept[torch.randint(len(kept), (BATCH,), generator=generator).to(kept.device)]
        scores = net(_prepared(x[chosen], mean, scale)).split(list(sizes), 1)
        losses = [cross_entropy(score, rows[chosen, a]) for a, score in enumerate(scores)]
        for group in optimizer.param_groups:
            group["lr"] = LR * 0.5 * (1 + cos(pi * step / STEPS))
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        optimizer.step()


def _spread(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation to standardise by: of all pixels together, of each column alone; 1 where it is constant."""
    over = tuple(range(x.dim())) if x.dim() == 4 else (0,)
    mean, deviation = x.mean(over, keepdim=True), x.std(over, keepdim=True)
    return mean, torch.where(deviation > 0, deviation, torch.ones_like(deviation))


def _prepared(x: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
    x = (x - mean) / scale
    factor = ceil(x.shape[2] / MOST_SIDE) if x.dim() == 4 else 1
    return avg_pool2d(x, factor) if factor > 1 else x


def _network(shape: Sequence[int], outputs: int, generator: torch.Generator) -> nn.Sequential:
    if len(shape) == 1:
        hidden = [*_hidden(shape[0], generator), *_hidden(128, generator)]
    else:
        channels, side = shape[0], shape[1]
        stride = 1 if side < 12 else 2  # a small image keeps its pixels at first
        after = ceil(ceil(side / stride) / 2)
        hidden = [
            _convolution(channels, 16, 5, stride, generator),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            _convolution(16, 32, 3, 2, generator),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Flatten(),
            *_hidden(32 * after * after, generator),
        ]
    return nn.Sequential(*hidden, _linear(128, outputs, generator))


def _hidden(inputs: int, generator: torch.Generator) -> list[nn.Module]:
    return [_linear(inputs, 128, generator), nn.BatchNorm1d(128), nn.ReLU()]


def _linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Module:
    return _initialised(skip_init(nn.Linear, inputs, outputs), generator)


def _convolution(inputs: int, outputs: int, size: int, stride: int, generator: torch.Generator) -> nn.Module:
    made = skip_init(nn.Conv2d, inputs, outputs, size, stride=stride, padding=size // 2)
    return _initialised(made, generator)


def _initialised(layer: nn.Module, generator: torch.Generator) -> nn.Module:
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)  # type: ignore[arg-type]
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer
