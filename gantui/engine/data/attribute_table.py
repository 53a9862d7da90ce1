"""`attributes.csv` beside images, as CelebA has it: a row for each file, a column for each attribute."""

from collections.abc import Sequence
from pathlib import Path

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import csv_file, label_column
from gantui.engine.data.label_column import LabelColumn
from gantui.engine.data.labels import Labels

NAME = "attributes.csv"


def read(path: Path, names: Sequence[str]) -> tuple[Labels | None, list[str]]:
    """Return the attributes of the images `names` (paths below the table's folder), and warnings.

    The first row is the header; the first column holds the names of the files, the others −1 and 1, whole
    numbers or words.

    Raises:
        DataError: no column, a file named twice, images that are not in the table, or as `csv_file`.
    """
    rows = csv_file.rows(path)
    _, header = next(rows, (0, []))
    if len(header) < 2:
        raise DataError("needs a header: the column of file names, and a column for each attribute")
    found: dict[str, tuple[int, list[str]]] = {}
    for line, row in rows:
        name = row[0].strip()
        if name in found:
            raise DataError(f"line {line}: {neutralise(name, 80)} is named twice, first in line {found[name][0]}")
        found[name] = line, row
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"has no row for {len(missing)} of {len(names)} images: {_some(missing)}")
    columns = [LabelColumn(neutralise(cell.strip(), 80) or f"column {i}") for i, cell in enumerate(header[1:], 2)]
    for name in names:
        line, row = found[name]
        for column, cell in zip(columns, row[1:], strict=True):
            column.add(cell, f"line {line}")
    labels, warnings = label_column.assemble(columns)
    more = len(found) - len(names)
    if more:
        used = set(names)
        unused = [name for name in found if name not in used]
        warnings.append(f"{NAME}: {more} of {len(found)} rows are of no image here: {_some(unused)}")
    return labels, warnings


def _some(names: Sequence[str]) -> str:
    return ", ".join(neutralise(name, 80) for name in names[:3]) + (", …" if len(names) > 3 else "")
