"""A pair of networks of the user's own: what it must be, and that it trains as gantui's own do."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from gantui.core.config import change
from gantui.core.errors import ConfigError
from gantui.engine import networks
from gantui.engine.algorithm import next_update
from gantui.engine.training import Training, digest

# The same layers as gantui's perceptron with relu in G and leaky relu in D.
PAIR = """
from torch import nn

def pair(config, shape):
    h, (i, j) = config.g_widths[0], config.d_widths
    g = nn.Sequential(nn.Linear(config.z_dim, h), nn.ReLU(), nn.Linear(h, *shape))
    d = nn.Sequential(
        nn.Linear(*shape, i), nn.LeakyReLU(0.2), nn.Linear(i, j), nn.LeakyReLU(0.2), nn.Linear(j, 1), nn.Flatten(0)
    )
    return g, d
"""
Make = Callable[..., Training]
Write = Callable[..., None]


def _digest(training: Training, updates: int) -> str:
    for _ in range(updates):
        next_update(training)
    return digest(training.snapshot())


@pytest.mark.parametrize("settings", [{}, {"init_g": "normal:0.1", "spectral_norm": True}])
def test_it_trains_to_the_bit_as_the_same_layers_of_gantui(
    write_module: Write, make_training: Make, settings: dict[str, Any]
) -> None:
    write_module(PAIR)
    assert _digest(make_training(network="mine:pair", **settings), 6) == _digest(make_training(**settings), 6)


def test_it_goes_on_from_a_snapshot(write_module: Write, make_training: Make) -> None:
    write_module(PAIR)
    whole, half, rest = (make_training(network="mine:pair") for _ in range(3))
    _digest(half, 4)
    rest.restore(half.snapshot())
    assert _digest(rest, 4) == _digest(whole, 8)


def test_it_is_told_the_range_to_fill(write_module: Write, config_of: Any) -> None:
    write_module(
        """
        from torch import nn

        def pair(config, shape):
            last = {"tanh": nn.Tanh(), "sigmoid": nn.Sigmoid(), "linear": nn.Identity()}[config.output]
            g = nn.Sequential(nn.Linear(config.z_dim, 12), last, nn.Unflatten(1, shape))
            return g, nn.Sequential(nn.Flatten(), nn.Linear(12, 1), nn.Flatten(0))
        """
    )
    config = config_of(network="mine:pair")
    for last, kind in {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "linear": nn.Identity}.items():
        g, _ = networks.build(config, (3, 2, 2), last)
        assert isinstance(g[1], kind)  # type: ignore[index]


def test_trying_it_out_leaves_networks_and_chance_alone(write_module: Write, config_of: Any) -> None:
    write_module(
        """
        from torch import nn

        def pair(config, shape):
            g = nn.Sequential(nn.Linear(config.z_dim, 8), nn.BatchNorm1d(8), nn.Linear(8, *shape))
            return g, nn.Sequential(nn.Dropout(0.5), nn.Linear(*shape, 1), nn.Flatten(0))
        """
    )
    torch.manual_seed(0)
    g, d = networks.build(config_of(network="mine:pair", z_dim=3), (2,), "linear")
    drawn = torch.get_rng_state()
    torch.manual_seed(0)
    _layers = nn.Linear(3, 8), nn.Linear(8, 2), nn.Linear(2, 1)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert g.training and d.training and int(g[1].num_batches_tracked) == 0  # type: ignore[index]


def test_a_penalty_per_example_is_refused_where_d_looks_at_its_batch(write_module: Write, make_training: Make) -> None:
    write_module(
        """
        from torch import nn

        def pair(config, shape):
            g = nn.Linear(config.z_dim, *shape)
            return g, nn.Sequential(nn.Linear(*shape, 8), nn.BatchNorm1d(8), nn.Linear(8, 1), nn.Flatten(0))
        """
    )
    penalty = {"constraint": "r1", "constraint_weight": 1.0}
    with pytest.raises(ConfigError, match="constraint = r1: a penalty per example is undefined"):
        make_training(network="mine:pair", **penalty)
    training = make_training(network="mine:pair")
    with pytest.raises(ConfigError, match="constraint = r1: a penalty per example is undefined"):
        training.adopt(change(training.config, penalty))
    assert training.config.constraint == "none"


def _pair(g: str = "nn.Linear(config.z_dim, *shape)", d: str = "") -> str:
    d = d or "nn.Sequential(nn.Linear(*shape, 1), nn.Flatten(0))"
    return f"import torch\nfrom torch import nn\ndef Pair(config, shape):\n    return {g}, {d}\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Pair = 3", "is int; must be callable: pair(config, shape) returns G and D"),
        ("def Pair(config): ...", "making G and D raised TypeError"),
        ("def Pair(config, shape):\n    return config.no_such", "raised AttributeError: "),
        ("def Pair(config, shape): ...", "returned NoneType; must be G and D, both torch.nn.Module"),
        (_pair(d="3"), "returned Linear, int; must be G and D"),
        (_pair(d="None, None"), "returned Linear, NoneType, NoneType; must be G and D"),
        (
            _pair(g="nn.Linear(config.z_dim, 3)"),
            "G for 2 examples, (2, 4), returned Tensor of shape (2, 3), torch.float32; "
            "must be a float32 tensor of shape (2, 2)",
        ),
        (_pair(g="nn.Linear(3, *shape)"), "G for an input of shape (2, 4) raised RuntimeError: mat1 and mat2"),
        (_pair(d="nn.Linear(*shape, 1)"), "D for 2 examples, (2, 2), returned Tensor of shape (2, 1), torch.float32"),
        (_pair(d="nn.Linear(9, 1)"), "D for an input of shape (2, 2) raised RuntimeError"),
        (_pair(d="nn.Linear(*shape, 1).double()"), "D for an input of shape (2, 2) raised RuntimeError"),
        (_pair(d="nn.LSTM(*shape, 1)"), "D for 2 examples, (2, 2), returned tuple; must be a float32 tensor of shape"),
        (_pair(d="nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (2, 2)), nn.MaxPool1d(2), nn.Flatten(0))"), "D has no"),
    ],
)
def test_what_a_pair_must_be(write_module: Write, config_of: Any, source: str, expected: str) -> None:
    write_module(source)
    with pytest.raises(ConfigError) as caught:
        networks.build(config_of(network="mine:Pair"), (2,), "linear")
    assert str(caught.value).startswith("network = 'mine:Pair': ") and expected in str(caught.value)
