"""Accuracy and diversity under a condition, against counting by hand and pairs by brute force."""

from itertools import combinations

import pytest
import torch
from torch import Tensor, nn

from gantui.evaluation.conditional import LEAST, diversity, mean_distance, obedience
from gantui.evaluation.judge import Judge


class _Rounds(nn.Module):
    """Sees value 1 in a column above 0.5, for two binary attributes."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([1 - x[:, 0], x[:, 0], 1 - x[:, 1], x[:, 1]], 1)


JUDGE = Judge((0.9, 0.7), _Rounds(), torch.tensor(0.0), torch.tensor(1.0), (2, 2))


def test_accuracy_by_hand() -> None:
    samples = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [float("nan"), 1.0]])
    asked = torch.tensor([[0, 0], [1, 1], [1, 1], [0, 1]])
    assert obedience(JUDGE, samples, asked, ["a", "b"]) == {
        "class_accuracy": pytest.approx((3 / 4 + 2 / 4) / 2),
        "class_accuracy_data": pytest.approx(0.8),
        "class_accuracy_all": pytest.approx(2 / 4),
        "attribute_accuracy": {"a": 3 / 4, "b": 2 / 4},
        "attribute_accuracy_data": {"a": 0.9, "b": 0.7},
    }


def test_a_single_attribute_needs_no_more_than_two_numbers() -> None:
    class One(_Rounds):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x)[:, :2]

    judge = Judge((0.9,), One(), torch.tensor(0.0), torch.tensor(1.0), (2,))
    values = obedience(judge, torch.tensor([[0.0, 0], [1, 0]]), torch.tensor([[1], [1]]), ["a"])
    assert values == {"class_accuracy": 0.5, "class_accuracy_data": 0.9}


def _random(count: int, seed: int) -> Tensor:
    return torch.randn(count, 2, 3, generator=torch.Generator().manual_seed(seed))


def _brute(x: Tensor) -> float:
    pairs = [float((a - b).square().sum().sqrt()) for a, b in combinations(x.double(), 2)]
    return sum(pairs) / len(pairs)


def test_diversity_by_brute_force() -> None:
    samples, real = 0.7 * _random(60, 0), _random(80, 1)
    asked = torch.stack([torch.arange(60) % 2, torch.arange(60) // 2 % 3], 1)
    rows = torch.stack([torch.arange(80) // 5 % 2, torch.arange(80) % 3], 1)
    found = diversity(samples, asked, real, rows, "image")
    assert list(found) == [(a, b) for a in range(2) for b in range(3)]
    for row, ratio in found.items():
        made = samples[[tuple(r) == row for r in asked.tolist()]]
        data = real[[tuple(r) == row for r in rows.tolist()]]
        assert ratio == pytest.approx(_brute(made) / _brute(data), rel=1e-6)


def test_scale_collapse_and_copies() -> None:
    real, rows = _random(50, 0), (torch.arange(50) % 2)[:, None]
    assert diversity(real, rows, real, rows, "image") == pytest.approx({(0,): 1, (1,): 1})
    assert diversity(3 * real, rows, real, rows, "image") == pytest.approx({(0,): 3, (1,): 3})
    assert diversity(torch.ones_like(real), rows, real, rows, "image") == {(0,): 0, (1,): 0}


def test_a_table_is_standardised_so_that_no_column_drowns_the_others() -> None:
    real, rows = torch.randn(400, 3, generator=torch.Generator().manual_seed(0)), torch.zeros(400, 1, dtype=torch.int64)
    units = torch.tensor([1.0, 1e4, 0.0])
    samples = real.flip(0) * torch.tensor([0.0, 1.0, 1.0])
    plain = diversity(samples[:, :2], rows, real[:, :2], rows, "table")
    assert diversity(samples * units, rows, real * units, rows, "table") == pytest.approx(plain, rel=1e-4)
    assert plain[0,] < 0.8


def test_groups_too_small_or_without_spread_are_left_out() -> None:
    real = torch.cat([_random(LEAST, 0), _random(LEAST - 1, 1), torch.ones(20, 2, 3)])
    rows = torch.tensor([0] * LEAST + [1] * (LEAST - 1) + [2] * 20)[:, None]
    samples, asked = _random(60, 2), (torch.arange(60) % 4)[:, None]
    assert list(diversity(samples, asked, real, rows, "image")) == [(0,)]
    samples[asked[:, 0] == 0] = float("nan")
    assert diversity(samples, asked, real, rows, "image") == {}
    assert diversity(samples[:0], asked[:0], real[:0], rows[:0], "image") == {}


def test_mean_distance_of_two() -> None:
    assert mean_distance(torch.tensor([[0.0, 0.0], [3.0, 4.0]])) == 5
