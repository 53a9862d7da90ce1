"""Networks: shapes, the order of their layers, maxout by its definition, and how weights begin."""

from collections.abc import Callable
from math import sqrt

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, relu

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.networks import architecture, build
from gantui.engine.networks.layers import Maxout, Reshape, begin_near

Make = Callable[..., Config]
ACTIVATIONS = ["relu", "leaky_relu", "tanh", "sigmoid", "maxout"]
LINEAR = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def parameter_count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _check(config: Config, shape: tuple[int, ...]) -> tuple[nn.Module, nn.Module]:
    g, d = build(config, shape, "tanh")
    x = g(torch.randn(3, config.z_dim))
    assert x.shape == (3, *shape)
    assert x.abs().max() <= 1
    assert d(x).shape == (3,)
    assert d(x[:1]).shape == (1,)
    return g, d


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(1,), (2,), (7,), (1, 8, 8), (3, 5, 5)])
@pytest.mark.parametrize("widths", [[1], [3, 5], [8, 4, 2, 9]])
def test_mlp_shapes(config_of: Make, activation: str, shape: tuple[int, ...], widths: list[int]) -> None:
    config = config_of(
        network="mlp", g_widths=widths, d_widths=widths[::-1], activation_g=activation, activation_d=activation
    )
    g, d = _check(config, shape)
    assert [m.out_features for m in g.modules() if isinstance(m, nn.Linear)][-1] == torch.Size(shape).numel()
    assert [m.out_features for m in d.modules() if isinstance(m, nn.Linear)][-1] == 1


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("shape", "g_widths", "d_widths"),
    [
        ((1, 8, 8), [4], [4, 6]),
        ((1, 8, 8), [4, 3, 2], [2]),
        ((3, 28, 28), [5, 3], [3, 4]),
        ((1, 32, 32), [4, 4, 4, 4, 4], [2, 2, 2]),
        ((3, 64, 64), [8, 4, 4, 2], [2, 4, 4, 8]),
    ],
)
def test_conv_shapes(
    config_of: Make, activation: str, shape: tuple[int, ...], g_widths: list[int], d_widths: list[int]
) -> None:
    config = config_of(
        network="conv", g_widths=g_widths, d_widths=d_widths, activation_g=activation, activation_d=activation
    )
    _check(config, shape)
    _check(config_of(**_differences(config), norm_g="batch", norm_d="batch"), shape)


def _differences(config: Config) -> dict[str, object]:
    names = ("network", "g_widths", "d_widths", "activation_g", "activation_d")
    return {name: getattr(config, name) for name in names}


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != "maxout"])
@pytest.mark.parametrize(
    ("shape", "g_widths", "d_widths"),
    [((1, 8, 8), [4], [4, 6]), ((1, 8, 8), [4, 3, 2], [2]), ((3, 28, 28), [5, 3], [3, 4]), ((3, 32, 32), [4] * 5, [2])],
)
def test_residual_shapes(
    config_of: Make, activation: str, shape: tuple[int, ...], g_widths: list[int], d_widths: list[int]
) -> None:
    config = config_of(
        network="residual", g_widths=g_widths, d_widths=d_widths, activation_g=activation, activation_d=activation
    )
    _check(config, shape)
    _check(config_of(**_differences(config), norm_g="batch", norm_d="batch", dropout_hidden=0.1), shape)


@pytest.mark.parametrize("network", ["conv", "residual"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 9, 15, 25, 28, 33, 63, 100, 127, 128])
def test_images_of_any_side_and_every_pixel_counts(config_of: Make, network: str, channels: int, side: int) -> None:
    torch.manual_seed(0)
    g, d = _check(config_of(network=network, g_widths=[6, 4, 4], d_widths=[4, 4, 6]), (channels, side, side))
    pixels = torch.rand(1, channels, side, side).requires_grad_()
    (slope,) = torch.autograd.grad(d(pixels).sum(), pixels)
    assert (slope != 0).any(1).all()  # D looks at each
    samples = g(torch.randn(64, 4))
    assert (samples.std(0) > 0).all()  # G moves each


@pytest.mark.parametrize("network", ["conv", "residual"])
def test_the_middle_is_what_stays(config_of: Make, network: str) -> None:
    config = config_of(network=network, g_widths=[4, 4, 4])
    torch.manual_seed(0)
    whole, _ = build(config, (1, 32, 32), "tanh")
    torch.manual_seed(0)
    cut, _ = build(config, (1, 27, 27), "tanh")
    z = torch.randn(2, 4)
    torch.testing.assert_close(cut(z), whole(z)[:, :, 2:29, 2:29])


