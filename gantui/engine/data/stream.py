"""Images too many for memory: worker processes read them ahead, in the order of the training.

Workers are *spawned*, never forked: the parent has threads, whose locks a fork would copy in any state, and a
CUDA context, which doesn't survive one. They are direct children, so that they notice the parent's death; a
fork server would stand between, and die of the terminal's hang-up. POSIX locks (lockf) aren't inherited.
"""

import atexit
import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from gantui.core.errors import DataError
from gantui.engine.data.dataset import Data, Source
from gantui.engine.data.order import Order
from gantui.engine.devices import cores

MAX_WORKERS = 4
MAX_CHUNK = 512  # examples
CHUNK_BYTES = 2**20  # workers hand chunks over in /dev/shm, which is only 64 MB in many containers
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)  # the trainer's business alone


_Chunk = tuple[Tensor, Tensor]  # images, and which ones they are


class _Chunks(Dataset[_Chunk | DataError]):
    """Reads one chunk at a time, in a worker."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __getitem__(self, indices: list[int]) -> _Chunk | DataError:
        try:
            images, read = self._source.read(indices)
            return images, torch.tensor(read, dtype=torch.int64)
        except DataError as error:  # raised here it would reach the parent wrapped in a traceback
            return error


class _Sequence(Sampler[list[int]]):
    """The order of the training from `position` on, in chunks, without end."""

    def __init__(self, order: Order, position: int, chunk: int) -> None:
        self._order, self._chunk = order, chunk
        self.position = position

    def __iter__(self) -> Iterator[list[int]]:
        position = self.position
        while True:
            yield self._order.indices(position, self._chunk).tolist()
            position += self._chunk


class Stream:
    """Batches of a streamed set: chunks from the workers, cut anew to the size that is asked for."""

    def __init__(self, data: Data, seed: int, position: int) -> None:
        assert data.source is not None
        self._data = data
        chunk = max(1, min(MAX_CHUNK, CHUNK_BYTES // math.prod(data.shape)))
        self._sequence = _Sequence(Order(data.count, seed), position, chunk)
        self._loader: DataLoader[_Chunk | DataError] = DataLoader(
            _Chunks(data.source),
            sampler=self._sequence,
            batch_size=None,
            num_workers=min(MAX_WORKERS, cores()),
            persistent_workers=True,
            multiprocessing_context="spawn",
            worker_init_fn=_ignore_signals,
            pin_memory=data.device.type == "cuda",
            generator=torch.Generator().manual_seed(0),  # else it draws from the default one, which is training's
        )
        self._chunks: Iterator[_Chunk | DataError] | None = None
        self._left: _Chunk | None = None

    def next(self, m: int) -> _Chunk:
        """Return the next m examples as float32 (m, *shape) in the model's range, and which ones they are.

        Both lie on the data's device.
        """
        pieces = [] if self._left is None else [self._left]
        have = sum(len(indices) for _, indices in pieces)
        while have < m:
            piece = self._read()
            pieces.append(piece)
            have += len(piece[1])
        stored, indices = pieces[0] if len(pieces) == 1 else map(torch.cat, zip(*pieces, strict=True))
        self._left = (stored[m:], indices[m:]) if have > m else None
        return self._data.to_model(stored[:m]), indices[:m]

    def _read(self) -> _Chunk:
        if self._chunks is None:
            with _signals_blocked():
                self._chunks = iter(self._loader)
            # multiprocessing ends workers by SIGTERM at exit and waits for them; ours ignore that. This hook
            # is younger than multiprocessing's, so it runs before.
            atexit.unregister(self.close)
            atexit.register(self.close)
        chunk = next(self._chunks)
        if isinstance(chunk, DataError):
            raise chunk
        images, indices = chunk
        return images.to(self._data.device, non_blocking=True), indices.to(self._data.device, non_blocking=True)

    def seek(self, position: int) -> None:
        """Go on from `position`; what was read ahead is dropped."""
        self._sequence.position = position
        self._chunks = self._left = None

    def close(self) -> None:
        """End the workers."""
        iterator = self._loader._iterator
        self._chunks = self._left = self._loader._iterator = None
        if iterator is not None:
            iterator._shutdown_workers()  # type: ignore[attr-defined]
            for worker in iterator._workers:  # type: ignore[attr-defined]
                worker.kill()  # one that hangs, as on a dead network disk; no harm to one that has ended
        atexit.unregister(self.close)


def _ignore_signals(_worker: int) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Spawned workers inherit the mask, so no signal ends them before `_ignore_signals` has run."""
    resource_tracker.ensure_running()  # starting it later would unblock SIGINT and SIGTERM again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
