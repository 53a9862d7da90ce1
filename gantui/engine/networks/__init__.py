"""Pairs of generator and discriminator for a shape of data."""

from torch import nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.parts import is_part
from gantui.engine.networks import conv, mlp, own
from gantui.engine.networks.layers import initialise, normalise_spectrally

__all__ = ["architecture", "build"]


def architecture(config: Config, shape: tuple[int, ...]) -> str:
    """Return the architecture `network = auto` stands for: `conv` for images of 28 px and more, else `mlp`."""
    if config.network != "auto":
        return config.network
    return "conv" if len(shape) == 3 and shape[-1] >= 28 and shape[-1] % 4 == 0 else "mlp"


def build(config: Config, shape: tuple[int, ...], last: str) -> tuple[nn.Module, nn.Module]:
    """Return G: (B, z_dim) → (B, *shape) and D: (B, *shape) → (B,), initialised from torch's default generator.

    Args:
        shape: of one example, (d,) or (C, H, W).
        last: output activation of G: linear, tanh or sigmoid.

    Raises:
        ConfigError: a convolutional network for data that are no images, or of a side it can't reach; a pair
            of the user's own that isn't as `own.Pair` says.
    """
    name = architecture(config, shape)
    if name == "conv" and len(shape) != 3:
        raise ConfigError(f"network = conv: needs images; data = {config.data} has examples of shape {shape}")
    if is_part(name):
        g, d = own.build(config, shape, last)
    else:
        module = conv if name == "conv" else mlp
        g, d = module.generator(config, shape, last), module.discriminator(config, shape)
    initialise(g, config.init_g)
    initialise(d, config.init_d)
    if config.spectral_norm:
        normalise_spectrally(d)
    return g, d
