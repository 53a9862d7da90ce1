"""What textbooks draw of data with one or two columns: put together, and its numbers."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from gantui.core.game import LOG_4
from gantui.runs.samples import Samples, density_of
from gantui.runs.theory import Theory
from gantui.tui.draw import axis, density, heat, mapping, marginals, plane, scatter
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.rows import Part, row

if TYPE_CHECKING:
    import numpy as np

LAYERS = ("d", "data", "samples", "pushes", "mapping", "modes")
AT_FIRST = frozenset(LAYERS)
LEAST_HEIGHT = 14  # of a line's picture, below which there is no mapping


def draw(
    samples: Samples,
    raw: bool,
    real: "np.ndarray | None",
    layers: Collection[str],
    width: int,
    height: int,
    *,
    probability: bool,
    mono: bool,
) -> Lines:
    """Return a row of numbers, and below it the picture of Figure 1, or of the plane.

    `raw`: of G itself, where `samples` have one beside the averaged G. `real` are examples of the data.
    `probability` holds where the file doesn't say.
    """
    theory = samples.theory_raw if raw and samples.raw is not None else samples.theory
    x = samples.raw if raw and samples.raw is not None else samples.x
    theory = theory or Theory()
    probability = probability if theory.probability is None else theory.probability
    lines = [row(width, _numbers(theory))][:height]
    if height < 2:
        return lines
    if samples.grid is not None:
        return lines + _line(samples, theory, x, layers, width, height - 1, probability)
    if real is not None and real.shape[1:] != x.shape[1:]:
        real = None
    if x.shape[1:] != (2,):  # a line without a curve of D
        return lines + marginals.draw(("x",), x[:0] if real is None else real, x, width, height - 1)
    return lines + _plane(theory, x, real, layers, width, height - 1, probability, mono)


def _line(
    samples: Samples,
    theory: Theory,
    x: "np.ndarray",
    layers: Collection[str],
    width: int,
    height: int,
    probability: bool,
) -> Lines:
    assert samples.grid is not None
    below = 0
    if "mapping" in layers and theory.map_z is not None and theory.map_x is not None and height >= LEAST_HEIGHT:
        below = min(max(height // 3, 5), 12)
    p_g = density_of(x, samples.grid) if theory.p_g is None else theory.p_g
    lines = density.draw(
        samples.grid,
        samples.p_data if "data" in layers else None,
        p_g if "samples" in layers else None,
        samples.d if "d" in layers else None,
        width,
        height - below,
        probability,
        theory.d_star if "d" in layers else None,
    )
    if below and theory.map_z is not None and theory.map_x is not None:
        ends = float(samples.grid[0]), float(samples.grid[-1])
        lines += mapping.draw(theory.map_z, theory.map_x, *ends, width, below)
    return lines


def _plane(
    theory: Theory,
    x: "np.ndarray",
    real: "np.ndarray | None",
    layers: Collection[str],
    width: int,
    height: int,
    probability: bool,
    mono: bool,
) -> Lines:
    around, low, high = scatter.extent(x if real is None else real), 0.0, 1.0
    if theory.d_map is not None and theory.extent is not None:
        low, high = heat.ends_of(theory.d_map, theory.extent, probability, around)
    arrows = theory.arrows[: len(x)] if theory.arrows is not None else None
    shown: dict[str, Any] = {
        "d_map": theory.d_map if "d" in layers else None,
        "real": real if "data" in layers else None,
        "fake": x if "samples" in layers else None,
        "arrows": arrows if "pushes" in layers else None,
        "manifold": theory.manifold if "mapping" in layers else None,
        "modes": theory.modes if "modes" in layers else None,
    }
    origins = None if arrows is None else x[: len(arrows)]
    whole = plane.Shown(**shown, origins=origins, extent=theory.extent, low=low, high=high)
    return plane.draw(whole, around, width, height, mono)


def _numbers(theory: Theory) -> list[Part]:
    """What to read off, the most telling first."""
    import numpy as np

    numbers = theory.numbers or {}
    parts: list[Part] = []

    def say(name: str, value: str, note: str = "", ink: Ink = TEXT) -> None:
        parts.append([(f" {name} ", MUTED), (value, ink), (f" {note} " if note else " ", MUTED)])

    if "d_error" in numbers:
        say("sup|D−D*|", f"{numbers['d_error']:.3f}")
    if "w1" in numbers:
        say("W1", f"{numbers['w1']:.3f}", "sd")
    if "jsd" in numbers:
        say("JSD", f"{numbers['jsd']:.4f}")
    if "value" in numbers:
        say("V(D,G)", f"{numbers['value']:.3f}", f"(−log 4 {-LOG_4:.3f})")
    if theory.modes is not None:
        counts = theory.modes[:, 2]
        found = int((counts >= 1).sum())
        say("modes", f"{found}/{len(counts)}", "", Ink("good" if found == len(counts) else "warning"))
    if "high_quality" in numbers:
        say("high quality", f"{numbers['high_quality']:.1f} %")
    if theory.arrows is not None:
        with np.errstate(all="ignore"):
            lengths = np.hypot(*theory.arrows.T)
        finite = lengths[np.isfinite(lengths)]
        if len(finite):
            say("slope at samples", axis.label(float(np.median(finite))), "median")
    return parts
