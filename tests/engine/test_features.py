"""Features out of D: what its hidden layers say, whoever wrote it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d, relu

from gantui.engine.features import of_layers
from gantui.engine.training import Training

Make = Callable[..., Training]


def _of(training: Training, count: int = 3) -> tuple[list[Tensor], Tensor]:
    x = training.data.take(torch.arange(count))
    rows = training.labels.rows[:count] if training.labels else None
    return of_layers(training.d.eval(), training.inputs_of_d(x, rows)), x


def test_of_a_perceptron_they_are_its_hidden_layers(make_training: Make) -> None:
    training = make_training(d_widths=[16, 12], dropout_input=0.2, dropout_hidden=0.5, norm_d="batch")
    found, x = _of(training)
    d = training.d
    assert isinstance(d, nn.Sequential)
    activations = [i for i, layer in enumerate(d) if isinstance(layer, nn.LeakyReLU)]
    expected = [d[: i + 1](x) for i in activations]
    assert [layer.shape for layer in found] == [(3, 16), (3, 12)]
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def test_maps_are_pooled_to_four_by_four(make_training: Make) -> None:
    training = make_training(data="digits", network="conv", d_widths=[6, 5])
    (first, last), x = _of(training)
    assert first.shape == (3, 6 * 16) and last.shape == (3, 5 * 4)
    large = make_training(data="digits", network="conv", d_widths=[6], image_size=32)
    (pooled,), x = _of(large)
    assert isinstance(large.d, nn.Sequential)
    assert torch.equal(pooled, adaptive_max_pool2d(large.d[:2](x), 4).flatten(1))


@pytest.mark.parametrize("condition", ["concat", "projection", "auxiliary", "classifier"])
@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_under_a_condition_neither_data_nor_labels_are_among_them(
    make_training: Make, condition: str, network: str
) -> None:
    training = make_training(data="digits", network=network, condition=condition, d_widths=[7, 5])
    found, _ = _of(training)
    maps = network == "conv"
    assert [layer.shape[1] for layer in found] == ([7 * 16, 5 * 4] if maps else [7, 5])


@pytest.mark.parametrize("settings", [{"activation_d": "maxout"}, {"spectral_norm": True}], ids=str)
def test_other_layers(make_training: Make, settings: dict[str, Any]) -> None:
    found, _ = _of(make_training(**settings))
    assert [layer.shape for layer in found] == [(3, 16), (3, 16)]


class _Residual(nn.Module):
    """A block in which the same tensor goes two ways, and activations work in place."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner, self.skip, self.last = (nn.Linear(*size) for size in ((4, 6), (6, 6), (6, 6), (6, 1)))

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        skipped: Tensor = self.skip(h)
        h = self.inner(h.relu_()) + skipped
        scores: Tensor = self.last(relu(h)).flatten(0)
        return scores


def test_a_network_of_the_users_own_with_two_ways_through_it() -> None:
    d, x = _Residual().eval(), torch.randn(5, 4)
    found = of_layers(d, (x,))
    assert torch.equal(found[0], d.first(x))  # before the activation changed it in place
    assert [layer.shape for layer in found] == [(5, 6), (5, 6)]


def test_nothing_is_left_behind(make_training: Make) -> None:
    training = make_training(norm_d="batch", spectral_norm=True)
    training.d.eval()
    before = {name: tensor.clone() for name, tensor in training.d.state_dict().items()}
    _of(training)
    assert all(torch.equal(tensor, before[name]) for name, tensor in training.d.state_dict().items())
    assert not any(layer._forward_pre_hooks for layer in training.d.modules() if isinstance(layer, nn.Flatten))
