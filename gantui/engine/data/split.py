"""Examples that are kept from training, so that something is left to measure on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gantui.core.errors import DataError
from gantui.engine.data.dataset import Data, Source
from gantui.engine.data.labels import Labels
from gantui.engine.data.order import mix

LEAST = 2  # examples on either side
_STREAM = 0x5911


@dataclass(frozen=True, eq=False)
class Part:
    """Some images of a source, renumbered. Reads them as a `Source`."""

    source: Source
    places: list[int]

    def read(self, indices: Sequence[int]) -> tuple[Tensor, list[int]]:
        """Return images uint8 (m, C, H, W) and which of this part they are; see `Source`."""
        images, read = self.source.read([self.places[index] for index in indices])
        known = {place: index for index, place in enumerate(self.places)} if read != list(indices) else {}
        found = []
        for row, (index, place) in enumerate(zip(indices, read, strict=True)):
            if place == self.places[index]:
                found.append(index)
                continue
            for other in range(index + 1, index + 1 + len(self.places)):  # the stand-in must be of this part too
                if place in known:
                    break
                images[row : row + 1], [place] = self.source.read([self.places[other % len(self.places)]])
            if place not in known:
                raise DataError("data: none of the images that are trained on can be read any more")
            found.append(known[place])
        return images, found


def split(data: Data, wanted: float, label: str, ordered: bool) -> Data:
    """Return `data` without the examples that `wanted` asks to hold out: those are its `held_out`.

    Args:
        wanted: how many, or below 1 their share.
        label: how messages name the data.
        ordered: they are the last ones, as published splits have them; else a fixed random choice.

    Raises:
        DataError: fewer than two examples are left, or held out.
    """
    count = round(data.count * wanted) if wanted < 1 else int(wanted)
    if count < LEAST or data.count - count < LEAST:
        raise DataError(
            f"{label}: holdout = {wanted:g} keeps {count} of its {data.count} examples; "
            f"at least {LEAST} must be held out, and {LEAST} left"
        )
    if ordered:
        order = torch.arange(data.count)
    else:
        order = torch.randperm(data.count, generator=torch.Generator().manual_seed(mix(0, _STREAM)))
    kept, held = order[: data.count - count].sort().values, order[data.count - count :].sort().values
    return replace(only(data, kept), held_out=replace(only(data, held), warnings=()))


def only(data: Data, places: Tensor) -> Data:
    """Return the examples of `data` that stand at `places` (m,), in that order."""
    labels = data.labels and Labels(data.labels.attributes, data.labels.rows[places.to(data.labels.rows.device)])
    x = None if data.x is None else data.x[places.to(data.x.device)]
    source = data.source and Part(data.source, places.tolist())
    return replace(data, count=len(places), x=x, source=source, labels=labels)