def test_a_block_is_the_sum_of_two_convolutions_and_a_short_cut(config_of: Make) -> None:
    """Written out with functions, by the figures of the papers."""
    torch.manual_seed(0)
    _, d = build(config_of(network="residual", d_widths=[4, 6], activation_d="relu"), (3, 8, 8), "tanh")
    first, second = d[:2]
    score = next(m for m in d if isinstance(m, nn.Linear))
    x = torch.randn(2, 3, 8, 8)
    (c1, c2), (c3,) = _layers(first.branch), _layers(first.shortcut)
    h = avg_pool2d(c2(relu(c1(x))), 2) + c3(avg_pool2d(x, 2))
    (c1, c2), (c3,) = _layers(second.branch), _layers(second.shortcut)
    h = avg_pool2d(c2(relu(c1(relu(h)))), 2) + avg_pool2d(c3(h), 2)
    expected = score(relu(h).sum((2, 3)))
    torch.testing.assert_close(d(x), expected.flatten())
    g, _ = build(config_of(network="residual", g_widths=[6, 4]), (3, 8, 8), "tanh")
    z = torch.randn(2, 4)
    h, blocks = g[:2](z), list(g)[2:4]
    assert h.shape == (2, 6, 2, 2)
    for block in blocks:
        (c1, c2), (c3,) = _layers(block.branch), _layers(block.shortcut)
        h = c2(relu(c1(_doubled(relu(h))))) + c3(_doubled(h))
    torch.testing.assert_close(g(z), torch.tanh(_layers(g)[-1](relu(h))))


