"""Previews: samples from the same latents every time, kept as files so that a run can be looked back on."""

import numpy as np
import torch
from torch import Tensor, nn

from gantui.core.events import Cursor
from gantui.engine import conditions, encoder, views
from gantui.engine.algorithm import in_evaluation_mode
from gantui.engine.noise import own_noise
from gantui.engine.training import Training
from gantui.runs.arrays import write_npz
from gantui.runs.files import write_atomic
from gantui.runs.layout import RunDir
from gantui.runs.pictures import png_grid

MOST_KEPT = 500
Arrays = dict[str, np.ndarray]


@torch.no_grad()
def take(training: Training) -> Arrays:
    """Return G's samples at the fixed latents, in the data's own units, with nothing of the training moved.

    `x` (N, *shape) from the averaged G if there is one, `x_raw` from G itself beside it; under a condition their
    labels `y` (N, attributes), as indices of values. With an encoder also `x_inferred` (n, *shape), what G makes of the
    examples of `write_real`. For data of one or two columns also what `views` draws of them.
    """
    data = training.data
    inputs = conditions.inputs(training.latents, training.labels, training.preview_rows)
    arrays = {"x": _numpy(data.to_own(_sampled(training, training.best_generator, inputs)))}
    if training.ema:
        arrays["x_raw"] = _numpy(data.to_own(_sampled(training, training.g, inputs)))
    if training.preview_rows is not None:
        arrays["y"] = _numpy(training.preview_rows)
    if training.encoder:
        e = training.encoder
        made = encoder.reconstruct(training.labels, training.best_generator, e.network, e.examples, e.rows)
        arrays["x_inferred"] = _numpy(data.to_own(made))
    return arrays | views.take(training)


def _sampled(training: Training, g: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
    with own_noise(training.config.seed, training.device):  # the same at each preview
        return in_evaluation_mode(g, *inputs)


class Gallery:
    """The preview files of a run, thinned evenly so that at most 500 stay."""

    def __init__(self, run: RunDir) -> None:
        self._run = run
        self._kept = sorted((path.stem for path in run.previews.glob("u*.npz")), key=_order)
        self._index = {stem: index for index, stem in enumerate(self._kept)}
        self._stride = 1

    def name(self, cursor: Cursor, branch: int) -> str:
        """Return the file of a preview, below the run directory."""
        return f"previews/u{cursor.update:09d}-b{branch}.npz"

    def keep(self, file: str, arrays: Arrays) -> None:
        """Write the arrays, and for images a PNG beside them; then thin. Raises OSError."""
        path = self._run.path / file
        write_npz(path, arrays)
        if arrays["x"].ndim == 4:
            write_atomic(path.with_suffix(".png"), png_grid(arrays["x"]))
        if path.stem not in self._index:
            self._index[path.stem] = len(self._index)
            self._kept.append(path.stem)
        self._thin()

    def _thin(self) -> None:
        while len(self._kept) > MOST_KEPT:
            self._stride *= 2
            self._drop([stem for stem in self._kept[:-1] if self._index[stem] % self._stride])
        # The newest always stays; the one before it only if its turn has come.
        self._drop([stem for stem in self._kept[-2:-1] if self._index[stem] % self._stride])

    def _drop(self, stems: list[str]) -> None:
        for stem in stems:
            for suffix in (".npz", ".png"):
                (self._run.previews / f"{stem}{suffix}").unlink(missing_ok=True)
        self._kept = [stem for stem in self._kept if stem not in set(stems)]


def _order(stem: str) -> tuple[int, int]:
    """The place of u000012000-b0 in time: by branch, then by update."""
    update, _, branch = stem.partition("-b")
    return (int(branch) if branch.isdigit() else 0, int(update[1:]) if update[1:].isdigit() else 0)


def write_real(run: RunDir, training: Training) -> None:
    """Write examples of the data beside the previews, in its own units, for comparison: those of `fixed_examples`.

    With a sheet of labels also these, `y` (N, attributes).
    """
    data, rows = training.data, training.preview_rows
    arrays = {"x": _numpy(data.to_own(data.take(training.shown)))}
    if data.kind == "image" and rows is not None:
        arrays["y"] = _numpy(rows)
    write_npz(run.previews / "real.npz", arrays)
    if arrays["x"].ndim == 4:
        write_atomic(run.previews / "real.png", png_grid(arrays["x"]))


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
