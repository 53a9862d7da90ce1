"""What measures compare images by: their pixels, what a classifier sees in them, or features of the user's own."""

from typing import Protocol
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.parts import is_part
from gantui.engine.data.dataset import Data
from gantui.engine.parts import asked, described, find, label
from gantui.evaluation import judge
from gantui.evaluation.blocks import Check

BATCH = 100  # images that a part of the user's own is given at a time
TRIED = 2
_judges: WeakKeyDictionary[Data, judge.Judge] = WeakKeyDictionary()  # trained once while a set is in use


class Features(Protocol):
    """What features must be: a function, or an `nn.Module`, that can be called like this."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return finite numbers (B, F), on any device, that say what is in images x.

        x: float32 (B, C, H, W), 0 to 1, on the device of the data, without gradients. A module is put into
        evaluation mode first, and moved there.
        """


def require(config: Config, data: Data) -> None:
    """Raise ConfigError unless `config.features` can be had of these data; the user's own are tried on two images."""
    if config.features == "pixels":
        return
    if data.kind != "image":
        raise ConfigError(f"features = {config.features}: is for images; of {data.kind} leave it at pixels")
    if is_part(config.features):
        two = torch.arange(min(TRIED, data.count)).to(data.device)
        _Own(config.features, data.device)(data.to_own(data.take(two)))
    elif data.labels is None:
        raise ConfigError("features = classifier: needs labels to learn from, and the data have none")


def features(config: Config, data: Data, real: Tensor, rows: Tensor | None, check: Check) -> "Seen | None":
    """Return what maps images (N, C, H, W) to features (N, F) for measures, None where they compare pixels.

    `real` and `rows` are for `classifier_of`. Raises ConfigError as `require` does, of the user's own.
    """
    if config.features == "pixels" or data.kind != "image":
        return None
    if is_part(config.features):
        return _Own(config.features, data.device)
    assert rows is not None, "see require"
    return classifier_of(data, real, rows, check).features


def classifier_of(data: Data, real: Tensor, rows: Tensor, check: Check) -> judge.Judge:
    """Return the classifier of the data's labels, trained at the first call on `real` (N, ...) with `rows` (N, A)."""
    if data not in _judges:
        assert data.labels is not None
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # its layers are so small that a second one costs, and on a busy machine a lot
        try:
            sizes = [len(attribute.values) for attribute in data.labels.attributes]
            _judges[data] = judge.train(real, rows, sizes, check)
        finally:
            torch.set_num_threads(threads)
    return _judges[data]


class Seen(Protocol):
    """Images (N, C, H, W), in the data's units, to features (N, F); `check` is called between batches."""

    def __call__(self, x: Tensor, check: Check = ...) -> Tensor: ...


class _Own:
    def __init__(self, part: str, device: torch.device) -> None:
        self._part = part
        self._of: Features = find("features", part)
        if isinstance(self._of, nn.Module):
            self._of = self._of.to(device).eval()
        if not callable(self._of) or isinstance(self._of, type):
            raise self._error(f"is {described(self._of)}; must be a function or a module: (B, C, H, W) to (B, F)")

    @torch.no_grad()
    def __call__(self, x: Tensor, check: Check = lambda: None) -> Tensor:
        found = []
        for batch in x.split(BATCH):
            check()
            with asked("features", self._part, f"calling it with images {tuple(batch.shape)}"):
                seen = self._of(batch)
            if (
                not isinstance(seen, Tensor)
                or seen.dim() != 2
                or len(seen) != len(batch)
                or not seen.is_floating_point()
            ):
                raise self._error(f"returned {described(seen)}; must be floats of shape ({len(batch)}, F)")
            if not seen.isfinite().all():
                raise self._error("returned numbers that are not finite")
            found.append(seen.float().to(x.device))
        return torch.cat(found)

    def _error(self, text: str) -> ConfigError:
        return ConfigError(f"{label('features', self._part)}: {text}")
