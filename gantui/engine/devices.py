"""Where to compute: the device, and the threads of torch on the CPU."""

import os
from itertools import pairwise
from math import prod

import torch

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.parts import is_part
from gantui.engine.networks import architecture

TINY = 200_000  # multiply-adds per example below which a second thread only costs


def choose(name: str) -> torch.device:
    """Return the device called `name`; `auto` is the first CUDA device, else the CPU. Raises ConfigError."""
    if name == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        index = device.index or 0
        if index >= count:
            there = f"there are {count} CUDA devices" if count else "torch finds no CUDA device here"
            raise ConfigError(f"device = {name}: {there}; use auto or cpu")
        return torch.device("cuda", index)
    return device


def thread_count(config: Config, shape: tuple[int, ...]) -> int:
    """Return the threads to use: as set, else 1 for tiny perceptrons, else all this process may run on.

    Of networks of the user's own the widths are not known: those for numbers are taken to be tiny.
    """
    if config.threads != "auto":
        return config.threads
    if is_part(config.network):
        return 1 if len(shape) == 1 else cores()
    sides = [config.z_dim, *config.g_widths, prod(shape), *config.d_widths, 1]
    multiply_adds = sum(a * b for a, b in pairwise(sides))
    is_tiny = multiply_adds < TINY and architecture(config, shape) == "mlp"
    return 1 if is_tiny else cores()


def cores() -> int:
    """Return how many CPU cores this process may run on; where the system doesn't tell (macOS), how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
