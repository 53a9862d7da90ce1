"""Noise that a network draws by itself, as Gumbel-softmax does, told apart from that of the training."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_noise(seed: int, device: torch.device) -> Iterator[None]:
    """What torch's default generators draw inside is decided by `seed`; outside nothing has moved."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
