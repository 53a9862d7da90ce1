"""Kinds of runs that fail, and of such that don't, and the truth of them: measures that the doctor doesn't see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gantui.core import presets
from gantui.core.config import Config
from gantui.engine.algorithm import in_evaluation_mode
from gantui.engine.sampling import samples
from gantui.engine.training import Training, draw
from gantui.evaluation.coverage import mode_coverage
from gantui.evaluation.frechet import frechet_distance
from gantui.evaluation.neighbours import k_nearest, nearest_distance

CPU = torch.device("cpu")
Truth = dict[str, float]


@dataclass
class Kind:
    """A kind of run: settings over a preset, and settings from a step on.

    A failing one has names that are right, a truth that shows it, in words too, and the measure of that truth which a
    remedy should improve (the lower the better if it begins with a minus). An onset is looked for after the changes.
    """

    preset: str
    settings: dict[str, Any]
    names: tuple[str, ...] = ()
    truth: Callable[[Truth], bool] | None = None
    shown_by: str = ""
    measure: str = ""
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)


QUICK: dict[str, Any] = {"device": "cpu", "threads": 1, "preview_every": 0, "checkpoint_every": 0, "max_steps": 2500}
SMALL: dict[str, Any] = {"batch_size": 64, "g_widths": [64, 64], "d_widths": [64, 64], "ema_decay": 0.995}
NARROW: dict[str, Any] = {"batch_size": 64, "g_widths": [128, 128], "d_widths": [128, 128]}
SGD: dict[str, Any] = {"optimizer_d": "sgd", "optimizer_g": "sgd", "momentum": 0.5}
UNHELD: dict[str, Any] = {"constraint": "none", "constraint_weight": 0.0}


def far(t: Truth) -> bool:
    """Samples are not at the data: no mixture's, few good ones."""
    return t.get("high_quality", 0.0) < 30


RIGHT, OFF = "D right at 98 % of pairs", "under 30 % good samples"
FAILING = {
    "D strong, minimax": Kind(
        "ring", {**SMALL, "loss": "minimax", "lr_d": 0.01, "lr_g": 0.0001, "k": 5}, ("d_too_strong",),
        lambda t: t["auc"] > 0.98 and far(t), f"{RIGHT}, {OFF}", "-auc"),
    "D strong, digits": Kind(
        "digits", {**UNHELD, **NARROW, "lr_d": 0.01, "lr_g": 0.0001, "loss": "minimax"}, ("d_too_strong",),
        lambda t: t["auc"] > 0.98 and t["frechet"] > 0.3, f"{RIGHT}, Fréchet distance over 0.3", "-frechet"),
    "D weak, lr_d tiny": Kind(
        "grid", {**SMALL, "lr_d": 1e-6}, ("d_too_weak",),
        lambda t: t["auc"] < 0.75 and far(t), f"D right at under 75 % of pairs, {OFF}", "high_quality"),
    "D weak, more steps of G": Kind(
        "ring", {**SMALL, "g_steps": 3, "lr_d": 5e-5}, ("d_too_weak",),
        lambda t: t["modes"] < 4, "under 4 of 8 modes", "modes"),
    "total collapse": Kind(
        "ring", {**SMALL, "lr_g": 0.02, "lr_d": 0.0005, "beta1": 0.9, "beta2": 0.999}, ("total_collapse",),
        lambda t: t["modes"] <= 2, "at most 2 of 8 modes", "modes"),
    "collapse in mid-run": Kind(
        "ring", SMALL, ("total_collapse", "dead_gradients"),
        lambda t: t["modes"] <= 2, "at most 2 of 8 modes", "modes",
        {1000: {"lr_g": 0.05, "beta1": 0.9, "beta2": 0.999}}),
    "partial collapse": Kind(
        "grid", {**SMALL, "beta1": 0.9, "beta2": 0.999, "lr_d": 0.001, "lr_g": 0.001, "lr_schedule": "constant"},
        ("partial_collapse",), lambda t: t["modes"] <= 18, "at most 18 of 25 modes", "modes"),
    "oscillation": Kind(
        "ring", {**SMALL, **SGD, "update": "simultaneous", "lr_d": 0.1, "lr_g": 0.1, "lr_schedule": "constant"},
        ("oscillation", "total_collapse"), far, OFF, "high_quality"),
    "saturated sigmoids": Kind(
        "digits", {**NARROW, "activation_g": "sigmoid", "init_g": "normal:4"}, ("dead_gradients",),
        lambda t: t["frechet"] > 0.3, "Fréchet distance over 0.3", "-frechet"),
    "Wasserstein unheld": Kind(
        "ring", {**SMALL, "loss": "wasserstein", "constraint": "gradient_penalty", "constraint_weight": 1e-6, "k": 2},
        ("constraint_violated",), lambda t: t["slope"] > 5, "slope of D over 5", "-slope"),
    "memorising": Kind(
        "table", {**NARROW, "data": "{digits20}", "z_dim": 16, "batch_size": 20, "constraint_weight": 0.3},
        ("memorising",), lambda t: t["copies"] < 0.6, "nearest example under 0.6 of the way between two", "copies"),
    "clip too tight": Kind(
        "ring-wgan-clip", {**SMALL, "constraint_weight": 0.001, "k": 2, "k_schedule": "constant"},
        ("d_too_weak", "not_learning"), lambda t: far(t) and t["modes"] < 4, f"{OFF}, under 4 of 8 modes", "modes"),
    "rates of nothing": Kind(
        "ring", {**SMALL, "lr_d": 1e-7, "lr_g": 1e-7}, ("not_learning",), far, OFF, "high_quality"),
    "lr_d = 10": Kind(
        "ring", {**SMALL, **SGD, "lr_d": 0.05, "lr_g": 0.05}, ("non_finite",), None, "values not finite", "-energy",
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
