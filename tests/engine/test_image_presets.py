"""What the papers say of their networks, read off the networks that the presets build."""

import pytest
import torch
from torch import nn

from gantui.core import presets
from gantui.core.config import Config
from gantui.engine.data import Data
from gantui.engine.training import Training

CPU = torch.device("cpu")


def _training(name: str, side: int) -> Training:
    """A training of a preset on a few grey and coloured squares."""
    config = presets.load(name).config({"data": "squares", "device": "cpu"})
    x = torch.arange(256, dtype=torch.uint8).view(256, 1, 1, 1).expand(256, 3, side, side).contiguous()
    scale = torch.tensor(0.5)
    data = Data(
        name="squares",
        kind="image",
        shape=(3, side, side),
        count=256,
        output="tanh",
        device=CPU,
        x=x,
        scale=scale,
        shift=scale,
    )
    training = Training(config, data, CPU)
    training.set_pace()
    return training


def _names(network: nn.Module) -> list[str]:
    return [type(m).__name__ for m in network.modules() if not list(m.children())]


def _convolutions(network: nn.Module) -> list[tuple[int, int, tuple[int, ...], tuple[int, ...]]]:
    return [
        (m.in_channels, m.out_channels, m.kernel_size, m.stride)
        for m in network.modules()
        if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)
    ]


@pytest.mark.parametrize(("name", "side", "stages"), [("dcgan-32", 32, 3), ("dcgan-64", 64, 4)])
class TestDcgan:
    """Radford et al. 2016, section 3 and 4, and the authors' code for faces."""

    def test_the_generator(self, name: str, side: int, stages: int) -> None:
        training = _training(name, side)
        g, channels = training.g, [128 * 2**i for i in range(stages)][::-1]
        assert _names(g) == [
            *("Linear", "Reshape", "BatchNorm2d", "ReLU"),  # "project and reshape", to 4 × 4 pixels
            *("ConvTranspose2d", "BatchNorm2d", "ReLU") * (stages - 1),
            *("ConvTranspose2d", "Tanh"),  # no batch normalisation in the output layer
        ]
        assert (g[0].in_features, g[0].out_features) == (100, channels[0] * 4 * 4)
        assert _convolutions(g) == [(i, o, (4, 4), (2, 2)) for i, o in zip(channels, [*channels[1:], 3], strict=True)]
        z = training.draw_latents(4000)
        assert z.std().item() == pytest.approx(1, abs=0.01)
        assert z.abs().max() <= 3**0.5  # uniform; its scale is nothing to a layer that is normalised

    def test_the_discriminator(self, name: str, side: int, stages: int) -> None:
        d, channels = _training(name, side).d, [128 * 2**i for i in range(stages)]
        assert _names(d) == [
            *("Conv2d", "LeakyReLU"),  # no batch normalisation in the input layer
            *("Conv2d", "BatchNorm2d", "LeakyReLU") * (stages - 1),
            *("Flatten", "Linear", "Flatten"),  # "flattened and then fed into a single sigmoid output"
        ]
        assert _convolutions(d) == [(i, o, (4, 4), (2, 2)) for i, o in zip([3, *channels], channels, strict=False)]
        assert d[-2].in_features == channels[-1] * 4 * 4
        assert {m.negative_slope for m in d.modules() if isinstance(m, nn.LeakyReLU)} == {0.2}

    def test_weights_begin_with_a_deviation_of_a_fiftieth(self, name: str, side: int, stages: int) -> None:
        training = _training(name, side)
        for network in (training.g, training.d):
            for m in network.modules():
                if isinstance(m, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                    assert m.weight.std().item() == pytest.approx(0.02, rel=0.1)
                    assert m.weight.mean().abs() < 0.001
                    assert not m.bias.any()
                elif isinstance(m, nn.BatchNorm2d):
                    assert m.weight.mean().item() == pytest.approx(1, abs=0.01)
                    assert m.weight.std().item() == pytest.approx(0.02, rel=0.3)

    def test_the_game(self, name: str, side: int, stages: int) -> None:
        training = _training(name, side)
        for optimiser in (training.opt_d, training.opt_g):
            assert isinstance(optimiser, torch.optim.Adam)
            (group,) = optimiser.param_groups
            assert (group["lr"], group["betas"], group["weight_decay"]) == (2e-4, (0.5, 0.999), 0)
        config = training.config
        assert (config.batch_size, config.k, config.g_steps, config.loss) == (128, 1, 1, "non_saturating")
        assert training.ema is None
        training.step = config.max_steps - 1
        training.set_pace()
        assert training.opt_g.param_groups[0]["lr"] == 2e-4
        assert (training.data.to_model(training.data.x[[0, 255]])).unique().tolist() == pytest.approx([-1, 1])


class TestResidual32:
    """Miyato et al. 2018, table 4 and appendix B, with fewer channels."""

    def test_the_networks(self) -> None:
        training = _training("residual-32", 32)
        assert (training.g[0].in_features, training.g[0].out_features) == (128, 64 * 4 * 4)
        assert len([m for m in training.g.modules() if isinstance(m, nn.BatchNorm2d)]) == 2 * 3 + 1
        assert {m.kernel_size for m in training.g.modules() if isinstance(m, nn.Conv2d)} == {(3, 3), (1, 1)}
        assert not any(isinstance(m, nn.BatchNorm2d | nn.LeakyReLU) for m in training.d.modules())
        layers = [m for m in training.d.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
        assert [m.out_channels for m in training.d.modules() if isinstance(m, nn.Conv2d)] == [
            *[16] * 3,
            *[32] * 3,
            *[64] * 3,
        ]
        assert len(layers) == 3 * 3 + 1
        assert all(hasattr(m, "parametrizations") for m in layers)

    def test_the_game(self) -> None:
        training = _training("residual-32", 32)
        config: Config = training.config
        assert (config.loss, config.k, config.batch_size, config.constraint) == ("hinge", 5, 64, "none")
        for optimiser in (training.opt_d, training.opt_g):
            assert optimiser.param_groups[0]["lr"] == 2e-4
            assert optimiser.param_groups[0]["betas"] == (0.0, 0.9)
