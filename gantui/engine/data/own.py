"""A data set of the user's own: what a function returns, taken as if it were read from a file."""

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from gantui.core.config import Config
from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import build, label_column, npy_file
from gantui.engine.data.arrays import ArrayImages, side
from gantui.engine.data.dataset import Data
from gantui.engine.data.label_column import LabelColumn
from gantui.engine.data.labels import CLASS, Labels
from gantui.engine.parts import asked, described, find


class Load(Protocol):
    """What a data set must be: anything that can be called like this."""

    def __call__(self, config: Config) -> Any:
        """Return the examples `x`, or `x, labels`, as arrays of numpy or tensors of torch on the CPU.

        x: finite numbers (N,) or (N, d), which are scaled for the networks; or images uint8 (N, H, W),
        (N, H, W, 1) or (N, H, W, 3), 0 to 255. labels: whole numbers or words (N,), or several of such by name,
        `{"glasses": (N,), "smiling": (N,)}`.

        It is called at each start, resume and evaluation and must return the same each time; `config.seed` is
        there for what is drawn.
        """


def load(request: build.Request) -> Data:
    """Return the data set that `config.data` names.

    Raises UserError naming the part and what is wrong: it can't be found, fails, or isn't as `Load` says.
    """
    part = request.config.data
    loader: Load = find("data", part)
    if not callable(loader):
        raise DataError(f"{request.label}: is {described(loader)}; must be callable: load(config) returns the examples")
    with asked("data", part, "loading it"):
        given = loader(request.config)
        x, named = given if isinstance(given, tuple) and len(given) == 2 else (given, {})
        array = np.asarray(x)
        columns = _columns(named)
    try:
        if array.dtype.kind not in "biuf" or array.ndim == 0:
            raise DataError(
                f"returned {described(x)}; must be numbers of shape (N,) or (N, d), "
                "or images uint8 (N, H, W) or (N, H, W, 1 or 3)"
            )
        labels, warnings = _labels(columns, len(array))
        if npy_file.is_images(array):
            if 0 in array.shape:
                raise DataError(f"holds no pixel: its shape is {array.shape}")
            size, channels = side(request.config, array.shape), math.prod(array.shape[3:])
            shape, held = (channels, size, size), ArrayImages(array, size)
            return build.images(request, part, shape, len(array), held, labels=labels, warnings=warnings)
        return build.numbers(request, part, npy_file.numbers(array), labels=labels, warnings=warnings)
    except DataError as error:
        named_already = str(error).startswith(request.label)
        raise error if named_already else DataError(f"{request.label}: {error}") from None


def _columns(given: ArrayLike | Mapping[str, ArrayLike]) -> "dict[str, np.ndarray[Any, Any]]":
    return {str(k): np.asarray(v) for k, v in (given if isinstance(given, Mapping) else {CLASS: given}).items()}


def _labels(columns: "Mapping[str, np.ndarray[Any, Any]]", count: int) -> tuple[Labels | None, list[str]]:
    filled = []
    for name, values in columns.items():
        if values.shape != (count,):
            shown = f"label {neutralise(repr(name), 80)}"
            raise DataError(f"{shown} has shape {values.shape}; must be ({count},), one for each example")
        column = LabelColumn(name)
        for number, value in enumerate(values.tolist()):
            column.add(str(value), f"example {number}")
        filled.append(column)
    return label_column.assemble(filled)
