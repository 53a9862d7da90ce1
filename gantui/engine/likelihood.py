"""The Parzen-window log-likelihood of a trained G, on images that it was not trained on."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.data.dataset import Data
from gantui.engine.data.unseen import folds
from gantui.engine.sampling import EVALUATION_SEED, samples
from gantui.evaluation.parzen import parzen

SAMPLES = 10_000  # as in Goodfellow et al. 2014


@torch.no_grad()
def of_generator(
    config: Config, data: Data, g: nn.Module, count: int = SAMPLES, check: Callable[[], None] = lambda: None
) -> tuple[dict[str, Any], str]:
    """Return the measures of `evaluation.parzen` with `count` samples of G, and in words what they were measured on.

    Of a set with several folds `parzen_ll` is the mean over them and `parzen_se` its standard error across them, as for
    faces in the paper; `parzen_ll_by_fold` and `parzen_sigma` are by fold, from 1.

    Raises ConfigError: the data are no images, or all were trained on; no sample is finite.
    """
    if data.kind != "image":
        raise ConfigError(f"parzen: is for images, whose scale is 0 to 1; this run makes {data.kind}")
    parts, what = folds(config, data)
    made = samples(config, data, g, count, EVALUATION_SEED, check)
    if not made.flatten(1).isfinite().all(1).any():
        raise ConfigError("parzen: no sample of this generator is finite")
    found = [parzen(made, _own(part.validation), _own(part.test), check=check) for part in parts]
    return (found[0] if len(found) == 1 else _across(found)), what


def _across(found: list[dict[str, float | int]]) -> dict[str, Any]:
    means = torch.tensor([of_fold["parzen_ll"] for of_fold in found], dtype=torch.float64)
    return {
        "parzen_ll": float(means.mean()),
        "parzen_se": float(means.std()) / math.sqrt(len(means)),
        "parzen_samples": found[0]["parzen_samples"],
        "parzen_examples": sum(of_fold["parzen_examples"] for of_fold in found),
        "parzen_ll_by_fold": {str(i): of_fold["parzen_ll"] for i, of_fold in enumerate(found, 1)},
        "parzen_sigma": {str(i): of_fold["parzen_sigma"] for i, of_fold in enumerate(found, 1)},
    }


def _own(data: Data) -> Tensor:
    return torch.cat([data.to_own(batch) for batch in data.sweep(data.count)])
