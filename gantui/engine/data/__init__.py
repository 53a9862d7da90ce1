"""Data sets: found by name, folder or file, held on the device as one tensor, or streamed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from gantui.core.config import Config
from gantui.core.errors import DataError
from gantui.core.parts import FORM, is_part
from gantui.core.text import nearest, neutralise
from gantui.engine.data import (
    contrast,
    digits,
    grammar,
    image_folder,
    label_column,
    mat_file,
    own,
    sklearn_tables,
    synthetic,
    table,
    text,
    torchvision_sets,
)
from gantui.engine.data.batches import Batches, Order
from gantui.engine.data.build import Request
from gantui.engine.data.dataset import Data, Mixture
from gantui.engine.data.labels import Attribute, Labels, listed
from gantui.engine.data.memory import room
from gantui.engine.data.split import split

__all__ = ["Attribute", "Batches", "Data", "Labels", "Mixture", "Order", "load"]

_SETS: dict[str, Callable[[Request], Data]] = {
    "gaussian": synthetic.gaussian,
    "mixture": synthetic.mixture,
    "ring": synthetic.ring,
    "grid": synthetic.grid,
    "swiss_roll": synthetic.swiss_roll,
    "grammar": grammar.load,
    "digits": digits.load,
    "digits_inverted": digits.inverted,
    "wine": sklearn_tables.wine,
    "breast_cancer": sklearn_tables.breast_cancer,
    "mnist": torchvision_sets.load,
    "fashion_mnist": torchvision_sets.load,
    "cifar10": torchvision_sets.load,
}


def load(
    config: Config,
    device: torch.device,
    progress: Callable[[float], None] = lambda _: None,
    memory: int | None = None,
) -> Data:
    """Return the set that `config.data` names: one of `core.data_sets`, a folder of images, a file, the user's own.

    `progress` is called with a share from 0 to 1, from this thread. Images that take more than `memory`
    bytes (default: 40 % of what is available on host and device) stream from their files.

    Raises:
        DataError: in one or two lines, naming the value, what is wrong with it and what is allowed.
    """
    limit = room(device) if memory is None else memory
    request = Request(config, device, limit, progress)
    data = _load(request)
    if config.preprocess == "gcn":
        data = contrast.normalise(data, request.label)
    if config.output != "auto" and (config.output == "softmax") != (data.kind == "text"):
        raise DataError(
            f"output = {config.output}: softmax is for text, and all that text can have; {request.label} is of kind "
            f"{data.kind}, use output = auto"
        )
    if config.holdout:
        data = split(data, config.holdout, request.label, ordered=config.data in torchvision_sets.SETS)
    if data.count < config.batch_size:
        repeats = f"{data.count} examples are fewer than batch_size = {config.batch_size}: a batch repeats some"
        data = replace(data, warnings=(*data.warnings, repeats))
    if data.labels:
        data = replace(data, warnings=(*data.warnings, *_rare(data.labels)))
    progress(1.0)
    return data


def _load(request: Request) -> Data:
    name = request.config.data
    if name in _SETS:
        return _with_chosen_labels(request, _SETS[name](request))
    if is_part(name):
        return _with_chosen_labels(request, own.load(request))
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            return _with_chosen_labels(request, image_folder.load(request, path))
        if path.is_file():
            if path.suffix.lower() in table.EXTENSIONS:
                return table.load(request, path)
            if path.suffix.lower() in text.EXTENSIONS:
                return _with_chosen_labels(request, text.load(request, path))
            if path.suffix.lower() == mat_file.EXTENSION:
                return mat_file.load(request, path)
            allowed = "a file must be .npy, .csv, .mat or, for text, .txt; for images, name the folder they lie in"
            raise DataError(f"{request.label}: {allowed}")
    except PermissionError:
        raise DataError(f"{request.label}: no permission to read it") from None
    raise DataError(
        f"{request.label}: no such data set, folder or file{nearest(name, _SETS)}\n"
        f"Allowed are {', '.join(_SETS)}, a folder of images, a .npy, .csv, .mat or .txt file, or {FORM}: -s data=..."
    )


def _with_chosen_labels(request: Request, data: Data) -> Data:
    """Leave only those attributes that `config.labels` names."""
    names = label_column.wanted(request.config)
    if request.config.labels == "none":
        return replace(data, labels=None)
    attributes = data.labels.attributes if data.labels else ()
    for name in names:
        if name not in [attribute.name for attribute in attributes]:
            there = listed([a.name for a in attributes]) or "none: images by class lie in a folder for each"
            shown = neutralise(repr(name), 80)
            raise DataError(f"{request.label}: labels = {shown}: no such attribute; there are {there}")
    return replace(data, labels=data.labels.only(names)) if data.labels and names else data


def _rare(labels: Labels) -> Iterator[str]:
    """Warn of values that nothing can be learnt of."""
    for attribute, values in zip(labels.attributes, labels.rows.T, strict=True):
        counts = values.bincount(minlength=len(attribute.values)).tolist()
        rare = [value for value, count in zip(attribute.values, counts, strict=True) if count < 2]
        if rare:
            yield f"label {neutralise(repr(attribute.name), 80)}: fewer than 2 examples of {listed(rare)}"
