"""Samples of any kind as the dashboard draws them: images, densities, points, tables. No screen, no files."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gantui.tui import distribution
from gantui.tui.distribution import RAW, Theory
from gantui.tui.draw import density, marginals, pictures, scatter
from gantui.tui.draw.ink import Lines
from gantui.tui.draw.pictures import Mode
from gantui.tui.view import RunView

if TYPE_CHECKING:  # importing numpy costs 50 ms: it is done when the first samples are read, beside the first frame
    import numpy as np

MODE_NAMES: dict[str, str] = {"half": "truecolour", "half256": "256 colours", "ascii": "ASCII", "braille": "braille"}


@dataclass(frozen=True)
class Samples:
    """One preview: `x` (N, C, H, W) of images with C 1 or 3, or (N, columns), from the averaged G if there is one.

    `raw` is the same from G itself, None where `x` is that already. Of 1-D data also `grid`, D there (`d`), and the
    density of the data (`p_data`), all (points,); `p_data` is None where it isn't known. `per_line` images belong to
    one label each line, 0 if they belong to none. `theory` is what else was computed of data with one or two columns,
    `theory_raw` the same of G itself. `step` and `update` are when, where the file says so.
    """

    x: "np.ndarray"
    raw: "np.ndarray | None" = None
    grid: "np.ndarray | None" = None
    d: "np.ndarray | None" = None
    p_data: "np.ndarray | None" = None
    per_line: int = 0
    theory: Theory | None = None
    theory_raw: Theory | None = None
    step: int | None = None
    update: int | None = None

    @property
    def kind(self) -> str:
        """How they are drawn: `images`, `density`, `points` or `table`."""
        if self.x.ndim == 4:
            return "images"
        if self.grid is not None:
            return "density"
        return "points" if self.x.shape[1] == 2 else "table"

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        parts = (self.x, self.raw, self.grid, self.d, self.p_data, self.theory, self.theory_raw)
        return sum(part.nbytes for part in parts if part is not None)


def decoded(arrays: "dict[str, np.ndarray] | None") -> Samples | None:
    """Return what a preview's file holds, None if that can't be samples: the file may be anybody's."""
    import numpy as np

    found = {}
    with np.errstate(all="ignore"):
        for name, array in (arrays or {}).items():
            if array.dtype.kind in "fiub":
                found[name] = array.astype(np.float32, copy=False)
    x, raw = found.get("x"), found.get("x_raw")
    if x is None or x.ndim not in (2, 4) or 0 in x.shape or (x.ndim == 4 and x.shape[1] not in (1, 3)):
        return None
    if raw is not None and (raw.ndim != x.ndim or raw.shape[1:] != x.shape[1:] or 0 in raw.shape):
        raw = None
    more: dict[str, Any] = {name: _count((arrays or {}).get(name)) for name in ("step", "update")}
    if x.shape[1:] in ((1,), (2,)):
        more["theory"] = distribution.decoded(found)
        more["theory_raw"] = None if raw is None else distribution.decoded(found, RAW)
    grid = found.get("grid")
    if grid is None or x.shape[1:] != (1,) or grid.ndim != 1 or len(grid) < 2 or not (np.diff(grid) > 0).all():
        side = math.isqrt(len(x))
        by_label = x.ndim == 4 and "y" in found and side * side == len(x)  # a sheet, as the trainer makes it
        return Samples(x, raw, per_line=side if by_label else 0, **more)
    d, p_data = (found[name] if name in found and found[name].shape == grid.shape else None for name in ("d", "p_data"))
    return Samples(x, raw, **more) if d is None else Samples(x, raw, grid, d, p_data, **more)


def _count(array: "np.ndarray | None") -> int | None:
    """A number of steps or updates, if it is one."""
    return int(array) if array is not None and array.ndim == 0 and array.dtype.kind in "iu" and array >= 0 else None


class Look(NamedTuple):
    """How samples are drawn: images by `mode` and `zoom`, a table with the names of its `columns`.

    `probability`: D's output is one, not a critic's score.
    """

    mode: Mode = "half"
    zoom: int = 0
    mono: bool = False
    columns: Sequence[str] = ()
    probability: bool = True


def draw(samples: Samples, x: "np.ndarray", real: "np.ndarray | None", look: Look, width: int, height: int) -> Lines:
    """Return `x`, which is `samples.x`, `samples.raw` or nothing of the same shape, as cells.

    `real`, data of that shape, lies under points and beside the columns of a table.
    """
    import numpy as np

    if samples.kind == "images":
        per_line = samples.per_line if x is samples.x or x is samples.raw else 0
        return pictures.picture_grid(x, width, height, look.mode, look.zoom, per_line)
    if samples.grid is not None and samples.d is not None:
        p_g = density.estimate(x, samples.grid)
        return density.draw(samples.grid, samples.p_data, p_g, samples.d, width, height, look.probability)
    if real is None or real.shape[1:] != x.shape[1:]:
        real = np.zeros((0, x.shape[1]))
    if samples.kind == "points":
        return scatter.draw(real, x, scatter.extent(real if len(real) else x), width, height, look.mono)
    return marginals.draw(look.columns, real, x, width, height)


def look_of(view: RunView, mode: Mode, *, mono: bool, zoom: int = 0) -> Look:
    """Return how the samples of a run are drawn."""
    return Look(mode, zoom, mono, view.data.columns, view.objective.probability)


def no_preview(view: RunView) -> str:
    """Return why there is nothing to see, and what to do."""
    every = view.controls.value("preview_every")
    if not view.alive:
        return "no samples: this run has taken none"
    if every in (0, "0"):
        return "no samples yet: preview_every is 0, so they are taken only when you press p"
    when = f"{every} steps" if isinstance(every, int) else every
    return f"no samples yet: the first come when training has begun, then every {when or '2s'}; p takes some now"
