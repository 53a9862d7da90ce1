"""What was computed of data with one or two columns beside their samples, as the files of previews hold it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

RAW = "_raw"  # behind the names of what belongs to G itself, where there is an averaged one too
MOST = {  # numbers of an array that is drawn
    "grid": 10_000,
    "map_z": 1000,
    "d_map": 1 << 18,
    "arrows": 1 << 13,
    "manifold": 1 << 15,
    "modes": 3000,
}
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
    extent: tuple[float, float, float, float] | None = None
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
