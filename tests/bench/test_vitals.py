"""What it costs the trainer that a doctor looks on: vitals, sizes of updates, detectors.

Run by hand: `pytest tests/bench/test_vitals.py -s`. Nothing is asserted about time: the numbers are for a person.
"""

import math
import statistics
import time
from pathlib import Path

import pytest
import torch
from bench.test_engine_speed import CPU, a_trainer, trainer_steps

from gantui.core import presets
from gantui.core.diagnosis import length
from gantui.engine import algorithm, data

ROUNDS, SLICE = 40, 100  # steps: one examination or more; short slices, as other work on the machine comes in waves


@pytest.mark.parametrize("most", [10_000, 2_500])
@pytest.mark.parametrize("name", ["ring", "digits"])
def test_the_trainer_with_a_doctor_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    """CPU seconds per step of the whole process, writing included, slices in turn."""
    torch.set_num_threads(1)
    config = presets.load(name).config({"max_steps": 10**6, "threads": 1, "preview_every": 0, "checkpoint_every": 0})
    loaded, nothing = data.load(config, CPU), torch.zeros(())
    monkeypatch.setattr("gantui.engine.trainer.length", lambda step, _: length(step, most))
    taken: dict[bool, list[float]] = {True: [], False: []}
    with a_trainer(config, loaded, tmp_path) as trainer:
        steps = trainer_steps(trainer)
        for _ in range(100):
            next(steps)
        for _ in range(ROUNDS):
            for looking, costs in taken.items():
                with monkeypatch.context() as patch:
                    if not looking:
                        patch.setattr(algorithm, "_copies", lambda _: [])
                        patch.setattr(algorithm, "_update_ratio", lambda *_: nothing)
                        patch.setattr(trainer.doctor, "hear", lambda _: [])
                    trainer._next_examination = trainer.training.step if looking else math.inf  # type: ignore[assignment]
                    cpu = time.process_time()
                    for _ in range(SLICE):
                        next(steps)
                    costs.append((time.process_time() - cpu) / SLICE)
        looks = []
        for _ in range(ROUNDS):
            cpu = time.process_time()
            trainer._vitals.take()
            looks.append(time.process_time() - cpu)
    ratio = statistics.median(b / a for a, b in zip(*taken.values(), strict=True))
    step, look = statistics.median(taken[False]), statistics.median(looks)
    share = look / (step * length(0, most))
    print(
        f"\n{name}, {most:,} steps: speed with a doctor {ratio:.3f} of that without; a step takes {step * 1e3:.2f} ms, "
    )
    print(f"one look {look * 1e3:.1f} ms, which is {share:.1%} of the steps between two")
