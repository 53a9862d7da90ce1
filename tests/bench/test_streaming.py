"""A folder of 20,000 images that streams from its files, against the same in memory, in one process and in turn.

Run by hand: `pytest tests/bench/test_streaming.py -s`. The table is for a person; nothing is asserted about time.
"""

import resource
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

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


def _training(folder: Path, root: Path, memory: int | None) -> Training:
    config = presets.load("mnist-conv").config({"data": str(folder), "data_root": str(root), "max_steps": 10**9})
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


def _run(steps: Iterator[None], seconds: float = 0.0, count: int = 0) -> float:
    """Return the ms of a step, over some time or a number of steps."""
    began, done = time.perf_counter(), 0
    while done < count or time.perf_counter() < began + seconds:
        next(steps)
        done += 1
    return (time.perf_counter() - began) / done * 1e3


def _memory() -> str:
    own = psutil.Process()
    workers = sum(child.memory_full_info().uss for child in own.children(recursive=True))
    return f"own {own.memory_full_info().uss >> 20} MiB, workers {workers >> 20} MiB"


def test_streaming_against_memory(folder: Path, tmp_path: Path) -> None:
    print(f"\nmnist-conv on {COUNT} files of 28 px")
    held, streamed = (_training(folder, tmp_path, memory) for memory in (None, 0))
    memory, stream = engine_steps(held), engine_steps(streamed)
    try:
        next(stream)  # starts the workers
        _run(memory, count=50)
        epoch = COUNT // streamed.config.batch_size
        first = _run(stream, count=epoch)
        print(f"  memory {_run(memory, SLICE):.2f} ms, first epoch streamed {first:.2f} ms; {_memory()}")
        times: dict[str, list[float]] = {"memory": [], "stream": []}
        for _ in range(ROUNDS):
            for name, steps in (("memory", memory), ("stream", stream)):
                _run(steps, count=20)
                times[name].append(_run(steps, SLICE))
        ratio = statistics.median(m / s for m, s in zip(times["memory"], times["stream"], strict=True))
        for name, taken in times.items():
            print(f"  {name:8} {statistics.median(taken):.2f} ms/step ({min(taken):.2f} to {max(taken):.2f})")
        print(f"  speed of the stream relative to memory: {ratio:.3f}; {_memory()}")
        print(f"  of workers that have ended: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime:.1f} s")
        assert streamed.data.x is None
    finally:
        streamed.batches.close()
