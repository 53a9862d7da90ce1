"""Coverage of a known mixture, by hand-made samples."""

import math

import pytest
import torch

from gantui.evaluation.coverage import mode_coverage

STD = 0.01
ANGLES = torch.arange(8) * 2 * math.pi / 8
RING = torch.stack([ANGLES.cos(), ANGLES.sin()], 1)


def test_samples_on_the_centres_are_perfect() -> None:
    assert mode_coverage(RING, RING, STD) == {
        "modes": 8,
        "modes_total": 8,
        "high_quality": 100.0,
        "reverse_kl": pytest.approx(0, abs=1e-12),
    }


def test_three_to_one_over_two_modes() -> None:
    samples = torch.cat([RING[[0, 0, 0, 1]], torch.zeros(4, 2)])
    found = mode_coverage(samples, RING, STD)
    expected = 0.75 * math.log(0.75 * 8) + 0.25 * math.log(0.25 * 8)
    assert (found["modes"], found["high_quality"]) == (2, 50.0)
    assert found["reverse_kl"] == pytest.approx(expected)


@pytest.mark.parametrize(("distance", "share"), [(2.99, 100.0), (3.01, 0.0)])
def test_high_quality_ends_at_three_deviations(distance: float, share: float) -> None:
    samples = RING.double() + torch.tensor([distance * STD, 0.0], dtype=torch.float64)
    assert mode_coverage(samples, RING.double(), STD)["high_quality"] == share


def test_total_collapse_elsewhere_has_the_largest_divergence() -> None:
    found = mode_coverage(torch.zeros(10, 2), RING, STD)
    assert (found["modes"], found["high_quality"]) == (0, 0.0)
    assert found["reverse_kl"] == pytest.approx(math.log(8))


def test_collapse_to_one_mode_has_the_largest_divergence_too() -> None:
    assert mode_coverage(RING[:1].repeat(5, 1), RING, STD)["reverse_kl"] == pytest.approx(math.log(8))


def test_perfect_sampler_reaches_the_ceiling() -> None:
    generator = torch.Generator().manual_seed(0)
    samples = RING.repeat(5000, 1) + STD * torch.randn(40_000, 2, generator=generator)
    found = mode_coverage(samples, RING, STD)
    assert found["high_quality"] == pytest.approx(100 * (1 - math.exp(-4.5)), abs=0.2)


def test_far_centres_don_t_cost_precision() -> None:
    centres = torch.tensor([[1e4, 1e4], [1e4 + 1, 1e4]], dtype=torch.float64)
    assert mode_coverage(centres + 0.02, centres, STD)["modes"] == 2


@pytest.mark.parametrize(
    ("samples", "centres", "std"),
    [
        (torch.zeros(0, 2), RING, STD),
        (RING, torch.zeros(0, 2), STD),
        (torch.zeros(3, 3), RING, STD),
        (RING, RING, 0.0),
        (RING, RING, math.nan),
    ],
)
def test_refuses(samples: torch.Tensor, centres: torch.Tensor, std: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        mode_coverage(samples, centres, std)
