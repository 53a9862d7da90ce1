"""Failing and healthy runs by real training: are they named, when, and does the remedy help?

Run by hand, from the checkout: `PYTHONPATH=. python tests/bench/doctor.py --seeds 0 1 --out a.jsonl`. Each run is a
whole trainer with one thread. Beside what the doctor sees, a truth is measured of which it knows nothing: modes and
good samples by the mixture, Fréchet and energy distance, how often D is right on fresh examples (auc), its slopes, the
way to the nearest example. An onset is the first step from which the truth of the kind held for a tenth of the run; a
failing kind is named in time if one of its names begins within a tenth of the run after that. A healthy one is left in
peace if nothing but good is said. `--remedies` trains a copy from the step at which it was named, with the remedy.
`--out` keeps logs and truths, and `--replay` judges those with the present thresholds, without training.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from gantui.core import presets
from gantui.core.config import Config, change
from gantui.core.diagnosis import BY_NAME, diagnose, length
from gantui.core.events import Applied, Diagnosis, Metrics, Record, Start, decode
from gantui.engine import data
from gantui.engine.algorithm import in_evaluation_mode
from gantui.engine.sampling import samples
from gantui.engine.signals import Signals
from gantui.engine.trainer import Trainer
from gantui.engine.training import Training, draw
from gantui.evaluation.coverage import mode_coverage
from gantui.evaluation.frechet import frechet_distance
from gantui.evaluation.neighbours import k_nearest, nearest_distance
from gantui.runs import layout
from gantui.runs.inbox import Inbox
from gantui.runs.writer import EventWriter

CPU = torch.device("cpu")
TENTH = 0.1
Truth = dict[str, float]


@dataclass
class Kind:
    """A kind of run: settings over a preset. A failing one has names that are right, a truth that shows it, and the
    measure that a remedy should improve (the lower the better if it begins with a minus)."""

    preset: str
    settings: dict[str, Any]
    names: tuple[str, ...] = ()
    truth: Callable[[Truth], bool] | None = None
    measure: str = ""
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)  # settings from a step on


QUICK: dict[str, Any] = {"device": "cpu", "threads": 1, "preview_every": 0, "checkpoint_every": 0, "max_steps": 2500}
SMALL: dict[str, Any] = {"batch_size": 64, "g_widths": [64, 64], "d_widths": [64, 64], "ema_decay": 0.995}
NARROW: dict[str, Any] = {"batch_size": 64, "g_widths": [128, 128], "d_widths": [128, 128]}
SGD: dict[str, Any] = {"optimizer_d": "sgd", "optimizer_g": "sgd", "momentum": 0.5}
UNHELD: dict[str, Any] = {"constraint": "none", "constraint_weight": 0.0}


def far(t: Truth) -> bool:
    """Samples are not at the data: no mixture's, few good ones."""
    return t.get("high_quality", 0.0) < 30


