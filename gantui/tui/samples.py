"""Samples of any kind as the dashboard draws them: images, densities, points, tables, text. No screen, no files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gantui.core.text import spelled
from gantui.runs.samples import Samples, density_of
from gantui.tui.draw import density, marginals, pictures, scatter, strings
from gantui.tui.draw.ink import Ink, Lines
from gantui.tui.draw.pictures import Mode
from gantui.tui.view import RunView

if TYPE_CHECKING:  # importing numpy costs 50 ms: it is done when the first samples are read, beside the first frame
    import numpy as np

MODE_NAMES: dict[str, str] = {"half": "truecolour", "half256": "256 colours", "ascii": "ASCII", "braille": "braille"}
LINES_IN_WIDTH = 14  # of an image: about one cell, however much it is shrunk


def paired(x: "np.ndarray", inferred: "np.ndarray") -> "np.ndarray":
    """Return images (N, C, H, 2W and some): each example of x, a grey line, and what was made of it."""
    import numpy as np

    count = min(len(x), len(inferred))
    line = max(round(x.shape[3] / LINES_IN_WIDTH), 1)
    grey = np.full((*x[:count].shape[:3], line), pictures.UNKNOWN, dtype=np.float32)
    return np.concatenate([x[:count], grey, inferred[:count]], axis=3)


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
        p_g = density_of(x, samples.grid)
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
