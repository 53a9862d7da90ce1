"""Pairs of generator and discriminator for a shape of data, and a classifier beside them."""

from types import ModuleType

import msgspec
from torch import nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.parts import is_part
from gantui.engine.networks import (
    conditional,
    conv,
    goodfellow,
    goodfellow_conv,
    mirza,
    mlp,
    own,
    residual,
    text_conv,
    text_rnn,
)
from gantui.engine.networks.layers import (
    UNIFORM_BOUND,
    Bounded,
    Mixed,
    begin_near,
    initialise,
    normalise_spectrally,
    output,
)

__all__ = ["architecture", "begin_near", "build", "build_classifier", "build_encoder"]

_MODULES: dict[str, ModuleType] = {
    "mlp": mlp,
    "conv": conv,
    "residual": residual,
    "text_conv": text_conv,
    "text_rnn": text_rnn,
    "goodfellow_tfd": goodfellow,
    "goodfellow_tfd_2": goodfellow,
    "goodfellow_cifar10": goodfellow,
    "goodfellow_cifar10_conv": goodfellow_conv,
    "mirza": mirza,
}
_ON_MAPS = (conv, residual, goodfellow_conv)  # whose D takes images as they are
_NEEDS = {  # dimensions of an example
    "conv": (3, "images"),
    "residual": (3, "images"),
    "text_conv": (2, "text"),
    "text_rnn": (2, "text"),
}


def architecture(config: Config, shape: tuple[int, ...]) -> str:
    """Return the architecture `network = auto` stands for.

    That is `conv` for images of 28 px and more, `text_conv` for text, else `mlp`.
    """
    if config.network != "auto":
        return config.network
    if len(shape) == 2:
        return "text_conv"
    return "conv" if len(shape) == 3 and shape[-1] >= 28 and shape[-1] % 4 == 0 else "mlp"


def build(
    config: Config, shape: tuple[int, ...], last: str, width: int = 0, blocks: tuple[int, ...] = ()
) -> tuple[nn.Module, nn.Module]:
    """Return G: (B, z_dim) → (B, *shape) and D: (B, *shape) → (B,), initialised from torch's default generator.

    Under a condition they are as in `networks.conditional`.

    Args:
        shape: of one example, (d,), (C, H, W), or (symbols, length) of text.
        last: output activation of G: linear, tanh, sigmoid or softmax.
        width: columns of a condition vector, counts only under a condition.
        blocks: widths of the one-hot blocks at the end of an example of shape (d,); the columns before are numbers.

    Raises:
        ConfigError: a network for images or text and data that are none, or with more widths than their side has
            room for; a pair of the user's own that isn't as `own.Pair` says.
    """
    activation = output(last, blocks, config.gumbel_temperature, config.straight_through)
    if is_part(config.network):
        g, d = own.build(config, shape, last, width)
        if blocks:
            g = own.Drawn(g, Mixed("linear", blocks, config.gumbel_temperature, config.straight_through))
    elif config.condition == "none":
        module = _module(config, shape)
        g, d = (
            module.generator(config, config.z_dim, shape, activation),
            _scoring(*module.trunk(config, shape)),
        )
    else:
        module = _module(config, shape)
        g = conditional.Generator(module.generator(config, config.z_dim + width, shape, activation))
        d = _conditional_discriminator(module, config, shape, width)
    initialise(g, config.init_g)
    initialise(d, config.init_d)
    if config.spectral_norm:
        normalise_spectrally(d)
    return g, d


def build_classifier(config: Config, shape: tuple[int, ...], width: int) -> nn.Module:
    """Return C: (B, *shape) → logits (B, width), built and initialised like D, but never normalised spectrally.

    Beside a pair of the user's own it is gantui's, by the data's shape.
    """
    layers, features = _module(config, shape).trunk(config, shape)
    c = nn.Sequential(*layers, nn.Linear(features, width))
    initialise(c, config.init_d)
    return c


def build_encoder(config: Config, shape: tuple[int, ...]) -> nn.Module:
    """Return E: (B, *shape) → z (B, z_dim), with hidden layers like D's, drawn from torch's default generator.

    It is a regression: no dropout, no spectral normalisation, torch's own initial weights. Its output is linear, for
    uniform latents bounded as they are. Beside a pair of the user's own it is gantui's, by the data's shape.
    """
    plain = msgspec.structs.replace(config, dropout_input=0.0, dropout_hidden=0.0)
    layers, features = _module(config, shape).trunk(plain, shape)
    bounded = [Bounded(UNIFORM_BOUND)] if config.z_dist == "uniform" else []
    return nn.Sequential(*layers, nn.Linear(features, config.z_dim), *bounded)


def _module(config: Config, shape: tuple[int, ...]) -> ModuleType:
    name = architecture(config, shape)
    if is_part(name):
        name = architecture(msgspec.structs.replace(config, network="auto"), shape)
    dimensions, needed = _NEEDS.get(name, (len(shape), ""))
    if len(shape) != dimensions:
        raise ConfigError(f"network = {name}: needs {needed}; data = {config.data} has examples of shape {shape}")
    return _MODULES[name]


def _scoring(layers: list[nn.Module], features: int) -> nn.Module:
    return nn.Sequential(*layers, nn.Linear(features, 1), nn.Flatten(0))


def _conditional_discriminator(module: ModuleType, config: Config, shape: tuple[int, ...], width: int) -> nn.Module:
    layers, features = module.trunk(config, shape, width if config.condition == "concat" else 0)
    match config.condition:
        case "concat":
            return conditional.Concatenation(_scoring(layers, features), maps=module in _ON_MAPS)
        case "projection":
            return conditional.Projection(layers, features, width)
        case "auxiliary":
            return conditional.Auxiliary(layers, features, width)
        case _:  # the labels are for a classifier of its own
            return _scoring(layers, features)
