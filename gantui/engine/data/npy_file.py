"""Numbers or images from a .npy file."""

from pathlib import Path
from typing import Any

import numpy as np

from gantui.core.errors import DataError
from gantui.core.text import neutralise


def read(path: Path) -> "np.ndarray[Any, Any]":
    """Return the array in `path` as a memory map: at least one axis, of bools, integers or floats.

    Raises:
        DataError: no .npy file, a damaged one, or one of objects (which could run code) or other types.
        OSError: the file can't be read.
    """
    try:
        loaded = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, SyntaxError, TypeError, OverflowError) as error:
        raise DataError(f"is no usable .npy file: {neutralise(' '.join(str(error).split()), 160)}") from None
    if not isinstance(loaded, np.ndarray):
        loaded.close()
        raise DataError("is a .npz archive; a .npy holds one array")
    if loaded.dtype.kind not in "biuf":
        raise DataError(f"holds {neutralise(loaded.dtype, 60)}; only numbers are supported")
    if loaded.ndim == 0:
        raise DataError("holds a single number")
    return loaded


def is_images(array: "np.ndarray[Any, Any]") -> bool:
    """Whether it holds images: uint8 (N, H, W) or (N, H, W, C) with C 1 or 3."""
    by_shape = array.ndim == 3 or (array.ndim == 4 and array.shape[3] in (1, 3))
    return array.dtype == np.uint8 and by_shape


def numbers(array: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Return a table (N, d), a vector as one column. Raises DataError: other shapes, NaN or Inf."""
    if array.ndim > 2:
        raise DataError(
            f"has shape {array.shape} of {array.dtype}; numbers have the shape (rows,) or (rows, columns), "
            "images are uint8 (N, H, W) or (N, H, W, 1 or 3)"
        )
    table = array[:, None] if array.ndim == 1 else array
    finite = np.isfinite(table)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise DataError(f"row {row}, column {column} (from 0) is {table[row, column]}; only finite numbers work")
    return table
