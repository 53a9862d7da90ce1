"""In which order the examples come: an endless sequence that any position can be looked up in."""

import torch
from torch import Tensor

_MASK = 2**64 - 1


def mix(seed: int, stream: int) -> int:
    """Return a 64-bit seed that depends on every bit of both numbers: SplitMix64 (Steele et al. 2014), twice.

    torch's CPU generator uses only the low 32 bits of its seed, so neighbouring pairs must differ there.
    """
    return _splitmix((_splitmix(seed & _MASK) + stream) & _MASK)


def _splitmix(state: int) -> int:
    state = (state + 0x9E3779B97F4A7C15) & _MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)


class Order:
    """A fresh permutation of `count` examples for every epoch, decided by (seed, epoch) alone.

    It is drawn on the CPU, whatever the device, so that every device sees the same data.
    """

    def __init__(self, count: int, seed: int, device: torch.device | str = "cpu") -> None:
        self._count, self._seed, self._device = count, seed, device
        self._epoch = -1
        self._permutation = torch.empty(0, dtype=torch.int64)

    def indices(self, position: int, m: int) -> Tensor:
        """Return which examples stand at position … position + m − 1: int64 (m,) on the device.

        Runs across the borders of epochs; m may exceed the number of examples. The result may be a view:
        don't write to it.
        """
        epoch, offset = divmod(position, self._count)
        if offset + m <= self._count:
            return self._of(epoch)[offset : offset + m]
        pieces = []
        while m > 0:
            piece = self._of(epoch)[offset : offset + m]
            pieces.append(piece)
            m -= len(piece)
            epoch, offset = epoch + 1, 0
        return torch.cat(pieces)

    def _of(self, epoch: int) -> Tensor:
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(mix(self._seed, epoch))
            self._permutation = torch.randperm(self._count, generator=generator).to(self._device)
            self._epoch = epoch
        return self._permutation
