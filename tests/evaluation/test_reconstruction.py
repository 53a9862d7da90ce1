"""The reconstruction error beside closed forms and a loop over all pairs."""

import pytest
import torch

from gantui.evaluation.reconstruction import reconstruction


def test_an_exact_inverse_has_no_error() -> None:
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    found = reconstruction(x, x.clone())
    assert found["error"] == found["ratio"] == 0 and found["baseline"] > 1


def test_what_has_seen_nothing_of_x_is_as_far_from_it_as_from_others() -> None:
    x = torch.randn(40, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    assert reconstruction(x, torch.full_like(x, 0.3))["ratio"] == pytest.approx(1, rel=1e-6)


def test_two_points_by_hand() -> None:
    found = reconstruction(torch.tensor([[0.0], [4.0]]), torch.tensor([[1.0], [4.0]]))
    assert found == pytest.approx({"error": 0.5, "baseline": (3 + 4) / 2, "ratio": 0.5 / 3.5})


def test_the_baseline_is_the_mean_over_all_other_examples() -> None:
    x, made = torch.randn(2, 30, 5, generator=torch.Generator().manual_seed(1)).unbind()
    pairs = [(a - b).norm() for i, a in enumerate(made) for j, b in enumerate(x) if i != j]
    assert reconstruction(x, made)["baseline"] == pytest.approx(float(torch.stack(pairs).mean()), rel=1e-5)


def test_equal_examples_have_no_ratio() -> None:
    x = torch.ones(5, 2)
    assert reconstruction(x, x) == {"error": 0, "baseline": 0}


def test_it_can_be_interrupted() -> None:
    def check() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reconstruction(torch.randn(5, 2), torch.randn(5, 2), check)
