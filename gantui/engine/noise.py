"""Noise that a network draws by itself, as Gumbel-softmax does, told apart from that of the training."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_noise(seed: int, device: torch.device) -> Iterator[None]:
    """What torch's default generators draw inside is decided by `seed`; outside nothing has moved."""
    on_cuda = device.type == "cuda"
    with torch.random.fork_rng(devices=[device] if on_cuda else []):
        # Not torch.manual_seed: where a kind of device is not in use yet, each call keeps a stack trace for it.
        torch.default_generator.manual_seed(seed)
        if on_cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield
