"""Samples of any kind, as the files of previews hold them: images, densities, points, tables, text."""

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantui.core import axis
from gantui.runs import theory
from gantui.runs.arrays import read_npz
from gantui.runs.layout import RunDir
from gantui.runs.theory import Theory

if TYPE_CHECKING:  # importing numpy costs 50 ms: it is done when the first samples are read
    import numpy as np


MARGIN = 0.1  # of the range of the data, free around it
RARE = 0.005  # the share of the data at each end that the range need not hold

Extent = tuple[float, float, float, float]
"""x from, x to, y from, y to."""


@dataclass(frozen=True)
class Samples:
    """One preview: `x` from the averaged G if there is one: (N, C, H, W) of images with C 1 or 3, (N, columns) of
    numbers, or whole numbers (N, length), the symbols of text by their indices.

    `raw` is the same from G itself, None where `x` is that already. Of 1-D data also `grid`, D there (`d`), and the
    density of the data (`p_data`), all (points,); `p_data` is None where it isn't known. `per_line` images belong to
    one label each line, 0 if they belong to none. `inferred` is G(E(x)) of the first examples of the data, if there is
    an encoder. `theory` is what else was computed of data with one or two columns, `theory_raw` the same of G itself.
    `step` and `update` are when, where the file says so.
    """

    x: "np.ndarray"
    raw: "np.ndarray | None" = None
    grid: "np.ndarray | None" = None
    d: "np.ndarray | None" = None
    p_data: "np.ndarray | None" = None
    per_line: int = 0
    inferred: "np.ndarray | None" = None
    theory: Theory | None = None
    theory_raw: Theory | None = None
    step: int | None = None
    update: int | None = None

    @property
    def kind(self) -> str:
        """How they are drawn: `images`, `density`, `points`, `table` or `text`."""
        if self.x.ndim == 4:
            return "images"
        if self.x.dtype.kind in "iu":
            return "text"
        if self.grid is not None:
            return "density"
        return "points" if self.x.shape[1] == 2 else "table"

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        parts = (self.x, self.raw, self.grid, self.d, self.p_data, self.inferred, self.theory, self.theory_raw)
        return sum(part.nbytes for part in parts if part is not None)


def decoded(arrays: "dict[str, np.ndarray] | None") -> Samples | None:
    """Return what a preview's file holds, None if that can't be samples: the file may be anybody's."""
    import numpy as np

    found = {}
    with np.errstate(all="ignore"):
        for name, array in (arrays or {}).items():
            if array.dtype.kind in "iu" and array.ndim == 2 and name in ("x", "x_raw"):
                found[name] = array.astype(np.int32)
            elif array.dtype.kind in "fiub":
                found[name] = array.astype(np.float32, copy=False)
    x, raw = found.get("x"), found.get("x_raw")
    if x is None or x.ndim not in (2, 4) or 0 in x.shape or (x.ndim == 4 and x.shape[1] not in (1, 3)):
        return None
    raw, inferred = (a if _is_like(a, x) else None for a in (raw, found.get("x_inferred")))
    more: dict[str, Any] = {name: _count((arrays or {}).get(name)) for name in ("step", "update")}
    more["inferred"] = inferred
    if x.shape[1:] in ((1,), (2,)) and x.dtype == np.float32:
        more["theory"] = theory.decoded(found)
        more["theory_raw"] = None if raw is None else theory.decoded(found, theory.RAW)
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


def _is_like(array: "np.ndarray | None", x: "np.ndarray") -> bool:
    """Whether an array holds examples of the same shape and kind."""
    is_one = array is not None and array.dtype == x.dtype and array.ndim == x.ndim
    return array is not None and is_one and array.shape[1:] == x.shape[1:] and 0 not in array.shape


def density_of(x: "np.ndarray", grid: "np.ndarray") -> "np.ndarray":
    """Return the density of samples (N, 1) on an even `grid`: how many lie in the bin around each point."""
    import numpy as np

    width = float(grid[-1] - grid[0]) / (len(grid) - 1)
    ends = float(grid[0]) - width / 2, float(grid[-1]) + width / 2
    counts, _ = np.histogram(x[np.isfinite(x)], len(grid), ends)
    density: np.ndarray = counts / (max(len(x), 1) * width)
    return density


def extent(real: "np.ndarray") -> Extent:
    """Return round ranges that hold nearly all of the data (N, 2), with a margin; 0 to 1 where there is none."""
    import numpy as np

    ends: list[float] = []
    for values in np.asarray(real, dtype=float).reshape(-1, 2).T:
        finite = values[np.isfinite(values)].clip(-axis.MOST, axis.MOST)
        low, high = np.quantile(finite, (RARE, 1 - RARE)).tolist() if len(finite) else (0.0, 1.0)
        margin = MARGIN * (high - low)
        ends += axis.nice_range(low - margin, high + margin, parts=10)
    return ends[0], ends[1], ends[2], ends[3]


def preview_arrays(run: RunDir, file: str) -> "dict[str, np.ndarray] | None":
    """Return the arrays of a preview, by its file below the run directory; None if there are none.

    The name comes out of the log: only a plain file in `previews/` is opened.
    """
    folder, _, name = file.rpartition("/")
    if folder != run.previews.name or name in ("", ".", ".."):
        return None
    return read_npz(run.previews / name)


def preview_files(run: RunDir) -> frozenset[str] | None:
    """Return the files of the previews there are, below the run directory; None if that can't be told."""
    folder = run.previews
    try:
        return frozenset(f"{folder.name}/{name}" for name in os.listdir(folder))  # noqa: PTH208, half the time
    except OSError:
        return None
