"""A table out of rows of text: which row is the header, what each column holds, which of them are labels."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from gantui.core.config import Config
from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import label_column
from gantui.engine.data.cells import DATE, MISSING, Cells, number
from gantui.engine.data.label_column import LabelColumn
from gantui.engine.data.labels import listed
from gantui.engine.data.sheet import Column, Sheet

CHUNK = 1000  # rows


@dataclass(frozen=True)
class Table:
    """A sheet, its values float64 (N, d) in own units, and the columns of labels beside it."""

    sheet: Sheet
    values: "np.ndarray[Any, np.dtype[np.float64]]"
    labels: list[LabelColumn]
    warnings: list[str]


def read(
    rows: Iterable[tuple[int, list[str]]],
    config: Config,
    delimiter: str = ",",
    report: Callable[[], None] = lambda: None,
) -> Table:
    """Return the table of rows (line, cells) of equal length.

    The columns named by `config.labels` are labels and no data; those named by `config.categorical` hold categories
    even if they look like numbers. The first row is a header if one of those names is in it, or by `_has_header`;
    without one, columns are called `column 3` or `3`. `report` is called from time to time.

    Raises:
        DataError: saying what is wrong and in which line and column.
    """
    rows = iter(rows)
    sample = list(islice(rows, CHUNK))
    if not sample:
        raise DataError("is empty")
    first = [cell.strip() for cell in sample[0][1]]
    labels, words = label_column.wanted(config), _names(config.categorical)
    header = any(name in first for name in (*labels, *words)) or _has_header([cells for _, cells in sample])
    numbered = [f"column {i + 1}" for i in range(len(first))]
    names = [neutralise(cell, 80) or name for cell, name in zip(first, numbered, strict=True)] if header else numbered
    label_places = label_column.find(labels, names)
    word_places = label_column.find(words, names, "categorical")
    places = [i for i in range(len(first)) if i not in label_places]
    shown = [f"column {name!r}" if header and cell else name for name, cell in zip(names, first, strict=True)]
    columns = [Cells(names[i], shown[i], i in word_places) for i in places]
    of_labels = [LabelColumn(names[i]) for i in label_places]
    chunk = sample[1:] if header else sample
    while chunk:
        lines, cells = zip(*chunk, strict=True)
        across = list(zip(*cells, strict=True))
        for place, column in zip(places, columns, strict=True):
            column.extend(across[place], lines)
        for place, label in zip(label_places, of_labels, strict=True):
            for line, cell in zip(lines, across[place], strict=True):
                label.add(cell, f"line {line}")
        report()
        chunk = list(islice(rows, CHUNK))
    count = len(columns[0]) if columns else 0
    if count < 2:
        raise DataError(f"{count} rows of {len(places)} columns; at least 2 rows are needed")
    finished = [column.finish(config.missing == "model") for column in columns]
    sheet = Sheet(
        [column for column, _ in finished],
        list(sample[0][1]) if header else [],
        [places.index(i) if i in places else names[i] for i in range(len(first))],
        delimiter,
    )
    few = [column.name for column, cells in zip(sheet.columns, columns, strict=True) if cells.hint()]
    return Table(sheet, np.stack([values for _, values in finished], 1), of_labels, _warnings(sheet.columns, few))


def _names(listed: str) -> list[str]:
    return [] if listed == "none" else [name.strip() for name in listed.split(",")]


def _warnings(columns: Sequence[Column], few: Sequence[str]) -> list[str]:
    found = []
    constant = [column.name for column in columns if column.constant is not None]
    if constant:
        found.append(f"always the same, and so written back but not learnt: {listed(constant)}")
    names = [column.name for column in columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        found.append(f"several columns are called {listed(twice)}")
    varying = [name for name in few if name not in constant]
    if varying:
        found.append(f"few different whole numbers, learnt as numbers: {listed(varying)} (or: -s categorical=...)")
    return found


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is a header: it has a word above numbers or dates; or, where there is no column of such,
    none of its words comes again below it."""
    if len(rows) == 1:
        return any(_is_word(cell) for cell in rows[0])
    columns = [
        (cells[0], [cell for cell in cells[1:] if cell.strip().lower() not in MISSING])
        for cells in zip(*rows, strict=True)
    ]
    of_numbers = [first for first, rest in columns if rest and sum(map(_is_word, rest)) <= len(rest) / 2]
    if of_numbers:
        return any(map(_is_word, of_numbers))
    return all(first.strip() not in map(str.strip, rest) for first, rest in columns)


def _is_word(cell: str) -> bool:
    plain = cell.strip()
    return plain.lower() not in MISSING and number(plain) is None and not DATE.match(plain)
