"""The dashboard in figures: how soon, how quick, how much of the machine and of the line. Figures for a person.

Run by hand, on a machine with two cores and nothing else to do: `pytest tests/bench/test_dashboard.py -s`.
"""

import itertools
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pytest
from e2e.harness import Trainer
from feeding import FedRun, hist, history, metrics
from real_data import write_mnist
from terminal import GANTUI, Terminal

from gantui.core.events import DataFacts, Metrics
from gantui.runs.layout import RunDir

pytestmark = pytest.mark.timeout(3600)
sys.setswitchinterval(1e-4)  # the thread that reads the terminal notes when something came, even while pyte draws

STARTS = 10
KEYS = 150
ANSWERS = 30
ROUNDS, SLICE = 5, 12.0  # seconds with a dashboard, and without
SETTLE = 3.0  # seconds of a slice that are not counted: the start of a viewer is another figure
WINDOW = 30.0  # seconds over which bytes are averaged
DAY, PREVIEWS = 86_400.0, 1000
DOWN, UP, LEFT, RIGHT = "\x1b[B", "\x1b[A", "\x1b[D", "\x1b[C"
BRAILLE = re.compile("[⠁-⣿]")
ENDLESS = "max_steps=100000000"


def attach(run: RunDir, *options: str) -> Terminal:
    """A dashboard at 120x40 in 256 colours, of an installation that has its bytecode."""
    return Terminal([GANTUI, "attach", str(run.path), *options], PYTHONDONTWRITEBYTECODE="")


def is_complete(screen: str) -> bool:
    """Whether the Overview is there with all its panels, curves and keys."""
    return "Leave" in screen.splitlines()[-1] and all(
        part in screen for part in ("Losses", "Scores", "Controls", "Samples", "lr_g", "step ")
    ) and bool(BRAILLE.search(screen))  # fmt: skip


def cpu_seconds(pid: int) -> float:
    """What a process has used of the cores so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory(pid: int) -> float:
    """Resident MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0


def shares(values: Sequence[float]) -> str:
    """Median and 95th percentile of seconds, in ms."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return (
        f"p50 {statistics.median(ordered) * 1e3:4.0f} ms   p95 {p95 * 1e3:4.0f} ms   worst {ordered[-1] * 1e3:4.0f} ms"
    )


@contextmanager
def busy(cores: int) -> Iterator[None]:
    """So many cores do sums."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: sum(range(1000))"]) for _ in range(cores)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@contextmanager
def training(folder: Path, preset: str, *pairs: str) -> Iterator[Trainer]:
    """A trainer at full speed that has got through its start."""
    trainer = Trainer.fresh(folder, preset, ENDLESS, *pairs)
    try:
        yield trainer.until_step(10)
    finally:
        trainer.end()


