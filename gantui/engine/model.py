"""Trained networks out of a run directory: enough to draw samples, and to ask D, without the data."""

from dataclasses import dataclass
from typing import Any

import msgspec
import torch
from torch import nn

from gantui.core import presets
from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.engine import checkpoints, conditions, encoder, networks, unchanged
from gantui.engine.data import load as load_data
from gantui.engine.data.dataset import Codec, Data
from gantui.engine.data.labels import Labels
from gantui.engine.data.mixed import Mixed
from gantui.engine.data.order import mix
from gantui.engine.data.sheet import Sheet
from gantui.engine.noise import own_noise
from gantui.engine.training import WEIGHTS
from gantui.runs.layout import RunDir


@dataclass(frozen=True)
class Model:
    """G and D of a checkpoint, and E if one was trained beside them: frozen, in evaluation mode.

    `data` knows shape and units, but holds no examples.
    """

    config: Config
    data: Data
    g: nn.Module
    d: nn.Module
    e: nn.Module | None
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
        "codec": data.codec and data.codec.form(),
        "sheet": data.sheet and data.sheet.form(),
        "alphabet": list(data.alphabet),
    }


def examples(model: Model) -> Data:
    """Return the data that a model was trained on, with their examples.

    Raises DataError: they can't be read, or have changed so that the model doesn't fit them any more.
    """
    loaded = load_data(model.config, model.data.device)
    unchanged.require(form(model.data), loaded, model.config.condition != "none")
    return loaded


def load(run: RunDir, device: torch.device, raw: bool = False) -> Model:
    """Return the networks of the newest checkpoint; G is the averaged one if there is one, G itself if `raw`.

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
        g, d = _build(config, data)
    state = loaded.state
    e = encoder.build(config, data, config.seed) if "e" in state else None
    average = state["ema"]
    try:
        g.load_state_dict(state["g"] if raw or average is None else average)
        d.load_state_dict(state["d"])
        if e:
            e.load_state_dict(state["e"])
    except RuntimeError:
        raise ConfigError(
            f"{neutralise(run.config_toml)}: its networks don't fit the weights in {neutralise(loaded.saved.file)}"
        ) from None
    for network in filter(None, (g, d, e)):
        network.requires_grad_(False).eval().to(device)
    return Model(config, data, g, d, e, loaded.saved, loaded.problems)


def untrained_discriminator(model: Model) -> nn.Module:
    """Return D with the very weights that it had when the run began, frozen, in evaluation mode."""
    with own_noise(mix(model.config.seed, WEIGHTS), model.data.device):
        _, d = _build(model.config, model.data)
    return d.requires_grad_(False).eval().to(model.data.device)


def _build(config: Config, data: Data) -> tuple[nn.Module, nn.Module]:
    labels = conditions.labels_of(config, data)
    width, blocks = labels.width if labels else 0, data.codec.blocks if data.codec else ()
    return networks.build(config, data.shape, data.output, width, blocks)


def _without_examples(form: dict[str, Any], device: torch.device) -> Data:
    lists = {name: tuple(form.get(name, ())) for name in ("shape", "columns", "alphabet")}  # older ones lack some
    labels = form.get("labels")  # older checkpoints kept the names of classes instead
    rest = {name: value for name, value in form.items() if name not in ("labels", "classes", "codec", "sheet")}
    sheet = Sheet.from_form(form["sheet"]) if form.get("sheet") else None  # likewise: of numbers alone, without a form
    return Data(
        **(rest | lists),
        labels=labels and Labels.from_form(labels, device),
        sheet=sheet,
        codec=_codec(form.get("codec"), sheet),
        count=0,
        device=device,
        x=None,
    )


def _codec(form: dict[str, Any] | None, sheet: Sheet | None) -> Codec | None:
    if form is None:
        return None
    assert sheet is not None
    return Mixed.from_form(form, sheet)
