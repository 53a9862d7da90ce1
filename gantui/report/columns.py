"""Samples that are rows of a table or lines of text, as small SVGs and HTML."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gantui.core import axis
from gantui.core.events import DataFacts
from gantui.core.text import spelled
from gantui.report.markup import Markup, element, joined

if TYPE_CHECKING:
    import numpy as np

MOST_COLUMNS = 24  # of a table
BINS = 32
MOST_VALUES = 8  # of a category
MOST_LINES, LONGEST_LINE = 16, 120  # of text
BAR_WIDE, BAR_HIGH = 210, 56
RARE = 0.005  # the share of the data at each end that may lie outside a histogram
LARGEST = 1e150
ROLES = ("real", "fake")


def table(x: "np.ndarray", real: "np.ndarray | None", data: DataFacts) -> Markup:
    """Return a small histogram for each column of a table (N, d), of the data and of the samples, with mean and sd."""
    shown = []
    for index in range(min(x.shape[1], MOST_COLUMNS)):
        name = data.columns[index] if index < len(data.columns) else f"column {index}"
        names = data.values[index] if index < len(data.values) else []
        both = [real[:, index] if real is not None else x[:0, index], x[:, index]]
        drawn = _categories(both, names) if names else _numbers(both)
        shown.append(element("div", element("h4", name), drawn))
    more = x.shape[1] - len(shown)
    note = element("p", f"{more:,} more column{'s' * (more != 1)} not shown", class_="note") if more else ""
    return element("div", element("div", *shown, class_="columns"), note)


def lines(x: "np.ndarray", alphabet: Sequence[str]) -> Markup:
    """Return samples of text, (N, length) indices of symbols, one a line."""
    texts = [spelled(row, alphabet).rstrip()[:LONGEST_LINE] for row in x[:MOST_LINES].tolist()]
    return element("pre", *(element("span", text or " ") for text in texts))


def _numbers(both: "Sequence[np.ndarray]") -> Markup:
    """Two histograms over the range of nearly all of the data (or of the samples without it), and means and sds."""
    import numpy as np

    finite = [values[np.isfinite(values)].astype(float).clip(-LARGEST, LARGEST) for values in both]
    base = np.sort(finite[0] if len(finite[0]) else finite[1])
    few = int(len(base) * RARE)
    low, high = (float(base[few]), float(base[-1 - few])) if len(base) else (0.0, 1.0)
    margin = max((high - low) * 0.05, abs(low) * 1e-3, 1e-9)
    ends = low - margin, high + margin
    counted = [np.histogram(values.clip(*ends), BINS, ends)[0] / max(len(values), 1) for values in finite]
    top = max(float(shares.max()) for shares in counted) or 1.0
    drawn = [
        element("path", d=Markup(_outline(shares / top)), class_=f"hist {role}")
        for shares, role in zip(counted, ROLES, strict=True)
    ]
    said = [
        element("span", element("i"), _mean_and_sd(values), class_=f"key {role}")
        for values, role in zip(finite, ROLES, strict=True)
    ]
    svg = element("svg", *drawn, class_="plot", viewBox=f"0 0 {BAR_WIDE} {BAR_HIGH + 2}", role="img")
    return joined([svg, element("p", *said, class_="note")])


def _mean_and_sd(values: "np.ndarray") -> str:
    return f"{axis.label(float(values.mean()))} ± {axis.label(float(values.std()))}" if len(values) else "–"


def _outline(heights: "np.ndarray") -> str:
    width = BAR_WIDE / BINS
    path = f"M0,{BAR_HIGH}"
    for index, height in enumerate(heights.tolist()):
        path += f"V{BAR_HIGH * (1 - height) + 1:.1f}H{(index + 1) * width:.1f}"
    return f"{path}V{BAR_HIGH + 1}"


def _categories(both: "Sequence[np.ndarray]", names: Sequence[str]) -> Markup:
    """The shares of the values, those most frequent in the data first."""
    import numpy as np

    counted = []
    for values in both:
        known = values[np.isfinite(values) & (values >= 0) & (values < len(names))].astype(int)
        counted.append(np.bincount(known, minlength=len(names)) / max(len(values), 1))
    order = np.argsort(-counted[0] if counted[0].sum() else -counted[1], kind="stable")[:MOST_VALUES].tolist()
    rows = []
    for index in order:
        bars = [
            element(
                "rect", x=0, y=3 + 7 * place, width=f"{100 * float(shares[index]):.1f}", height=6, class_=f"bar {role}"
            )
            for place, (shares, role) in enumerate(zip(counted, ROLES, strict=True))
        ]
        svg = element("svg", *bars, class_="plot bars", viewBox="0 0 100 18", role="img")
        shown = f"{100 * float(counted[0][index]):.0f} / {100 * float(counted[1][index]):.0f} %"
        rows.append(element("div", element("span", names[index]), svg, element("b", shown)))
    more = len(names) - len(order)
    note = element("p", f"{more:,} more values", class_="note") if more > 0 else ""
    return joined([element("div", *rows, class_="shares"), note])
