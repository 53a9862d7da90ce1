"""Minibatches of the data, from memory or read ahead by worker processes, the same either way."""

from typing import Protocol

from torch import Tensor

from gantui.engine.data.dataset import Data
from gantui.engine.data.order import Order
from gantui.engine.data.stream import Stream

__all__ = ["Batches", "Order"]


class _Reader(Protocol):
    def next(self, m: int) -> tuple[Tensor, Tensor]: ...
    def seek(self, position: int) -> None: ...
    def close(self) -> None: ...


class _Memory:
    """Batches out of a set that lies on the device."""

    def __init__(self, data: Data, seed: int, position: int) -> None:
        self._data, self._position = data, position
        self._order = Order(data.count, seed, data.device)

    def next(self, m: int) -> tuple[Tensor, Tensor]:
        indices = self._order.indices(self._position, m)
        self._position += m
        return self._data.take(indices), indices

    def seek(self, position: int) -> None:
        self._position = position

    def close(self) -> None:
        pass


class Batches:
    """The data in the order of `seed`, in batches of any size, from `position` (samples consumed) on.

    What a batch holds depends on seed, position and size alone, not on the device, on whether the set streams
    or on the batches before it.
    """

    def __init__(self, data: Data, seed: int, position: int = 0) -> None:
        self.position = position
        self._data = data
        in_memory = data.x is not None
        self._reader: _Reader = (_Memory if in_memory else Stream)(data, seed, position)

    def next(self, m: int) -> Tensor:
        """Return the next m examples as float32 (m, *shape) in the model's range, on the data's device.

        Raises DataError if a streamed set can't be read any more.
        """
        return self._next(m)[0]

    def next_labelled(self, m: int) -> tuple[Tensor, Tensor]:
        """Return what `next` would, and the rows of its labels: int64 (m, attributes), on the data's device.

        The set must have labels.
        """
        assert self._data.labels is not None
        batch, indices = self._next(m)
        return batch, self._data.labels.rows.index_select(0, indices)

    def _next(self, m: int) -> tuple[Tensor, Tensor]:
        pair = self._reader.next(m)
        self.position += m
        return pair

    def seek(self, position: int) -> None:
        """Go on from `position`, for instance that of a snapshot."""
        if position != self.position:
            self._reader.seek(position)
            self.position = position

    def close(self) -> None:
        """End the worker processes, if there are any."""
        self._reader.close()
