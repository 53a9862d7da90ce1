"""A folder of 20,000 images that streams from its files, against the same in memory, in one process and in turn.

Run by hand: `pytest tests/bench/test_streaming.py -s`. The table is for a person; nothing is asserted about time.
"""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import pytest
import torch
from bench.test_engine_speed import engine_steps
from PIL import Image
from real_data import mnist_digits

from gantui.core import presets
from gantui.engine import data, devices
from gantui.engine.training import Training

pytestmark = pytest.mark.timeout(3600)
COUNT = 20_000
ROUNDS = 5
SLICE = 8.0  # seconds; what is read ahead while the other one runs lasts for a tenth of that
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MNIST digits, shifted about, half of them PNG and half JPEG."""
    folder = tmp_path_factory.mktemp("digits")
    pixels, _ = mnist_digits()
    chance = np.random.default_rng(0)
    for number in range(COUNT):
        shifted = np.roll(pixels[number % len(pixels)], tuple(chance.integers(-2, 3, 2)), (0, 1))
        Image.fromarray(shifted).save(folder / f"{number:05d}.{'png' if number % 2 else 'jpg'}")
    return folder


def _training(folder: Path, root: Path, threads: int | str, memory: int | None) -> Training:
    changes = {"data": str(folder), "data_root": str(root), "max_steps": 10**9, "threads": threads}
    config = presets.load("mnist-conv").config(changes)
    began, shares = time.perf_counter(), []
    loaded = data.load(config, CPU, shares.append, memory)
    print(
        f"  loading {'into memory' if loaded.x is not None else 'to stream'}: {time.perf_counter() - began:.2f} s, ",
        end="",
    )
    print(f"progress told {len(shares)} times")
    torch.set_num_threads(devices.thread_count(config, loaded.shape))
    training = Training(config, loaded, CPU)
    training.set_pace()
    return training


class Cost(NamedTuple):
    """Of a step in ms: time on the clock, and on all processors, workers included."""

    wall: float
    cpu: float


def _processors() -> float:
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def _run(steps: Iterator[None], seconds: float = 0.0, count: int = 0) -> Cost:
    """Take steps for some time, or a number of them."""
    began, busy, done = time.perf_counter(), _processors(), 0
    while done < count or time.perf_counter() < began + seconds:
        next(steps)
        done += 1
    return Cost((time.perf_counter() - began) / done * 1e3, (_processors() - busy) / done * 1e3)


def _memory() -> str:
    own = psutil.Process()
    workers = sum(child.memory_full_info().uss for child in own.children(recursive=True))
    return f"own {own.memory_full_info().uss >> 20} MiB, workers {workers >> 20} MiB"


@pytest.mark.parametrize("threads", ["auto", 1])
def test_streaming_against_memory(folder: Path, tmp_path: Path, threads: int | str) -> None:
    print(f"\nmnist-conv on {COUNT} files of 28 px, threads = {threads}")
    held, streamed = (_training(folder, tmp_path, threads, memory) for memory in (None, 0))
    memory, stream = engine_steps(held), engine_steps(streamed)
    try:
        next(stream)  # starts the workers
        _run(memory, count=20)
        first = _run(stream, count=COUNT // streamed.config.batch_size)
        print(f"  first epoch streamed: {first.wall:.2f} ms/step, {first.cpu:.2f} on all processors; {_memory()}")
        costs: dict[str, list[Cost]] = {"memory": [], "stream": []}
        for _ in range(ROUNDS):
            for name, steps in (("memory", memory), ("stream", stream)):
                _run(steps, count=20)
                costs[name].append(_run(steps, SLICE))
        for name, taken in costs.items():
            wall, cpu = (statistics.median(numbers) for numbers in zip(*taken, strict=True))
            print(f"  {name:8} {wall:.2f} ms/step, {cpu:.2f} on all processors")
        pairs = list(zip(costs["memory"], costs["stream"], strict=True))
        wall, cpu = (statistics.median(m[i] / s[i] for m, s in pairs) for i in (0, 1))
        print(f"  speed of the stream relative to memory: {wall:.3f}, by processors {cpu:.3f}; {_memory()}")
        assert streamed.data.x is None
    finally:
        streamed.batches.close()
