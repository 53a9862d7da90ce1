"""Images that lie in one array, in memory or in a .npy file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gantui.core.config import Config
from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import pictures


class ArrayImages:
    """Images of an array uint8 (N, H, W) or (N, H, W, C), as `size` × `size`. Reads them as a `Source`."""

    def __init__(self, array: "np.ndarray[Any, Any] | Path", size: int) -> None:
        self._array, self._size = array, size

    def read(self, indices: Sequence[int]) -> tuple[Tensor, list[int]]:
        """Return the images as uint8 (m, C, size, size), and `indices`. Raises DataError if the file is gone."""
        return self._images(indices), list(indices)

    def _images(self, indices: Sequence[int]) -> Tensor:
        images = self._open()[np.asarray(indices)]
        if images.ndim == 3:
            images = images[..., None]
        if images.shape[1:3] == (self._size, self._size):
            return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
        return torch.from_numpy(np.stack([self._resized(image) for image in images]))

    def _open(self) -> "np.ndarray[Any, Any]":
        if not isinstance(self._array, Path):
            return self._array
        try:  # at each call: that costs 0.1 ms, and a memory map would travel to workers as a copy
            return np.asarray(np.load(self._array, mmap_mode="r", allow_pickle=False))
        except (OSError, ValueError, EOFError) as error:
            shown = neutralise(self._array, 200)
            raise DataError(f"data: {shown} can't be read any more: {neutralise(error, 160)}") from None

    def _resized(self, image: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        picture = Image.fromarray(np.ascontiguousarray(image.squeeze(2) if image.shape[2] == 1 else image))
        return pictures.as_array(pictures.square(picture, self._size))


def side(config: Config, shape: tuple[int, ...]) -> int:
    """Return the side to use for an array of `shape` (N, H, W, ...): as configured, else the shorter one."""
    return min(shape[1:3]) if config.image_size == "auto" else config.image_size
