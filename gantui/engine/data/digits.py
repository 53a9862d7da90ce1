"""Handwritten digits, 8 × 8: scikit-learn's copy of the UCI set (Alpaydin and Kaynak 1998)."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantui.engine.data import build, sklearn_tables
from gantui.engine.data.arrays import ArrayImages, side
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import Attribute, Labels, of_classes

LEVELS = 16


def load(request: build.Request) -> Data:
    """Return 1797 digits with labels, pixels from 0 to 16. Raises DataError without scikit-learn's files."""
    pixels, classes = _read(request)
    return _as_data(request, "digits", pixels, of_classes("0123456789", classes))


def inverted(request: build.Request) -> Data:
    """Return the digits, and after them each one's negative, with the attributes `class` and `inverted`."""
    pixels, classes = _read(request)
    digits, count = of_classes("0123456789", classes), len(classes)
    rows = torch.stack([classes.repeat(2), torch.arange(2).repeat_interleave(count)], 1)
    labels = Labels((*digits.attributes, Attribute("inverted", ("no", "yes"))), rows)
    return _as_data(request, "digits_inverted", np.concatenate([pixels, LEVELS - pixels]), labels)


def _read(request: build.Request) -> "tuple[np.ndarray[Any, np.dtype[np.uint8]], Tensor]":
    table = np.loadtxt(sklearn_tables.file(request, "digits.csv.gz"), delimiter=",", dtype=np.uint8)
    return table[:, :-1].reshape(-1, 8, 8), torch.from_numpy(table[:, -1].astype(np.int64))


def _as_data(request: build.Request, name: str, pixels: "np.ndarray[Any, np.dtype[np.uint8]]", labels: Labels) -> Data:
    levels, size = LEVELS, side(request.config, pixels.shape)
    if size != 8:  # interpolating between 17 levels would round to them
        pixels, levels = np.rint(pixels * (255 / LEVELS)).astype(np.uint8), 255
    return build.images(
        request,
        name,
        (1, size, size),
        len(pixels),
        ArrayImages(pixels, size),
        labels=labels,
        levels=levels,
    )
