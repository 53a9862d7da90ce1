"""What textbooks draw of a GAN whose data has one or two columns, as arrays: small enough to go with every preview.

On a line Figure 1 of Goodfellow et al. 2014 (`line`), in the plane a map of D with what it does to G (`plane`). Only
what is computed is read: nothing of the training moves. All is in the data's own units. What depends on G is there for
the averaged G, and with `_raw` behind its name for G itself, which D plays against; without an average only once.
"""

from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import nn

from gantui.engine.noise import own_noise
from gantui.engine.training import Training
from gantui.engine.views import line, plane

Arrays = dict[str, np.ndarray]


class View(Protocol):
    """What stays the same from one look to the next, and the two halves of a look."""

    def of_d(self, training: Training) -> Arrays:
        """Return the arrays that depend on D and the data alone."""

    def of_g(self, training: Training, g: nn.Module, of_d: Arrays) -> Arrays:
        """Return the arrays of one G."""


_views: WeakKeyDictionary[Training, View] = WeakKeyDictionary()


@torch.no_grad()
def take(training: Training) -> Arrays:
    """Return the view of a training as it stands; nothing for images, tables and what is made of categories.

    `probability` tells whether D's output here is one. The other names are in `line.Line` and `plane.Plane`.
    """
    data = training.data
    if data.kind != "points" or data.codec or data.shape not in ((1,), (2,)):
        return {}
    if training not in _views:
        _views[training] = line.Line(training) if data.shape == (1,) else plane.Plane(training)
    view = _views[training]
    with own_noise(training.config.seed, training.device):
        arrays = view.of_d(training)
        arrays |= view.of_g(training, training.best_generator, arrays)
        if training.ema:
            of_itself = view.of_g(training, training.g, arrays)
            arrays |= {f"{name}_raw": array for name, array in of_itself.items()}
    return arrays | {"probability": np.array(training.objective.facts.probability)}
