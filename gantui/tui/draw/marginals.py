"""Tables: of each column the mean, the spread and the shape of data and samples, or the shares of its categories."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gantui.tui.draw import axis
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines, Sheet, cell_width, fitted

if TYPE_CHECKING:
    import numpy as np

EIGHTHS = " ▁▂▃▄▅▆▇"
PARTS = " ▏▎▍▌▋▊▉█"  # of a cell, from the left
NUMBER = 8  # cells for a number and the blank before it
LONGEST_NAME, LEAST_SPARK, MOST_SPARK = 16, 4, 24
MOST_BARS = 5  # lines of a category
LARGEST = 1e150
RARE = 0.005  # the share of the data at each end that may lie outside the histograms
Columns = Sequence[Sequence[str]]


class _Row(NamedTuple):
    """A line of a column: its numbers, or the share of the categories `codes` together; −1 are empty cells."""

    column: int
    label: str = ""
    codes: tuple[int, ...] = ()


def draw(
    names: Sequence[str], real: "np.ndarray", fake: "np.ndarray", width: int, height: int, values: Columns = ()
) -> Lines:
    """Return the columns of data (N, d) and samples (M, d), as many as fit; the last line says how many more.

    A column of numbers has a line, with both histograms over one range, that of nearly all of its data. One of which
    `values` has names for its indices has a line for each of the first of them, as far as there is room.
    """
    sheet = Sheet(width, height)
    count = real.shape[1]
    titles = [names[index] if index < len(names) else f"column {index}" for index in range(count)]
    name_width = min(max((cell_width(title) for title in titles), default=0), LONGEST_NAME, width)
    spark = min((width - name_width - 4 * NUMBER - 4) // 2, MOST_SPARK)
    numbers = spark >= LEAST_SPARK  # in a narrow place only the shapes
    if not numbers:
        spark = min(max((width - name_width - 2) // 2, 0), MOST_SPARK)
    head = height > 1
    rows, shown = _rows(real, values, count, height - head)
    if head:
        _heading(sheet, name_width, spark, numbers)
    for place, row in enumerate(rows, head):
        first = place == head or rows[place - head - 1].column != row.column
        title = titles[row.column] if first else "" if numbers else f" {row.label}"
        sheet.put(0, place, fitted(title, name_width), TEXT if first else MUTED)
        ends = None if row.codes else _range(real[:, row.column])
        if row.codes and numbers:
            sheet.put(name_width + 2, place, fitted(row.label, 2 * NUMBER - 6), MUTED)
        for side, (table, ink) in enumerate(((real, Ink("real")), (fake, Ink("fake")))):
            column, cells = _column(name_width, spark, numbers, side), table[:, row.column]
            share = 0.0 if ends else _share(cells, row.codes)
            if numbers:
                for statistic in _statistics(cells) if ends else ("", f"{100 * share:.1f}%" if len(cells) else "–"):
                    column += NUMBER
                    sheet.put(column - len(statistic), place, statistic, ink)
                column += 1
            sheet.put(column, place, _sparkline(cells, ends, spark) if ends else _bar(share, spark), ink)
    if shown < count:
        sheet.put(0, height - 1, fitted(f"{count - shown} more", width), MUTED)
    return sheet.lines()


def _rows(real: "np.ndarray", values: Columns, count: int, places: int) -> tuple[list[_Row], int]:
    """The lines there is room for, and how many columns they are of."""
    blocks: list[list[_Row]] = []
    for most in range(MOST_BARS, 0, -1):
        blocks = [_block(index, real[:, index], _at(values, index), most) for index in range(count)]
        if sum(map(len, blocks)) <= places:
            return [row for block in blocks for row in block], count
    rows: list[_Row] = []
    for index, block in enumerate(blocks):
        if len(rows) + len(block) > places - 1:
            return rows, index
        rows += block
    return rows, count


def _at(values: Columns, index: int) -> Sequence[str]:
    return values[index] if index < len(values) else ()


def _block(index: int, cells: "np.ndarray", words: Sequence[str], most: int) -> list[_Row]:
    """The lines of one column, at most so many for its categories: the first ones, and the others together."""
    import numpy as np

    empty = [("empty", -1)] if np.isnan(cells).any() else []
    if not words:
        return [_Row(index), *(_Row(index, word, (code,)) for word, code in empty if most > 1)]
    kinds = [(word, code) for code, word in enumerate(words)] + empty
    alone = len(kinds) if len(kinds) <= most else max(most - 1, 1)
    rows = [_Row(index, word, (code,)) for word, code in kinds[:alone]]
    others = kinds[alone:]
    if others and most > 1:
        rows.append(_Row(index, f"{len(others)} others", tuple(code for _, code in others)))
    return rows


def _share(cells: "np.ndarray", codes: tuple[int, ...]) -> float:
    """The share of the categories `codes`, 0 to 1."""
    import numpy as np

    known = np.where(np.isnan(cells), -1, cells)
    return float(np.isin(known, codes).mean()) if len(known) else 0.0


def _bar(share: float, width: int) -> str:
    """A bar that is `width` cells long for a share of 1."""
    eighths = round(min(share, 1.0) * width * 8)
    return "█" * (eighths // 8) + PARTS[eighths % 8].strip() if width > 0 else ""


def _column(name_width: int, spark: int, numbers: bool, place: int) -> int:
    """Where the part of the data (0) or of the samples (1) begins."""
    return name_width + 1 + place * (spark + 1 + (2 * NUMBER + 1 if numbers else 0))


def _heading(sheet: Sheet, name_width: int, spark: int, numbers: bool) -> None:
    for place, (role, text) in enumerate((("real", "data"), ("fake", "samples"))):
        column = _column(name_width, spark, numbers, place)
        if numbers:
            sheet.put(column + NUMBER - 4, 0, "mean", MUTED)
            sheet.put(column + 2 * NUMBER - 2, 0, "sd", MUTED)
            column += 2 * NUMBER + 1
        sheet.put(column, 0, fitted(text, spark), Ink(role))


def _finite(values: "np.ndarray") -> "np.ndarray":
    """Return the finite ones, clamped to where their squares are finite too."""
    import numpy as np

    given = np.asarray(values, dtype=float)
    finite: np.ndarray = np.clip(given[np.isfinite(given)], -LARGEST, LARGEST)
    return finite


def _statistics(values: "np.ndarray") -> list[str]:
    """Mean and standard deviation of what is finite."""
    finite = _finite(values)
    return [axis.label(float(finite.mean())), axis.label(float(finite.std()))] if len(finite) else ["–", "–"]


def _range(values: "np.ndarray") -> tuple[float, float]:
    import numpy as np

    ordered = np.sort(_finite(values))
    few = int(len(ordered) * RARE)
    low, high = (float(ordered[few]), float(ordered[-1 - few])) if len(ordered) else (0.0, 1.0)
    middle, half = (low + high) / 2, max((high - low) / 2 * 1.1, abs(low) * 1e-3, 1e-9)
    return middle - half, middle + half


def _sparkline(values: "np.ndarray", ends: tuple[float, float], width: int) -> str:
    """A histogram in one line, its highest bar below the line above; values outside count in the outermost bars."""
    import numpy as np

    finite = _finite(values)
    if not len(finite) or width < 1:
        return ""
    low, high = ends
    places = ((finite - low) / (high - low) * width).clip(0, width - 1).astype(int)
    counts = np.bincount(places, minlength=width)
    levels = np.ceil(counts / counts.max() * 7).astype(int)
    return "".join(EIGHTHS[level] for level in levels.tolist())
