"""The classic image sets, through torchvision's own readers: the training split."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

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
    found = _open(request, *SETS[name])
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


def _open(request: build.Request, class_name: str, below: str) -> Any:
    from torchvision import datasets  # 2 s

    config = request.config
    root = Path(config.data_root).expanduser()
    folder = neutralise(root / below)
    try:
        return getattr(datasets, class_name)(root, train=True, download=config.download)
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
