"""What textbooks draw of data with one or two columns: read from a preview's arrays, put together, and its numbers."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from gantui.tui.draw import axis, density, heat, mapping, marginals, plane, scatter
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.rows import Part, row

if TYPE_CHECKING:
    import numpy as np

    from gantui.tui.samples import Samples

LAYERS = ("d", "data", "samples", "pushes", "mapping", "modes")
AT_FIRST = frozenset(LAYERS)
EQUILIBRIUM = -math.log(4)  # of V(D, G), when p_g = p_data
RAW = "_raw"  # behind the names of what belongs to G itself, where there is an averaged one too
MOST = {
    "grid": 10_000,
    "map_z": 1000,
    "d_map": 1 << 18,
    "arrows": 1 << 13,
    "manifold": 1 << 15,
    "modes": 3000,
}  # numbers
LEAST_HEIGHT = 14  # of a line's picture, below which there is no mapping
NUMBERS = ("d_error", "w1", "jsd", "value", "high_quality")


@dataclass(frozen=True)
class Theory:
    """Arrays of one G, as `engine.views` writes them; None what there is not, or what makes no sense.

    On a line `p_g`, `d_star` (points,), `map_z` and `map_x`; in the plane `extent`, `d_map`, `arrows`, `manifold` and
    `modes`. `numbers` has those that are finite; `probability` is None where the file is too old to say.
    """

    p_g: "np.ndarray | None" = None
    d_star: "np.ndarray | None" = None
    map_z: "np.ndarray | None" = None
    map_x: "np.ndarray | None" = None
    extent: scatter.Extent | None = None
    d_map: "np.ndarray | None" = None
    arrows: "np.ndarray | None" = None
    manifold: "np.ndarray | None" = None
    modes: "np.ndarray | None" = None
    numbers: Mapping[str, float] | None = None
    probability: bool | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return sum(getattr(getattr(self, field.name), "nbytes", 0) for field in fields(self))


def decoded(arrays: "Mapping[str, np.ndarray]", suffix: str = "") -> Theory:
    """Return what the arrays of a preview, all of floats, say of a G; the file may be anybody's."""
    import numpy as np

    def get(name: str, *shape: int) -> "np.ndarray | None":
        """An array of that shape (−1: any number), if it isn't too large to draw."""
        found = arrays.get(name + suffix, arrays.get(name))
        if found is None or found.ndim != len(shape) or not 0 < found.size <= MOST.get(name, MOST["grid"]):
            return None
        return found if all(want in (-1, has) for want, has in zip(shape, found.shape, strict=True)) else None

    grid, where, flag = get("grid", -1), get("extent", 4), arrays.get("probability")
    extent = None
    if where is not None and np.isfinite(where).all() and where[0] < where[1] and where[2] < where[3]:
        extent = (float(where[0]), float(where[1]), float(where[2]), float(where[3]))
    points = -1 if grid is None else len(grid)
    map_z = get("map_z", -1)
    numbers = {name: float(found) for name in NUMBERS if (found := get(name)) is not None and np.isfinite(found)}
    return Theory(
        p_g=get("p_g", points),
        d_star=get("d_star", points),
        map_z=map_z,
        map_x=None if map_z is None else get("map_x", len(map_z)),
        extent=extent,
        d_map=get("d_map", -1, -1) if extent else None,
        arrows=get("arrows", -1, 2),
        manifold=get("manifold", -1, -1, 2),
        modes=get("modes", -1, 3),
        numbers=numbers,
        probability=None if flag is None or flag.ndim else bool(flag),
    )


def draw(
    samples: "Samples",
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
    samples: "Samples",
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
    p_g = density.estimate(x, samples.grid) if theory.p_g is None else theory.p_g
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
    low, high = heat.ends_of(theory.d_map, probability) if theory.d_map is not None else (0.0, 1.0)
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
    return plane.draw(whole, scatter.extent(x if real is None else real), width, height, mono)


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
        say("JSD", f"{numbers['jsd']:.4f}", "of 0.693")
    if "value" in numbers:
        say("V(D,G)", f"{numbers['value']:.3f}", f"(−log 4 = {EQUILIBRIUM:.3f})")
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