@pytest.fixture(scope="module")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Where digits of 28x28 are."""
    return (f"data_root={write_mnist(tmp_path_factory.mktemp('mnist'))}",)


# The first frame


@pytest.mark.parametrize(("steps", "steps_per_s"), [(8_000, 400.0), (1_000_000, 400.0)])
def test_first_complete_frame(tmp_path: Path, steps: int, steps_per_s: float) -> None:
    with FedRun(tmp_path / "runs") as fed:
        count = fed.append(chain(fed.opening(), history(steps / steps_per_s, steps_per_s)))
        fed.beat(steps)
        size = fed.run.segment(1).stat().st_size / 1e6
        print(f"\nfirst complete frame, {steps:,} steps: {count:,} records, {size:.1f} MB")
        for cores in (0, 2):
            with busy(cores):
                _starts(fed.run, 2)  # a warm disk
                print(f"  {cores} cores busy: {_starts(fed.run)}")


def _starts(run: RunDir, count: int = STARTS) -> str:
    taken, used = [], []
    for _ in range(count):
        with attach(run) as terminal:
            taken.append(terminal.until(is_complete, "the first frame") - terminal.began)
            used.append(cpu_seconds(terminal.process.pid))
            terminal.send("q")
            terminal.until_ended()
    return f"{shares(taken)}   CPU {statistics.median(used) * 1e3:.0f} ms"


# From key to screen


@pytest.mark.parametrize("previews", ["2s", "0"])
def test_key_to_screen(tmp_path: Path, mnist: tuple[str, ...], previews: str) -> None:
    chance = random.Random(0)
    with (
        training(tmp_path, "mnist-conv", *mnist, "threads=2", f"preview_every={previews}") as trainer,
        attach(trainer.run) as terminal,
    ):
        terminal.until(is_complete)
        taken = []
        for number in range(KEYS):
            time.sleep(chance.uniform(0.05, 0.2))
            terminal.catch_up()
            key, mark = (DOWN, "▸lr_d") if number % 2 == 0 else (UP, "▸k")
            sent = terminal.send(key)
            taken.append(terminal.until_shows(mark) - sent)
    print(f"\nkey to screen, mnist-conv on two threads, a preview every {previews}: {shares(taken)}")


def test_step_and_command_to_screen(tmp_path: Path) -> None:
    with training(tmp_path, "ring", "threads=1") as trainer, attach(trainer.run) as terminal:
        terminal.until(is_complete)
        terminal.send(DOWN)
        terminal.until_shows("▸lr_d")
        set_, stepped = [], []
        for number in range(ANSWERS):
            before = terminal.catch_up()
            value = _value_of(before)
            sent = terminal.send(RIGHT if number % 2 else LEFT)
            set_.append(terminal.until(lambda screen, was=value: _value_of(screen) not in (None, was)) - sent)
            time.sleep(0.1)
        terminal.send(" ")
        terminal.until(lambda screen: "paused" in screen.splitlines()[0])
        for _ in range(ANSWERS):
            time.sleep(0.1)
            step = _step_of(terminal.catch_up())
            sent = terminal.send("b")
            stepped.append(terminal.until(lambda screen, was=step: _step_of(screen) == was + 1) - sent)
    print(f"\nring, set to confirmed: {shares(set_)}\nring, single step to screen: {shares(stepped)}")


def _value_of(screen: str) -> str | None:
    """What lr_d is confirmed to be; None while a change is pending."""
    found = re.search(r"▸lr_d +◂ +▸ +([\d.e-]+) +✓", screen)
    return found[1] if found else None


def _step_of(screen: str) -> int:
    found = re.search(r"step ([\d,]+)", screen.splitlines()[0])
    return int(found[1].replace(",", "")) if found else -1


# What a viewer costs: the training, the machine, the line


class Stretch:
    """Some seconds, in which things are counted; begins at once, `end` sleeps until they are over."""

    def __init__(self, pid: int = 0) -> None:
        self._pid = pid
        self.start, self.unix = time.monotonic(), time.time()
        self._used = cpu_seconds(pid) if pid else 0.0

    def end(self, seconds: float) -> "Stretch":
        """Wait until it has lasted so long."""
        time.sleep(seconds)
        self.stop = time.monotonic()
        self.seconds = self.stop - self.start
        self.share = (cpu_seconds(self._pid) - self._used) / self.seconds if self._pid else 0.0
        return self

    def steps_per_s(self, records: Sequence[Metrics]) -> float:
        """The training's speed by its log."""
        times, steps = [record.t for record in records], [record.step for record in records]
        first, last = np.interp([self.unix, self.unix + self.seconds], times, steps)
        return float(last - first) / self.seconds

    def rates(self, terminal: Terminal) -> str:
        """Bytes per second: the mean, and the worst second."""
        seconds = np.arange(self.start, self.stop - 0.5)
        worst = max(terminal.bytes_between(second, second + 1) for second in seconds)
        mean = terminal.bytes_between(self.start, self.stop) / self.seconds
        return f"{mean / 1024:.2f} KiB/s, worst second {worst / 1024:.1f} KiB"


@pytest.mark.parametrize("name", ["ring", "mnist-conv"])
def test_training_beside_a_dashboard(tmp_path: Path, mnist: tuple[str, ...], name: str) -> None:
    pairs = (*mnist, "threads=2") if name == "mnist-conv" else ("threads=1",)
    alone, watched, lines = [], [], []
    with training(tmp_path, name, *pairs) as trainer:
        for _ in range(ROUNDS):
            time.sleep(SETTLE)
            alone.append(Stretch().end(SLICE))
            with attach(trainer.run) as terminal:
                terminal.until(is_complete)
                time.sleep(SETTLE)
                watched.append(Stretch(terminal.process.pid).end(SLICE))
                lines.append(watched[-1].rates(terminal))
                terminal.send("q")
                terminal.until_ended()
        records = [record for record in trainer.records() if isinstance(record, Metrics)]
    speeds = [[stretch.steps_per_s(records) for stretch in group] for group in (alone, watched)]
    ratios = [with_one / without for without, with_one in zip(*speeds, strict=True)]
    print(f"\n{name}: {statistics.median(speeds[0]):.1f} steps/s alone, with a dashboard relative to that:")
    print(f"  median {statistics.median(ratios):.3f}   all {' '.join(f'{ratio:.3f}' for ratio in ratios)}")
    print(f"  the viewer's CPU {statistics.median(stretch.share for stretch in watched):.1%} of a core; {lines[-1]}")


