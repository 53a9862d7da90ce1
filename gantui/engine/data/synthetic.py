"""Distributions known exactly, in one and two dimensions, to see what a generator learns of them.

A set is 100,000 fixed samples, drawn by a generator of its own that depends on `config.seed` alone.
"""

import math
from itertools import product

import numpy as np
import torch
from torch import Tensor

from gantui.engine.data import build
from gantui.engine.data.dataset import Data, Mixture
from gantui.engine.data.order import mix

COUNT = 100_000
_STREAM = -1  # of the seed; 0, 1, 2, … are the epochs' orders


def gaussian(request: build.Request) -> Data:
    """N(4, 1.25²), the 1-D target of devnag's gan_pytorch.py."""
    return _drawn(request, "gaussian", _mixture([[4.0]], 1.25))


def mixture(request: build.Request) -> Data:
    """Three Gaussians in 1-D at −4, 0 and 5, std 0.5, of weights 0.5, 0.3 and 0.2: at least 8 std apart."""
    return _drawn(request, "mixture", _mixture([[-4.0], [0.0], [5.0]], 0.5, [0.5, 0.3, 0.2]))


def ring(request: build.Request) -> Data:
    """Eight equal Gaussians on the unit circle, std 0.01 (VEEGAN, Srivastava et al. 2017; PacGAN)."""
    angles = [2 * math.pi * i / 8 for i in range(8)]  # without the end point, which would double the first
    return _drawn(request, "ring", _mixture([[math.cos(angle), math.sin(angle)] for angle in angles], 0.01))


def grid(request: build.Request) -> Data:
    """25 equal Gaussians at {−4, −2, 0, 2, 4}², std 0.05 (VEEGAN, PacGAN)."""
    return _drawn(request, "grid", _mixture([list(c) for c in product((-4.0, -2.0, 0.0, 2.0, 4.0), repeat=2)], 0.05))


def swiss_roll(request: build.Request) -> Data:
    """A spiral with noise: scikit-learn's make_swiss_roll, noise 0.25, columns 0 and 2, / 7.5 (WGAN-GP)."""
    generator = _generator(request.config.seed)
    uniform = torch.rand(COUNT, generator=generator, dtype=torch.float64)
    noise = torch.randn(COUNT, 2, generator=generator, dtype=torch.float64)
    t = 1.5 * math.pi * (1 + 2 * uniform)
    roll = torch.stack([t * t.cos(), t * t.sin()], 1)
    return build.numbers(request, "swiss_roll", ((roll + 0.25 * noise) / 7.5).numpy())


def sample(mixture: Mixture, count: int, generator: torch.Generator) -> Tensor:
    """Return `count` samples (count, d) of a mixture, float64."""
    modes = torch.multinomial(mixture.weights, count, replacement=True, generator=generator)
    noise = torch.randn(count, mixture.centres.shape[1], generator=generator, dtype=torch.float64)
    return mixture.centres.double()[modes] + mixture.std * noise


def _drawn(request: build.Request, name: str, mixture: Mixture) -> Data:
    samples = sample(mixture, COUNT, _generator(request.config.seed))
    return build.numbers(request, name, np.asarray(samples), mixture=mixture)


def _mixture(centres: list[list[float]], std: float, weights: list[float] | None = None) -> Mixture:
    return Mixture(
        torch.tensor(centres, dtype=torch.float32),
        std,
        torch.tensor(weights or [1 / len(centres)] * len(centres), dtype=torch.float32),
    )


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(mix(seed, _STREAM))
