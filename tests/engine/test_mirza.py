"""The conditional networks of Mirza and Osindero 2014, read off what is built."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from engine_cases import layers_of
from torch import nn

from gantui.core import presets
from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine import networks, optimisers
from gantui.engine.networks.mirza import Beside
from gantui.engine.training import draw

CPU = torch.device("cpu")
Make = Callable[..., Config]
SMALL: dict[str, Any] = {"network": "mirza", "condition": "concat", "g_widths": [3, 4, 5], "d_widths": [3, 2, 4]}


def test_layers_are_those_of_the_paper() -> None:
    config = presets.load("mnist-class-2014").config()
    with torch.device("meta"):
        g, d = networks.build(config, (1, 28, 28), "sigmoid", 10)
    assert layers_of(g) == [
        ("Beside",),
        ("linear", 100, 200),
        ("ReLU",),
        ("linear", 10, 1000),
        ("ReLU",),
        ("dropout", 0.5),
        ("linear", 1200, 1200),
        ("ReLU",),
        ("dropout", 0.5),
        ("linear", 1200, 784),
        ("Sigmoid",),
        ("Reshape", (1, 28, 28)),
    ]
    assert layers_of(d) == [
        ("Beside",),
        ("linear", 784, 1200),
        ("maxout", 5),
        ("linear", 10, 250),
        ("maxout", 5),
        ("dropout", 0.5),
        ("linear", 290, 960),
        ("maxout", 4),
        ("dropout", 0.5),
        ("linear", 240, 1),
    ]


def test_rates_are_those_of_the_paper() -> None:
    config = presets.load("mnist-class-2014").config()
    assert config.batch_size == 100
    for base in (config.lr_d, config.lr_g):
        assert optimisers.effective_lr(base, config, 0) == 0.1
        assert optimisers.effective_lr(base, config, 1000) == pytest.approx(0.1 / 1.00004**1000)
        assert optimisers.effective_lr(base, config, 10**7) == 1e-6
    assert [optimisers.effective_momentum(config, epoch) for epoch in (0, 999)] == [0.5, 0.7]
    for kind in (config.optimizer_d, config.optimizer_g):
        assert isinstance(optimisers.make(kind, [nn.Parameter(torch.zeros(1))], config), torch.optim.SGD)
    z = draw(config, 10_000, torch.Generator().manual_seed(0), CPU)
    assert z.shape == (10_000, 100) and 0 <= z.min() < 1e-4 and 1 - 1e-4 < z.max() <= 1
    assert float(z.mean()) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("shape", [(7,), (3, 4, 4)])
def test_each_half_sees_its_own_input(config_of: Make, shape: tuple[int, ...]) -> None:
    g, d = networks.build(config_of(**SMALL), shape, "linear", 6)
    z, y = torch.randn(5, 4, requires_grad=True), torch.randn(5, 6, requires_grad=True)
    x = g(z, y)
    assert x.shape == (5, *shape) and d(x, y).shape == (5,)
    beside = next(layer for layer in g.modules() if isinstance(layer, Beside))
    first, second = beside(torch.cat([z, y], 1)).split([3, 4], 1)
    assert torch.equal(first, beside.first(z)) and torch.equal(second, beside.second(y))


def test_an_encoder_beside_it_takes_images_alone(config_of: Make) -> None:
    assert networks.build_encoder(config_of(**SMALL), (1, 4, 4))(torch.randn(5, 1, 4, 4)).shape == (5, 4)


def test_what_doesnt_fit_is_refused(config_of: Make) -> None:
    for key in ("g_widths", "d_widths"):
        with pytest.raises(ConfigError, match=rf"{key} = \[8, 8\]: network = mirza has 3"):
            networks.build(config_of(**(SMALL | {key: [8, 8]})), (7,), "linear", 6)
    with pytest.raises(ConfigError, match="set condition = concat"):
        config_of(**(SMALL | {"condition": "none"}))
