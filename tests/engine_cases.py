"""What several tests of the engine go through, how they read a network off, and notice a wait for the device."""

from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from gantui.engine.networks.goodfellow_conv import UntiedBias
from gantui.engine.networks.layers import Maxout, Reshape
from gantui.engine.networks.mirza import Beside

CONSTRAINTS: dict[str, dict[str, Any]] = {
    "none": {},
    "clip": {"constraint": "clip", "constraint_weight": 0.05},
    "two-sided": {"constraint": "gradient_penalty", "constraint_weight": 1},
    "one-sided": {"constraint": "gradient_penalty", "constraint_weight": 1, "gradient_penalty_form": "one_sided"},
    "pooled": {"constraint": "variance", "constraint_weight": 0.01},
    "each": {"constraint": "variance", "constraint_weight": 0.01, "variance_form": "each"},
    "r1": {"constraint": "r1", "constraint_weight": 1},
    "r1_r2": {"constraint": "r1_r2", "constraint_weight": 1},
}


def layers_of(network: nn.Module) -> list[tuple[Any, ...]]:
    """What a network is made of, in order."""
    found: list[tuple[Any, ...]] = []
    for layer in network.modules():
        match layer:
            case nn.Linear():
                found.append(("linear", layer.in_features, layer.out_features))
            case nn.ConvTranspose2d():
                sizes = (layer.kernel_size[0], layer.stride[0], layer.padding[0])
                found.append(("transposed", layer.in_channels, layer.out_channels, *sizes, layer.bias is not None))
            case nn.Conv2d():
                sizes = (layer.kernel_size[0], layer.stride[0], layer.padding[0])
                found.append(("conv", layer.in_channels, layer.out_channels, *sizes, layer.bias is not None))
            case nn.MaxPool2d():
                found.append(("pool", layer.kernel_size, layer.stride, layer.ceil_mode))
            case Maxout():
                found.append(("maxout", layer.pieces))
            case nn.Dropout():
                found.append(("dropout", layer.p))
            case UntiedBias():
                found.append(("UntiedBias", tuple(layer.bias.shape)))
            case Reshape():
                found.append(("Reshape", layer.shape))
            case nn.ReLU() | nn.Sigmoid() | Beside():
                found.append((type(layer).__name__,))
    return found


class NoLook(TorchDispatchMode):
    """Raises where a number is read off the device: a loop on a GPU would wait for it."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert func is not torch.ops.aten._local_scalar_dense.default, "a number was read"
        return func(*args, **(kwargs or {}))
