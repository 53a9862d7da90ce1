"""Global contrast normalisation: each image without its mean, and of equal norm (Goodfellow et al. 2014, CIFAR-10)."""

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gantui.core.errors import DataError

if TYPE_CHECKING:
    from gantui.engine.data.dataset import Data

NORM = 55.0
TINY = 1e-8  # an image of one colour keeps its zeros
MOST_LOOKED_AT = 10_000


def normalised(x: Tensor) -> Tensor:
    """Return images (m, C, H, W) of any scale as float32: over all their numbers the mean is 0, the norm 55."""
    flat = x.flatten(1).to(torch.float32)
    flat = flat - flat.mean(1, keepdim=True)
    norms = torch.linalg.vector_norm(flat, dim=1, keepdim=True)
    return (flat * (NORM / torch.where(norms < TINY, 1.0, norms))).view(x.shape)


def normalise(data: "Data", label: str) -> "Data":
    """Return images that the model sees normalised.

    An image's brightness and contrast are lost, so to be looked at all are given those that images of the set have on
    average: own = model · (their mean norm / 55) + their mean, in 0 to 1.

    Raises DataError if `data` are no images; `label` is how messages name it.
    """
    if data.kind != "image":
        raise DataError(f"{label}: preprocess = gcn is for images, not for {data.kind}")
    means, norms = zip(*(_spread(data.to_own(batch)) for batch in data.sweep(MOST_LOOKED_AT)), strict=True)
    scale, shift = torch.cat(norms).mean() / NORM, torch.cat(means).mean()
    held_out = data.held_out and replace(data.held_out, contrast=True, scale=scale, shift=shift)
    return replace(data, contrast=True, scale=scale, shift=shift, held_out=held_out)


def _spread(images: Tensor) -> tuple[Tensor, Tensor]:
    flat = images.flatten(1)
    mean = flat.mean(1)
    return mean, torch.linalg.vector_norm(flat - mean[:, None], dim=1)
