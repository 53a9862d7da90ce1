"""The family, member by member: presets under losses and constraints, several seeds each, as one table.

Run by hand, from the checkout: `PYTHONPATH=. python tests/bench/family.py grid --loss all --jobs 2`. Without
`--loss` or `--constraint` the presets' own are kept, so that `family.py grid-fisher ring-wgan-clip` measures
presets as they are. Each training has one thread, and its seconds are those of the CPU: `--jobs` only fills
the cores.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any, NamedTuple

from gantui.core import presets
from gantui.core.config import FIELDS, Config
from gantui.core.errors import ConfigError

WEIGHTS = {"none": 0.0, "clip": 0.1, "gradient_penalty": 0.1, "variance": 0.01, "r1": 0.1, "r1_r2": 0.02}
MEASURES = (
    "modes",
    "high_quality",
    "reverse_kl",
    "frechet_pixels",
    "precision",
    "recall",
    "class_accuracy",
    "class_diversity",
    "w1",
    "cpu_seconds",
)


class Member(NamedTuple):
    """A row of the table."""

    preset: str
    loss: str
    constraint: str


def members(names: list[str], losses: list[str], constraints: list[str]) -> Iterator[tuple[Member, dict[str, Any]]]:
    """Yield each row with the settings that make it; `all` stands for every choice."""
    for name in names:
        own = presets.load(name).config()
        for loss in _choices("loss", losses) or [own.loss]:
            for constraint in _choices("constraint", constraints) or [own.constraint]:
                changes: dict[str, Any] = {"loss": loss, "constraint": constraint}
                if constraint != own.constraint:
                    changes["constraint_weight"] = WEIGHTS[constraint]
                yield Member(name, loss, constraint), changes


def _choices(field: str, wanted: list[str]) -> list[str]:
    return list(FIELDS[field].choices) if wanted == ["all"] else wanted


def train(config: Config) -> dict[str, float]:
    """Train to the end with one thread and return the measures of the generator that would be kept."""
    import torch

    from gantui.engine import data
    from gantui.engine.algorithm import next_update
    from gantui.engine.sampling import evaluate
    from gantui.engine.training import Training

    torch.set_num_threads(1)
    device = torch.device("cpu")
    training = Training(config, data.load(config, device), device)
    began = time.process_time()
    while training.step < config.max_steps:
        next_update(training)
    seconds = time.process_time() - began
    if not training.is_finite():
        return {"cpu_seconds": seconds}
    values, _, _ = evaluate(config, training.data, training.best_generator)
    return {name: float(values[name]) for name in MEASURES if name in values} | {"cpu_seconds": seconds}


def line(member: Member, found: list[dict[str, float]]) -> str:
    """Return one row: means over the seeds, with the worst and the best where they differ."""
    cells = []
    for name in MEASURES:
        if numbers := [values[name] for values in found if name in values]:
            mean, low, high = statistics.fmean(numbers), min(numbers), max(numbers)
            cells.append(f"{name} {mean:.3g}" + (f" ({low:.3g} to {high:.3g})" if high > low else ""))
    lost = sum("cpu_seconds" in values and len(values) == 1 for values in found)
    return "  ".join([f"{' '.join(member):50}", *cells, *([f"{lost} not finite"] if lost else [])])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="+")
    parser.add_argument("--loss", nargs="+", default=[], help="losses, or all")
    parser.add_argument("--constraint", nargs="+", default=[], help="constraints, or all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-s", "--set", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    overrides = presets.parse_overrides(asked.set)

    rows: dict[Member, list[dict[str, float]]] = {}
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool:
        jobs: dict[Future[dict[str, float]], Member] = {}
        for member, changes in members(asked.presets, asked.loss, asked.constraint):
            try:
                for seed in range(asked.seeds):
                    config = presets.load(member.preset).config(changes | overrides | {"seed": seed})
                    jobs[pool.submit(train, config)] = member
            except ConfigError as error:
                print(f"{' '.join(member):50}  refused: {error}")
        for job in as_completed(jobs):
            found = rows.setdefault(jobs[job], [])
            found.append(job.result())
            if len(found) == asked.seeds:
                print(line(jobs[job], found), flush=True)
            print(f"{sum(map(len, rows.values()))} of {len(jobs)}", file=sys.stderr, end="\r")


if __name__ == "__main__":
    main()
