"""Ways through the space of latents: lines, arcs, one dimension swept, and the middle of their distribution alone."""

import torch
from torch import Tensor

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.engine.networks.layers import UNIFORM_BOUND

PATHS = ("linear", "spherical")
USUAL = 2.0  # standard deviations to both sides, of a normal z
FARTHEST = 10.0  # standard deviations: no normal number is ever so far out
STRAIGHT = 1e-3  # sine of an angle between latents below which an arc is a line, or leads nowhere


def check_path(config: Config, path: str) -> None:
    """Raises ConfigError: there is no such path, or none that stays where latents of this run lie."""
    if path not in PATHS:
        raise ConfigError(f"--path {neutralise(path, 80)}: must be {' or '.join(PATHS)}")
    if path == "spherical" and config.z_dist != "normal":
        raise ConfigError(
            f"--path spherical: is for normal latents, which lie near a sphere; this run's fill a box "
            f"(z_dist = {config.z_dist}), use linear"
        )


def check_truncation(config: Config, limit: float) -> None:
    """Raises ConfigError: `limit`, in standard deviations, leaves nothing, or cuts nothing off."""
    if not 0 < limit <= FARTHEST:
        raise ConfigError(f"--truncation {limit:g}: must be above 0 and at most {FARTHEST:g} standard deviations of z")
    if config.z_dist != "normal" and limit >= UNIFORM_BOUND:
        raise ConfigError(
            f"--truncation {limit:g}: latents of this run (z_dist = {config.z_dist}) lie within {UNIFORM_BOUND:.2f} "
            "standard deviations as they are; use less"
        )


def truncated(config: Config, z: Tensor, limit: float) -> Tensor:
    """Return z (B, z_dim) whose numbers lie within `limit` standard deviations of their mean.

    They are distributed as those drawn anew until all lie there (the truncation trick of Brock et al. 2019, section
    3.1), but each from its own number: the same z moves inwards as the limit falls.
    """
    if config.z_dist != "normal":
        middle, _ = _spread(config)
        return middle + (z - middle) * (limit / UNIFORM_BOUND)
    bound = torch.tensor(limit, dtype=torch.float64, device=z.device)
    above = torch.special.ndtr(bound)
    within: Tensor = torch.special.ndtri((1 - above) + torch.special.ndtr(z.double()) * (2 * above - 1))
    return within.clamp(-limit, limit).to(z.dtype)


def straight(ends: Tensor, steps: int) -> Tensor:
    """Return (R, steps, d): points at even distances on the straight lines between pairs of `ends` (2·R, d)."""
    starts, stops = ends.view(-1, 2, ends.shape[1]).unbind(1)
    shares = torch.linspace(0, 1, steps, device=ends.device)[:, None]
    return torch.lerp(starts[:, None], stops[:, None], shares)


def spherical(ends: Tensor, steps: int) -> Tensor:
    """Return (R, steps, d): points at even angles on the arcs about 0 between pairs of `ends` (2·R, d) (Shoemake 1985).

    On a straight line between two normal latents of many dimensions the middle is shorter than any latent that is ever
    drawn (White 2016); on an arc it is about as long as the ends. Where both ends lie on one line through 0, that line.
    """
    starts, stops = ends.view(-1, 2, ends.shape[1]).unbind(1)
    cosine = torch.nn.functional.cosine_similarity(starts, stops, dim=1).clamp(-1, 1)
    angle = cosine.arccos()[:, None, None]
    sine = angle.sin()
    shares = torch.linspace(0, 1, steps, device=ends.device)[None, :, None]
    arc = (((1 - shares) * angle).sin() * starts[:, None] + (shares * angle).sin() * stops[:, None]) / sine
    return torch.where(sine > STRAIGHT, arc, straight(ends, steps))


def swept(config: Config, z: Tensor, dimension: int, steps: int, limit: float | None) -> Tensor:
    """Return (R, steps, d): each of z (R, d), with one `dimension` (from 0) going evenly from end to end.

    For the ends see `ends`. Raises ConfigError: there is no such dimension.
    """
    if not 0 <= dimension < z.shape[1]:
        raise ConfigError(f"--sweep {dimension}: z has the dimensions 0 to {z.shape[1] - 1}")
    found = z[:, None].repeat(1, steps, 1)
    found[:, :, dimension] = torch.linspace(*ends(config, limit), steps, device=z.device)
    return found


def ends(config: Config, limit: float | None = None) -> tuple[float, float]:
    """Return from where to where each number of z is shown: `limit` standard deviations away from its mean.

    Without one 2 of a normal z, and all that a uniform one may be.
    """
    middle, deviation = _spread(config)
    reach = deviation * (limit or (USUAL if config.z_dist == "normal" else UNIFORM_BOUND))
    return middle - reach, middle + reach


def _spread(config: Config) -> tuple[float, float]:
    """Return mean and standard deviation of each number of z; see `training.draw`."""
    return (0.5, 0.5 / UNIFORM_BOUND) if config.z_dist == "cube" else (0.0, 1.0)
