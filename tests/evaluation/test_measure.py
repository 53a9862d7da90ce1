"""The choice of measures by kind, their safety for JSON, and interruption."""

import json
from typing import Any

import pytest
import torch

from gantui.evaluation.measure import measure

NEIGHBOURS = {"precision", "recall", "density", "coverage", "nn_distance", "nn_distance_data"}
DISTANCES = {"mmd", "sliced_wasserstein"}
CENTRES = torch.tensor([[0.0, 0.0], [5.0, 5.0]])


def _samples(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("shape", "extra", "names"),
    [
        (
            (2,),
            {"kind": "points", "centres": CENTRES, "std": 1.0},
            DISTANCES | {"modes", "modes_total", "high_quality", "reverse_kl"},
        ),
        ((2,), {"kind": "points"}, NEIGHBOURS | DISTANCES),
        ((1,), {"kind": "points"}, DISTANCES | {"mean", "sd", "w1"}),
        ((1, 4, 4), {"kind": "image"}, NEIGHBOURS | {"frechet_pixels", "kernel_distance_pixels"}),
        (
            (1, 4, 4),
            {"kind": "image", "labels": torch.arange(40) % 2, "classes": ["odd", "even"]},
            NEIGHBOURS | {"frechet_pixels", "kernel_distance_pixels", "class_shares"},
        ),
        (
            (3,),
            {"kind": "table"},
            NEIGHBOURS | DISTANCES | {"frechet", "mean_error", "sd_error", "correlation_error", "copied"},
        ),
    ],
)
def test_measures_by_kind(shape: tuple[int, ...], extra: dict[str, Any], names: set[str]) -> None:
    values = measure(_samples(30, *shape), _samples(40, *shape, seed=1), **extra)
    assert set(values) == names
    json.dumps(values, allow_nan=False)
    assert all(type(value) in (int, float, dict) for value in values.values())


@pytest.mark.parametrize("kind", ["image", "points", "table"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e38])
def test_diverged_samples_stay_out_of_json(kind: str, bad: float) -> None:
    generated = _samples(20, 4)
    generated[3] = bad
    values = measure(generated, _samples(20, 4, seed=1), kind=kind)
    json.dumps(values, allow_nan=False)
    assert values.get("nonfinite") == (None if bad == 1e38 else 1)
    assert measure(generated * float("nan"), generated, kind=kind) == {"nonfinite": 20}


def test_overflow_in_double_precision_is_left_out() -> None:
    values = measure(_samples(5, 4).double() * 1e200, _samples(5, 4, seed=1).double(), kind="points")
    json.dumps(values, allow_nan=False)


@pytest.mark.parametrize("kind", ["image", "points", "table"])
def test_nothing_or_constants_to_compare_with(kind: str) -> None:
    assert measure(_samples(0, 2), _samples(9, 2), kind=kind) == {}
    for columns in (1, 2):
        values = measure(_samples(9, columns), torch.ones(9, columns), kind=kind)
        json.dumps(values, allow_nan=False)
        assert "w1" not in values


def test_unknown_kind() -> None:
    with pytest.raises(ValueError, match="image, points or table"):
        measure(_samples(5, 2), _samples(5, 2), kind="sound")


class Interrupted(Exception):
    """What a check may raise."""


@pytest.mark.parametrize("kind", ["image", "points", "table"])
@pytest.mark.parametrize("after", [0, 2, 4])
def test_a_check_can_interrupt_anywhere(kind: str, after: int) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Interrupted

    with pytest.raises(Interrupted):
        measure(_samples(20, 3), _samples(20, 3, seed=1), kind=kind, check=check)


def test_check_is_called_at_every_block() -> None:
    calls = []
    measure(_samples(2500, 2), _samples(2500, 2, seed=1), kind="points", check=lambda: calls.append(None))
    assert len(calls) >= 5 * 9  # five passes over 3 × 3 blocks


def test_leaves_its_arguments_alone() -> None:
    generated, real = _samples(20, 3).requires_grad_(), _samples(20, 3, seed=1)
    before = generated.detach().clone(), real.clone()
    measure(generated, real, kind="table")
    assert torch.equal(generated, before[0]) and torch.equal(real, before[1])