FAILING = {
    "D strong, minimax": Kind(
        "ring", {**SMALL, "loss": "minimax", "lr_d": 0.01, "lr_g": 0.0001, "k": 5}, ("d_too_strong",),
        lambda t: t["auc"] > 0.98 and far(t), "-energy"),
    "D strong, digits": Kind(
        "digits", {**UNHELD, **NARROW, "lr_d": 0.01, "lr_g": 0.0001, "loss": "minimax"}, ("d_too_strong",),
        lambda t: t["auc"] > 0.98 and t["frechet"] > 0.3, "-energy"),
    "D weak, lr_d tiny": Kind(
        "grid", {**SMALL, "lr_d": 1e-6}, ("d_too_weak",), lambda t: t["auc"] < 0.75 and far(t), "-energy"),
    "D weak, more steps of G": Kind(
        "ring", {**SMALL, "g_steps": 3, "lr_d": 5e-5}, ("d_too_weak",), lambda t: t["modes"] < 4, "-energy"),
    "total collapse": Kind(
        "ring", {**SMALL, "lr_g": 0.02, "lr_d": 0.0005, "beta1": 0.9, "beta2": 0.999}, ("total_collapse",),
        lambda t: t["modes"] <= 2, "-energy"),
    "partial collapse": Kind(
        "grid", {**SMALL, "beta1": 0.9, "beta2": 0.999, "lr_d": 0.001, "lr_g": 0.001, "lr_schedule": "constant"},
        ("partial_collapse",), lambda t: t["modes"] <= 18, "-energy"),
    "oscillation": Kind(
        "ring", {**SMALL, **SGD, "update": "simultaneous", "lr_d": 0.1, "lr_g": 0.1, "lr_schedule": "constant"},
        ("oscillation", "total_collapse"), far, "-energy"),
    "saturated sigmoids": Kind(
        "digits", {**NARROW, "activation_g": "sigmoid", "init_g": "normal:4"}, ("dead_gradients",),
        lambda t: t["frechet"] > 0.3, "-energy"),
    "Wasserstein unheld": Kind(
        "ring", {**SMALL, "loss": "wasserstein", "constraint": "gradient_penalty", "constraint_weight": 1e-6, "k": 2},
        ("constraint_violated",), lambda t: t["slope"] > 5, "-energy"),
    "memorising": Kind(
        "table", {**NARROW, "data": "{digits20}", "z_dim": 16, "batch_size": 20, "constraint_weight": 0.3},
        ("memorising",), lambda t: t["copies"] < 0.6, "copies"),
    "clip too tight": Kind(
        "ring-wgan-clip", {**SMALL, "constraint_weight": 0.001, "k": 2, "k_schedule": "constant"},
        ("d_too_weak", "not_learning"), lambda t: far(t) and t["modes"] < 4, "-energy"),
    "rates of nothing": Kind("ring", {**SMALL, "lr_d": 1e-7, "lr_g": 1e-7}, ("not_learning",), far, "-energy"),
    "lr_d = 10": Kind(
        "ring", {**SMALL, **SGD, "lr_d": 0.05, "lr_g": 0.05}, ("non_finite",), None, "-energy",
        {1000: {"lr_d": 10.0}}),
}  # fmt: skip

HEALTHY = {
    "ring": Kind("ring", SMALL),
    "ring, hinge, spectral norm": Kind("grid-hinge-sn", {**SMALL, "data": "ring"}),
    "ring, Fisher": Kind("grid-fisher", {**SMALL, "data": "ring"}),
    "ring, WGAN-GP": Kind("grid-wgan-gp", {**SMALL, "data": "ring"}),
    "grid": Kind("grid", {**SMALL, "max_steps": 3500}),
    "grid, relativistic": Kind("grid-relativistic", SMALL),
    "grid, least squares": Kind("grid-least-squares", {**SMALL, "max_steps": 3500}),
    "gaussian": Kind("gaussian", {"batch_size": 64}),
    "mixture, minimax": Kind("gaussian", {"data": "mixture", "batch_size": 64, "loss": "minimax"}),
    "digits": Kind("digits", NARROW),
    "wine": Kind("table", {"data": "{wine}", **NARROW}),
}


def own_data(folder: Path) -> dict[str, str]:
    """Write the small sets that no preset has: 20 digits, and 178 wines of 13 numbers."""
    from sklearn import datasets

    np.save(folder / "digits20.npy", datasets.load_digits().data[:20].astype(np.float32))
    np.save(folder / "wine.npy", datasets.load_wine().data.astype(np.float32))
    return {"{digits20}": str(folder / "digits20.npy"), "{wine}": str(folder / "wine.npy")}


def config_of(kind: Kind, seed: int, own: dict[str, str]) -> Config:
    settings = QUICK | kind.settings | {"seed": seed}
    if settings.get("data") in own:
        settings["data"] = own[settings["data"]]
    return presets.load(kind.preset).config(settings)


