"""An encoder for a run that has trained: made from samples of its G alone, measured on data, kept in its directory."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gantui.core.events import significant
from gantui.engine import conditions, devices, encoder
from gantui.engine.data.dataset import Data
from gantui.engine.data.order import mix
from gantui.engine.model import Model
from gantui.engine.optimisers import Adam, annealed, pace
from gantui.engine.sampling import MOST_RECONSTRUCTED, chosen
from gantui.engine.training import digest, draw, fixed_examples, fixed_latents
from gantui.evaluation.reconstruction import reconstruction
from gantui.runs.arrays import write_npz
from gantui.runs.files import open_regular, write_atomic
from gantui.runs.layout import RunDir

STEPS = 4_000
BATCH = 128
SAMPLES, TEST = -21, -22  # streams of a seed: what E learns on, what it is tried on
SCHEMA = 1
SAY_EVERY = 50  # steps


@dataclass(frozen=True)
class Inference:
    """E in evaluation mode, and how it came to be: `steps` is 0 for one that was trained beside G and D."""

    e: nn.Module
    steps: int = 0
    seed: int = 0


def train(
    model: Model, steps: int, seed: int, progress: Callable[[int, float], None] = lambda step, cost: None
) -> Inference:
    """Return an E trained on fresh samples of the model's G, which stays as it is: batches of 128, Adam, a cosine to 0.

    `progress` is called now and then with the steps done and the cost, and may raise, to interrupt. One seed makes
    one E. As many threads as the run itself had are used, if there are so many. Raises ConfigError: data that z can't
    be inferred from.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(min(devices.thread_count(model.config, model.data.shape), devices.cores()))
    try:
        return _train(model, steps, seed, progress)
    finally:
        torch.set_num_threads(before)


def _train(model: Model, steps: int, seed: int, progress: Callable[[int, float], None]) -> Inference:
    e = encoder.build(model.config, model.data, seed)
    optimiser = Adam(e.parameters(), lr=0.0, fused=True)
    generator = torch.Generator(model.data.device).manual_seed(mix(seed, SAMPLES))
    for step in range(steps):
        x, z, condition = _samples(model, BATCH, generator)
        loss = encoder.cost(e, model.g, x, z, condition)
        pace(optimiser, annealed(encoder.LR, step / steps), 0.0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % SAY_EVERY == 0:
            progress(step, float(loss.detach()))
    return Inference(e.requires_grad_(False).eval(), steps, seed)


def measure(model: Model, data: Data, e: nn.Module, check: Callable[[], None] = lambda: None) -> dict[str, float]:
    """Return what E is worth, on up to 1,000 examples of the data and on samples of G that it hasn't seen.

    `reconstruction`, `reconstruction_error`, `reconstruction_baseline`: ratio, error and baseline of
    `evaluation.reconstruction` on data, in the model's range; `reconstruction_samples` is the ratio on samples.
    `z_error`: the mean of (E(G(z)) − z)²; 1 is that of an E that sees nothing of z.
    """
    on_data = encoder.compare(model.config, data, model.g, e, chosen(data, min(data.count, MOST_RECONSTRUCTED)), check)
    generator = torch.Generator(model.data.device).manual_seed(mix(model.config.seed, TEST))
    x, z, condition = _samples(model, MOST_RECONSTRUCTED, generator)
    with torch.no_grad():
        found = e(x)
        on_samples = reconstruction(x, model.g(found, *condition), check)
    values = {
        "reconstruction": on_data.get("ratio"),
        "reconstruction_error": on_data["error"],
        "reconstruction_baseline": on_data["baseline"],
        "reconstruction_samples": on_samples.get("ratio"),
        "z_error": float((found - z).square().mean()),
    }
    return {name: significant(value) for name, value in values.items() if value is not None}


def keep(run: RunDir, model: Model, inference: Inference) -> None:
    """Write E's weights beside the checkpoint they belong to. Raises OSError; then what was there still is."""
    buffer = io.BytesIO()
    content = {
        "schema": SCHEMA,
        "checkpoint": model.saved.sha256,
        "steps": inference.steps,
        "seed": inference.seed,
        "e": inference.e.state_dict(),
        "digest": _digest(inference.e),
    }
    torch.save(content, buffer)
    write_atomic(run.encoder, buffer.getbuffer(), durable=True)


def kept(run: RunDir, model: Model) -> Inference | None:
    """Return the E that was kept for the model's checkpoint, else the one trained beside it; None if there is none.

    A file that is damaged, or no encoder of this run, counts as none.
    """
    try:
        with os.fdopen(open_regular(run.encoder), "rb") as file:
            content: Any = torch.load(io.BytesIO(file.read()), map_location="cpu", weights_only=True)
        if content["schema"] == SCHEMA and content["checkpoint"] == model.saved.sha256:
            e = encoder.build(model.config, model.data, 0)
            e.load_state_dict(content["e"])
            if _digest(e) != content["digest"]:
                raise ValueError("damaged")
            return Inference(e.requires_grad_(False).eval(), int(content["steps"]), int(content["seed"]))
    except Exception:  # torch raises many kinds for a file it can't read
        pass
    return Inference(model.e) if model.e else None


def show(run: RunDir, model: Model, data: Data, e: nn.Module) -> None:
    """Write examples of the data and what G makes of them, in own units, for viewers. Raises OSError.

    `x` (n, *shape) and `x_inferred`, and the `step` of the checkpoint: the examples that stand beside previews.
    """
    labels = conditions.labels_of(model.config, data)
    latents, preview_rows = fixed_latents(model.config, data, data.device)
    shown = fixed_examples(data, labels, len(latents), preview_rows)
    x, rows = data.take(shown), labels.rows.index_select(0, shown) if labels else None
    made = encoder.reconstruct(labels, model.g, e, x, rows)
    arrays = {name: data.to_own(part).cpu().numpy() for name, part in (("x", x), ("x_inferred", made))}
    write_npz(run.inferred, arrays | {"step": np.array(model.saved.step)})


def _digest(e: nn.Module) -> str:
    return digest({"e": e.state_dict(), "live": {}})


def _samples(model: Model, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
    """Return fresh samples of G, their latents, and its condition vectors if it takes any."""
    z = draw(model.config, count, generator, model.data.device)
    labels = conditions.labels_of(model.config, model.data)
    rows = labels.draw(count, generator) if labels else None
    inputs = conditions.inputs(z, labels, rows)
    with torch.no_grad():
        return model.g(*inputs), z, inputs[1:]
