"""Rows of a .csv file, with the lines they stand in, so that messages lead to the cell at fault."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from gantui.core.errors import DataError
from gantui.core.text import neutralise

MAX_BYTES = 2 * 1024**3
Rows = Iterator[tuple[int, list[str]]]


def rows(path: Path) -> Rows:
    """Yield (line, cells) for each row, all rows of equal length; raises as `opened`."""
    with opened(path) as (text, _):
        yield from even_rows(text, delimiter(text))


@contextmanager
def opened(path: Path) -> Iterator[tuple[io.TextIOWrapper, Callable[[], float]]]:
    """A text file, and a function that says which share of it has been read.

    Raises:
        DataError: it is too large, no text in UTF-8 or no proper .csv, also while it is read.
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
            yield text, lambda: raw.tell() / size
        except UnicodeDecodeError as error:
            raise DataError(f"is not text in UTF-8 ({neutralise(error, 120)})") from None
        except csv.Error as error:
            raise DataError(f"is no proper .csv: {neutralise(error, 120)}") from None


def delimiter(text: io.TextIOWrapper) -> str:
    """The separator that cuts the first lines into equally many cells, else the most frequent one."""
    sample = [line for line in islice(text, 10) if line.strip()]
    text.seek(0)
    for candidate in "\t;,":
        widths = {len(row) for row in csv.reader(sample, delimiter=candidate)}
        if len(widths) == 1 and widths != {1}:
            return candidate
    return max(",;\t", key=sample[0].count) if sample else ","


def even_rows(text: io.TextIOWrapper, delimiter: str) -> Rows:
    """Yield (line, cells) for each row with the line it ends in. Raises DataError for one of another length.

    Blank lines are skipped, but in a single column they are holes: `[""]`.
    """
    reader, width, blank = csv.reader(text, delimiter=delimiter, strict=True), 0, 0
    for row in reader:
        if not row:
            blank = blank or reader.line_num
            continue
        width = width or len(row)
        if len(row) != width:
            raise DataError(f"line {reader.line_num} has {len(row)} cells, the first row has {width}")
        if blank and width == 1:
            yield blank, [""]
            blank = 0
        yield reader.line_num, row