def _doubled(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


@pytest.mark.parametrize("key", ["activation_g", "activation_d"])
def test_residual_blocks_take_no_maxout(config_of: Make, key: str) -> None:
    with pytest.raises(ConfigError, match=f"^{key} = maxout: the blocks of network = residual"):
        build(config_of(**{"network": "residual", key: "maxout"}), (1, 8, 8), "tanh")


@pytest.mark.parametrize(
    ("last", "low", "high"), [("sigmoid", 0.0, 1.0), ("tanh", -1.0, 1.0), ("linear", -torch.inf, torch.inf)]
)
@pytest.mark.parametrize("network", ["mlp", "conv", "residual"])
def test_the_output_activation_bounds_g(config_of: Make, network: str, last: str, low: float, high: float) -> None:
    g, _ = build(config_of(network=network, g_widths=[8], init_g="normal:3"), (1, 8, 8), last)
    x = g(torch.randn(50, 4))
    assert low <= x.min()
    assert x.max() <= high
    assert x.min() < (0 if low < 0 else 0.1)  # it makes use of its range
    assert x.max() > (1.5 if last == "linear" else 0.9)


@pytest.mark.parametrize(
    ("asked", "shape", "expected"),
    [
        ("auto", (2,), "mlp"),
        ("auto", (1, 8, 8), "mlp"),
        ("auto", (1, 28, 28), "conv"),
        ("auto", (3, 32, 32), "conv"),
        ("auto", (3, 30, 30), "mlp"),
        ("mlp", (1, 28, 28), "mlp"),
        ("conv", (1, 8, 8), "conv"),
    ],
)
def test_auto_goes_by_the_shape(config_of: Make, asked: str, shape: tuple[int, ...], expected: str) -> None:
    assert architecture(config_of(network=asked), shape) == expected


@pytest.mark.parametrize("network", ["conv", "residual"])
def test_convolutions_need_images(config_of: Make, network: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"network = {network}: needs images; data = ring has examples of shape \(2,"
    ):
        build(config_of(network=network), (2,), "linear")


@pytest.mark.parametrize("network", ["conv", "residual"])
@pytest.mark.parametrize(
    ("key", "widths", "side", "most"),
    [
        ("g_widths", [4] * 6, 28, 5),
        ("d_widths", [4] * 5, 28, 4),
        ("d_widths", [4] * 4, 8, 3),
        ("g_widths", [4] * 6, 32, 5),
    ],
)
def test_a_side_has_room_for_so_many_halvings(
    config_of: Make, network: str, key: str, widths: list[int], side: int, most: int
) -> None:
    with pytest.raises(ConfigError) as caught:
        build(
            config_of(**({"network": network, "g_widths": [4], "d_widths": [4]} | {key: widths})),
            (1, side, side),
            "tanh",
        )
    assert str(caught.value).startswith(f"{key} = {widths}: an image of {side} px has room for {most} halvings")
    _, d = build(
        config_of(**{"network": network, "g_widths": [4], "d_widths": [4], key: [4] * most}), (1, side, side), "tanh"
    )
    assert d(torch.zeros(2, 1, side, side)).shape == (2,)


def test_the_mnist_pair_of_2014_has_its_numbers_of_parameters(config_of: Make) -> None:
    config = config_of(
        network="mlp",
        z_dim=100,
        g_widths=[1200, 1200],
        d_widths=[240, 240],
        activation_d="maxout",
        maxout_pieces=5,
        dropout_input=0.2,
        dropout_hidden=0.5,
    )
    g, d = build(config, (1, 28, 28), "sigmoid")
    assert (parameter_count(g), parameter_count(d)) == (2_503_984, 1_231_441)


def test_the_small_dcgan_has_its_numbers_of_parameters(config_of: Make) -> None:
    """Counted by hand: Linear 64→64·7·7, 4×4 kernels 64→32→1; 4×4 kernels 1→16→32, Linear 32·7·7→1."""
    g, d = build(config_of(network="conv", z_dim=64, g_widths=[64, 32], d_widths=[16, 32]), (1, 28, 28), "tanh")
    assert parameter_count(g) == 65 * 64 * 49 + (64 * 32 * 16 + 32) + (32 * 16 + 1)
    assert parameter_count(d) == (16 * 16 + 16) + (16 * 32 * 16 + 32) + (32 * 49 + 1)
    assert 236_000 < parameter_count(g) < 238_000
    assert 9_500 < parameter_count(d) < 10_500


@pytest.mark.parametrize("shape", [(6,), (6, 4, 4)])
def test_maxout_is_the_largest_of_its_pieces(shape: tuple[int, ...]) -> None:
    x = torch.randn(3, *shape)
    out = Maxout(2)(x)
    assert out.shape == (3, 3, *shape[1:])
    for unit in range(3):  # pieces of a unit lie beside each other
        torch.testing.assert_close(out[:, unit], torch.maximum(x[:, 2 * unit], x[:, 2 * unit + 1]))


def test_a_maxout_layer_is_the_maximum_of_linear_functions(config_of: Make) -> None:
    _, d = build(config_of(d_widths=[4], activation_d="maxout", maxout_pieces=3), (2,), "linear")
    first, last = (m for m in d.modules() if isinstance(m, nn.Linear))
    x = torch.randn(5, 2)
    weight, bias = first.weight.view(4, 3, 2), first.bias.view(4, 3)
    hidden = (torch.einsum("upd,bd->bup", weight, x) + bias).max(2).values
    torch.testing.assert_close(d(x), (hidden @ last.weight.T + last.bias)[:, 0])


def _kinds(network: nn.Module) -> list[str]:
    return [f"{type(m).__name__}:{m.p}" if isinstance(m, nn.Dropout) else type(m).__name__ for m in network]  # type: ignore[attr-defined]


def test_dropout_stands_before_every_layer_of_d_and_nowhere_in_g(config_of: Make) -> None:
    settings = {"g_widths": [8, 8], "d_widths": [8, 8], "dropout_input": 0.2, "dropout_hidden": 0.5}
    g, d = build(config_of(**settings), (2,), "linear")
    assert _kinds(d) == [
        *("Dropout:0.2", "Linear", "LeakyReLU"),
        *("Dropout:0.5", "Linear", "LeakyReLU"),
        *("Dropout:0.5", "Linear", "Flatten"),
    ]
    assert not any(isinstance(m, nn.Dropout) for m in g.modules())
    _, d = build(config_of(**settings, network="conv"), (1, 8, 8), "tanh")
    assert _kinds(d) == [
        *("Dropout:0.2", "Conv2d", "LeakyReLU"),
        *("Dropout:0.5", "Conv2d", "LeakyReLU"),
        *("Dropout:0.5", "Flatten", "Linear", "Flatten"),
    ]
    _, d = build(config_of(dropout_hidden=0.5), (2,), "linear")
    assert _kinds(d)[0] == "Linear"


@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_batch_norm_is_in_every_hidden_layer_of_g_but_not_in_the_first_of_d(config_of: Make, network: str) -> None:
    config = config_of(network=network, g_widths=[8, 8], d_widths=[8, 6], norm_g="batch", norm_d="batch")
    g, d = build(config, (1, 8, 8), "tanh")
    norms = nn.BatchNorm1d | nn.BatchNorm2d
    assert [m.num_features for m in g.modules() if isinstance(m, norms)] == [8, 8]
    assert [m.num_features for m in d.modules() if isinstance(m, norms)] == [6]


def _layers(network: nn.Module) -> list[nn.Module]:
    return [m for m in network.modules() if isinstance(m, LINEAR)]


@pytest.mark.parametrize("network", ["mlp", "conv", "residual"])
@pytest.mark.parametrize("which", ["init_g", "init_d"])
def test_uniform_fills_its_range_and_nothing_else_changes(config_of: Make, network: str, which: str) -> None:
    config = config_of(**{"network": network, "g_widths": [64, 64], "d_widths": [64, 64], which: "uniform:0.05"})
    g, d = build(config, (1, 8, 8), "tanh")
    changed, other = (g, d) if which == "init_g" else (d, g)
    for layer in _layers(changed):
        assert 0.045 < layer.weight.abs().max() <= 0.05
        assert layer.weight.std().item() == pytest.approx(0.05 / sqrt(3), rel=0.2)
        assert not layer.bias.any()
    assert all(layer.bias.any() for layer in _layers(other))


@pytest.mark.parametrize("network", ["mlp", "conv", "residual"])
def test_normal_has_its_deviation_also_in_the_scales_of_batch_norm(config_of: Make, network: str) -> None:
    config = config_of(network=network, g_widths=[128, 64], init_g="normal:0.02", norm_g="batch", z_dim=64)
    g, _ = build(config, (1, 8, 8), "tanh")
    for layer in _layers(g):
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.1)
        assert layer.weight.abs().max() > 0.04  # it has tails, so it is no uniform one
        assert not layer.bias.any()
    for norm in (m for m in g.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)):
        assert norm.weight.mean().item() == pytest.approx(1, abs=0.02)
        assert 0.01 < norm.weight.std() < 0.03
        assert not norm.bias.any()


