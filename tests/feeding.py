"""Run directories with a trainer that doesn't train: histories of any length, and news at any pace."""

import math
import os
import random
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np

from gantui.core import events, presets
from gantui.core.config import live_fields
from gantui.core.events import DataFacts, Hist, Metrics, ObjectiveFacts, Record, Stage, Start, System, significant
from gantui.runs import begin, info
from gantui.runs.arrays import write_npz
from gantui.runs.layout import RunDir
from gantui.runs.live import Live, write_live
from gantui.runs.lock import RunLock
from gantui.runs.writer import EventWriter

FIRST_INTERVAL, METRICS_PER_DOUBLING = 0.05, 10_000
HIST_INTERVAL, HISTS_PER_DOUBLING = 1.0, 2_000
SYSTEM_INTERVAL = 10.0
FACTS = ObjectiveFacts(
    name="non_saturating", equilibrium={"loss_d": 1.3863, "loss_g": 0.6931, "d_x": 0.5, "d_gz": 0.5, "value": -1.3863}
)


def metrics(step: int, steps_per_s: float, chance: random.Random) -> Metrics:
    """All the numbers of one record, wandering as losses do."""
    wave, noise = math.sin(step / 20_000), chance.gauss(0, 0.05)
    means = {
        "loss_d": 1.3 + 0.2 * wave + noise,
        "loss_g": 0.8 - 0.2 * wave + noise,
        "penalty": 0.01 + abs(noise) / 10,
        "d_x": 0.55 + 0.1 * wave + noise / 5,
        "d_gz": 0.45 - 0.1 * wave + noise / 5,
        "value": -1.3 + noise,
        "d_gz_after": 0.46 - 0.1 * wave + noise / 5,
        "grad_norm_d": 0.5 + abs(noise),
        "grad_norm_g": 0.7 + abs(noise),
    }
    v = {name: [significant(x) for x in (mean, mean - 0.1, mean + 0.1)] for name, mean in means.items()}
    speeds = {"lr_d": 1e-3, "lr_g": 1e-3, "steps_per_s": steps_per_s + 10 * noise, "samples_per_s": 128 * steps_per_s}
    v |= {name: [significant(value)] * 3 for name, value in speeds.items()}
    return Metrics(v=v, n=20, step=step, d_updates=step, g_updates=step, update=2 * step)


def hist(step: int, chance: random.Random) -> Hist:
    """Two humps that overlap."""
    counts = [[0] * 64, [0] * 64]
    for row, centre in zip(counts, (0.6, 0.4), strict=True):
        for _ in range(256):
            row[min(63, max(0, int(64 * chance.gauss(centre, 0.15))))] += 1
    shared = sum(map(min, *counts)) / 256
    return Hist(space="probability", low=0.0, high=1.0, real=counts[0], fake=counts[1], overlap=significant(shared),
                step=step, d_updates=step, g_updates=step, update=2 * step)  # fmt: skip


def system() -> System:
    """The trainer's host, busy."""
    return System(
        cpu=98.0, memory=720.0, host_cpu=55.0, host_memory=12.0, host_memory_total=24e3, cores=2, device="cpu"
    )


class Cadence:
    """When the next record of a kind is due: the interval doubles after every `per_doubling`."""

    def __init__(self, interval: float, per_doubling: int) -> None:
        self._first, self._per_doubling = interval, per_doubling
        self.count, self.due = 0, interval

    def take(self) -> None:
        """One was written."""
        self.count += 1
        self.due += self._first * 2 ** (self.count // self._per_doubling)


def history(seconds: float, steps_per_s: float, *, since: float | None = None) -> Iterator[Record]:
    """Yield what a trainer writes in `seconds` of training, at the cadence it has, with `t` from `since` (Unix)."""
    chance = random.Random(0)
    since = time.time() - seconds if since is None else since
    cadences = {
        Metrics: Cadence(FIRST_INTERVAL, METRICS_PER_DOUBLING),
        Hist: Cadence(HIST_INTERVAL, HISTS_PER_DOUBLING),
        System: Cadence(SYSTEM_INTERVAL, 10**9),
    }
    while True:
        kind, cadence = min(cadences.items(), key=lambda entry: entry[1].due)
        if cadence.due > seconds:
            return
        step = round(cadence.due * steps_per_s)
        record: Record
        if kind is Metrics:
            record = metrics(step, steps_per_s, chance)
        else:
            record = hist(step, chance) if kind is Hist else system()
        record.t = since + round(cadence.due, 3)
        cadence.take()
        yield record


class FedRun:
    """A run directory whose lock this process holds, with a log to write to and a heartbeat to give."""

    def __init__(self, folder: Path, preset: str = "ring", *, name: str = "fed", **settings: Any) -> None:
        plan = begin.fresh(presets.load(preset), settings, folder, name)
        self.run: RunDir = plan.run
        self.config = msgspec.structs.asdict(plan.config)
        info.write(self.run, info.here(self.run, preset=preset, threads=1, device="cpu"))
        self._lock = RunLock(self.run)
        self._lock.acquire()
        self._seq = 0
        self._previews = 0
        self._writer: EventWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def opening(self, data: DataFacts | None = None) -> list[Record]:
        """The first records of a run that trains."""
        data = data or DataFacts(name="ring", kind="points", shape=[2])
        return [Start(config=self.config, objective=FACTS, data=data), Stage(stage="training", progress=1.0)]

    def append(self, records: Iterable[Record]) -> int:
        """Write a whole history at once, with its own times; return how many records."""
        assert self._writer is None
        before = self._seq
        with self.run.segment(1).open("ab") as log:
            for record in records:
                record.seq, self._seq = self._seq, self._seq + 1
                log.write(events.encode(record))
        return self._seq - before

    def write(self, record: Record) -> None:
        """Write a record now."""
        self._writer = self._writer or EventWriter(self.run, branch=0)
        self._writer.write(record)

    def beat(self, step: int = 0, state: str = "running") -> None:
        """The state for viewers."""
        live = Live(t=time.time(), pid=os.getpid(), state=state, stage="training", step=step, update=2 * step)
        live.max_steps = self.config["max_steps"]
        live.config = {name: self.config[name] for name in live_fields()}
        write_live(self.run, live)

    def preview(self, step: int, x: np.ndarray) -> None:
        """Samples `x`, (N, *shape) in the data's own units, and the record of them."""
        file = f"previews/u{2 * step:09d}-b0.npz"
        write_npz(self.run.path / file, {"x": x.astype(np.float32)})
        self.write(events.Preview(file=file, step=step, d_updates=step, g_updates=step, update=2 * step))

    def flush(self) -> None:
        """Wait until all is written."""
        assert self._writer is None or self._writer.flush(30)

    def close(self) -> None:
        """The trainer is gone, without a last word."""
        if self._writer:
            self._writer.close()
        self._lock.release()
