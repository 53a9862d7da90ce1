"""One-shot drawings of a run with plotext, for any terminal or a file."""

import sys
from typing import Any

from gantui.core.errors import ConfigError
from gantui.core.events import Hist, Metrics
from gantui.core.series import Series
from gantui.core.text import nearest, neutralise
from gantui.runs.branches import lineage
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader
from gantui.runs.tail import tail

MARGIN = 12  # columns that axis labels take at most


def draw_curves(run: RunDir, names: list[str], width: int, height: int) -> str:
    """Return the curves called `names` over the steps of the run's newest line of history, as lines of text.

    Raises:
        ConfigError: no such number in the log, or nothing logged yet.
    """
    curves = _read(run)
    if not curves:
        raise ConfigError(f"run {neutralise(run.id)} has logged no numbers yet")
    for name in names:
        if name not in curves:
            shown = neutralise(repr(name), 80)
            raise ConfigError(f"no number {shown} in the log{nearest(name, curves)}; there are {', '.join(curves)}")
    figure = _figure(width, height)
    for name in names:
        columns = [column for column in curves[name].columns(max(10, (width - MARGIN) * 2)) if column]
        signal = figure.signal([column.x for column in columns], [column.mean for column in columns], marker="braille")
        figure.draw(signal.lines(True).label(name))
    figure.title(f"{neutralise(run.id, width)}: {', '.join(names)} by step")
    return _built(figure)


def draw_histogram(run: RunDir, width: int, height: int) -> str | None:
    """Return the last histogram of D(x) and D(G(z)) as lines of text, or None if there is none."""
    last = tail(run, kinds={"hist"})
    if not isinstance(last, Hist):
        return None
    figure = _figure(width, height)
    step = (last.high - last.low) / len(last.real)
    centres = [last.low + (index + 0.5) * step for index in range(len(last.real))]
    for label, counts in (("D(x)", last.real), ("D(G(z))", last.fake)):
        total = sum(counts) or 1
        shares = [count / total for count in counts]
        figure.draw(figure.signal(centres, shares, marker="braille").lines(True).label(label))
    figure.title(f"D(x) and D(G(z)) at step {last.step}, overlap {last.overlap:.2f}")
    return _built(figure)


def _read(run: RunDir) -> dict[str, Series]:
    reader, records = RunReader(run), []
    while True:
        records += reader.poll()
        if reader.exhausted:
            break
    curves: dict[str, Series] = {}
    for record in lineage(records):
        if isinstance(record, Metrics):
            for name, triple in record.v.items():
                curves.setdefault(name, Series()).add(record.step, *triple)
    return curves


def _figure(width: int, height: int) -> Any:
    import plotext  # 165 ms that only a drawing pays for

    plotext.terminal.limit(False, False)
    plotext.figure.clear()
    plotext.figure.plot_size(width, height)
    return plotext.figure


def _built(figure: Any) -> str:
    import plotext

    text: str = figure.build().string()
    return text if sys.stdout.isatty() else plotext.uncolorize(text)