@torch.no_grad()
def truth(training: Training) -> Truth:
    """Measure what the doctor doesn't see."""
    config, known = training.config, training.data
    found: Truth = {}
    x = samples(config, known, training.g, 500, 7)
    generator = torch.Generator().manual_seed(8)
    real = known.take(torch.randperm(known.count, generator=generator)[:500])
    fake = training.generate(draw(config, 500, generator, CPU), None)
    a, b = in_evaluation_mode(training.d, real), in_evaluation_mode(training.d, fake)
    found["auc"] = float((a[:, None] > b).float().mean() + 0.5 * (a[:, None] == b).float().mean())
    found["energy"] = energy(fake.flatten(1), real.flatten(1))
    with torch.enable_grad():
        count = min(len(real), len(fake))
        between = torch.lerp(
            fake[:count], real[:count], torch.rand(count, *[1] * (real.dim() - 1), generator=generator)
        )
        between.requires_grad_()
        (slope,) = torch.autograd.grad(in_evaluation_mode(training.d, between).sum(), between)
    found["slope"] = float(slope.flatten(1).norm(dim=1).mean())
    finite = x[x.flatten(1).isfinite().all(1)]
    if known.mixture and known.shape[0] > 1:
        found |= {k: float(v) for k, v in mode_coverage(finite, known.mixture.centres, known.mixture.std).items()}
    elif known.shape == (1,):
        own = known.to_own(real)
        found["w1"] = float(
            (finite[: len(own)].sort(0).values - own.sort(0).values[: len(finite)]).abs().mean() / own.std()
        )
    else:
        own = known.to_own(real)
        if len(finite) == len(x):
            within = known.to_own(known.take(torch.arange(known.count)))
            spread = within.flatten(1).std(0)
            scale = torch.where(spread > 1e-3, spread, torch.inf)  # constant columns tell nothing
            found["frechet"] = frechet_distance(finite.flatten(1), own.flatten(1))
            some, others = finite[:200].flatten(1) / scale, within[:500].flatten(1) / scale
            among = float(k_nearest(others, others, 1, leave_one_out=True)[0].mean())
            found["copies"] = nearest_distance(some, within.flatten(1) / scale) / among
            found["diversity"] = float(
                torch.pdist(finite[:300].flatten(1)).mean() / torch.pdist(own[:300].flatten(1)).mean()
            )
    return found


def energy(x: torch.Tensor, y: torch.Tensor) -> float:
    """Return the energy distance (Székely & Rizzo 2013) of samples and data, in mean distances of the data."""
    among = torch.pdist(y).mean()
    return float((2 * torch.cdist(x, y).mean() - torch.pdist(x).mean() - among) / among)


@dataclass
class Ran:
    """A run as it went."""

    kind: str
    seed: int
    config: dict[str, Any]
    max_steps: int
    records: list[dict[str, Any]]
    truths: list[tuple[int, Truth]]
    said: list[dict[str, Any]]
    seconds: float
    remedied: Truth = field(default_factory=dict)
    remedy: dict[str, Any] = field(default_factory=dict)
    remedied_at: int = 0


def run(name: str, kind: Kind, seed: int, own: dict[str, str], remedies: bool) -> Ran:
    """Train to the end as a whole trainer does; where asked and something was named, a second time with the remedy."""
    torch.set_num_threads(1)
    config = config_of(kind, seed, own)
    training = Training(config, data.load(config, CPU), CPU)
    training.set_pace()
    heard: list[Record] = []
    with tempfile.TemporaryDirectory() as folder:
        place = layout.create(Path(folder), None, "bench")
        writer, inbox = EventWriter(place, branch=0, on_record=heard.append), Inbox(place)
        trainer = Trainer(place, training, writer, inbox, Signals(place.trainer_log))
        trainer.write_start()
        kept: dict[str, Any] = {}
        truths, seconds = [], 0.0
        next_truth, changes = 0, dict(kind.changes)
        while training.step < config.max_steps:
            began = time.process_time()
            trainer.turn()
            seconds += time.process_time() - began
            if training.remaining:
                continue
            if training.step in changes:
                training.adopt(change(training.config, changes.pop(training.step)))
            if training.step >= next_truth:
                next_truth = training.step + 2 * length(training.step, config.max_steps)
                truths.append((training.step, truth(training)))
            right = [d for d in trainer.doctor.present if d.name in kind.names and d.remedy]
            if right and not kept:
                kept = {"snapshot": training.snapshot(), "step": training.step, "remedy": right[0].remedy}
        remedied: Truth = {}
        if remedies and kept:
            truths.append((training.step, truth(training)))
            training.restore(kept["snapshot"])
            training.adopt(change(training.config, kept["remedy"]))
            while training.step < config.max_steps:
                trainer.turn()
            remedied = truth(training)
        inbox.stop()
        writer.close()
        trainer._keeper.close()
    said = [msgspec.to_builtins(r) for r in heard if isinstance(r, Diagnosis)]
    records = [msgspec.to_builtins(r) for r in heard if isinstance(r, Metrics | Start | Applied)]
    return Ran(name, seed, records[0]["config"], config.max_steps, records, truths, said, seconds, remedied,
               kept.get("remedy", {}), kept.get("step", 0))  # fmt: skip


