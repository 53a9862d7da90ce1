"""Samples beside data at a glance: cells that are the modes, distances by closed forms, copies."""

import math

import pytest
import torch
from torch import Tensor

from gantui.evaluation.cells import Cells
from gantui.evaluation.reference import Reference


def ring(count: int, modes: int = 8, keep: int | None = None, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    which = torch.randint(keep or modes, (count,), generator=generator)
    angle = which * 2 * math.pi / modes
    return torch.stack([angle.cos(), angle.sin()], 1) + 0.02 * torch.randn(count, 2, generator=generator)


def cells(data: Tensor) -> Cells:
    return Cells(data, torch.pdist(data[:500]).mean())


def normal(count: int, width: int, seed: int, mean: float = 0.0, sd: float = 1.0) -> Tensor:
    return mean + sd * torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("modes", [3, 8, 12])
def test_cells_of_a_mixture_are_its_modes(modes: int) -> None:
    found = cells(ring(1500, modes))
    assert len(found.centres) == modes
    assert float(found.of_data) == pytest.approx(modes, rel=0.02)


@pytest.mark.parametrize("keep", [1, 2, 4, 8])
def test_variety_is_the_share_of_modes_that_samples_fill(keep: int) -> None:
    assert float(cells(ring(2000)).variety(ring(512, keep=keep, seed=1))) == pytest.approx(keep / 8, abs=0.02)


def test_narrower_modes_are_no_less_varied() -> None:
    angle = torch.arange(8).repeat(64) * math.pi / 4
    assert float(cells(ring(2000)).variety(torch.stack([angle.cos(), angle.sin()], 1))) == pytest.approx(1, abs=0.02)


def test_cells_don_t_depend_on_chance_and_few_or_equal_examples_will_do() -> None:
    data = ring(400)
    assert torch.equal(cells(data).centres, cells(data).centres)
    assert len(Cells(torch.zeros(50, 3), torch.tensor(1e-6)).centres) == 1
    assert float(Cells(torch.arange(2.0)[:, None], torch.tensor(1.0)).variety(torch.zeros(4, 1))) == pytest.approx(1)


def test_the_gap_on_a_line_is_w1_in_mean_deviations() -> None:
    """W₁ of N(m, 1) and N(0, 1) is m, the mean deviation of N(0, 1) is √(2/π)."""
    reference = Reference(normal(2048, 1, 0), 512)
    for shift in (0.5, 2.0):
        places = (torch.arange(512) + 0.5) / 512
        exact = torch.special.ndtri(places)[:, None] + shift
        assert float(reference.compare(exact)["gap"]) == pytest.approx(shift * math.sqrt(math.pi / 2), rel=0.05)
    assert float(reference.compare(normal(512, 1, 1))["gap"]) < 0.1


def test_spread_and_gap_of_samples_that_are_narrower_or_elsewhere() -> None:
    reference = Reference(normal(2048, 16, 0), 512)
    half = reference.compare(normal(512, 16, 1, sd=0.5))
    assert float(half["spread"]) == pytest.approx(0.5, abs=0.02)
    assert float(half["gap"]) == pytest.approx(0.5, abs=0.05)
    alike = reference.compare(torch.zeros(512, 16))
    assert float(alike["spread"]) == 0
    assert float(reference.compare(normal(512, 16, 2, mean=20))["gap"]) > 5


def test_copies_are_near_and_new_samples_are_as_far_as_examples_held_out() -> None:
    data, held, new = normal(300, 12, 0), normal(200, 12, 1), normal(128, 12, 2)
    for held_out in (None, held):
        reference = Reference(data, 512, trained_on=data, held_out=held_out)
        assert float(reference.nearness(data[:128] + 1e-3)["nn_ratio"]) < 0.01
        assert float(reference.nearness(new)["nn_ratio"]) == pytest.approx(1, abs=0.1)
    assert Reference(data, 512).nearness(new) == {}


def test_nothing_is_not_finite_of_degenerate_data() -> None:
    constant = Reference(torch.zeros(10, 3), 8, trained_on=torch.zeros(10, 3))
    numbers = constant.compare(torch.ones(8, 3)) | constant.nearness(torch.ones(8, 3))
    assert all(bool(number.isfinite()) for number in numbers.values())
