"""A trained generator out of a run directory: enough to draw samples, without its data."""

from dataclasses import dataclass
from typing import Any

import msgspec
import torch
from torch import nn

from gantui.core import presets
from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.engine import checkpoints, conditions, networks
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import Labels
from gantui.runs.layout import RunDir


@dataclass(frozen=True)
class Model:
    """G of a checkpoint. `data` knows shape and units, but holds no examples."""

    config: Config
    data: Data
    g: nn.Module
    saved: checkpoints.Saved
    problems: list[str]


def form(data: Data) -> dict[str, Any]:
    """Return what a checkpoint keeps of the data: shape, names and units, as plain values and tensors."""
    return {
        "name": data.name,
        "kind": data.kind,
        "shape": list(data.shape),
        "output": data.output,
        "scale": data.scale.cpu(),
        "shift": data.shift.cpu(),
        "levels": data.levels,
        "labels": data.labels and data.labels.form(),
        "columns": list(data.columns),
    }


def load(run: RunDir, device: torch.device, raw: bool = False) -> Model:
    """Return the generator of the newest checkpoint: the averaged one if there is one, G itself if `raw`.

    A network of the user's own is imported: whoever calls this has seen to `begin.check_trust`.

    Raises:
        NoCheckpoint: there is none yet.
        ConfigError: the run's config.toml can't be read, or its networks are not those of the checkpoint.
    """
    config = presets.read(run.config_toml).config()
    loaded = checkpoints.load(run)
    config = msgspec.structs.replace(config, **loaded.state["live"])
    data = _without_examples(loaded.form, device)
    with torch.random.fork_rng(devices=[]):
        labels = conditions.labels_of(config, data)
        width, blocks = labels.width if labels else 0, data.codec.blocks if data.codec else ()
        g, _ = networks.build(config, data.shape, data.output, width, blocks)
    average = loaded.state["ema"]
    try:
        g.load_state_dict(loaded.state["g"] if raw or average is None else average)
    except RuntimeError:
        raise ConfigError(
            f"{neutralise(run.config_toml)}: its networks don't fit the weights in {neutralise(loaded.saved.file)}"
        ) from None
    g.requires_grad_(False).eval().to(device)
    return Model(config, data, g, loaded.saved, loaded.problems)


def _without_examples(form: dict[str, Any], device: torch.device) -> Data:
    lists = {name: tuple(form[name]) for name in ("shape", "columns")}
    labels = form.get("labels")  # older checkpoints kept the names of classes instead
    rest = {name: value for name, value in form.items() if name not in ("labels", "classes")}
    return Data(**(rest | lists), labels=labels and Labels.from_form(labels, device), count=0, device=device, x=None)
