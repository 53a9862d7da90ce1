"""Handwritten digits, 8 × 8: scikit-learn's copy of the UCI set (Alpaydin and Kaynak 1998)."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from gantui.core.errors import DataError
from gantui.engine.data import build
from gantui.engine.data.arrays import ArrayImages, side
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import of_classes

LEVELS = 16


def load(request: build.Request) -> Data:
    """Return 1797 digits with labels, pixels from 0 to 16. Raises DataError without scikit-learn's files."""
    table = np.loadtxt(_file(request), delimiter=",", dtype=np.uint8)
    pixels, labels = table[:, :-1].reshape(-1, 8, 8), torch.from_numpy(table[:, -1].astype(np.int64))
    levels, size = LEVELS, side(request.config, pixels.shape)
    if size != 8:  # interpolating between 17 levels would round to them
        pixels, levels = np.rint(pixels * (255 / LEVELS)).astype(np.uint8), 255
    return build.images(
        request,
        "digits",
        (1, size, size),
        len(pixels),
        ArrayImages(pixels, size),
        labels=of_classes("0123456789", labels),
        levels=levels,
    )


def _file(request: build.Request) -> Path:
    spec = find_spec("sklearn")  # finds the package without importing it, which takes seconds
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, "datasets", "data", "digits.csv.gz")
        if path.is_file():
            return path
    raise DataError(f"{request.label}: comes with scikit-learn, which is not installed")
