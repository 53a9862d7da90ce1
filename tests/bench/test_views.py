"""What live views cost: the trainer while they are wanted twice a second, and the line that they are watched on.

Run by hand: `pytest tests/bench/test_views.py -s`. Nothing is asserted about time: the numbers are for a person.
"""

import statistics
import time
from pathlib import Path

import pytest
import torch
from bench.test_dashboard import SETTLE, Stretch, attach, is_complete, training
from bench.test_engine_speed import CPU, a_trainer, trainer_steps

from gantui.core import presets
from gantui.engine import data, previews
from gantui.runs.live import Heartbeat, Lease

ROUNDS, SLICE = 6, 5.0
WINDOW = 20.0


@pytest.mark.parametrize("name", ["gaussian", "ring", "grid-relativistic", "grid-wgan-gp"])
def test_the_trainer_with_views_wanted_and_without(tmp_path: Path, name: str) -> None:
    """CPU seconds per step of the whole process, writing included, slices in turn."""
    torch.set_num_threads(1)
    config = presets.load(name).config({"max_steps": 10**9, "threads": 1})
    loaded = data.load(config, CPU)
    with a_trainer(config, loaded, tmp_path) as trainer:
        heart = Heartbeat(trainer.run, lambda: (trainer.live(), trainer.arrays or None))
        heart.start()
        trainer.notify, trainer.views_wanted = heart.now, lambda: heart.wanted.views
        steps, lease = trainer_steps(trainer), Lease(trainer.run, "bench", 1.0)
        taken: dict[float, list[float]] = {0.0: [], 2.0: []}
        looked = 0
        for _ in range(ROUNDS):
            for rate, costs in taken.items():
                lease.views_hz = rate
                lease.renew()
                while heart.wanted.views != rate:
                    next(steps)
                began, cpu, count, last = time.perf_counter(), time.process_time(), 0, trainer._viewed
                while time.perf_counter() < began + SLICE:
                    next(steps)
                    count += 1
                    looked += trainer._viewed != last
                    last = trainer._viewed
                costs.append((time.process_time() - cpu) / count)
        heart.stop()
        cpu = time.process_time()
        for _ in range(10):
            previews.take(trainer.training)
        one = (time.process_time() - cpu) / 10
    ratio = statistics.median(a / b for a, b in zip(*taken.values(), strict=True))
    hertz = looked / (ROUNDS * SLICE)
    print(f"\n{name}: speed with views {ratio:.3f} of that without, {hertz:.2f} views/s, {one * 1e3:.1f} ms each")


@pytest.mark.parametrize("options", [(), ("--low-bandwidth",)], ids=["usual", "low"])
@pytest.mark.parametrize("name", ["gaussian", "ring"])
def test_bytes_of_the_distribution(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    with training(tmp_path, name, "threads=1") as trainer, attach(trainer.run, *options) as terminal:
        terminal.until(is_complete)
        terminal.send("6")
        terminal.until_shows("live")
        time.sleep(SETTLE)
        stretch = Stretch(terminal.process.pid).end(WINDOW)
        print(f"\n{name} {options}: {stretch.rates(terminal)}, CPU {stretch.share:.1%} of a core")
