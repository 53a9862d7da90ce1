"""Figure 1 of Goodfellow et al. 2014: p_data, p_g and D over x, D* beside D, and where G sends z."""

import numpy as np
import torch
from torch import Tensor, nn

from gantui.core.combinations import TAKEN_BY_D
from gantui.engine.algorithm import in_evaluation_mode
from gantui.engine.data.order import mix
from gantui.engine.latents import ends
from gantui.engine.objectives import value
from gantui.engine.training import LATENTS, Training, draw
from gantui.engine.views.parts import d_at, generate, numpy, one_label
from gantui.evaluation.density import Grid, blur, jensen_shannon, kernel, optimal_d, sup_error, w1_to_quantiles

POINTS = 200
SAMPLES = 8192  # that p_g is estimated from
JUDGED = 2048  # data and samples that V(D, G) is taken over
MOST_LOOKED_AT = 200_000  # rows of the data
MOST_LABELS = 64
ARROWS = 33  # from z to x
EVEN_UP_TO = 4  # dimensions of z, up to which evenly spread latents are worth their price
RARE, MARGIN = 0.001, 0.25  # the grid holds all data but so much on each side, and is wider by so much on each side


class Line:
    """What of the picture doesn't move: the grid, the data, and z.

    Arrays, all float32: `grid` (200,), `p_data` (200,), exact where it is known, and `d` (200,). Of a G: `p_g` (200,);
    `d_star` (200,), where D is a probability of x alone, NaN where there is neither data nor sample; `map_z` (33,) and
    `map_x` (33,), G along the first latent with the others 0. Numbers, (): `jsd` in nats, `w1` in standard deviations
    of the data, `d_error` sup |D − D*| and `value` V(D, G), both where D is a probability; NaN where there are none.
    """

    def __init__(self, training: Training) -> None:
        data, config = training.data, training.config
        assert data.x is not None
        x = data.to_own(data.x[:: -(-data.count // MOST_LOOKED_AT)]).flatten().double().cpu().numpy()
        order = np.argsort(x)
        self._real = torch.as_tensor(_evenly(order, JUDGED)) * -(-data.count // MOST_LOOKED_AT)
        self._quantiles, self._spread = x[_evenly(order, SAMPLES)], float(x.std())
        low, high = (float(end) for end in np.quantile(x, (RARE, 1 - RARE)))
        margin = max(MARGIN * (high - low), 1e-6 * max(abs(low), abs(high), 1.0))
        self._grid = Grid(low - margin, high + margin, POINTS)
        points = torch.as_tensor(self._grid.points, dtype=torch.float32, device=training.device)[:, None]
        self._points = (points - data.shift) / data.scale
        if data.mixture:
            self._p_data = numpy(data.mixture.density(points)).astype(np.float64)
            self._masses, self._count = self._grid.of_density(self._p_data), SAMPLES
        else:
            self._masses, self._count = self._grid.masses(x), len(x)
            self._p_data = kernel(self._masses, self._count) @ self._masses[1:-1] / self._grid.width
        generator = torch.Generator().manual_seed(mix(config.seed, LATENTS))
        self._z = _latents(training, generator).to(training.device)
        self._rows = training.labels.draw(SAMPLES, generator) if training.labels else None
        self._map_z = torch.full((ARROWS, config.z_dim), sum(ends(config)) / 2, device=training.device)
        self._map_z[:, 0] = torch.linspace(*ends(config), ARROWS)

    def of_d(self, training: Training) -> dict[str, np.ndarray]:
        """Return what depends on D and the data alone."""
        return {
            "grid": self._grid.points.astype(np.float32),
            "p_data": self._p_data.astype(np.float32),
            "d": numpy(d_at(training, self._points, MOST_LABELS)),
        }

    def of_g(self, training: Training, g: nn.Module, of_d: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return what depends on one G."""
        config, data = training.config, training.data
        samples = generate(training, g, self._z, self._rows)
        x = numpy(data.to_own(samples)).ravel().astype(np.float64)
        masses = self._grid.masses(x)
        smooth = kernel((self._masses + masses) / 2, min(self._count, SAMPLES))
        p_data, p_g = smooth @ self._masses[1:-1], smooth @ masses[1:-1]  # equally smoothed, so that equal ones stay so
        arrays = {
            "p_g": p_g / self._grid.width,
            "map_z": numpy(self._map_z[:, 0]),
            "map_x": numpy(data.to_own(generate(training, g, self._map_z, one_label(training, ARROWS)))).ravel(),
        }
        numbers = dict.fromkeys(("jsd", "w1", "d_error", "value"), float("nan"))
        if np.isfinite(x).any():
            beyond = [0, -1]  # what lies outside the grid is told apart by side
            numbers["jsd"] = jensen_shannon(np.append(p_data, self._masses[beyond]), np.append(p_g, masses[beyond]))
            numbers["w1"] = w1_to_quantiles(x, self._quantiles) / self._spread if self._spread else float("nan")
            if training.objective.facts.probability:
                numbers["value"] = self._value(training, samples)
                if training.labels is None or config.condition not in TAKEN_BY_D:
                    if config.instance_noise:  # then D sees both through it
                        noise = blur(POINTS, config.instance_noise * float(data.scale) / self._grid.width)
                        p_data, p_g = noise @ p_data, noise @ p_g
                    arrays["d_star"] = optimal_d(p_data, p_g, config.label_smoothing)
                    numbers["d_error"] = sup_error(of_d["d"], arrays["d_star"], p_data, p_g)
        return {name: np.asarray(array, np.float32) for name, array in (arrays | numbers).items()}

    def _value(self, training: Training, samples: Tensor) -> float:
        """V(D, G) over evenly spread quantiles of the data, and samples."""
        real = self._real.to(training.device)
        of_real = training.labels.rows[real] if training.labels else None
        of_samples = None if self._rows is None else self._rows[:JUDGED]
        scores = [
            in_evaluation_mode(training.d, *training.inputs_of_d(x, rows))
            for x, rows in ((training.data.take(real), of_real), (samples[:JUDGED], of_samples))
        ]
        return float(value(scores[0], scores[1]))


def _evenly(order: np.ndarray, count: int) -> np.ndarray:
    """Return `count` of the elements of `order`, in the middles of so many equal parts of it."""
    return order[((np.arange(count) + 0.5) * len(order) / count).astype(np.int64)]


def _latents(training: Training, generator: torch.Generator) -> Tensor:
    """Return z (SAMPLES, z_dim), the same at each look: where it has few dimensions, a scrambled Sobol sequence."""
    config = training.config
    if config.z_dim > EVEN_UP_TO:
        return draw(config, SAMPLES, generator, torch.device("cpu"))
    seed = mix(config.seed, LATENTS) & 0x7FFFFFFF
    u = torch.quasirandom.SobolEngine(config.z_dim, scramble=True, seed=seed).draw(SAMPLES, dtype=torch.float64)
    if config.z_dist != "normal":
        low, high = ends(config)
        return (low + (high - low) * u).float()
    z: Tensor = torch.special.ndtri(u.clamp(1e-9, 1 - 1e-9)).float()
    return z
