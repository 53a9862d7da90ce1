"""The classic image sets, through torchvision's own readers: the training split, and the test split to measure on."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantui.core.config import Config
from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import build
from gantui.engine.data.arrays import ArrayImages, side
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import of_classes

SETS = {  # name: (torchvision's class, where it keeps its files below data_root)
    "mnist": ("MNIST", "MNIST/raw"),
    "fashion_mnist": ("FashionMNIST", "FashionMNIST/raw"),
    "cifar10": ("CIFAR10", "cifar-10-batches-py"),
}


def load(request: build.Request) -> Data:
    """Return one of `SETS` with labels. Raises DataError: missing, damaged, or not to be downloaded."""
    name = request.config.data
    found = _training_split(request, *SETS[name])
    pixels = np.asarray(found.data)
    channels, size = (1 if pixels.ndim == 3 else pixels.shape[3]), side(request.config, pixels.shape)
    digits = name == "mnist"
    return build.images(
        request,
        name,
        (channels, size, size),
        len(pixels),
        ArrayImages(pixels, size),
        labels=of_classes("0123456789" if digits else found.classes, torch.as_tensor(found.targets)),
    )


def test_images(config: Config, size: int) -> Tensor | None:
    """Return the test split of the set that `config.data` names as uint8 (N, C, size, size), None if it isn't there."""
    if config.data not in SETS:
        return None
    class_name, _ = SETS[config.data]
    try:
        pixels = np.asarray(_open(class_name, config, train=False).data)
    except Exception:  # missing or damaged: nothing of the training depends on it
        return None
    return ArrayImages(pixels, size).read(range(len(pixels)))[0]


def _open(class_name: str, config: Config, train: bool) -> Any:
    from torchvision import datasets  # 2 s

    root = Path(config.data_root).expanduser()
    return getattr(datasets, class_name)(root, train=train, download=config.download and train)


def _training_split(request: build.Request, class_name: str, below: str) -> Any:
    config = request.config
    root = Path(config.data_root).expanduser()
    folder = neutralise(root / below)
    try:
        return _open(class_name, config, train=True)
    except Exception as error:  # damaged files, missing ones and a dead network raise nearly anything
        reason = neutralise(" ".join(str(error).split()) or type(error).__name__, 200)
        if config.download:
            raise DataError(f"{request.label}: download to {folder} failed: {reason}") from None
        if not (root / below).is_dir():
            raise DataError(
                f"{request.label}: not found in {folder}.\n"
                "Fetch it with -s download=true, or say where it lies with -s data_root=FOLDER"
            ) from None
        raise DataError(
            f"{request.label}: {folder} is incomplete or damaged ({reason}).\nFetch it again with -s download=true"
        ) from None
