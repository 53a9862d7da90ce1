"""A pair of networks of the user's own, tried on two examples."""

import inspect
from collections.abc import Callable
from typing import Protocol

import msgspec
import torch
from torch import Tensor, nn

from gantui.core.combinations import TAKEN_BY_D
from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine.parts import asked, described, find, label

TRIED = 2  # examples


class Pair(Protocol):
    """What a network pair must be: anything that can be called like this, a function or a class."""

    def __call__(self, config: Config, shape: tuple[int, ...]) -> tuple[nn.Module, nn.Module]:
        """Return new networks G: z (B, z_dim) → (B, *shape) and D: (B, *shape) → (B,), float32 on the CPU.

        A pair for conditions takes a third argument, `width`. Under a condition it is called with it, and G is given
        z and y, a condition vector (B, width) of zeros and ones; D is given x and y if the condition is concat,
        however it joins them.

        Where columns of a table are categories, x ends with a one-hot block for each: there G returns logits, which
        gantui draws from (`layers.GumbelSoftmax`), and D is given what was drawn.

        Every parameter of both is trained. Draw initial weights from torch's default generator, which is seeded.

        Args:
            config: the settings of the run. `config.z_dim`, from N(0, 1) or U(−√3, √3), is what G gets;
                `config.output` says what range it must fill: sigmoid 0 to 1, tanh −1 to 1, linear whatever
                data has that is standardised, softmax shares of symbols that sum to 1 over dimension 1.
            shape: of one example: (d,) numbers, (C, H, W) of an image, or (symbols, length) of text.
        """


class Drawn(nn.Module):
    """G of a pair, followed by the draw of its categories."""

    def __init__(self, network: nn.Module, last: nn.Module) -> None:
        super().__init__()
        self.network, self.last = network, last

    def forward(self, *inputs: Tensor) -> Tensor:
        x: Tensor = self.last(self.network(*inputs))
        return x


def build(config: Config, shape: tuple[int, ...], last: str, width: int = 0) -> tuple[nn.Module, nn.Module]:
    """Return G and D of the pair that `config.network` names; `last` is the output that was settled on.

    Under a condition, condition vectors have `width` columns.

    Raises ConfigError: it can't be found, or isn't as `Pair` says.
    """
    part = config.network
    pair: Pair = find("network", part)
    if not callable(pair):
        raise _error(part, f"is {described(pair)}; must be callable: pair(config, shape) returns G and D")
    settled = msgspec.structs.replace(config, output=last)
    arguments = (settled, shape) if config.condition == "none" else (settled, shape, width)
    if len(arguments) == 3 and not _takes(pair, arguments):
        raise _error(
            part,
            f"is for condition = none: under {config.condition} it is called with a third argument, "
            "the width of y, and returns G(z, y) and D" + ("(x, y)" if config.condition in TAKEN_BY_D else "(x)"),
        )
    with asked("network", part, "making G and D"):
        made = pair(*arguments)
    if not isinstance(made, tuple | list) or len(made) != 2 or not all(isinstance(m, nn.Module) for m in made):
        listed = ", ".join(map(described, made)) if isinstance(made, tuple | list) else described(made)
        raise _error(part, f"returned {listed}; must be G and D, both torch.nn.Module")
    g, d = made
    with torch.random.fork_rng(devices=[]):  # trying them out changes nothing about what is trained
        y = [torch.zeros(TRIED, width)]
        to_g, to_d = (y if config.condition != "none" else []), (y if config.condition in TAKEN_BY_D else [])
        samples = _tried(part, "G", g, [torch.zeros(TRIED, config.z_dim), *to_g], (TRIED, *shape))
        _tried(part, "D", d, [samples, *to_d], (TRIED,))
    for name, network in (("G", g), ("D", d)):
        if not any(True for _ in network.parameters()):
            raise _error(part, f"{name} has no parameters to train")
    return g, d


def _takes(pair: Callable[..., object], arguments: tuple[object, ...]) -> bool:
    try:
        inspect.signature(pair).bind(*arguments)
    except TypeError:
        return False
    except ValueError:  # written in C: it has no signature to look at
        return True
    return True


def _tried(part: str, name: str, network: nn.Module, inputs: list[Tensor], shape: tuple[int, ...]) -> Tensor:
    """Return what a network makes of inputs, in evaluation mode, which leaves its statistics alone."""
    given = " and ".join(f"an input of shape {tuple(x.shape)}" for x in inputs)
    network.eval()
    with asked("network", part, f"{name} for {given}"), torch.no_grad():
        y = network(*inputs)
    network.train()
    if not isinstance(y, Tensor) or y.shape != shape or y.dtype != torch.float32:
        raise _error(
            part,
            f"{name} for {TRIED} examples, {tuple(inputs[0].shape)}, returned {described(y)}; "
            f"must be a float32 tensor of shape {shape}",
        )
    return y


def _error(part: str, text: str) -> ConfigError:
    return ConfigError(f"{label('network', part)}: {text}")
