"""The distribution large: a title that says which moment and which layers, numbers, the picture."""

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from gantui.runs.samples import Samples
from gantui.tui import actions, distribution
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.rows import Part, row, title, wrapped
from gantui.tui.widgets.drawing import Drawing

if TYPE_CHECKING:
    import numpy as np


class Moment(NamedTuple):
    """What is shown: samples with what was computed of them, examples of the data, when, and whether it is now."""

    samples: Samples
    real: "np.ndarray | None"
    step: int
    live: bool = False


class DistributionSheet(Drawing):
    """What it was given, or a text."""

    def __init__(self) -> None:
        super().__init__()
        self.moment: Moment | None = None
        self._message = ""

    def take(self, moment: Moment | None, message: str = "") -> None:
        """Show this, or, where there is nothing, a message."""
        self.moment, self._message = moment, message
        self.redraw()

    @property
    def available(self) -> Collection[str]:
        """Those that what is shown has, and no others."""
        samples = self.moment.samples if self.moment else None
        theory = samples.theory if samples else None
        if samples is None:
            return ()
        on_a_line = samples.grid is not None
        has = {
            "d": on_a_line or (theory is not None and theory.d_map is not None),
            "data": True,
            "samples": True,
            "mapping": theory is not None and (theory.map_x if on_a_line else theory.manifold) is not None,
            "pushes": theory is not None and theory.arrows is not None,
            "modes": theory is not None and theory.modes is not None,
        }
        return [name for name, there in has.items() if there]

    def paint(self, width: int, height: int) -> Lines:
        """Title, numbers, picture."""
        watch, moment = self.dashboard.watching, self.moment
        if watch is None:
            return [row(width, [])] * height
        if moment is None:
            lines = [title(width, "Distribution", [], []), row(width, [])]
            lines += [row(width, [[(f" {line}", MUTED)]]) for line in wrapped(self._message, max(width - 2, 10))]
            return (lines + [row(width, [])] * height)[:height]
        looking, samples = watch.looking, moment.samples
        raw = not looking.averaged
        about: list[Part] = []
        if samples.raw is not None:
            about.append([("G itself " if raw else "EMA ", Ink("fake", bold=True))])
        about.append([("step ", MUTED), (f"{moment.step:,} ", TEXT)])
        if moment.live:
            about.append([("live ", Ink("good", bold=True))])
        layers: list[Part] = []
        for action in actions.of("distribution"):
            name = action.name.removeprefix("layer_")
            if name in self.available:
                on = name in looking.layers
                layers.append([(f" {action.keys}", Ink("accent" if on else "muted", bold=on)),
                               (f" {action.label}", TEXT if on else MUTED)])  # fmt: skip
        head = title(width, "Distribution", about, [*layers, [(" ", TEXT)]])
        if height < 2:
            return [head]
        return [head, *distribution.draw(
            samples, raw, moment.real, looking.layers, width, height - 1,
            probability=watch.view.objective.probability, mono=self.app.no_color,
        )]  # fmt: skip
