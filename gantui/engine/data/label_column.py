"""Labels as people write them, a column of words or whole numbers, made into attributes."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from gantui.core.config import Config
from gantui.core.errors import DataError
from gantui.core.text import nearest, neutralise
from gantui.engine.data.labels import MOST_VALUES, Attribute, Labels, listed


class LabelColumn:
    """One column, filled cell by cell.

    Whole numbers are ordered by size, words by the alphabet. −1 and 1, as in CelebA, become 0 and 1.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._codes: dict[str, int] = {}
        self._cells: list[int] = []

    def add(self, cell: str, where: str) -> None:
        """Append a cell. Raises DataError, which begins with `where`, if it is empty or one value too many."""
        code = self._codes.get(cell)
        if code is None:
            place = f"{where}, label {neutralise(repr(self.name), 80)}"
            if not cell.strip():
                raise DataError(f"{place}: empty; every row needs a label")
            if len(self._codes) == MOST_VALUES:
                raise DataError(f"{place}: more than {MOST_VALUES} different values; a label has fewer")
            code = self._codes[cell] = len(self._codes)
        self._cells.append(code)

    def finish(self) -> "tuple[Attribute, np.ndarray[tuple[int], np.dtype[np.int64]]]":
        """Return the attribute and the index of each row's value. Raises DataError for broken numbers."""
        named = {cell: self._named(cell) for cell in self._codes}
        values = sorted(set(named.values()))
        order = {value: i for i, value in enumerate(values)}
        by_code = np.array([order[value] for value in named.values()], dtype=np.int64)
        words = ["0", "1"] if values == [(-1, ""), (1, "")] else [word or str(number) for number, word in values]
        return Attribute(self.name, tuple(neutralise(word, 80) for word in words)), by_code[self._cells]

    def _named(self, cell: str) -> tuple[int, str]:
        """A value as (number, ""), or (0, word): 1 and 1.0 are the same."""
        if not self._all_numbers:
            return 0, cell.strip()
        number = float(cell)
        if number % 1 != 0:
            shown = f"label {neutralise(repr(self.name), 80)}: {neutralise(cell.strip(), 40)}"
            raise DataError(f"{shown}; labels are words or whole numbers")
        return int(number), ""

    @cached_property
    def _all_numbers(self) -> bool:
        try:
            return bool([float(cell) for cell in self._codes])
        except ValueError:
            return False


def wanted(config: Config) -> list[str]:
    """Return the names in `config.labels`; none for `auto` and `none`."""
    return [] if config.labels in ("auto", "none") else [name.strip() for name in config.labels.split(",")]


def find(wanted: Sequence[str], names: Sequence[str], key: str = "labels") -> list[int]:
    """Return the places of the columns in `wanted`, by name or number (from 1), among `names`.

    `key` is the setting that names them. Raises DataError: one that isn't there or is named twice, or none left that
    is no label.
    """
    places: list[int] = []
    for name in wanted:
        shown = f"{key} = {neutralise(repr(name), 80)}"
        if name in names:
            place = names.index(name)
        elif name.isdecimal() and 1 <= int(name) <= len(names):
            place = int(name) - 1
        else:
            raise DataError(f"{shown}: no such column{nearest(name, names)}; there are {listed(names)}")
        if place in places:
            raise DataError(f"{shown}: named twice")
        places.append(place)
    if key == "labels" and places and len(places) == len(names):
        raise DataError("every column is a label; at least one must be left as data")
    return places


def assemble(columns: Sequence[LabelColumn]) -> tuple[Labels | None, list[str]]:
    """Return the labels in full columns, and warnings: a column of one value is left out.

    Raises DataError: two columns of one name, or broken numbers.
    """
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"label {neutralise(repr(name), 80)}: two columns have that name")
    finished = [column.finish() for column in columns]
    kept = [(attribute, values) for attribute, values in finished if len(attribute.values) > 1]
    constant = [attribute for attribute, _ in finished if len(attribute.values) < 2]
    warnings = [
        f"label {neutralise(repr(a.name), 80)} is always {neutralise(''.join(a.values), 80)} and was left out"
        for a in constant
    ]
    if not kept:
        return None, warnings
    rows = torch.from_numpy(np.stack([values for _, values in kept], 1))
    return Labels(tuple(attribute for attribute, _ in kept), rows), warnings
