"""Images that were not trained on, to choose by and to measure on: as published results have them, where possible."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.data import mat_file, torchvision_sets
from gantui.engine.data.arrays import ArrayImages
from gantui.engine.data.dataset import Data
from gantui.engine.data.split import only

MOST_TO_CHOOSE_BY = 1000  # examples, as in Goodfellow et al. 2014's code for MNIST


@dataclass(frozen=True)
class Fold:
    """Examples to choose settings of a measure by, and others to measure on."""

    validation: Data
    test: Data


def folds(config: Config, data: Data) -> tuple[list[Fold], str]:
    """Return the folds that a set of images offers, most often one, and in words what they are.

    The test set is the set's own where there is one (of torchvision's, or the folds of a .mat file). Else what was held
    out is divided.

    Raises ConfigError: all examples were trained on.
    """
    path = Path(config.data).expanduser()
    if path.suffix.lower() == mat_file.EXTENSION and (found := _of_file(path, config, data)):
        return found, f"each of the {len(found)} folds of {path.name} has a sigma of its own; parzen_se is across them"
    held, own = data.held_out, torchvision_sets.test_images(config, data.shape[-1])
    if own is not None:
        test = replace(data, x=own.to(data.device), source=None, count=len(own), labels=None, held_out=None)
        if held is not None:
            validation = _first(held, MOST_TO_CHOOSE_BY)
            return [Fold(validation, test)], (
                f"on the test set of {config.data}, {test.count} images; "
                f"sigma by the first {validation.count} of {held.count} held out"
            )
        what = f"the test set of {config.data} is divided, as nothing was held out (holdout = 0)"
    elif held is not None:
        test, what = held, "what was held out is divided, as there is no test set"
    else:
        raise ConfigError(
            "parzen: needs images that were not trained on, and this run was trained on all; "
            "start one with -s holdout=0.1"
        )
    few = min(MOST_TO_CHOOSE_BY, test.count // 2)
    rest = only(test, torch.arange(few, test.count))
    return [Fold(_first(test, few), rest)], f"{what}: sigma by the first {few} images, the measure on {rest.count}"


def _first(data: Data, most: int) -> Data:
    return only(data, torch.arange(min(most, data.count)))


def _of_file(path: Path, config: Config, data: Data) -> list[Fold]:
    images, of_folds = mat_file.read(path, f"data = {config.data}")
    if of_folds is None:
        return []
    pixels = ArrayImages(images, data.shape[-1])

    def those(chosen: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> Data:
        x, places = pixels.read(np.flatnonzero(chosen).tolist())
        return replace(data, x=x.to(data.device), source=None, count=len(places), labels=None, held_out=None)

    pairs = [(those(fold == mat_file.VALIDATION), those(fold == mat_file.TEST)) for fold in of_folds.T]
    return [Fold(validation, test) for validation, test in pairs if validation.count and test.count]
