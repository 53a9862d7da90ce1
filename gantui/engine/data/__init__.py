"""Data sets: found by name, folder or file, held on the device as one tensor, or streamed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from gantui.core.config import Config
from gantui.core.errors import DataError
from gantui.core.text import nearest
from gantui.engine.data import digits, image_folder, synthetic, table, torchvision_sets
from gantui.engine.data.batches import Batches, Order
from gantui.engine.data.build import Request
from gantui.engine.data.dataset import Data, Mixture
from gantui.engine.data.memory import room

__all__ = ["Batches", "Data", "Mixture", "Order", "load"]

_SETS: dict[str, Callable[[Request], Data]] = {
    "gaussian": synthetic.gaussian,
    "mixture": synthetic.mixture,
    "ring": synthetic.ring,
    "grid": synthetic.grid,
    "swiss_roll": synthetic.swiss_roll,
    "digits": digits.load,
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
    """Return the set that `config.data` names: one of `core.data_sets`, a folder of images, a .npy or .csv file.

    `progress` is called with a share from 0 to 1, from this thread. Images that take more than `memory`
    bytes (default: 40 % of what is available on host and device) stream from their files.

    Raises:
        DataError: in one or two lines, naming the value, what is wrong with it and what is allowed.
    """
    limit = room(device) if memory is None else memory
    request = Request(config, device, limit, progress)
    data = _load(request)
    if data.count < config.batch_size:
        repeats = f"{data.count} examples are fewer than batch_size = {config.batch_size}: a batch repeats some"
        data = replace(data, warnings=(*data.warnings, repeats))
    progress(1.0)
    return data


def _load(request: Request) -> Data:
    name = request.config.data
    if name in _SETS:
        return _SETS[name](request)
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            return image_folder.load(request, path)
        if path.is_file():
            if path.suffix.lower() in table.EXTENSIONS:
                return table.load(request, path)
            raise DataError(f"{request.label}: a file must be .npy or .csv; for images, name the folder they lie in")
    except PermissionError:
        raise DataError(f"{request.label}: no permission to read it") from None
    raise DataError(
        f"{request.label}: no such data set, folder or file{nearest(name, _SETS)}\n"
        f"Allowed are {', '.join(_SETS)}, a folder of images, or a .npy or .csv file: -s data=..."
    )
