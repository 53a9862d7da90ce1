"""Images in a MATLAB file laid out as the Toronto Face Database is: `images` (N, H, W), `folds` (N, F)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import build
from gantui.engine.data.arrays import ArrayImages, side
from gantui.engine.data.dataset import Data

EXTENSION = ".mat"
UNLABELLED, VALIDATION, TEST = 0, 2, 3  # what a fold has an image for; 1 is training with labels
Array = np.ndarray[Any, Any]


def load(request: build.Request, path: Path) -> Data:
    """Return the images that no fold has a use for, as the paper trained on, with the first fold's validation held out.

    Without `folds` all images are trained on. Raises DataError: the file is damaged, or laid out otherwise.
    """
    images, folds = read(path, request.label)
    if folds is None:
        return _data(request, path, images)
    if request.config.holdout:
        raise DataError(f"{request.label}: its folds say what is held out; leave holdout = 0")
    free = (folds == UNLABELLED).all(1)
    held = folds[:, 0] == VALIDATION
    if min(free.sum(), held.sum()) < 2:
        raise DataError(
            f"{request.label}: folds leave {free.sum()} images to train on (0 in every fold) and {held.sum()} for "
            "validation (2 in the first); at least 2 of each are needed"
        )
    return replace(_data(request, path, images[free]), held_out=_data(request, path, images[held]))


def read(path: Path, label: str) -> tuple[Array, Array | None]:
    """Return the images uint8 (N, H, W) in `path`, and what each fold has them for, int (N, F), if it says so.

    Raises DataError that calls the file `label`: it is damaged, or laid out otherwise.
    """
    from scipy.io import loadmat  # 0.2 s

    try:
        found = loadmat(path, variable_names=["images", "folds"])
    except NotImplementedError:
        raise DataError(f"{label}: is of MATLAB 7.3; save it with -v7") from None
    except PermissionError:
        raise
    except Exception as error:  # damaged files raise nearly anything
        raise DataError(f"{label}: is no readable .mat file: {neutralise(error, 160)}") from None
    images, folds = found.get("images"), found.get("folds")
    if images is None or images.ndim != 3 or images.dtype != np.uint8:
        shown = "nothing" if images is None else f"{images.dtype} {images.shape}"
        raise DataError(f"{label}: its variable `images` must be uint8 (N, H, W), not {neutralise(shown, 80)}")
    if folds is None:
        return images, None
    if (
        folds.ndim != 2
        or len(folds) != len(images)
        or folds.dtype.kind not in "iuf"
        or not set(np.unique(folds)) <= {0, 1, 2, 3}
    ):
        raise DataError(
            f"{label}: its variable `folds` must be ({len(images)}, folds) of 0 unlabelled, 1 training, 2 validation "
            "and 3 test"
        )
    return images, folds


def _data(request: build.Request, path: Path, images: Array) -> Data:
    size = side(request.config, images.shape)
    source = ArrayImages(np.ascontiguousarray(images), size)
    return build.images(request, neutralise(path.stem, 80), (1, size, size), len(images), source)
