"""Numbers from a .csv file, with messages that lead to the cell at fault."""

import csv
import io
import math
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data.build import Progress

MAX_BYTES = 2 * 1024**3
_Rows = Iterator[tuple[int, list[str]]]


def read(path: Path, progress: Progress) -> "tuple[np.ndarray[Any, Any], tuple[str, ...]]":
    """Return the numbers of a table, float64 (N, d), and the names of its columns (empty without a header).

    Cells are separated by tabs, semicolons or commas; the first row is a header if a cell of it is no number.

    Raises:
        DataError: saying what is wrong and in which line and column.
        OSError: the file can't be read.
    """
    with path.open("rb") as raw:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DataError(f"{size / 1024**3:.1f} GiB are too much for a .csv (2 GiB); save it as .npy")
        if b"\0" in raw.read(8192):
            raise DataError("is a binary file, not a .csv")
        raw.seek(0)
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        try:
            return _table(text, lambda: progress(raw.tell() / size))
        except UnicodeDecodeError as error:
            raise DataError(f"is not text in UTF-8 ({neutralise(error, 120)})") from None
        except csv.Error as error:
            raise DataError(f"is no proper .csv: {neutralise(error, 120)}") from None


def _table(text: io.TextIOWrapper, report: Any) -> "tuple[np.ndarray[Any, Any], tuple[str, ...]]":
    rows = _rows(text, _delimiter(text))
    line, first = next(rows, (0, []))
    if not first:
        raise DataError("is empty")
    header = any(cell.strip() and _number(cell) is None for cell in first)
    names = tuple(neutralise(cell.strip(), 80) or f"column {i + 1}" for i, cell in enumerate(first)) if header else ()
    values = array("d") if header else _numbers(first, line, names)
    count = 0 if header else 1
    for line, row in rows:
        if len(row) != len(first):
            raise DataError(f"line {line} has {len(row)} cells, the first row has {len(first)}")
        values.extend(_numbers(row, line, names))
        count += 1
        if count % 10_000 == 0:
            report()
    return np.frombuffer(values, dtype=np.float64).reshape(count, len(first)), names


def _delimiter(text: io.TextIOWrapper) -> str:
    """The separator that cuts the first lines into equally many cells, else the most frequent one."""
    sample = [line for line in islice(text, 10) if line.strip()]
    text.seek(0)
    for delimiter in "\t;,":
        widths = {len(row) for row in csv.reader(sample, delimiter=delimiter)}
        if len(widths) == 1 and widths != {1}:
            return delimiter
    return max(",;\t", key=sample[0].count) if sample else ","


def _rows(text: io.TextIOWrapper, delimiter: str) -> _Rows:
    """Rows with the line they end in. Blank lines are skipped, but in a single column they are holes."""
    reader, blank = csv.reader(text, delimiter=delimiter, strict=True), 0
    for row in reader:
        if not row:
            blank = blank or reader.line_num
            continue
        if blank and len(row) == 1:
            raise DataError(f"line {blank} is empty; every row needs a number")
        yield reader.line_num, row


def _numbers(row: list[str], line: int, names: tuple[str, ...]) -> "array[float]":
    try:
        numbers = array("d", map(float, row))
    except ValueError:
        numbers = None
    if numbers is None or not all(map(math.isfinite, numbers)) or any("_" in cell for cell in row):
        column, cell = next((i, cell) for i, cell in enumerate(row) if not _is_fine(cell))
        where = f"line {line}, column {repr(names[column]) if names else column + 1}"
        if not cell.strip():
            raise DataError(f"{where}: empty; every cell needs a number")
        raise DataError(
            f"{where}: {neutralise(repr(cell), 60)}; only finite numbers are supported, with a decimal point"
        )
    return numbers


def _number(cell: str) -> float | None:
    try:
        return None if "_" in cell else float(cell)  # Python would read 1_000 as a number
    except ValueError:
        return None


def _is_fine(cell: str) -> bool:
    number = _number(cell)
    return number is not None and math.isfinite(number)