def onset(ran: Ran, kind: Kind) -> int | None:
    """The step from which the truth held for a tenth of the run."""
    held = 0
    least = max(2, round(TENTH * len(ran.truths)))
    for index, (_, found) in enumerate(ran.truths):
        held = held + 1 if kind.truth and kind.truth(found) else 0
        if held == least:
            return ran.truths[index - least + 1][0]
    return None


def judge(ran: Ran) -> str:
    """Return a row: what was said when, and whether it is right."""
    kind = (FAILING | HEALTHY)[ran.kind]
    log = [decode(json.dumps(record).encode()) for record in ran.records + ran.said]
    log.sort(key=lambda record: record.seq)  # type: ignore[union-attr]
    said = list(diagnose([record for record in log if record is not None]))
    begun = [d for d in said if d.state == "begun"]
    first = next((d.step for d in begun if d.name in kind.names), None)
    began = max(kind.changes) if kind.changes else onset(ran, kind)
    story = " ".join(f"{'' if d.state == 'begun' else '−'}{d.name}@{d.step}" for d in said)
    if not kind.names:
        verdict = "false alarm" if any(BY_NAME[d.name].level != "good" for d in begun) else "in peace"
        return f"{ran.kind:27} {ran.seed:3}  {ran.seconds:4.0f} s  {verdict}  {story}"
    if began is None:
        verdict = "never failed"
    elif first is None:
        verdict = f"onset {began}, never named"
    else:
        late = (first - began) / ran.max_steps
        verdict = f"onset {began}, named {first} ({late:+.0%}{'' if late <= TENTH else ' LATE'})"
    if ran.remedied:
        name, sign = kind.measure.lstrip("-"), -1 if kind.measure[0] == "-" else 1
        without, treated = ran.truths[-1][1][name], ran.remedied[name]
        better = "better" if sign * (treated - without) > 0 else "NOT better"
        verdict += f"; {name} {without:.3g} → {treated:.3g} {better}"
    return f"{ran.kind:27} {ran.seed:3}  {ran.seconds:4.0f} s  {verdict}  {story}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--kinds", nargs="+", default=[], help="names, or beginnings of such; default: all")
    parser.add_argument("--remedies", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--replay", type=Path)
    asked = parser.parse_args()
    if asked.replay:
        for line in asked.replay.read_text().splitlines():
            ran = Ran(**json.loads(line))
            if ran.kind in FAILING | HEALTHY:
                print(judge(ran))
        return
    with tempfile.TemporaryDirectory() as folder:
        own = own_data(Path(folder))
        for seed in asked.seeds:
            for name, kind in (FAILING | HEALTHY).items():
                if not asked.kinds or any(name.startswith(start) for start in asked.kinds):
                    ran = run(name, kind, seed, own, asked.remedies)
                    if asked.out:
                        with asked.out.open("a") as file:
                            file.write(json.dumps(ran.__dict__) + "\n")
                    print(judge(ran), flush=True)


if __name__ == "__main__":
    main()
