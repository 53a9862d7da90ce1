"""A .npy or .csv file as a data set."""

import math
from pathlib import Path

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import build, csv_file, npy_file
from gantui.engine.data.arrays import ArrayImages, side
from gantui.engine.data.dataset import Data

EXTENSIONS = (".npy", ".csv")


def load(request: build.Request, path: Path) -> Data:
    """Return the numbers or images in a file. Raises DataError naming what is wrong, and where."""
    name = neutralise(path.name, 80)
    try:
        if path.suffix.lower() == ".csv":
            values, columns = csv_file.read(path, request.progress)
            return build.numbers(request, name, values, columns)
        array = npy_file.read(path)
        if npy_file.is_images(array):
            if 0 in array.shape:
                raise DataError(f"holds no pixel: its shape is {array.shape}")
            size, channels = side(request.config, array.shape), math.prod(array.shape[3:])
            shape = (channels, size, size)
            return build.images(request, name, shape, len(array), ArrayImages(path.resolve(), size))
        if array.size * 4 > request.memory:
            raise DataError(f"its {array.size} numbers don't fit into memory; only images can stream")
        return build.numbers(request, name, npy_file.numbers(array))
    except OSError as error:
        raise DataError(f"{request.label}: {neutralise(error.strerror or error, 160)}") from None
    except DataError as error:
        named = str(error).startswith(request.label)
        raise error if named else DataError(f"{request.label}: {error}") from None
