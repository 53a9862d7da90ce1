"""Run directories with logs made by hand."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from gantui.core import events
from gantui.core.events import Record
from gantui.runs import info
from gantui.runs.arrays import write_npz
from gantui.runs.layout import RunDir, create

FACTS = events.ObjectiveFacts(name="non_saturating", equilibrium={"loss_d": 1.3863, "loss_g": 0.6931, "d_x": 0.5})


def made(folder: Path, records: Iterable[Record] = (), name: str = "one", *, config: str = "seed = 3\n") -> RunDir:
    """A run that has ended, with these records in its log."""
    run = create(folder, name, "ring")
    run.config_toml.write_text(config)
    info.write(run, info.here(run, preset="ring", argv=["/bin/gantui", "run", "ring"], torch="2.9", device="cpu"))
    write(run, records)
    return run


def write(run: RunDir, records: Iterable[Record], number: int = 1) -> None:
    """Append records to a segment; times and numbers are given where there are none."""
    with run.segment(number).open("ab") as log:
        for seq, record in enumerate(records):
            record.seq = seq
            record.t = record.t or 1.7e9 + seq
            log.write(events.encode(record))


def at(step: int, branch: int = 0) -> dict[str, int]:
    """Where training stands after so many steps of one update each."""
    return {"step": step, "d_updates": step, "g_updates": step, "update": 2 * step, "branch": branch}


def start(**more: Any) -> events.Start:
    """The first record of training."""
    data = events.DataFacts(name="ring", kind="points", shape=[2], count=8192)
    return events.Start(**({"objective": FACTS, "data": data, "config": {"seed": 3, "lr_d": 1e-3}} | more))


def metrics(step: int, branch: int = 0, **means: float) -> events.Metrics:
    """Numbers with a spread of 0.1."""
    v = {name: (mean, mean - 0.1, mean + 0.1) for name, mean in (means or {"loss_d": 1.4, "loss_g": 0.7}).items()}
    return events.Metrics(v=v, n=1, **at(step, branch))


def hist(step: int, real_bin: int, fake_bin: int, branch: int = 0) -> events.Hist:
    """100 scores each in one bin."""
    real, fake = ([100 if index == place else 0 for index in range(64)] for place in (real_bin, fake_bin))
    ends = {"space": "probability", "low": 0.0, "high": 1.0}
    return events.Hist(real=real, fake=fake, overlap=0.0, **ends, **at(step, branch))


def preview(run: RunDir, step: int, branch: int = 0, **arrays: np.ndarray) -> events.Preview:
    """Samples in a file, and the record of them."""
    file = f"previews/u{2 * step:09d}-b{branch}.npz"
    write_npz(run.path / file, arrays)
    return events.Preview(file=file, caption="", **at(step, branch))
