"""What G descends as a function of D's output for a sample, and where the samples are on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gantui.core import game
from gantui.core.events import Hist
from gantui.core.series import Column
from gantui.tui.draw import curves
from gantui.tui.draw.curves import Curve, Frame
from gantui.tui.draw.ink import Lines

OVER_D, OVER_LOGIT = (0.0, 1.0), (-8.0, 8.0)
HIGHEST = 5.0  # of the cost over D: both forms grow without bound at an end
OF_SAMPLES = 0.3  # of the height, that the samples' density takes at most


@dataclass(frozen=True)
class Scale:
    """What is along the axis: D, the logit of D (`logits`), or a critic's score; from `low` to `high`."""

    low: float
    high: float
    logits: bool = False

    def place(self, d: float) -> float:
        """Return where an output of D is."""
        return game.logit(d) if self.logits else d

    def output(self, place: float) -> float:
        """Return the output of D at a place."""
        return game.sigmoid(place) if self.logits else place


def scale_of(hist: Hist | None, probability: bool, logits: bool) -> Scale:
    """Return the axis: of a critic's scores that of the histogram, and at least from −2 to 2."""
    if probability:
        return Scale(*(OVER_LOGIT if logits else OVER_D), logits)
    reach = max(2.0, hist.high if hist and hist.space == "score" else 0.0)
    return Scale(-reach, reach)


def draw(
    costs: Sequence[tuple[game.Cost, str]],
    scale: Scale,
    d_gz: float | None,
    hist: Hist | None,
    width: int,
    height: int,
    mono: bool = False,
) -> Lines:
    """Return a legend, costs (each with its role) over D's output, the density of D(G(z)), and a mark at its mean."""
    count = 2 * curves.plot_width(width)
    places = [scale.low + (index + 0.5) * (scale.high - scale.low) / count for index in range(count)]
    drawn = [
        Curve(cost.label, role, _columns(places, [cost.cost(scale.output(x)) for x in places])) for cost, role in costs
    ]
    y_range = _range(drawn, scale)
    if hist is not None and any(hist.fake):
        drawn.insert(0, Curve("samples", "fake", _density(hist, scale, places, y_range)))
    marks = [] if d_gz is None else [(min(max(scale.place(d_gz), scale.low), places[-1]), "D(G(z))")]
    return curves.draw(drawn, Frame(scale.low, scale.high, y_range, marks=marks, band=False, mono=mono), width, height)


def _columns(places: Sequence[float], values: Sequence[float]) -> list[Column | None]:
    return [Column(x, y, y, y) for x, y in zip(places, values, strict=True)]


def _range(drawn: Sequence[Curve], scale: Scale) -> tuple[float, float]:
    if scale.logits:
        return OVER_LOGIT
    if (scale.low, scale.high) == OVER_D:
        return -HIGHEST, HIGHEST
    return curves.fitting_range(drawn, Frame(scale.low, scale.high, band=False))


def _density(hist: Hist, scale: Scale, places: Sequence[float], y_range: tuple[float, float]) -> list[Column | None]:
    """The samples' density along the axis, from the bottom; its square root, as few samples matter too."""
    bins, width = len(hist.fake), (hist.high - hist.low) / len(hist.fake)

    def density(x: float) -> float:
        d = scale.output(x)
        index = math.floor((d - hist.low) / width)
        stretched = d * (1 - d) if scale.logits else 1.0
        return math.sqrt(hist.fake[index] * stretched) if 0 <= index < bins else 0.0

    found = [density(x) for x in places]
    low, high = y_range
    factor = OF_SAMPLES * (high - low) / (max(found, default=0.0) or 1.0)
    return _columns(places, [low + factor * share for share in found])
