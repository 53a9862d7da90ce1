"""Samples of any kind as the dashboard draws them: images, densities, points, tables, text. No screen, no files."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gantui.core.text import spelled
from gantui.tui import distribution
from gantui.tui.distribution import RAW, Theory
from gantui.tui.draw import density, marginals, pictures, scatter, strings
from gantui.tui.draw.ink import Ink, Lines
from gantui.tui.draw.pictures import Mode
from gantui.tui.view import RunView

if TYPE_CHECKING:  # importing numpy costs 50 ms: it is done when the first samples are read, beside the first frame
    import numpy as np

MODE_NAMES: dict[str, str] = {"half": "truecolour", "half256": "256 colours", "ascii": "ASCII", "braille": "braille"}


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


def _is_like(array: "np.ndarray | None", x: "np.ndarray") -> bool:
    """Whether an array holds examples of the same shape and kind."""
    is_one = array is not None and array.dtype == x.dtype and array.ndim == x.ndim
    return array is not None and is_one and array.shape[1:] == x.shape[1:] and 0 not in array.shape


def paired(x: "np.ndarray", inferred: "np.ndarray") -> "np.ndarray":
    """Return images (N, C, 2H, W): each example of x with what was made of it below."""
    import numpy as np

    count = min(len(x), len(inferred))
    return np.concatenate([x[:count], inferred[:count]], axis=2)


class Look(NamedTuple):
    """How samples are drawn: images by `mode` and `zoom`, text in `alphabet`, a table by its `columns` and `values`.

    `probability`: D's output is one, not a critic's score.
    """

    mode: Mode = "half"
    zoom: int = 0
    mono: bool = False
    columns: Sequence[str] = ()
    probability: bool = True
    alphabet: Sequence[str] = ()
    values: Sequence[Sequence[str]] = ()


def draw(samples: Samples, x: "np.ndarray", real: "np.ndarray | None", look: Look, width: int, height: int) -> Lines:
    """Return `x`, which is `samples.x`, `samples.raw` or nothing of the same shape, as cells.

    `real`, data of that shape, lies under points and beside the columns of a table.
    """
    import numpy as np

    if samples.kind == "images":
        per_line = samples.per_line if x is samples.x or x is samples.raw else 0
        return pictures.picture_grid(x, width, height, look.mode, look.zoom, per_line)
    if samples.kind == "text":
        return strings.draw(spelled_out(x, look), width, height, Ink("real" if x is real else "fake"))
    if samples.grid is not None and samples.d is not None:
        p_g = density.estimate(x, samples.grid)
        return density.draw(samples.grid, samples.p_data, p_g, samples.d, width, height, look.probability)
    if real is None or real.shape[1:] != x.shape[1:]:
        real = np.zeros((0, x.shape[1]))
    if samples.kind == "points" and not look.values:
        return scatter.draw(real, x, scatter.extent(real if len(real) else x), width, height, look.mono)
    return marginals.draw(look.columns, real, x, width, height, look.values)


def spelled_out(x: "np.ndarray", look: Look) -> list[str]:
    """Return the strings in `x` (N, length)."""
    return [spelled(row, look.alphabet) for row in x.tolist()]


def look_of(view: RunView, mode: Mode, *, mono: bool, zoom: int = 0) -> Look:
    """Return how the samples of a run are drawn."""
    facts = view.data
    return Look(mode, zoom, mono, facts.columns, view.objective.probability, facts.alphabet, facts.values)


def no_preview(view: RunView) -> str:
    """Return why there is nothing to see, and what to do."""
    every = view.controls.value("preview_every")
    if not view.alive:
        return "no samples: this run has taken none"
    if every in (0, "0"):
        return "no samples yet: preview_every is 0, so they are taken only when you press p"
    when = f"{every} steps" if isinstance(every, int) else every
    return f"no samples yet: the first come when training has begun, then every {when or '2s'}; p takes some now"
