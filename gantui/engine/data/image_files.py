"""Images that are read from their files when they are needed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gantui.core.errors import DataError
from gantui.engine.data import pictures
from gantui.engine.data.decoded import Decoded


class ImageFiles:
    """Images read from files, as a `Source`.

    A file that can't be decoded gives the next one that can, in the order of the files, so that every
    position of the training has an example. (In memory such files are left out.) With `kept` each is decoded once.
    """

    def __init__(
        self, paths: Sequence[Path], size: int, channels: int, label: str, kept: Decoded | None = None
    ) -> None:
        self._paths, self._size, self._channels, self._label = list(paths), size, channels, label
        self._kept = kept

    def read(self, indices: Sequence[int]) -> tuple[Tensor, list[int]]:
        """Return the images as uint8 (m, C, size, size), and which ones they are.

        Raises DataError if no file can be read any more.
        """
        images, read = zip(*map(self._next_readable, indices), strict=True)
        return torch.from_numpy(np.stack(images)), list(read)

    def _next_readable(self, index: int) -> "tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]], int]":
        for attempt in range(len(self._paths)):
            at = (index + attempt) % len(self._paths)
            image = self.decode(at)
            if image is not None:
                return image, at
        raise DataError(f"{self._label}: none of its {len(self._paths)} images can be read any more")

    def decode(self, index: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None":
        """Return one image as uint8 (C, size, size), or None if it can't be decoded."""
        if self._kept and (image := self._kept.get(index)) is not None:
            return image
        try:
            image = pictures.decode(self._paths[index], self._size, self._channels)
        except Exception:  # Pillow raises nearly anything on damaged files, and its bomb error on huge ones
            return None
        if self._kept:
            self._kept.put(index, image)
        return image
