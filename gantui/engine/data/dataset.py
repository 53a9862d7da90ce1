"""One data set as the training sees it: scaled examples in, the data's own units out."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from gantui.core.events import AttributeFacts, DataFacts
from gantui.core.text import neutralise
from gantui.engine.data.contrast import normalised
from gantui.engine.data.labels import Labels
from gantui.engine.data.sheet import Sheet, plain_sheet

if TYPE_CHECKING:
    import numpy as np

_AT_ONCE = 500
_MOST_READ = 10_000  # examples of a streamed set, to know its mean
_MINUS_ONE = torch.tensor(-1.0)


@dataclass(frozen=True, eq=False)
class Mixture:
    """An isotropic Gaussian mixture: centres (M, d), one deviation for all, weights (M,) that sum to 1."""

    centres: Tensor
    std: float
    weights: Tensor

    def density(self, x: Tensor) -> Tensor:
        """Return the exact probability density (N,) at the points x (N, d), in own units."""
        centres, weights = self.centres.to(x), self.weights.to(x)
        dimensions = centres.shape[1]
        squares = (x[:, None, :] - centres).square().sum(2) / self.std**2
        log_norm = dimensions * (math.log(self.std) + 0.5 * math.log(2 * math.pi))
        return (-0.5 * squares - log_norm).exp() @ weights


class Codec(Protocol):
    """What stands between the model's vectors and the data's own units where scale and shift are not enough."""

    @property
    def blocks(self) -> tuple[int, ...]:
        """Widths of the one-hot blocks at the end of a model's vector; what stands before them are numbers."""
        ...

    def decode(self, x: Tensor) -> Tensor:
        """Return x (m, *shape) out of the model's range as float32 (m, ...) in own units; categories as indices."""
        ...

    def form(self) -> dict[str, Any]:
        """Return it as plain values and tensors, for a checkpoint."""
        ...


