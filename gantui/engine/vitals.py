"""What no update computes and a diagnosis needs: how varied samples are, how far from the data, how alive the networks.

They are taken with noise of their own and both networks in evaluation mode, so nothing of the training moves.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from gantui.engine import conditions
from gantui.engine.algorithm import in_evaluation_mode
from gantui.engine.data.order import mix
from gantui.engine.noise import own_noise
from gantui.engine.training import Training, draw
from gantui.evaluation.reference import Reference

Numbers = dict[str, Tensor]
SAMPLES = 512
FOLLOWED = 128  # samples whose way is kept, and that D is asked about
PATH = 8  # times over which it is
MOST_REFERENCES, MOST_STREAMED = 2048, 256  # examples that samples are compared with; of a set that is not in memory
NEIGHBOURS_EVERY = 4  # times
MOST_NEIGHBOURS = 20_000  # examples of a set in which nearest ones are looked for
SATURATED = 0.99  # |tanh| above which a unit hardly passes a gradient
NAMES = ("spread", "variety", "gap", "drift", "straightness", "g_signal", "dead_g", "dead_d", "nn_ratio")
_STREAM = 0xD1A6


class Vitals:
    """Looks at G and D of one training, always at the same latents."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._reference: Reference | None = None
        self._path: deque[Tensor] = deque(maxlen=PATH + 1)
        self._taken = 0

    def forget(self) -> None:
        """The training went back: samples are followed from here on."""
        self._path.clear()

    @torch.no_grad()
    def take(self) -> Numbers:
        """Return scalars, still on the device; those of samples and data are explained in `Reference`.

        `drift` is how far a sample has moved since the last time, in mean distances of the data; `straightness` the
        way from 8 times before over the length of the path taken, 0 (in circles) to 1. `g_signal` is the mean
        ‖∂L_G/∂x‖ at samples, per mean distance of the data: what G can learn from. `dead_g` and `dead_d` are the
        share of hidden units in the worst layer that pass no gradient, 0 to 1. `nn_ratio` comes each fourth time, and
        not of points on a line or a plane, where something is always near.
        """
        training = self._training
        if self._reference is None:
            self._begin()
        assert self._reference is not None
        with own_noise(self._seed, training.device), _silence(training.g) as silent_g:
            x = in_evaluation_mode(training.g, *conditions.inputs(self._z, training.labels, self._rows))
        with _silence(training.d) as silent_d:
            signal = self._signal(x[:FOLLOWED])
        numbers = self._reference.compare(x) | self._follow(x) | {"g_signal": signal * self._reference.distance}
        for name, shares in (("dead_g", silent_g), ("dead_d", silent_d)):
            if shares:
                numbers[name] = torch.stack(shares).max()
        if self._taken % NEIGHBOURS_EVERY == 0:
            numbers |= self._reference.nearness(x)
        self._taken += 1
        return numbers

    def _begin(self) -> None:
        training, data = self._training, self._training.data
        self._seed = mix(training.config.seed, _STREAM)
        generator = torch.Generator(training.device).manual_seed(self._seed)
        self._z = draw(training.config, SAMPLES, generator, training.device)
        self._rows = training.labels.draw(SAMPLES, generator) if training.labels else None
        most = MOST_STREAMED if data.x is None else MOST_REFERENCES
        order = torch.randperm(data.count, generator=torch.Generator().manual_seed(self._seed))
        self._chosen = order[:most].to(data.device)
        known = data.x is not None and data.kind != "points" and data.count <= MOST_NEIGHBOURS
        held = data.held_out
        self._reference = Reference(
            data.take(self._chosen),
            SAMPLES,
            trained_on=data.take(torch.arange(data.count, device=data.device)) if known else None,
            held_out=held.take(torch.arange(min(held.count, SAMPLES), device=data.device)) if known and held else None,
        )

    def _signal(self, x: Tensor) -> Tensor:
        """Return the mean ‖∂L_G/∂x‖ at samples x (N, *shape), a scalar, per sample."""
        training = self._training
        real, labels = None, training.labels
        if training.objective.compares:
            rows = labels.rows[self._chosen[: len(x)]] if labels else None
            data = training.data.take(self._chosen[: len(x)])
            real = in_evaluation_mode(training.d, *training.inputs_of_d(data, rows)).mean().expand(len(x))
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            score = in_evaluation_mode(
                training.d, *training.inputs_of_d(x, None if self._rows is None else self._rows[: len(x)])
            )
            (slope,) = torch.autograd.grad(training.objective.g_loss(score, real) * len(x), x)
        mean: Tensor = slope.flatten(1).norm(dim=1).mean()
        return mean

    def _follow(self, x: Tensor) -> Numbers:
        """Return how samples x (N, *shape) have moved."""
        self._path.append(x[:FOLLOWED].flatten(1))
        if len(self._path) < 2:
            return {}
        assert self._reference is not None
        ways = torch.stack([(b - a).norm(dim=1) for a, b in zip(self._path, list(self._path)[1:], strict=False)])
        numbers = {"drift": ways[-1].mean() / self._reference.distance}
        if len(self._path) == PATH + 1:
            whole = (self._path[-1] - self._path[0]).norm(dim=1)
            numbers["straightness"] = whole.mean() / ways.sum(0).mean().clamp_min(1e-12)
        return numbers


@contextmanager
def _silence(network: nn.Module) -> Iterator[list[Tensor]]:
    """Yield a list that gets, for each hidden layer that is run inside, the share that passes no gradient.

    Of rectifiers those units that are 0 for the whole batch; of tanh and sigmoid all values near their bounds. What
    the network itself returns is no hidden layer: samples may well lie at the bounds.
    """
    shares: list[Tensor] = []
    last: list[Tensor] = []  # what the newest activation gave

    def count(module: nn.Module, _inputs: object, output: Tensor) -> None:
        shares.append(_share(module, output.detach()))
        last[:] = [output]

    def leave_out(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        if last and output.data_ptr() == last[0].data_ptr():
            shares.pop()

    hidden = [module for module in network.modules() if isinstance(module, nn.ReLU | nn.Tanh | nn.Sigmoid)]
    handles = [module.register_forward_hook(count) for module in hidden]
    handles.append(network.register_forward_hook(leave_out))
    try:
        yield shares
    finally:
        for handle in handles:
            handle.remove()


def _share(module: nn.Module, output: Tensor) -> Tensor:
    if isinstance(module, nn.ReLU):
        return (output <= 0).all(0).float().mean()
    level = output.abs() if isinstance(module, nn.Tanh) else (2 * output - 1).abs()
    return (level > SATURATED).float().mean()
