"""Small trainings and run directories for the tests of the engine."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch

from gantui.core.config import Config, validate
from gantui.core.events import AnyRecord, Record
from gantui.engine import data, sampling
from gantui.engine.data import Data
from gantui.engine.signals import Signals
from gantui.engine.trainer import Trainer
from gantui.engine.training import Training
from gantui.runs import layout
from gantui.runs.inbox import Inbox
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader
from gantui.runs.writer import EventWriter

CPU = torch.device("cpu")
SMALL: dict[str, Any] = {
    "data": "ring",
    "g_widths": [16],
    "d_widths": [16, 16],
    "z_dim": 4,
    "batch_size": 8,
    "device": "cpu",
    "threads": 1,
    "preview_every": 0,
    "checkpoint_every": 0,
    "max_steps": 1000,
}
_loaded: dict[tuple[Any, ...], Data] = {}


def small(**settings: object) -> Config:
    return validate(SMALL | settings)


def data_of(config: Config) -> Data:
    """The data of a config, loaded once per test process: nothing writes to it."""
    key = (config.data, config.seed, config.output, config.labels, config.missing, config.holdout)
    if key not in _loaded:
        _loaded[key] = data.load(config, CPU)
    return _loaded[key]


def start(**settings: object) -> Training:
    config = small(**settings)
    training = Training(config, data_of(config), CPU)
    training.set_pace()
    return training


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def config_of() -> Callable[..., Config]:
    """A small configuration with settings that differ from SMALL."""
    return small


@pytest.fixture
def make_training() -> Callable[..., Training]:
    """A small training with settings that differ from SMALL."""
    return start


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return layout.create(tmp_path / "runs", "one", "ring")


@pytest.fixture
def write_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Write a module of the user's own into the present folder, by default `mine.py`; it is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)

    def write(source: str, name: str = "mine") -> None:
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source))

    yield write
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@dataclass
class Bench:
    """A trainer in its run directory, as `engine.process` puts it together, without process, lock and heartbeat."""

    trainer: Trainer
    written: list[Record]

    @property
    def training(self) -> Training:
        return self.trainer.training

    def log(self) -> list[AnyRecord]:
        """What the log on the disk holds by now; every line must be a record."""
        assert self.trainer.writer.flush(10.0)
        reader, records = RunReader(self.trainer.run), []
        while found := reader.poll():
            records += found
        return records

    def of(self, kind: str) -> list[Any]:
        return [record for record in self.log() if record.__struct_config__.tag == kind]


@pytest.fixture
def make_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bench]]:
    """A trainer whose evaluations look at a tenth of the examples: each run ends in one."""
    monkeypatch.setattr(sampling, "MOST_COMPARED", 1000)
    benches: list[Bench] = []

    def make(**settings: object) -> Bench:
        run = layout.create(tmp_path / "runs", f"bench-{len(benches)}", "ring")
        written: list[Record] = []
        writer = EventWriter(run, branch=0, on_record=written.append)
        trainer = Trainer(run, start(**settings), writer, Inbox(run), Signals(run.trainer_log))
        trainer.write_start()
        benches.append(Bench(trainer, written))
        return benches[-1]

    yield make
    for bench in benches:
        bench.trainer._keeper.close()
        bench.trainer.writer.close(10.0)
