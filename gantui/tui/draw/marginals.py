"""Tables: for each column the mean, the spread and the shape of data and samples, side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gantui.tui.draw import axis
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines, Sheet, cell_width, fitted

if TYPE_CHECKING:
    import numpy as np

EIGHTHS = " ▁▂▃▄▅▆▇"
NUMBER = 8  # cells for a number and the blank before it
LONGEST_NAME, LEAST_SPARK, MOST_SPARK = 16, 4, 24
LARGEST = 1e150
RARE = 0.005  # the share of the data at each end that may lie outside the histograms


def draw(names: Sequence[str], real: "np.ndarray", fake: "np.ndarray", width: int, height: int) -> Lines:
    """Return a line for each column of data (N, d) and samples (M, d), as many as fit; the last says how many more.

    Both histograms of a column go over one range, that of nearly all of its data.
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
    places = height - head
    shown = count if count <= places else places - 1
    if head:
        _heading(sheet, name_width, spark, numbers)
    for index in range(max(shown, 0)):
        row = index + head
        sheet.put(0, row, fitted(titles[index], name_width), TEXT)
        ends = _range(real[:, index])
        for place, (values, ink) in enumerate(((real, Ink("real")), (fake, Ink("fake")))):
            column = _column(name_width, spark, numbers, place)
            if numbers:
                for statistic in _statistics(values[:, index]):
                    column += NUMBER
                    sheet.put(column - len(statistic), row, statistic, ink)
                column += 1
            sheet.put(column, row, _sparkline(values[:, index], ends, spark), ink)
    if shown < count:
        sheet.put(0, height - 1, fitted(f"{count - max(shown, 0)} more", width), MUTED)
    return sheet.lines()


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
