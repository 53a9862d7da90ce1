"""Training on tables of numbers and categories: constraints, conditions, own networks, evaluation, previews."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from engine_cases import CONSTRAINTS

from gantui.engine import previews, sampling
from gantui.engine.algorithm import next_update
from gantui.engine.training import Training, digest

Make = Callable[..., Training]
Write = Callable[..., None]
COLUMNS = ("size", "cost", "colour", "kind")


@pytest.fixture
def table(tmp_path: Path) -> str:
    """120 rows of two numbers, one of them with empty cells, and two categories."""
    chance = np.random.default_rng(0)
    lines = [",".join(COLUMNS)]
    for row in range(120):
        cost = "" if row % 6 == 0 else f"{chance.normal(10, 2):.2f}"
        lines.append(
            f"{chance.normal():.3f},{cost},{chance.choice(['red', 'green', 'blue'])},{chance.choice(['a', 'b'])}"
        )
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def _digest(training: Training, updates: int) -> str:
    for _ in range(updates):
        next_update(training, measure=True)
    return digest(training.snapshot())


@pytest.mark.parametrize("constraint", CONSTRAINTS.values(), ids=CONSTRAINTS.keys())
def test_every_constraint_takes_vectors_with_categories(make_training: Make, table: str, constraint: Any) -> None:
    training = make_training(data=table, missing="model", **constraint)
    before = digest(training.snapshot())
    assert _digest(training, 6) != before
    assert training.is_finite()


def test_the_slope_of_a_linear_critic_counts_the_columns_of_categories(
    make_training: Make, write_module: Write, table: str
) -> None:
    write_module(PAIR)
    training = make_training(
        data=table, missing="model", network="mine:pair", constraint="gradient_penalty", constraint_weight=1.0
    )
    weight = training.d[0].weight.detach().clone()
    slope = training.constraint.judge(
        training,
        training.discriminator(8, None),
        training.next_data(8)[0],
        training.generate(training.draw_latents(8), None),
    ).numbers["d_slope"]
    assert weight.shape == (1, 9)
    assert torch.allclose(slope, weight.norm())


def test_it_goes_on_from_a_snapshot(make_training: Make, table: str) -> None:
    whole = _digest(make_training(data=table, missing="model"), 8)
    half = make_training(data=table, missing="model")
    _digest(half, 4)
    snapshot = half.snapshot()
    rest = make_training(data=table, missing="model")
    rest.restore(snapshot)  # with the noise that categories are drawn by
    assert _digest(rest, 4) == whole


PAIR = """
from torch import nn

def pair(config, shape, width=0):
    d = shape[0] + (width if config.condition == "concat" else 0)
    return G(config.z_dim + width, *shape), nn.Sequential(nn.Linear(d, 1), nn.Flatten(0)) if not width else D(d)

class G(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)

    def forward(self, *inputs):
        return self.layer(__import__("torch").cat(inputs, 1))

class D(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.layer = nn.Linear(inputs, 1)

    def forward(self, *inputs):
        return self.layer(__import__("torch").cat(inputs, 1)).squeeze(1)
"""


@pytest.mark.parametrize("settings", [{}, {"condition": "concat", "labels": "kind"}], ids=str)
def test_a_pair_of_ones_own_returns_logits_and_categories_are_drawn(
    make_training: Make, write_module: Write, table: str, settings: dict[str, Any]
) -> None:
    write_module(PAIR)
    training = make_training(data=table, missing="model", network="mine:pair", **settings)
    _digest(training, 4)
    rows = training.draw_rows(64)
    x = training.generate(training.draw_latents(64), rows)
    for block in x[:, 2:].split(training.data.codec.blocks, 1):
        assert torch.allclose(block.sum(1), torch.ones(64), atol=1e-5)
    assert set(previews.take(training)["x"][:, 2].tolist()) <= {0, 1, 2}


@pytest.mark.parametrize("condition", ["concat", "projection", "auxiliary", "classifier"])
def test_every_condition_goes_with_the_categories_that_are_left(
    make_training: Make, table: str, condition: str
) -> None:
    training = make_training(data=table, missing="model", condition=condition, labels="kind", holdout=0.3)
    _digest(training, 4)
    assert training.data.columns == COLUMNS[:3]
    values, _, _ = sampling.evaluate(training.config, training.data, training.g)
    assert {"class_accuracy", "class_diversity", "share_error", "accuracy_synthetic"} <= set(values)


def test_evaluation_says_what_a_classifier_learns_of_the_last_category(make_training: Make, table: str) -> None:
    training = make_training(data=table, missing="model", holdout=0.3)
    values, count, _ = sampling.evaluate(training.config, training.data, training.g)
    assert count == sampling.MOST_COMPARED
    assert 0 <= values["accuracy_synthetic"] <= 1
    assert 0.2 < values["accuracy_real"] < 0.8  # there is nothing to learn
    assert values["copied"] < 0.01
    without = make_training(data=table, missing="model")
    assert "accuracy_real" not in sampling.evaluate(without.config, without.data, without.g)[0]


def test_previews_hold_columns_as_the_file_has_them(make_training: Make, table: str) -> None:
    training = make_training(data=table, missing="model")
    x = previews.take(training)["x"]
    assert x.shape == (1024, 4)
    assert np.isnan(x[:, 1]).any()
    assert not np.isnan(x[:, [0, 2, 3]]).any()
    assert np.array_equal(previews.take(training)["x"], x, equal_nan=True)
