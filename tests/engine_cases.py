"""What several tests of the engine go through, and how they notice a wait for the device."""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

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


class NoLook(TorchDispatchMode):
    """Raises where a number is read off the device: a loop on a GPU would wait for it."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert func is not torch.ops.aten._local_scalar_dense.default, "a number was read"
        return func(*args, **(kwargs or {}))
