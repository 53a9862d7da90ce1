"""E, which predicts z from x: it learns on G's samples, whose z are known, and nothing of that flows back into G.

It is the inference network of Goodfellow et al. 2014 (section 7): E(G(z)) → z. What it has learnt is then asked of
data, of which no z is known: G(E(x)) is what G can make of x.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.engine import conditions, networks
from gantui.engine.conditions import Rows
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import Labels
from gantui.engine.data.order import mix
from gantui.engine.noise import own_noise
from gantui.engine.optimisers import Adam
from gantui.evaluation.reconstruction import reconstruction

KINDS = ("image", "points", "table")
LR = 2e-3
BATCH = 500
WEIGHTS = -20  # stream of a seed, beside those of `engine.training`


class Encoder:
    """E beside a training: it learns on the samples of each update of G, with an Adam of its own.

    G and D are trained to the bit as they would be without it. Between its own updates it is frozen and in evaluation
    mode. `examples` (n, *shape) and their labels `rows` are the data whose reconstructions a run shows.
    """

    def __init__(self, config: Config, data: Data, labels: Labels | None, shown: Tensor) -> None:
        """`shown` (n,) are the examples to show. Raises ConfigError as `build` does."""
        self.network = build(config, data, config.seed).requires_grad_(False).eval()
        self.parameters = list(self.network.parameters())
        self.optimiser = Adam(self.parameters, lr=0.0, fused=True)
        self.examples = data.take(shown)
        self.rows: Rows = None if labels is None else labels.rows.index_select(0, shown)

    def learn(self, g: nn.Module, x: Tensor, z: Tensor, condition: Sequence[Tensor]) -> Tensor:
        """Descend on the samples x = G(z) of an update; returns the cost, a scalar."""
        self.network.requires_grad_(True).train()
        was_training = g.training
        loss = cost(self.network, g.eval(), x, z, condition)
        g.train(was_training)
        gradients = torch.autograd.grad(loss, self.parameters)  # of E alone: G's are not even formed
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient
        self.optimiser.step()
        self.network.requires_grad_(False).eval()
        return loss.detach()


def build(config: Config, data: Data, seed: int) -> nn.Module:
    """Return a new E, its weights drawn with `seed`; torch's generators are left as they are.

    Raises ConfigError: data of which G(E(x)) would mean nothing.
    """
    if data.kind not in KINDS:
        raise ConfigError(
            f"data = {neutralise(data.name)}: an encoder predicts z from images or numbers, not from {data.kind}"
        )
    if data.codec and data.codec.blocks:
        raise ConfigError(
            f"data = {neutralise(data.name)}: G draws its categories by chance, so no encoder can predict z from them"
        )
    with own_noise(mix(seed, WEIGHTS), data.device):
        return networks.build_encoder(config, data.shape).to(data.device)


def cost(e: nn.Module, g: nn.Module, x: Tensor, z: Tensor, condition: Sequence[Tensor] = ()) -> Tensor:
    """Return what E pays for samples x = G(z) (B, *shape) of latents z (B, z_dim), a scalar.

    The mean square of E(x) − z, and of G(E(x)) − x. The first alone would be the inferer of 2014; but much of z shows
    in no sample, and of what shows, a little may show a lot: the second says what matters. `condition` are G's
    condition vectors if it takes any. G must be in evaluation mode.
    """
    found = e(x)
    return mse_loss(found, z) + mse_loss(g(found, *condition), x)


@torch.no_grad()
def reconstruct(labels: Labels | None, g: nn.Module, e: nn.Module, x: Tensor, rows: Rows) -> Tensor:
    """Return G(E(x)) of x (N, *shape), both in the model's range; under a condition with labels `rows` (N, A).

    Both networks must be in evaluation mode.
    """
    parts = []
    for first in range(0, len(x), BATCH):
        of_part = None if rows is None else rows[first : first + BATCH]
        parts.append(g(*conditions.inputs(e(x[first : first + BATCH]), labels, of_part)))
    return torch.cat(parts)


def compare(
    config: Config, data: Data, g: nn.Module, e: nn.Module, indices: Tensor, check: Callable[[], None] = lambda: None
) -> dict[str, float]:
    """Return `evaluation.reconstruction` of the examples `indices` of the data.

    It is taken in the model's range, where the columns of a table count alike.
    """
    labels = conditions.labels_of(config, data)
    x = torch.cat([data.take(part) for part in indices.to(data.device).split(BATCH)])
    rows = None if labels is None else labels.rows.index_select(0, indices.to(labels.rows.device))
    return reconstruction(x, reconstruct(labels, g, e, x, rows), check)
