"""The engine against hand-written loops, as ratios taken in one process, the contestants in turn.

Run by hand: `pytest tests/bench -s`. Nothing is asserted about time: the table is for a person.

`lean` is the loop an expert would write for this one purpose: D frozen in G's step, fused Adam, EMA, data in
memory, nothing logged. `tutorial` is the loop of a tutorial: DataLoader, PIL transforms, `.item()` per step.
`trainer` is all of gantui: commands, log, previews, checkpoints, in a real run directory.
"""

import contextlib
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from real_data import write_mnist
from torch import nn
from torch.nn.functional import binary_cross_entropy, softplus

from gantui.core import presets
from gantui.core.config import Config
from gantui.engine import data, devices, networks
from gantui.engine.algorithm import next_update
from gantui.engine.data import Data
from gantui.engine.signals import Signals
from gantui.engine.trainer import Trainer
from gantui.engine.training import Training
from gantui.runs import layout
from gantui.runs.inbox import Inbox
from gantui.runs.writer import EventWriter

ROUNDS = 5
SLICE = 4.0  # seconds a contestant runs in a round: long enough for its fair share of previews and records
WARM_UP = 20
CPU = torch.device("cpu")


def lean_steps(config: Config, loaded: Data) -> Iterator[None]:
    """Algorithm 1 with k = 1 and the non-saturating loss, as fast as it can be written by hand."""
    torch.manual_seed(0)
    g, d = networks.build(config, loaded.shape, loaded.output)
    average, _ = networks.build(config, loaded.shape, loaded.output)
    betas = (config.beta1, config.beta2)
    opt_g = torch.optim.Adam(g.parameters(), lr=1e-4, betas=betas, fused=True)
    opt_d = torch.optim.Adam(d.parameters(), lr=1e-4, betas=betas, fused=True)
    g_parameters, d_parameters = list(g.parameters()), list(d.parameters())
    averages = [p.detach() for p in average.parameters()]
    m, x = config.batch_size, loaded.x
    assert x is not None
    order, at = torch.randperm(loaded.count), 0
    while True:
        if at + m > loaded.count:
            order, at = torch.randperm(loaded.count), 0
        real = loaded.to_model(x[order[at : at + m]])
        at += m
        with torch.no_grad():
            fake = g(torch.randn(m, config.z_dim))
        if config.constraint == "r1":
            real.requires_grad_()
            real_score, fake_score = d(real), d(fake)
            (slope,) = torch.autograd.grad(real_score.sum(), real, create_graph=True)
            penalty = 0.5 * config.constraint_weight * slope.flatten(1).square().sum(1).mean()
            loss = softplus(-real_score).mean() + softplus(fake_score).mean() + penalty
        else:
            score = d(torch.cat([real, fake]))
            loss = softplus(-score[:m]).mean() + softplus(score[m:]).mean()
        opt_d.zero_grad()
        loss.backward()
        opt_d.step()
        for p in d_parameters:
            p.requires_grad_(False)
        loss = softplus(-d(g(torch.randn(m, config.z_dim)))).mean()
        opt_g.zero_grad()
        loss.backward()
        opt_g.step()
        for p in d_parameters:
            p.requires_grad_(True)
        with torch.no_grad():
            torch._foreach_lerp_(averages, g_parameters, 1e-3)
        yield


