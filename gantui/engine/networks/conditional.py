"""Networks that labels enter. y is a condition vector, float32 (B, width), see `data.labels`."""

import torch
from torch import Tensor, nn


class Generator(nn.Module):
    """G(z, y): `network` takes z (B, z_dim) with y behind it, whatever D does with the labels."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        samples: Tensor = self.network(torch.cat([z, y], 1))
        return samples


class Concatenation(nn.Module):
    """D(x, y) by concatenation (Mirza and Osindero 2014): `network` takes x with y behind it, and returns scores (B,).

    Where it takes images (`maps`), each column of y is a constant map; else y stands behind the numbers of x.
    """

    def __init__(self, network: nn.Module, maps: bool) -> None:
        super().__init__()
        self.network, self._maps = network, maps

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        if self._maps:
            joined = torch.cat([x, y[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)
        else:
            joined = torch.cat([x.flatten(1), y], 1)
        scores: Tensor = self.network(joined)
        return scores


class Projection(nn.Module):
    """D(x, y) = ψ(φ(x)) + ⟨V·y, φ(x)⟩ (Miyato and Koyama 2018, eq. 3 and 4): φ are the layers, ψ is affine.

    A column of V embeds a value of an attribute; of a binary one only the difference that its 1 makes.
    """

    def __init__(self, layers: list[nn.Module], features: int, width: int) -> None:
        super().__init__()
        self.features = nn.Sequential(*layers)
        self.score = nn.Linear(features, 1)
        self.embedding = nn.Linear(width, features, bias=False)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        features = self.features(x)
        scores: Tensor = self.score(features).squeeze(1) + (self.embedding(y) * features).sum(1)
        return scores


class Auxiliary(nn.Module):
    """D(x) with a second head that recognises labels (Odena et al. 2017): logits (B, width) beside the scores (B,)."""

    def __init__(self, layers: list[nn.Module], features: int, width: int) -> None:
        super().__init__()
        self.features = nn.Sequential(*layers)
        self.score = nn.Linear(features, 1)
        self.labels = nn.Linear(features, width)

    def forward(self, x: Tensor) -> Tensor:
        score: Tensor = self.score(self.features(x)).squeeze(1)
        return score

    def recognise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores and logits of the labels, both from one pass."""
        features = self.features(x)
        return self.score(features).squeeze(1), self.labels(features)
