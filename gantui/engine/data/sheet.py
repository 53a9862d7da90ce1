"""How a table is written: names, types, decimals and ranges of its columns, and what its words are."""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from torch import Tensor

from gantui.engine.data.labels import Labels

if TYPE_CHECKING:
    import numpy as np

DIGITS = 7  # of float32
LAST_DAY = date.max.toordinal()


class _Lines:
    """Rows that end in a line feed, from a writer that ends them otherwise: so it quotes either end within a cell."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, row: str) -> None:
        self.written.append(row.removesuffix("\r\n") + "\n")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. In own units it holds numbers, days since the year 1, or indices of `values`; NaN where it is empty.

    Attributes:
        name: safe for a terminal.
        low, high: the range of its numbers.
        precision: decimals that its numbers need, 1 for 2.50; None where they are written with exponents.
        decimals: most digits behind the point as written, 2 for 2.50; all digits where there are exponents.
        least: fewest digits behind the point.
        date: its numbers are dates.
        values: the words of a category, as written, most frequent first.
        missing: some of its cells are empty.
        constant: the cell of a column that is always the same.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    precision: int | None = 0
    decimals: int = 0
    least: int = 0
    date: bool = False
    values: list[str] = field(default_factory=list)
    missing: bool = False
    constant: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers that vary."""
        return self.constant is None and not self.values

    @property
    def sizes(self) -> list[int]:
        """Widths of the one-hot blocks that stand for it beside its number, or instead of one."""
        if self.is_number:
            return [2] if self.missing else []
        return [] if self.constant is not None else [len(self.values) + self.missing]

    def cell(self, value: float) -> str:
        """Return a value in own units, rounded, as it is written."""
        if self.constant is not None:
            return self.constant
        if math.isnan(value):
            return ""
        if self.values:
            return self.values[int(value)]
        if not math.isfinite(value):
            return str(value)
        if self.date:
            return date.fromordinal(min(max(int(value), 1), LAST_DAY)).isoformat()
        if self.precision is None:
            return f"{value:.{self.decimals}g}"
        text = f"{value:.{self.decimals}f}"
        needless = min(len(text) - len(text.rstrip("0")), self.decimals - self.least)
        kept = text[: len(text) - needless].rstrip(".") if needless else text
        return "0" if kept == "-0" else kept


@dataclass(frozen=True)
class Sheet:
    """A table's form.

    Attributes:
        columns: those in own units, in the order of the file.
        header: the cells of the first row, of all columns of the file; none without a header.
        order: for each column of the file its place among `columns`, or its name where it is a label.
        delimiter: between cells.
    """

    columns: list[Column]
    header: list[str]
    order: list[int | str]
    delimiter: str = ","

    def rounded(self, own: Tensor) -> Tensor:
        """Return own units (m, d) as a file would hold them, float32: within the range of the data, and rounded.

        What is not finite stays as it is.
        """
        low, high, factor = self._limits.to(own.device)
        inside = own.double().clamp(low, high)
        near = torch.where(factor > 0, (inside * factor).round() / factor.clamp(min=1), inside)
        return torch.where(own.isfinite(), near, own.double()).float()

    @cached_property
    def _limits(self) -> Tensor:
        numbers = [c if c.is_number else None for c in self.columns]
        low = [c.low if c else -math.inf for c in numbers]
        high = [c.high if c else math.inf for c in numbers]
        factor = [10.0**c.precision if c and c.precision is not None else 0.0 for c in numbers]
        return torch.tensor([low, high, factor], dtype=torch.float64)

    def write(self, own: "np.ndarray[Any, Any]", labels: Labels | None, rows: "np.ndarray[Any, Any] | None") -> str:
        """Return own units (m, d), as `rounded` has them, as text in the form of the file.

        Args:
            labels, rows: of a condition, with the label of each row (m, A); columns of labels that nobody asked for
                are left out.
        """
        names = [attribute.name for attribute in labels.attributes] if labels and rows is not None else []
        kept = [place for place in self.order if isinstance(place, int) or place in names]
        lines = _Lines()
        writer = csv.writer(lines, delimiter=self.delimiter, lineterminator="\r\n")
        if self.header:
            writer.writerow([cell for cell, place in zip(self.header, self.order, strict=True) if place in kept])

        def cells(number: int) -> Iterator[str]:
            for place in kept:
                if isinstance(place, int):
                    yield self.columns[place].cell(float(own[number, place]))
                elif labels and rows is not None:
                    attribute = names.index(place)
                    yield labels.attributes[attribute].values[int(rows[number, attribute])]

        writer.writerows(list(cells(number)) for number in range(len(own)))
        return "".join(lines.written)

    def form(self) -> dict[str, Any]:
        """Return it as plain values, for a checkpoint."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @staticmethod
    def from_form(form: dict[str, Any]) -> "Sheet":
        """Return the sheet that `form` was made of. Raises msgspec.ValidationError."""
        return msgspec.convert(form, Sheet)


def plain_sheet(names: Sequence[str]) -> Sheet:
    """Return the sheet of numbers that come from no file: with a header, and as many digits as float32 has."""
    columns = [Column(name=name, low=-math.inf, high=math.inf, precision=None, decimals=DIGITS) for name in names]
    return Sheet(columns, list(names), list(range(len(names))))