def tutorial_steps(config: Config, root: Path, shape: tuple[int, ...]) -> Iterator[None]:
    """The widespread tutorial loop, with equal networks and batch."""
    from torchvision import datasets, transforms

    steps = [transforms.Resize(28), transforms.ToTensor(), transforms.Normalize([0.5], [0.5])]
    dataset = datasets.MNIST(root, transform=transforms.Compose(steps))
    loader = torch.utils.data.DataLoader(dataset, batch_size=config.batch_size, shuffle=True, drop_last=True)
    g, d = networks.build(config, shape, "tanh")
    opt_g = torch.optim.Adam(g.parameters(), lr=1e-4, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(d.parameters(), lr=1e-4, betas=(0.5, 0.999))
    ones, zeros = torch.ones(config.batch_size), torch.zeros(config.batch_size)
    losses = []
    while True:
        for real, _ in loader:
            fake = g(torch.randn(config.batch_size, config.z_dim))
            opt_g.zero_grad()
            g_loss = binary_cross_entropy(torch.sigmoid(d(fake)), ones)
            g_loss.backward()
            opt_g.step()
            opt_d.zero_grad()
            on_real = binary_cross_entropy(torch.sigmoid(d(real)), ones)
            on_fake = binary_cross_entropy(torch.sigmoid(d(fake.detach())), zeros)
            d_loss = (on_real + on_fake) / 2
            d_loss.backward()
            opt_d.step()
            losses.append((d_loss.item(), g_loss.item()))
            yield


def engine_steps(training: Training) -> Iterator[None]:
    """The engine's updates alone."""
    while True:
        next_update(training)
        while training.remaining:
            next_update(training)
        yield


def trainer_steps(trainer: Trainer) -> Iterator[None]:
    """The trainer's loop, as `Trainer.train` runs it, broken up after each step."""
    while True:
        step = trainer.training.step
        while trainer.training.step == step:
            trainer.turn()
        yield


@contextlib.contextmanager
def a_trainer(config: Config, loaded: Data, folder: Path) -> Iterator[Trainer]:
    """A whole trainer in a real run directory."""
    run = layout.create(folder, None, "bench")
    writer, inbox = EventWriter(run, branch=0), Inbox(run)
    inbox.start()
    training = Training(config, loaded, CPU)
    training.set_pace()
    try:
        yield Trainer(run, training, writer, inbox, Signals(run.trainer_log))
    finally:
        inbox.stop()
        writer.close()


def compare(contestants: dict[str, Iterator[None]]) -> dict[str, float]:
    """Return the median ms per step of each, rounds taken in turn, printed with ratios to the first."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, contestant in contestants.items():
            for _ in range(WARM_UP):  # also does what fell due while others ran
                next(contestant)
            began, steps = time.perf_counter(), 0
            while time.perf_counter() < began + SLICE:
                next(contestant)
                steps += 1
            taken[name].append((time.perf_counter() - began) / steps * 1e3)
    first = next(iter(taken))
    for name, times in taken.items():
        ratio = statistics.median(a / b for a, b in zip(taken[first], times, strict=True))
        print(f"  {name:10} {statistics.median(times):8.3f} ms/step   speed relative to {first}: {ratio:.3f}")
    return {name: statistics.median(times) for name, times in taken.items()}


PLAIN = {"constraint": "none", "constraint_weight": 0.0}  # the tutorial has no penalty either


@pytest.mark.parametrize(
    ("name", "changes"),
    [("ring", {}), ("digits", {}), ("mnist", {}), ("mnist", PLAIN), ("mnist-conv", {})],
    ids=["ring", "digits", "mnist", "mnist-plain", "mnist-conv"],
)
def test_engine_against_hand_written_loops(name: str, changes: dict[str, object], tmp_path: Path) -> None:
    preset = presets.load(name)
    root = write_mnist(tmp_path / "data") if "mnist" in name else tmp_path
    config = preset.config({"data_root": str(root), "max_steps": 10**9, **changes})
    loaded = data.load(config, CPU)
    threads = devices.thread_count(config, loaded.shape)
    torch.set_num_threads(threads)
    print(f"\n{name} {changes or ''}, {threads} threads")
    training = Training(config, loaded, CPU)
    training.set_pace()
    with a_trainer(config, loaded, tmp_path / "runs") as trainer:
        contestants = {
            "lean": lean_steps(config, loaded),
            "engine": engine_steps(training),
            "trainer": trainer_steps(trainer),
        }
        if changes:
            contestants["tutorial"] = tutorial_steps(config, root, loaded.shape)
        times = compare(contestants)
    assert all(isinstance(m, nn.Module) for m in (training.g, training.d))
    assert min(times.values()) > 0
