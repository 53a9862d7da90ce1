"""A table of numbers and categories as vectors: standardised numbers first, then a one-hot block for each category.

A column of numbers with empty cells has a block of two beside it, there or empty; where a cell is empty its number is
that of a random row, so that it tells nothing. Numbers on a coarse grid, such as counts, are spread evenly over their
cell of it (Theis et al. 2016, section 3.1): D would otherwise tell data by sitting on the grid. Both are drawn once.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gantui.core.errors import DataError
from gantui.engine.data import build, tails
from gantui.engine.data.dataset import Data
from gantui.engine.data.order import mix
from gantui.engine.data.sheet import Column, Sheet
from gantui.engine.data.typed import Table

FLAT = 2  # columns
COARSE = 0.2  # deviations between neighbours on a grid
FILL = 0.98  # of its cell that a number on a grid is spread over
_STREAM = 0x7AB1E


@dataclass(frozen=True, eq=False)
class Mixed:
    """The codec of such a table; see `dataset.Codec`.

    Attributes:
        tails: the knots of each of the n columns of numbers, None where there are none; see `tails`.
        scale, shift: (n,), of the numbers behind the tails.
    """

    sheet: Sheet
    tails: list[tails.Knots | None]
    scale: Tensor
    shift: Tensor

    @property
    def blocks(self) -> tuple[int, ...]:
        """Widths of the one-hot blocks, in the order of the columns."""
        return tuple(size for column in self.sheet.columns for size in column.sizes)

    def decode(self, x: Tensor) -> Tensor:
        """Return x (m, d) as own units (m, columns), float32, rounded as written: see `sheet.Column`."""
        numbers, *blocks = x.split([len(self.scale), *self.blocks], 1)
        given = iter(self._numbers(numbers))
        codes = iter(block.argmax(1).double() for block in blocks)
        own = [self._column(column, given, codes, x) for column in self.sheet.columns]
        return self.sheet.rounded(torch.stack(own, 1))

    def _numbers(self, z: Tensor) -> list[Tensor]:
        """The numbers (m,) of each column, out of the model's range (m, n); NaN is for empty cells, so never here."""
        own = z.double() * self.scale.to(z.device) + self.shift.to(z.device)
        columns = [tails.drawn_out(column, knots) for column, knots in zip(own.unbind(1), self.tails, strict=True)]
        return [
            torch.where(given.isfinite(), column, math.inf) for given, column in zip(z.unbind(1), columns, strict=True)
        ]

    @staticmethod
    def _column(column: Column, given: Any, codes: Any, x: Tensor) -> Tensor:
        if column.constant is not None:
            return x.new_full((len(x),), column.low, dtype=torch.float64)
        if column.is_number:
            values: Tensor = next(given)
            return values.masked_fill(next(codes) == 1, math.nan) if column.missing else values
        found: Tensor = next(codes)
        return found.masked_fill(found == len(column.values), math.nan)

    def form(self) -> dict[str, Any]:
        """Return it as plain values and tensors; the sheet has a form of its own."""
        return {"kind": "mixed", "tails": self.tails, "scale": self.scale.cpu(), "shift": self.shift.cpu()}

    @staticmethod
    def from_form(form: dict[str, Any], sheet: Sheet) -> "Mixed":
        """Return the codec that `form` was made of."""
        return Mixed(sheet, form["tails"], form["scale"], form["shift"])


def load(request: build.Request, name: str, table: Table, more: dict[str, Any]) -> Data:
    """Return a table as a data set; `more` goes to it as it is.

    One of nothing but numbers without heavy tails, coarse grids and constants needs no codec: it is scaled alone, and
    so are one or two columns of numbers, which are drawn as a plane on which D is asked.

    Raises DataError: no column varies, or numbers too large for float32.
    """
    columns, values = table.sheet.columns, table.values
    if all(column.constant is not None for column in columns):
        raise DataError(f"{request.label}: no column varies, so there is nothing to learn")
    chance = np.random.default_rng(mix(0, _STREAM))
    places = [i for i, column in enumerate(columns) if column.is_number]
    filled = [_filled(values[:, i], chance) for i in places]
    for numbers in filled:
        build.check_size(request, numbers)
    coarse = [_is_coarse(columns[i], numbers) for i, numbers in zip(places, filled, strict=True)]
    spread = [
        _spread(columns[i], numbers, chance) if is_coarse else numbers
        for i, numbers, is_coarse in zip(places, filled, coarse, strict=True)
    ]
    found = [tails.find(numbers) for numbers in spread]
    plain = len(places) == len(columns) and not any(column.missing for column in columns)
    if plain and (len(columns) <= FLAT or not (any(coarse) or any(knots is not None for knots in found))):
        names = tuple(column.name for column in columns) if table.sheet.header else ()
        return replace(build.numbers(request, name, values, names, **more), sheet=table.sheet)
    drawn_in = [tails.drawn_in(numbers, knots) for numbers, knots in zip(spread, found, strict=True)]
    output = build.output_of(request)
    numbers = np.stack(drawn_in, 1) if places else np.zeros((len(values), 0))
    x, scale, shift = build.scaled(numbers, output)
    blocks = [_blocks(column, values[:, i]) for i, column in enumerate(columns)]
    vectors = torch.cat([torch.from_numpy(x), *(block for column in blocks for block in column)], 1)
    codec = Mixed(table.sheet, found, torch.from_numpy(scale), torch.from_numpy(shift))
    own: dict[str, Any] = {"codec": codec, "sheet": table.sheet, "columns": tuple(column.name for column in columns)}
    return build.vectors(request, name, vectors, codec.scale, codec.shift, output, **own, **more)


def _filled(values: "np.ndarray[Any, Any]", chance: np.random.Generator) -> "np.ndarray[Any, Any]":
    """Return values (N,) with those of random rows in place of NaN."""
    empty = np.isnan(values)
    if not empty.any():
        return values
    return np.where(empty, chance.choice(values[~empty], len(values)), values)


def _is_coarse(column: Column, values: "np.ndarray[Any, Any]") -> bool:
    return column.precision is not None and 10.0**-column.precision > COARSE * float(values.std())


def _spread(column: Column, values: "np.ndarray[Any, Any]", chance: np.random.Generator) -> "np.ndarray[Any, Any]":
    assert column.precision is not None
    return values + (chance.random(len(values)) - 0.5) * FILL * 10.0**-column.precision


def _blocks(column: Column, values: "np.ndarray[Any, Any]") -> list[Tensor]:
    """The one-hot blocks (N, K) of a column of own units (N,)."""
    if not column.sizes:
        return []
    empty = np.isnan(values)
    codes = empty.astype(np.int64) if column.is_number else np.where(empty, len(column.values), values).astype(np.int64)
    return [one_hot(torch.from_numpy(codes), column.sizes[0]).float()]
