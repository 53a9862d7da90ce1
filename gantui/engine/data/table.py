"""A .npy or .csv file as a data set."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import build, csv_file, label_column, mixed, npy_file, typed
from gantui.engine.data.arrays import ArrayImages, side
from gantui.engine.data.dataset import Data
from gantui.engine.data.label_column import LabelColumn
from gantui.engine.data.labels import CLASS, Labels

EXTENSIONS = (".npy", ".csv")


def load(request: build.Request, path: Path) -> Data:
    """Return the numbers or images in a file. Raises DataError naming what is wrong, and where."""
    name = neutralise(path.name, 80)
    try:
        if path.suffix.lower() == ".csv":
            with csv_file.opened(path) as (text, share):
                delimiter = csv_file.delimiter(text)
                rows = csv_file.even_rows(text, delimiter)
                table = typed.read(rows, request.config, delimiter, lambda: request.progress(share()))
            return from_table(request, name, table)
        array = npy_file.read(path)
        labels, warnings, array = _labels(request, path, array)
        if npy_file.is_images(array):
            if 0 in array.shape:
                raise DataError(f"holds no pixel: its shape is {array.shape}")
            size, channels = side(request.config, array.shape), math.prod(array.shape[3:])
            shape = (channels, size, size)
            source = ArrayImages(path.resolve(), size)
            return build.images(request, name, shape, len(array), source, labels=labels, warnings=warnings)
        if array.size * 4 > request.memory:
            raise DataError(f"its {array.size} numbers don't fit into memory; only images can stream")
        return build.numbers(request, name, npy_file.numbers(array), labels=labels, warnings=warnings)
    except OSError as error:
        raise DataError(f"{request.label}: {neutralise(error.strerror or error, 160)}") from None
    except DataError as error:
        named = str(error).startswith(request.label)
        raise error if named else DataError(f"{request.label}: {error}") from None


def from_table(request: build.Request, name: str, table: typed.Table) -> Data:
    """Return a table of numbers and categories with its labels. Raises DataError."""
    labels, warnings = label_column.assemble(table.labels)
    return mixed.load(request, name, table, {"labels": labels, "warnings": (*warnings, *table.warnings)})


def _labels(
    request: build.Request, path: Path, array: "np.ndarray[Any, Any]"
) -> "tuple[Labels | None, list[str], np.ndarray[Any, Any]]":
    """The labels of an array, warnings, and what is left of it: columns, or a .npy of as many rows beside it."""
    names = label_column.wanted(request.config)
    files = [name for name in names if name.endswith(".npy")]
    if not names:
        return None, [], array
    if files:
        if len(names) > 1:
            raise DataError(f"labels = {neutralise(repr(request.config.labels), 200)}: name one .npy, or columns")
        if not (path.parent / files[0]).is_file():
            raise DataError(
                f"labels = {neutralise(repr(files[0]), 200)}: no such file beside {neutralise(path.name, 80)}"
            )
        beside = np.asarray(npy_file.read(path.parent / files[0]))
        if beside.ndim > 2 or len(beside) != len(array):
            raise DataError(
                f"labels = {neutralise(repr(files[0]), 200)} has shape {beside.shape}; "
                f"({len(array)},) or ({len(array)}, attributes) is needed, a row for each example"
            )
        beside = beside.reshape(len(array), -1)
        return *label_column.assemble(_columns(beside, range(beside.shape[1]))), array
    if npy_file.is_images(array) or array.ndim != 2:
        raise DataError(
            f"labels = {neutralise(repr(request.config.labels), 200)}: there are no columns in an array of shape "
            f"{array.shape}; name a .npy with labels that lies beside it"
        )
    places = label_column.find(names, [f"column {i + 1}" for i in range(array.shape[1])])
    return *label_column.assemble(_columns(array, places)), np.delete(array, places, 1)


def _columns(array: "np.ndarray[Any, Any]", places: Sequence[int]) -> list[LabelColumn]:
    columns = []
    for place in places:
        column = LabelColumn(CLASS if array.shape[1] == 1 else f"column {place + 1}")
        for row, value in enumerate(array[:, place].tolist()):
            column.add(str(int(value) if isinstance(value, bool) else value), f"row {row}")
        columns.append(column)
    return columns
