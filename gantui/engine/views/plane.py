"""The plane: what D makes of each place, where it sends samples, how G bends z, and which modes it reaches."""

import numpy as np
import torch
from torch import Tensor, nn

from gantui.engine.algorithm import in_evaluation_mode
from gantui.engine.data.order import mix
from gantui.engine.latents import ends
from gantui.engine.training import LATENTS, Training, draw
from gantui.engine.views.parts import d_at, generate, numpy, one_label
from gantui.evaluation.coverage import HIGH_QUALITY

ROWS, COLUMNS = 44, 132  # of the map
ASPECT = COLUMNS / ROWS  # of what it shows, where x and y are in one unit: terminals are wide
LEAST_ASPECT = 0.25  # ranges more unequal than that are not
MOST_LABELS = 8
ARROWS, COMPARED = 64, 64  # samples with an arrow; data that a loss of pairs compares each with
KNOTS, ALONE = 21, 64  # of the manifold along each latent; along the only one
SAMPLES = 2500  # that modes are counted in, as PacGAN and VEEGAN do
RARE, MARGIN = 0.005, 0.3  # the map holds all data but so much on each side, and is wider by so much on each side
MOST_LOOKED_AT = 200_000  # rows of the data


class Plane:
    """What of the picture doesn't move: the map's points, and z.

    Arrays, float32: `extent` (4,) from and to in x, then y; `d_map` (44, 132), D from the top left, at the centres of
    that many cells (float16 where it is a probability). Of a G: `arrows` (64, 2), for the first samples of the preview
    −∇ of G's loss through D at the sample, taken in the model's range, as the way it would be pushed in own units;
    `manifold` (21, 21, 2), G over a grid of the first two latents with the others 0, (1, 64, 2) if there is but one;
    for a known mixture `modes` (M, 3), x, y and the number of samples less than 3 deviations away, of 2,500
    (each counted for its nearest mode), and `high_quality` (), how many that are of all, in percent.
    """

    def __init__(self, training: Training) -> None:
        data, config, device = training.data, training.config, training.device
        assert data.x is not None
        own = data.to_own(data.x[:: -(-data.count // MOST_LOOKED_AT)]).double().cpu().numpy()
        self._extent = extent(own)
        x_low, x_high, y_low, y_high = self._extent
        across = x_low + (torch.arange(COLUMNS) + 0.5) / COLUMNS * (x_high - x_low)
        down = y_high - (torch.arange(ROWS) + 0.5) / ROWS * (y_high - y_low)
        points = torch.stack([across.expand(ROWS, -1), down[:, None].expand(-1, COLUMNS)], 2).view(-1, 2).to(device)
        self._points = (points - data.shift) / data.scale
        generator = torch.Generator().manual_seed(mix(config.seed, LATENTS))
        self._z = draw(config, SAMPLES, generator, torch.device("cpu")).to(device)
        self._rows = training.labels.draw(SAMPLES, generator) if training.labels else None
        self._knots = _knots(training)

    def of_d(self, training: Training) -> dict[str, np.ndarray]:
        """Return what depends on D and the data alone."""
        d = numpy(d_at(training, self._points, MOST_LABELS)).reshape(ROWS, COLUMNS)
        return {
            "extent": np.array(self._extent, np.float32),
            "d_map": d.astype(np.float16) if training.objective.facts.probability else d,
        }

    def of_g(self, training: Training, g: nn.Module, _of_d: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return what depends on one G."""
        data = training.data
        shape = self._knots.shape[:2]
        knots = self._knots.flatten(0, 1)
        manifold = data.to_own(generate(training, g, knots, one_label(training, len(knots))))
        arrays = {"arrows": self._arrows(training, g), "manifold": numpy(manifold).reshape(*shape, 2)}
        if data.mixture:
            samples = data.to_own(generate(training, g, self._z, self._rows)).double()
            centres = data.mixture.centres.to(samples)
            distance, nearest = torch.cdist(samples, centres, compute_mode="donot_use_mm_for_euclid_dist").min(1)
            good = nearest[distance < HIGH_QUALITY * data.mixture.std]
            counts = torch.bincount(good, minlength=len(centres))
            arrays["modes"] = numpy(torch.cat([centres, counts[:, None].to(centres)], 1))
            arrays["high_quality"] = np.array(100 * len(good) / SAMPLES, np.float32)
        return arrays

    def _arrows(self, training: Training, g: nn.Module) -> np.ndarray:
        """−∇_x of G's loss through D at G's samples, each (2,)."""
        rows = None if training.preview_rows is None else training.preview_rows[:ARROWS]
        x = generate(training, g, training.latents[:ARROWS], rows)
        return numpy(descent(training, x, rows) * training.data.scale)


def descent(training: Training, x: Tensor, rows: Tensor | None) -> Tensor:
    """Return −∇_x (B, d) of G's loss of each sample x (B, d) through D, in evaluation mode, in the model's range.

    A loss that compares takes the mean over the first 64 examples of the data; under a condition that D sees, samples
    are compared with data of any label.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        scores = in_evaluation_mode(training.d, *training.inputs_of_d(x, rows))
        others = None
        if training.objective.compares:
            first = torch.arange(min(COMPARED, training.data.count), device=x.device)
            of_data = training.labels.rows[first] if training.labels else None
            with torch.no_grad():
                others = in_evaluation_mode(training.d, *training.inputs_of_d(training.data.take(first), of_data))
            scores, others = scores.repeat_interleave(len(others), 0), others.repeat(len(scores))
        loss = training.objective.g_loss(scores, others)
        (slope,) = torch.autograd.grad(loss, x)
    return -slope * len(x)  # the loss is a mean over samples


def extent(own: np.ndarray) -> tuple[float, float, float, float]:
    """Return from and to in x and y that hold nearly all of `own` (N, 2), with room around it.

    Where both ranges are of one order they get one unit, and the picture the shape of a terminal.
    """
    low, high = np.quantile(own, (RARE, 1 - RARE), axis=0)
    middle = (low + high) / 2
    half = np.maximum((0.5 + MARGIN) * (high - low), 1e-6 * np.maximum(np.abs(middle), 1.0))
    if LEAST_ASPECT <= half[0] / half[1] <= 1 / LEAST_ASPECT:
        half = np.array([max(half[0], ASPECT * half[1]), max(half[1], half[0] / ASPECT)])
    x, y = ((float(middle[axis] - half[axis]), float(middle[axis] + half[axis])) for axis in (0, 1))
    return *x, *y


def _knots(training: Training) -> Tensor:
    """Return z (rows, columns, z_dim) over a grid of the first two latents, a line of the only one; others at rest."""
    config = training.config
    low, high = ends(config)
    if config.z_dim == 1:
        return torch.linspace(low, high, ALONE, device=training.device).view(1, ALONE, 1)
    z = torch.full((KNOTS, KNOTS, config.z_dim), (low + high) / 2, device=training.device)
    along = torch.linspace(low, high, KNOTS, device=training.device)
    z[:, :, 0], z[:, :, 1] = along, along[:, None]
    return z