class Source(Protocol):
    """Images that are read when they are needed. It must be picklable: data-loader workers get a copy."""

    def read(self, indices: Sequence[int]) -> tuple[Tensor, list[int]]:
        """Return the images as uint8 (m, C, H, W), and which ones they are: one may stand in for another.

        Raises DataError if nothing can be read any more.
        """
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class Data:
    """A data set. What one update costs is decided here: `take` runs at every one.

    Attributes:
        kind: `image`, `points` (numbers, one or two columns), `table` (numbers, more columns) or `text`.
        shape: of one example: (C, H, W), (d,), or (symbols, length) of text, one-hot.
        output: the last activation of G: `tanh` (range −1 to 1), `sigmoid` (0 to 1), `linear` (images −1
            to 1, numbers standardised per column), or `softmax` (text, shares of the symbols at each place).
        x: the whole set on `device`: images uint8 (N, C, H, W) from 0 to `levels`, numbers float32 (N, d) in
            the model's range, text as indices of symbols (N, length), uint8 or, of more than 256, int16. None if
            the images stream from `source`.
        scale, shift: own = model · scale + shift; (d,) for numbers, () for images.
        contrast: images are seen by the model as `contrast.normalised` has them.
        labels: the class or the attributes of each example, where they are known.
        columns: of own units, by name.
        codec: takes the place of scale and shift where they are not enough.
        sheet: how a table from a file is written.
        held_out: examples that are not trained on (`split`), as a set of their own.
        mixture: the distribution that the examples were drawn from, where it is known, in own units.
        alphabet: the symbols of text by index; 0 is the padding behind a string, an empty one.
        valid: whether a string is one of the language that the text was drawn from, where that is known.
        warnings: what a person should know about the set; training goes on.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    count: int
    output: str
    device: torch.device
    x: Tensor | None
    scale: Tensor
    shift: Tensor
    labels: Labels | None = None
    columns: tuple[str, ...] = ()
    levels: int = 255
    contrast: bool = False
    codec: Codec | None = None
    sheet: Sheet | None = None
    held_out: "Data | None" = None
    mixture: Mixture | None = None
    alphabet: tuple[str, ...] = ()
    valid: Callable[[str], bool] | None = None
    source: Source | None = None
    warnings: tuple[str, ...] = ()

    def take(self, indices: Tensor) -> Tensor:
        """Return examples `indices` (m,) int64 as float32 (m, *shape) in the model's range, on `device`.

        A streamed set reads them here and now; `Batches` reads ahead instead.
        """
        if self.x is not None:
            return self.to_model(self.x.index_select(0, indices))
        assert self.source is not None
        return self.to_model(self.source.read(indices.tolist())[0].to(self.device))

    def to_model(self, stored: Tensor) -> Tensor:
        """Return stored examples as float32 (m, *shape) in the model's range."""
        if self.kind == "text":
            places = stored.unsqueeze(1).long()
            return torch.zeros(len(stored), *self.shape, device=stored.device).scatter_(1, places, 1.0)
        if self.kind != "image":
            return stored
        if self.contrast:
            return normalised(stored)
        if self.output == "sigmoid":
            return stored * (1 / self.levels)
        # One kernel that converts, multiplies and adds; a scalar on the CPU goes with any device.
        return torch.add(_MINUS_ONE, stored, alpha=2 / self.levels)

    def to_own(self, x: Tensor) -> Tensor:
        """Return x (m, *shape) out of the model's range in the data's own units: images 0 to 1, clamped.

        Of text the likeliest symbols by their indices (m, length); the first padding ends a string.
        """
        if self.codec:
            return self.codec.decode(x)
        if self.kind == "text":
            symbols = x.argmax(1)
            ended = symbols.ne(0).cumprod(1) * symbols
            return ended.to(torch.uint8 if len(self.alphabet) <= 256 else torch.int16)
        own = x * self.scale.to(x.device) + self.shift.to(x.device)
        return own.clamp(0, 1) if self.kind == "image" else own

    def sweep(self, most: int) -> Iterator[Tensor]:
        """Yield at most `most` examples, evenly from all of the set, in batches as `take` returns them."""
        count = min(self.count, most)
        places = torch.arange(count, device=self.device) * self.count // count
        yield from map(self.take, places.split(_AT_ONCE))

    def mean(self) -> Tensor:
        """Return the mean example (*shape) in the model's range, float64; a streamed set is looked at in parts."""
        most = self.count if self.x is not None else _MOST_READ
        sums = [batch.sum(0, dtype=torch.float64) for batch in self.sweep(most)]
        return torch.stack(sums).sum(0) / min(self.count, most)

    def as_csv(self, own: Tensor, rows: "np.ndarray[Any, Any] | None" = None) -> str:
        """Return own units (m, columns) as text in the form of the file they come from, if they come from one.

        `rows` (m, A) are labels of a condition.
        """
        sheet = self.sheet or plain_sheet(self.columns)
        return sheet.write(sheet.rounded(own).cpu().numpy(), self.labels, rows)

    @property
    def classes(self) -> tuple[str, ...]:
        """The values of the only attribute; none where there are no labels or several attributes."""
        attributes = self.labels.attributes if self.labels else ()
        return attributes[0].values if len(attributes) == 1 else ()

    @property
    def values(self) -> tuple[tuple[str, ...], ...]:
        """The words of each column of own units, none for numbers; nothing where all columns are numbers."""
        words = [tuple(neutralise(word, 80) for word in c.values) for c in (self.sheet.columns if self.sheet else ())]
        return tuple(words) if any(words) else ()

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many categories each column of own units has, 0 for numbers; nothing where all cells are numbers."""
        columns = self.sheet.columns if self.sheet else ()
        return tuple(len(c.values) for c in columns) if any(c.values or c.missing for c in columns) else ()

    @property
    def facts(self) -> DataFacts:
        """What a viewer needs to know."""
        return DataFacts(
            name=self.name,
            kind=self.kind,
            shape=list(self.shape),
            count=self.count,
            classes=list(self.classes),
            columns=list(self.columns),
            values=[list(words) for words in self.values],
            alphabet=list(self.alphabet),
            attributes=[
                AttributeFacts(name=a.name, values=list(a.values))
                for a in (self.labels.attributes if self.labels else ())
            ],
        )
