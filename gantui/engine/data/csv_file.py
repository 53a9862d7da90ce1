"""Numbers from a .csv file, with messages that lead to the cell at fault."""

import csv
import io
import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import label_column
from gantui.engine.data.build import Progress
from gantui.engine.data.label_column import LabelColumn

MAX_BYTES = 2 * 1024**3
_Rows = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True)
class Table:
    """Numbers float64 (N, d), the names of their columns (empty without a header), and the columns of labels."""

    values: "np.ndarray[Any, Any]"
    names: tuple[str, ...]
    labels: list[LabelColumn]


def read(path: Path, progress: Progress, labels: Sequence[str] = ()) -> Table:
    """Return what a table holds; the columns named in `labels` are labels (words, whole numbers) and no numbers.

    Cells are separated by tabs, semicolons or commas; the first row is a header if one of `labels` is in it,
    or if a cell of it that must be a number is none. Without a header, labels are called `column 3` or `3`.

    Raises:
        DataError: saying what is wrong and in which line and column.
        OSError: the file can't be read.
    """
    with _opened(path) as (text, share):
        return _table(text, lambda: progress(share()), labels)


def rows(path: Path) -> _Rows:
    """Yield (line, cells) for each row of a table of words, all rows of equal length. Raises as `read`."""
    with _opened(path) as (text, _):
        yield from _even(_rows(text, _delimiter(text)))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[io.TextIOWrapper, Callable[[], float]]]:
    """A text file, and a function that says which share of it has been read."""
    with path.open("rb") as raw:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DataError(f"{size / 1024**3:.1f} GiB are too much for a .csv (2 GiB); save it as .npy")
        if b"\0" in raw.read(8192):
            raise DataError("is a binary file, not a .csv")
        raw.seek(0)
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        try:
            yield text, lambda: raw.tell() / size
        except UnicodeDecodeError as error:
            raise DataError(f"is not text in UTF-8 ({neutralise(error, 120)})") from None
        except csv.Error as error:
            raise DataError(f"is no proper .csv: {neutralise(error, 120)}") from None


def _table(text: io.TextIOWrapper, report: Callable[[], None], wanted: Sequence[str]) -> Table:
    rows = _even(_rows(text, _delimiter(text)))
    line, first = next(rows, (0, []))
    if not first:
        raise DataError("is empty")
    cells = [cell.strip() for cell in first]
    header = any(name in cells for name in wanted)
    names = [neutralise(cell, 80) or f"column {i + 1}" for i, cell in enumerate(cells)]
    numbered = [f"column {i + 1}" for i in range(len(cells))]
    has_words = all(_number(cell) is None for cell in cells)
    labels = label_column.find(wanted, names if header or has_words else numbered)
    numbers = [i for i in range(len(first)) if i not in labels]
    header = header or any(cells[i] and _number(cells[i]) is None for i in numbers)
    shown = names if header else numbered
    columns = [LabelColumn(shown[i]) for i in labels]
    pick = itemgetter(*numbers) if len(numbers) > 1 else lambda row: (row[numbers[0]],)
    values, count = array("d"), 0
    for at, row in rows if header else chain([(line, first)], rows):
        values.extend(_numbers(pick(row) if columns else row, at, numbers, names if header else []))
        for i, column in zip(labels, columns, strict=True):
            column.add(row[i], f"line {at}")
        count += 1
        if count % 10_000 == 0:
            report()
    table = np.frombuffer(values, dtype=np.float64).reshape(count, len(numbers))
    return Table(table, tuple(names[i] for i in numbers) if header else (), columns)


def _even(rows: _Rows) -> _Rows:
    width = None
    for line, row in rows:
        width = width or len(row)
        if len(row) != width:
            raise DataError(f"line {line} has {len(row)} cells, the first row has {width}")
        yield line, row


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


def _numbers(row: Sequence[str], line: int, places: Sequence[int], names: Sequence[str]) -> "array[float]":
    """The cells of a row as numbers; `places` say in which columns they stand, `names` how those are called."""
    try:
        numbers = array("d", map(float, row))
    except ValueError:
        numbers = None
    if numbers is None or not all(map(math.isfinite, numbers)) or any("_" in cell for cell in row):
        column, cell = next((i, cell) for i, cell in zip(places, row, strict=True) if not _is_fine(cell))
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
