"""Measures of tables with categories and empty cells, in closed form."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from gantui.evaluation import mixed
from gantui.evaluation.measure import measure
from gantui.evaluation.utility import utility

NAN = math.nan
REAL = torch.tensor([[1.0, 0, 5], [3.0, 1, NAN], [5.0, 1, 7], [7.0, NAN, 9]])
SIZES = (0, 2, 0)


def test_vectors_fill_in_means_and_open_categories() -> None:
    assert mixed.vectors(REAL, REAL, SIZES).tolist() == [
        [1, 1, 0, 0, 5, 0],
        [3, 0, 1, 0, 7, 1],
        [5, 0, 1, 0, 7, 0],
        [7, 0, 0, 1, 9, 0],
    ]


def test_categories_that_differ_are_root_two_apart_and_numbers_are_standardised() -> None:
    points = mixed.comparable(REAL, REAL, SIZES)
    assert float((points[0, 1:4] - points[1, 1:4]).norm()) == pytest.approx(2**0.5)
    assert points[:, 0].std() == pytest.approx(1.0)


def test_shares_in_points() -> None:
    generated = torch.tensor([[0.0, 0, 1], [0.0, 0, NAN], [0.0, 0, NAN], [0.0, 1, 1]])
    assert mixed.share_error(generated, REAL, SIZES) == pytest.approx(50)  # category 0: 3 of 4 instead of 1
    assert mixed.share_error(REAL, REAL, SIZES) == 0
    assert mixed.share_error(REAL[:, :1], REAL[:, :1], (0,)) == 0


def test_copies_are_equal_rows_with_empty_cells_and_all() -> None:
    generated = torch.stack([REAL[1], REAL[3], REAL[0] + 1e-3, torch.tensor([1.0, 1, 5])])
    assert mixed.copied(generated, REAL) == 0.5
    assert mixed.copied(torch.tensor([[-0.0]]), torch.tensor([[0.0]])) == 1


def test_moments_are_of_the_cells_that_are_there() -> None:
    made = REAL * torch.tensor([1.0, 1.0, 2.0]) + torch.tensor([2.0, 0.0, 0.0])
    found = mixed.worst_moments(made, REAL, SIZES)
    sd = float(torch.tensor([1.0, 3, 5, 7]).std())
    assert found["mean_error"] == pytest.approx(max(2 / sd, 7 / 2))
    assert found["sd_error"] == pytest.approx(1.0)
    assert mixed.worst_moments(torch.full((3, 3), NAN), REAL, SIZES)["sd_error"] == 1.0


def test_all_measures_of_a_mixed_table_and_of_itself() -> None:
    generator = torch.Generator().manual_seed(0)
    table = torch.stack([torch.randn(60, generator=generator), torch.arange(60.0) % 3, torch.rand(60)], 1)
    table[::7, 2] = NAN
    values = measure(table, table, kind="table", sizes=(0, 3, 0))
    assert values["mean_error"] == values["sd_error"] == values["correlation_error"] == values["share_error"] == 0
    assert (values["copied"], values["precision"], values["nn_distance"]) == (1, 1, 0)
    table[0, 0] = torch.inf
    assert measure(table, table[1:], kind="table", sizes=(0, 3, 0))["nonfinite"] == 1


def _blobs(count: int, seed: int, flipped: bool = False) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(count) % 2
    x = torch.randn(count, 3, generator=generator) + 3.0 * y[:, None]
    return x, 1 - y if flipped else y


def test_samples_like_the_data_are_of_use_and_contrary_ones_are_not() -> None:
    real, test = _blobs(80, 0), _blobs(80, 1)
    good = utility(_blobs(200, 2), real, test)
    bad = utility(_blobs(200, 2, flipped=True), real, test)
    assert good["accuracy_real"] == bad["accuracy_real"] > 0.9
    assert good["accuracy_synthetic"] > 0.9 > 0.1 > bad["accuracy_synthetic"]


def test_no_utility_of_one_class_or_few_rows() -> None:
    x, y = _blobs(40, 0)
    assert utility((x, y * 0), (x, y), (x, y)) == {}
    assert utility((x, y), (x, y), (x[:5], y[:5])) == {}


class Interrupted(Exception):
    """What a check may raise."""


def test_it_can_be_interrupted() -> None:
    calls: list[Any] = []

    def check() -> None:
        calls.append(None)
        if len(calls) == 4:
            raise Interrupted

    with pytest.raises(Interrupted):
        utility(_blobs(40, 0), _blobs(40, 1), _blobs(40, 2), check)