def test_orthogonal_keeps_lengths_times_its_gain(config_of: Make) -> None:
    g, d = build(config_of(init_g="orthogonal:1.5", init_d="orthogonal:1"), (2,), "linear")
    for network, gain in ((g, 1.5), (d, 1.0)):
        for layer in _layers(network):
            singular = torch.linalg.svdvals(layer.weight)
            torch.testing.assert_close(singular, torch.full_like(singular, gain))
            assert not layer.bias.any()


def test_by_default_weights_are_torchs_own(config_of: Make) -> None:
    torch.manual_seed(7)
    g, _ = build(config_of(), (2,), "linear")
    torch.manual_seed(7)
    expected = nn.Linear(4, 16)
    torch.testing.assert_close(_layers(g)[0].weight, expected.weight)


def test_the_default_generator_decides_the_weights(config_of: Make) -> None:
    def weights(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return torch.cat([p.flatten() for network in build(config_of(), (2,), "linear") for p in network.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize("network", ["mlp", "conv", "residual"])
def test_spectral_norm_holds_every_layer_of_d_to_one(config_of: Make, network: str) -> None:
    torch.manual_seed(0)
    g, d = build(config_of(network=network, spectral_norm=True, init_d="normal:2"), (1, 8, 8), "tanh")
    for _ in range(30):
        d(torch.randn(4, 1, 8, 8))
    layers = _layers(d)
    assert len(layers) == (7 if network == "residual" else 3)
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, abs=0.02)
    assert any(torch.linalg.matrix_norm(layer.weight.flatten(1), 2) > 1.05 or network == "mlp" for layer in _layers(g))


def test_reshape_keeps_every_number() -> None:
    x = torch.arange(24.0).view(2, 12)
    torch.testing.assert_close(Reshape((3, 2, 2))(x), x.view(2, 3, 2, 2))


@pytest.mark.parametrize("last", ["sigmoid", "tanh", "linear"])
@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_g_begins_near_the_mean(config_of: Make, network: str, last: str) -> None:
    g, _ = build(config_of(network=network, g_widths=[4], init_g="uniform:1e-9"), (3, 8, 8), last)
    mean = torch.rand(3, 8, 8, dtype=torch.float64)
    mean[0, 0, 0] = 1.0  # the end of the range, which no bias reaches
    begin_near(g, mean, last)
    expected = mean if network == "mlp" else mean.mean((1, 2), keepdim=True).expand(3, 8, 8)
    assert torch.allclose(g(torch.randn(5, 4)), expected.float().expand(5, 3, 8, 8), atol=1e-5)
