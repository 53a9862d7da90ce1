"""One column of a table while it is read: is it of numbers, of dates or of words, and where is it neither?"""

import math
import re
from array import array
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data.sheet import Column

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}  # in a column of numbers; among words only ""
MOST_VALUES = 100  # of a category
FEW = 10  # values that may all be different
FEW_WHOLE = 5  # different whole numbers that may well be categories
MOST_REMEMBERED = 100_000
DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
ODD = {  # what people mean as numbers and as dates, but isn't written as one
    "only finite numbers are supported, with a decimal point and no thousands separator": re.compile(
        r"[+-]?(\d+,\d+|\d{1,3}([ ,.'’\u00a0]\d{3})+([.,]\d+)?|inf(inity)?|\d+(_\d+)+)\Z", re.IGNORECASE
    ),
    "a time of day is not supported; leave the column out, or write it as a number": re.compile(
        r"(\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d| ?[ap]m)?\Z", re.IGNORECASE
    ),
    "dates are written as 2026-11-24": re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}\Z"),
}


def number(cell: str) -> float | None:
    """Return the finite number that is written in a cell, None if it is none."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None  # Python would read 1_000 as a number


class Cells:
    """Filled chunk by chunk. `shown` is the column's name in messages; with `as_words` numbers are words too."""

    def __init__(self, name: str, shown: str, as_words: bool) -> None:
        self._name, self._shown, self._as_words = name, shown, as_words
        self._numbers = array("d")
        self._codes = array("i")  # of words; −1 for numbers
        self._words: dict[str, int] = {}
        self._lines: list[int] = []  # in which each word is met first
        self._first: tuple[int, str] | None = None  # number
        self._decimals = self._precision = self._digits = 0
        self._least: int | None = None
        self._exponents = False

    def __len__(self) -> int:
        return len(self._codes)

    def extend(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Append cells and the lines they stand in. Raises DataError for too many different words."""
        fast = None if self._as_words else _all_numbers(cells)
        if fast is not None:
            self._first = self._first or (lines[0], cells[0])
            self._numbers.extend(fast)
            self._codes.extend([-1] * len(cells))
            self._note_form(cells)
            return
        for line, cell in zip(lines, cells, strict=True):
            value = None if self._as_words else number(cell)
            if value is None:
                self._numbers.append(math.nan)
                self._codes.append(self._code(cell.strip(), line))
            else:
                self._first = self._first or (line, cell)
                self._numbers.append(value)
                self._codes.append(-1)
                self._note_form([cell])

    def _code(self, word: str, line: int) -> int:
        code = self._words.get(word)
        if code is None:
            code = self._words[word] = len(self._words)
            self._lines.append(line)
            if code > MOST_REMEMBERED:
                raise self._too_many(code)
        return code

    def _note_form(self, cells: Sequence[str]) -> None:
        for cell in set(cells):
            plain = cell.strip().lstrip("+-").lower()
            mantissa, exponent, _ = plain.partition("e")
            fraction = mantissa.partition(".")[2]
            self._exponents |= bool(exponent)
            self._decimals = max(self._decimals, len(fraction))
            self._least = len(fraction) if self._least is None else min(self._least, len(fraction))
            self._precision = max(self._precision, len(fraction.rstrip("0")))
            self._digits = max(self._digits, len(mantissa.replace(".", "").lstrip("0")))

    def finish(self, missing: bool) -> "tuple[Column, np.ndarray[Any, np.dtype[np.float64]]]":
        """Return the column and its values (N,) in own units; `missing` says whether cells may be empty.

        Raises DataError: numbers among words, empty cells, or words that are too many or meant as something else.
        """
        values, codes = np.array(self._numbers, dtype=np.float64), np.array(self._codes, dtype=np.int64)
        words = list(self._words)
        of_numbers = self._first is not None
        real = [word for word in words if word.lower() not in MISSING] if of_numbers else [w for w in words if w]
        if of_numbers and real:
            raise self._mixed(codes, real)
        dated = not of_numbers and not self._as_words and all(DATE.match(word) for word in real if word)
        holes = [word for word in words if word not in real]
        if holes and not missing:
            raise self._empty(holes[0])
        if real and dated:
            values = np.array([self._day(word) if word else math.nan for word in words])[codes]
        elif real:
            return self._category(codes, real, bool(holes))
        if not of_numbers and not real:
            return Column(name=self._name, missing=True, constant=""), np.full(len(values), math.nan)
        return self._number(values, codes, bool(holes), dated)

    def _number(
        self, values: "np.ndarray[Any, Any]", codes: "np.ndarray[Any, Any]", holes: bool, dated: bool
    ) -> "tuple[Column, np.ndarray[Any, np.dtype[np.float64]]]":
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        if low == high:
            text = next(iter(word for word in self._words if word)) if dated else (self._first or (0, ""))[1].strip()
            if not holes:
                return Column(name=self._name, low=low, high=high, constant=text), values
            column = Column(name=self._name, values=[text], missing=True)  # all there is to learn is where it is
            return column, np.where(np.isnan(values), math.nan, 0.0)
        column = Column(
            name=self._name,
            low=low,
            high=high,
            precision=None if self._exponents else self._precision,
            decimals=max(self._digits, 1) if self._exponents else self._decimals,
            least=self._least or 0,
            date=dated,
            missing=holes,
        )
        return column, values

    def _category(
        self, codes: "np.ndarray[Any, Any]", real: list[str], holes: bool
    ) -> "tuple[Column, np.ndarray[Any, np.dtype[np.float64]]]":
        for text, pattern in ODD.items():
            if not self._as_words and all(map(pattern.match, real)):
                raise DataError(f"line {self._line(real[0])}, {self._shown}: {_quoted(real[0])}; {text}")
        if len(real) > MOST_VALUES or len(real) > max(FEW, len(codes) / 2):
            raise self._too_many(len(real))
        if len(real) == 1 and not holes:
            return Column(name=self._name, values=real, constant=real[0]), np.zeros(len(codes))
        counts = np.bincount(codes, minlength=len(self._words))
        ordered = sorted(real, key=lambda word: (-counts[self._words[word]], word))
        place = {word: float(index) for index, word in enumerate(ordered)}
        by_code = np.array([place.get(word, math.nan) for word in self._words])
        return Column(name=self._name, values=ordered, missing=holes), by_code[codes]

    def hint(self) -> bool:
        """Whether these are so few different whole numbers that they may be meant as categories."""
        if self._precision or self._exponents or self._as_words or len(self._numbers) < 10 * FEW_WHOLE:
            return False
        return self._first is not None and len(np.unique(np.array(self._numbers))) <= FEW_WHOLE

    def _day(self, word: str) -> float:
        try:
            return float(date.fromisoformat(word).toordinal())
        except ValueError:
            where = f"line {self._line(word)}, {self._shown}"
            raise DataError(f"{where}: {_quoted(word)}; there is no such day") from None

    def _line(self, word: str) -> int:
        return self._lines[self._words[word]]

    def _mixed(self, codes: "np.ndarray[Any, Any]", real: list[str]) -> DataError:
        """An error that blames whatever is rarer."""
        line, cell = self._first or (0, "")
        if int((codes < 0).sum()) < len(codes) / 2:
            text = f"line {line}, {self._shown}: {_quoted(cell)}; a number among words"
        else:
            why = next((why for why, pattern in ODD.items() if pattern.match(real[0])), "only finite numbers here")
            text = f"line {self._line(real[0])}, {self._shown}: {_quoted(real[0])}; {why}"
        return DataError(f"{text}\nIf the column is a category, name it: -s categorical=...")

    def _empty(self, word: str) -> DataError:
        what = "empty" if not word else f"{_quoted(word)}, a missing value"
        return DataError(f"line {self._line(word)}, {self._shown}: {what}; fill it, or learn where: -s missing=model")

    def _too_many(self, count: int) -> DataError:
        some = ", ".join(_quoted(word) for word in list(self._words)[:2])
        return DataError(
            f"{self._shown}: {count} different words in {len(self._codes)} rows, such as {some}: names or numbers of "
            f"items, no category\nRemove the column from the file, or group its words: at most {MOST_VALUES}, and half "
            "as many as rows"
        )


def _all_numbers(cells: Sequence[str]) -> "array[float] | None":
    try:
        numbers = array("d", map(float, cells))
    except ValueError:
        return None
    return numbers if all(map(math.isfinite, numbers)) and "_" not in "".join(cells) else None


def _quoted(cell: str) -> str:
    return neutralise(repr(cell), 60)
