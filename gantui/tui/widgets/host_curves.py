"""What the trainer takes of its host, as values and as curves over the time of the run."""

import math
from dataclasses import dataclass

from gantui.core.events import System
from gantui.core.series import Series
from gantui.core.units import spell
from gantui.tui.draw import axis, curves
from gantui.tui.draw.curves import Curve, Frame
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines, Sheet
from gantui.tui.draw.rows import beside, row, title
from gantui.tui.view import RunView
from gantui.tui.widgets.drawing import Drawing

LEAST_WIDTH = 36  # cells that a curve with its value needs
GAP = 2


@dataclass(frozen=True)
class Number:
    """A number of the host; `percent` of something has an axis that ends at 100, or the next hundred."""

    name: str
    label: str
    percent: bool


NUMBERS = (
    Number("cpu", "Trainer's CPU", True),
    Number("memory", "Trainer's memory", False),
    Number("host_cpu", "Host's CPU", True),
    Number("host_memory", "Host's memory", True),
    Number("gpu_load", "GPU", True),
    Number("gpu_memory", "GPU memory", False),
)


class HostCurves(Drawing):
    """A small curve for each number there is, side by side as far as there is room."""

    def paint(self, width: int, height: int) -> Lines:
        """Panels in rows."""
        watch = self.dashboard.watching
        view = watch.view if watch else None
        shown = [number for number in NUMBERS if view and number.name in view.host_curves]
        if not view or not shown:
            lines = Sheet(width, height).lines()
            lines[0] = title(width, "Host", [[("no measurement yet: one comes every 10 s ", MUTED)]], [])
            return lines
        down = math.ceil(len(shown) / max(1, min(width // LEAST_WIDTH, len(shown))))
        down = min(down, max(1, height // 3))
        across = math.ceil(len(shown) / down)
        cells = (width - GAP * (across - 1)) // across
        lines = []
        for index in range(down):
            top, bottom = height * index // down, height * (index + 1) // down
            panels = [_panel(view, number, cells, bottom - top) for number in shown[index * across :][:across]]
            lines += [row(width, [line]) for line in beside(panels, GAP)]
        return lines


def _panel(view: RunView, number: Number, width: int, height: int) -> Lines:
    series = view.host_curves[number.name]
    first, last = series.span or (0.0, 1.0)
    value = value_text(number.name, view.system, series)
    span: list[tuple[str, Ink]] = [(f" {spell(last - first)} ", MUTED)] if last > first else []
    heading = title(width, number.label, [[(f"{value} ", Ink("accent", bold=True))]], [span])
    if height < 2:
        return [heading][:height]
    end = max(last, first + 1)
    columns = series.columns(2 * curves.plot_width(width), first, end)
    highest = max((column.high for column in columns if column), default=0.0)
    top = 100.0 * max(1, math.ceil(highest / 100)) if number.percent else axis.nice_range(0.0, highest)[1]
    frame = Frame(first, end, y_range=(0.0, top), band=False)
    # One row less than the least height with axes: an axis of Unix seconds tells nobody anything.
    rows = min(height - 1, curves.LEAST_HEIGHT - 1)
    plot = curves.draw([Curve(number.label, "accent", columns)], frame, width, rows)
    return [heading, *plot, *[row(width, [[("", TEXT)]])] * (height - 1 - rows)]


def value_text(name: str, system: System | None, series: Series) -> str:
    """Return the newest value with its unit, and of how much it is."""
    value = getattr(system, name, None)
    value = series.last if value is None else value
    if value is None:
        return "–"
    if name == "cpu":
        return f"{value:.0f}% of a core"
    if name == "host_cpu":
        cores = getattr(system, "cores", None)
        return f"{value:.0f}%" + (f" · {cores} core{'s' * (cores != 1)} for the trainer" if cores else "")
    if name == "host_memory":
        total = getattr(system, "host_memory_total", None)
        return f"{value:.0f}%" + (f" of {mebibytes(total)}" if total else "")
    if name == "gpu_load":
        return f"{value:.0f}%"
    total = getattr(system, "gpu_memory_total", None) if name == "gpu_memory" else None
    return mebibytes(value) + (f" of {mebibytes(total)}" if total else "")


def mebibytes(value: float) -> str:
    """Return MiB as a person reads them: `702 MiB`, `15.6 GiB`."""
    return f"{value:,.0f} MiB" if value < 1024 else f"{value / 1024:,.1f} GiB"