@pytest.mark.parametrize("options", [(), ("--low-bandwidth",)], ids=["usual", "low"])
@pytest.mark.parametrize("previews", ["0", "2s"])
def test_bytes_of_a_run_on_digits(
    tmp_path: Path, mnist: tuple[str, ...], previews: str, options: tuple[str, ...]
) -> None:
    settings = (*mnist, "threads=1", f"preview_every={previews}")
    with training(tmp_path, "mnist", *settings) as trainer, attach(trainer.run, *options) as terminal:
        terminal.until(is_complete)
        time.sleep(SETTLE)
        stretch = Stretch(terminal.process.pid).end(WINDOW)
        print(f"\nmnist, a preview every {previews} {options}: {stretch.rates(terminal)}, ", end="")
        print(f"CPU {stretch.share:.1%}, memory {memory(terminal.process.pid):.0f} MB")


@pytest.mark.parametrize("options", [(), ("--low-bandwidth",)], ids=["usual", "low"])
def test_bytes_of_noise(tmp_path: Path, options: tuple[str, ...]) -> None:
    chance = random.Random(0)
    with FedRun(tmp_path / "runs", "digits", max_steps=10**6) as fed:
        fed.append(chain(fed.opening(DIGITS), history(60, 400.0)))
        with feeding(fed, chance), attach(fed.run, *options) as terminal:
            terminal.until(is_complete)
            time.sleep(SETTLE)
            stretch = Stretch(terminal.process.pid).end(WINDOW)
            print(f"\nnoise every 2 s {options}: {stretch.rates(terminal)}, CPU {stretch.share:.1%}")


DIGITS = DataFacts(name="digits", kind="image", shape=[1, 28, 28], count=5000, classes=list("0123456789"))


def noise(step: int, colours: int = 1) -> np.ndarray:
    """Samples of a generator that has learnt nothing."""
    return np.random.default_rng(step).random((64, colours, 28, 28))


@contextmanager
def feeding(fed: FedRun, chance: random.Random, steps_per_s: float = 400.0) -> Iterator[None]:
    """News at the pace of a training: metrics 20 times a second, a histogram each second, noise each two."""
    over = threading.Event()
    began = time.monotonic()

    def feed() -> None:
        for count in itertools.count():
            if over.wait(max(0.0, began + count * 0.05 - time.monotonic())):
                return
            step = round((60 + count * 0.05) * steps_per_s)
            fed.write(metrics(step, steps_per_s, chance))
            if count % 20 == 0:
                fed.write(hist(step, chance))
                fed.beat(step)
            if count % 40 == 0:
                fed.preview(step, noise(step))

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


# What a long watch takes


def test_memory_of_a_day_and_a_thousand_noisy_previews(tmp_path: Path) -> None:
    """A day goes by in minutes: the log at its real cadence, previews in colour among it; then all are looked at."""
    colour = DataFacts(name="noise", kind="image", shape=[3, 28, 28])
    with FedRun(tmp_path / "runs", "digits", max_steps=10**8) as fed:
        fed.append(fed.opening(colour))
        fed.beat()
        day, parts = history(DAY, 400.0), sum(1 for _ in history(DAY, 400.0)) // PREVIEWS + 1
        with attach(fed.run) as terminal:
            terminal.until_shows("Leave")
            pid, step = terminal.process.pid, 0
            fed_, scrubbed = [memory(pid)], []
            for number in range(1, PREVIEWS + 1):
                for record in islice(day, parts):
                    fed.write(record)
                    step = getattr(record, "step", step)
                fed.preview(step, noise(number, colours=3))
                fed.beat(step)
                time.sleep(0.1)
                if number % (PREVIEWS // 10) == 0:
                    terminal.catch_up()
                    fed_.append(memory(pid))
            terminal.until(lambda screen: _step_of(screen) >= step, "the day's last step")
            terminal.send("2")
            for number in range(1, PREVIEWS):
                terminal.send(LEFT)
                time.sleep(0.1)
                if number % (PREVIEWS // 10) == 0:
                    terminal.catch_up()
                    scrubbed.append(memory(pid))
            log = sum(segment.stat().st_size for segment in fed.run.segments()) / 1e6
        print(f"\na day ({log:.0f} MB of log), {PREVIEWS} previews of noise: {_row(fed_)} MB")
        print(f"  all of them looked at, one by one: {_row(scrubbed)} MB")
        with attach(fed.run) as terminal:
            taken = terminal.until(is_complete) - terminal.began
            print(f"  attached afterwards: first frame {taken:.2f} s, {memory(terminal.process.pid):.0f} MB")


def _row(values: Sequence[float]) -> str:
    return " ".join(f"{value:.0f}" for value in values)
