"""W1 on the line, moments of tables, class shares."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from gantui.evaluation.classes import class_shares
from gantui.evaluation.moments import table_fidelity
from gantui.evaluation.wasserstein import relative_w1, wasserstein_1d

numbers = st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(numbers, numbers)
def test_w1_equals_scipy(a: list[float], b: list[float]) -> None:
    found = wasserstein_1d(torch.tensor(a), torch.tensor(b))
    assert found == pytest.approx(wasserstein_distance(a, b), rel=1e-9, abs=1e-9)


def test_w1_of_a_shift_is_the_shift() -> None:
    b = torch.tensor([[-1.0], [1.0], [-1.0], [1.0]])
    assert wasserstein_1d(b + 0.5, b) == pytest.approx(0.5)
    assert relative_w1(3 * b + 1.5, 3 * b) == pytest.approx(0.5)


def test_w1_refuses_nothing_and_no_spread() -> None:
    with pytest.raises(ValueError, match="no samples"):
        wasserstein_1d(torch.zeros(0), torch.zeros(3))
    with pytest.raises(ValueError, match="spread"):
        relative_w1(torch.rand(4), torch.ones(3))


def _table(n: int = 400) -> torch.Tensor:
    table = torch.randn(n, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    table[:, 1] += table[:, 0]
    return table


def test_equal_tables_have_no_error() -> None:
    assert all(value == pytest.approx(0, abs=1e-12) for value in table_fidelity(_table(), _table()).values())


def test_errors_in_units_of_the_data() -> None:
    real = _table()
    sd = float(real[:, 2].std())
    changed = real.clone()
    changed[:, 2] = real[:, 2] * 1.5 + 2 * sd - real[:, 2].mean() * 0.5
    found = table_fidelity(changed, real)
    assert found["mean_error"] == pytest.approx(2)
    assert found["sd_error"] == pytest.approx(0.5)
    assert found["correlation_error"] == pytest.approx(0, abs=1e-12)


def test_correlation_error_is_the_mean_over_pairs() -> None:
    real, changed = _table(), _table()
    changed[:, 2] *= -1
    correlations = np.corrcoef(real.numpy(), rowvar=False)
    expected = (2 * abs(correlations[0, 2]) + 2 * abs(correlations[1, 2])) / 3
    assert table_fidelity(changed, real)["correlation_error"] == pytest.approx(expected)


def test_constant_columns_of_the_data_are_skipped_and_collapsed_ones_are_not() -> None:
    real = torch.cat([_table(), torch.full((400, 1), 0.1)], 1)
    generated = real.clone()
    generated[:, 3] = torch.rand(400)
    assert table_fidelity(generated, real)["sd_error"] == pytest.approx(0, abs=1e-12)
    generated[:, 0] = 0
    found = table_fidelity(generated, real)
    assert found["sd_error"] == pytest.approx(1)
    assert math.isfinite(found["correlation_error"])


def test_table_of_constants_and_of_one_column() -> None:
    assert set(table_fidelity(torch.rand(5, 2), torch.ones(5, 2)).values()) == {0.0}
    assert table_fidelity(torch.rand(5, 1), torch.rand(5, 1))["correlation_error"] == 0


def test_table_refuses() -> None:
    with pytest.raises(ValueError, match="rows"):
        table_fidelity(torch.rand(1, 2), torch.rand(5, 2))


def test_shares_count_the_classes_made() -> None:
    real = torch.tensor([[float(10 * label)] for label in range(3) for _ in range(6)])
    labels = torch.arange(3).repeat_interleave(6)
    generated = torch.tensor([[0.1], [-0.2], [0.3], [20.0]])
    found = class_shares(generated, real, labels, ["a", "b", "c"])
    assert found == {"a": 0.75, "b": 0.0, "c": 0.25}


def test_majority_wins_and_the_nearest_decides_a_tie() -> None:
    real = torch.tensor([[0.0], [1.0], [2.0]])
    assert class_shares(torch.tensor([[0.0]]), real, torch.tensor([0, 1, 1]), "ab", k=3)["b"] == 1
    assert class_shares(torch.tensor([[0.0]]), real[:2], torch.tensor([1, 0]), "ab", k=2)["b"] == 1
    assert class_shares(torch.tensor([[0.0]]), real, torch.tensor([2, 1, 0]), "abc", k=3)["c"] == 1


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 2], [0, -1, 1]])
def test_shares_refuse_labels_that_don_t_fit(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="labels"):
        class_shares(torch.rand(2, 2), torch.rand(3, 2), torch.tensor(labels), "ab")
