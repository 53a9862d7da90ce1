"""One-shot drawings of a run with plotext, for any terminal or a file."""

import os
import sys
from collections.abc import Sequence
from typing import Any

from gantui.core.errors import ConfigError
from gantui.core.events import Hist, Metrics
from gantui.core.series import Series
from gantui.core.text import nearest, neutralise
from gantui.runs.branches import lineage
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader
from gantui.runs.tail import tail
from gantui.tui.draw import axis
from gantui.tui.draw.ink import cell_width, fitted

MARGIN = 8  # columns that axis and labels take
FRAME = 244  # colours of the 256 that are seen on dark and on light grounds
LOSSES, DENSITIES = (33, 172, 35, 169, 37, 133), (35, 169)
MARKERS = ("braille", "•", "×", "+", "o", "#")  # tell curves apart where there are no colours

Points = tuple[str, Sequence[float], Sequence[float]]  # what a curve is called, its x, its y


def draw_curves(run: RunDir, names: list[str], width: int, height: int) -> str:
    """Return the curves called `names` over the steps of the run's newest line of history, as lines of text.

    Raises:
        ConfigError: no such number in the log, or nothing logged yet.
    """
    curves = _read(run)
    if not curves:
        raise ConfigError(f"run {neutralise(run.id)} has logged no numbers yet")
    shown: list[Points] = []
    for name in names:
        if name not in curves:
            given = neutralise(repr(name), 80)
            raise ConfigError(
                f"no number {given} in the log{nearest(name, curves)}; there are {neutralise(', '.join(curves))}"
            )
        columns = [column for column in curves[name].columns(max(10, (width - MARGIN) * 2)) if column]
        shown.append((neutralise(name), [column.x for column in columns], [column.mean for column in columns]))
    return _drawn(neutralise(run.id), shown, "by step", LOSSES, width, height)


def draw_histogram(run: RunDir, width: int, height: int) -> str | None:
    """Return the last histogram of D(x) and D(G(z)) as lines of text, or None if there is none."""
    last = tail(run, kinds={"hist"})
    if not isinstance(last, Hist):
        return None
    step = (last.high - last.low) / len(last.real)
    centres = [last.low + (index + 0.5) * step for index in range(len(last.real))]
    shown: list[Points] = []
    for label, counts in (("D(x)", last.real), ("D(G(z))", last.fake)):
        total = sum(counts) or 1
        shown.append((label, centres, [count / total for count in counts]))
    about = f"at step {last.step:,}, overlap {last.overlap:.2f}"
    return _drawn("shares of", shown, about, DENSITIES, width, height, ends=(last.low, last.high))


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


def _drawn(
    title: str,
    curves: Sequence[Points],
    about: str,
    colours: Sequence[int],
    width: int,
    height: int,
    ends: tuple[float, float] | None = None,
) -> str:
    """Return a line that names the curves, and below it these, in the terminal's own ground."""
    import plotext  # 165 ms that only a drawing pays for

    plain = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR"))
    figure = plotext.figure
    plotext.terminal.limit(False, False)
    figure.clear()
    plotext.add_theme("terminal", text=plotext.pixel(foreground=FRAME), sequence=list(colours))
    figure.theme("terminal")
    figure.plot_size(width, height - 1)
    figure.axes(False, axis="x", side="upper").axes(False, axis="y", side="right")
    heading = [(f"{fitted(title, max(width // 2, 1))} ", "")]
    for index, (name, x, y) in enumerate(curves):
        colour, marker = colours[index % len(colours)], MARKERS[index % len(MARKERS) if plain else 0]
        figure.draw(figure.signal(x, y, marker=marker).lines(True))
        heading.append((f" {'━━' if marker == 'braille' else marker * 2} {name} ", f"38;5;{colour}"))
    heading.append((f" {about}", ""))
    xs = [value for _, x, _ in curves for value in x]
    ys = [value for _, _, y in curves for value in y]
    _ruled(figure.ruler("x", "lower"), ends or (0, max(xs)), min(max(2, width // 12), 11))
    _ruled(figure.ruler("y", "left"), axis.nice_range(min(ys), max(ys)), max(3, height // 2 - 1))
    text = f"{_line(heading, width)}\n{figure.build().string().rstrip()}"
    return "\n".join(line.rstrip() for line in plotext.uncolorize(text).splitlines()) if plain else text


def _ruled(ruler: Any, ends: tuple[float, float], most: int) -> None:
    """Let an axis go from end to end, with round ticks."""
    values = axis.ticks(*ends, most)
    ruler.lim(*ends).ticks(values, axis.labels(values))


def _line(parts: Sequence[tuple[str, str]], width: int) -> str:
    """Return what fits of the parts (text, colour's code), coloured."""
    line, room = "", width
    for text, code in parts:
        room -= cell_width(text)
        if room < 0:
            break
        line += f"\x1b[{code}m{text}\x1b[0m" if code else text
    return line
