"""Ways through z: lines, arcs and sweeps by hand, truncation against the distribution it stands for."""

from collections.abc import Callable

import pytest
import torch
from scipy import stats

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine import latents
from gantui.engine.training import draw

CPU = torch.device("cpu")
Make = Callable[..., Config]


def _z(config: Config, count: int) -> torch.Tensor:
    return draw(config, count, torch.Generator().manual_seed(3), CPU)


def test_lines_are_straight_and_even() -> None:
    ends = torch.tensor([[0.0, 0.0], [9.0, 18.0], [1.0, 1.0], [1.0, -8.0]])
    found = latents.straight(ends, 10)
    assert torch.allclose(found[0], torch.arange(10.0)[:, None] * torch.tensor([1.0, 2.0]), atol=1e-6)
    assert torch.allclose(found[1], torch.tensor([1.0, 1.0]) - torch.arange(10.0)[:, None] * torch.tensor([0.0, 1.0]))


def test_arcs_turn_evenly_at_one_length() -> None:
    found = latents.spherical(torch.tensor([[2.0, 0.0], [0.0, 2.0]]), 10)[0]
    angles = torch.linspace(0, torch.pi / 2, 10)
    assert torch.allclose(found, 2 * torch.stack([angles.cos(), angles.sin()], 1), atol=1e-6)


@pytest.mark.parametrize("end", [[2.0, 4.0], [1.0, 2.0], [-1.0, -2.0]])
def test_an_arc_that_leads_nowhere_is_a_line(end: list[float]) -> None:
    ends = torch.tensor([[1.0, 2.0], end])
    assert torch.equal(latents.spherical(ends, 5), latents.straight(ends, 5))


def test_an_arc_stays_where_latents_lie(config_of: Make) -> None:
    z = _z(config_of(z_dim=256), 200)
    lengths = latents.spherical(z, 9).norm(dim=2) / 16
    assert lengths.min() > 0.8 and lengths.max() < 1.2
    assert latents.straight(z, 9)[:, 4].norm(dim=1).mean() / 16 == pytest.approx(0.5**0.5, abs=0.03)


@pytest.mark.parametrize("limit", [0.3, 0.7, 2.0])
def test_truncated_normal_latents_are_distributed_as_if_redrawn(config_of: Make, limit: float) -> None:
    z = latents.truncated(config_of(), _z(config_of(), 300), limit)
    assert z.dtype == torch.float32 and z.abs().max() <= limit
    found = stats.kstest(z.flatten().numpy(), stats.truncnorm(-limit, limit).cdf)
    assert found.pvalue > 1e-3


def test_the_same_latent_moves_inwards_and_a_wide_limit_changes_nothing(config_of: Make) -> None:
    config, z = config_of(), torch.tensor([[-30.0, -1.5, 0.0, 0.4, 3.0, 30.0]])
    sizes = [latents.truncated(config, z, limit).abs() for limit in (0.1, 0.5, 2.0)]
    assert (sizes[0] <= sizes[1]).all() and (sizes[1] <= sizes[2]).all()
    assert torch.equal(latents.truncated(config, z, 0.5).sign(), z.sign())
    assert torch.allclose(latents.truncated(config, z[:, 1:5], 10.0), z[:, 1:5], atol=1e-5)


@pytest.mark.parametrize(("z_dist", "low", "high"), [("uniform", -0.5, 0.5), ("cube", 0.5 - 0.1443, 0.5 + 0.1443)])
def test_truncated_uniform_latents_fill_a_smaller_box(config_of: Make, z_dist: str, low: float, high: float) -> None:
    config = config_of(z_dist=z_dist)
    z = latents.truncated(config, _z(config, 300), 0.5)
    assert low - 1e-4 <= z.min() < low + 0.01 and high - 0.01 < z.max() <= high + 1e-4
    assert stats.kstest(z.flatten().numpy(), stats.uniform(low, high - low).cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("z_dist", "limit", "ends"),
    [
        ("normal", None, (-2, 2)),
        ("normal", 0.7, (-0.7, 0.7)),
        ("uniform", None, (-(3**0.5), 3**0.5)),
        ("cube", None, (0, 1)),
        ("cube", 3**0.5 / 2, (0.25, 0.75)),
    ],
)
def test_a_sweep_goes_from_end_to_end(
    config_of: Make, z_dist: str, limit: float | None, ends: tuple[float, float]
) -> None:
    config = config_of(z_dist=z_dist)
    z = _z(config, 3)
    found = latents.swept(config, z, 2, 5, limit)
    assert torch.allclose(found[:, :, 2], torch.linspace(*ends, 5).expand(3, 5), atol=1e-6)
    others = [index for index in range(z.shape[1]) if index != 2]
    assert torch.equal(found[:, :, others], z[:, None, others].expand(3, 5, -1))


def test_what_is_refused(config_of: Make) -> None:
    with pytest.raises(ConfigError, match="fill a box"):
        latents.check_path(config_of(z_dist="uniform"), "spherical")
    with pytest.raises(ConfigError, match=r"--truncation 2: .* lie within 1\.73"):
        latents.check_truncation(config_of(z_dist="cube"), 2.0)
    latents.check_truncation(config_of(z_dist="uniform"), 1.7)
    latents.check_truncation(config_of(), 2.0)
