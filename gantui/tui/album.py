"""Previews as arrays: read in a thread, checked, the last used ones kept."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread

from gantui.tui.samples import Samples, decoded
from gantui.tui.source import Source

REAL = "previews/real.npz"
MOST_BYTES = 16 << 20


class Album:
    """The previews of a run by their files. What isn't there yet is read, one file after the other.

    `when_ready` is called in the event loop each time that one has come. A file that can't be read counts as come, as
    None; `forget` lets it be tried again.
    """

    def __init__(self, source: Source, when_ready: Callable[[], object]) -> None:
        self._source, self._when_ready = source, when_ready
        self._loop = asyncio.get_running_loop()
        self._kept: dict[str, Samples | None] = {}  # the one used last at the end
        self._wanted: Sequence[str] = ()
        self._reading = ""

    def want(self, *files: str) -> None:
        """Say which are looked at, the most important first; they stay, and those that were wanted before may go."""
        self._wanted = files
        for file in files:
            if file in self._kept:
                self._kept[file] = self._kept.pop(file)
        self._read_on()

    def has(self, file: str) -> bool:
        """Whether a file has been read, or tried."""
        return file in self._kept

    def get(self, file: str) -> Samples | None:
        """Return the samples of a file, None if they haven't come or can't be read."""
        return self._kept.get(file)

    def forget(self, file: str) -> None:
        """Read a file anew when it is wanted."""
        self._kept.pop(file, None)

    def _read_on(self) -> None:
        missing = next((file for file in self._wanted if file not in self._kept), "")
        if missing and not self._reading:
            self._reading = missing
            Thread(target=self._read, args=(missing,), name="preview", daemon=True).start()

    def _read(self, file: str) -> None:
        try:
            samples = decoded(self._source.arrays(file))
        except Exception:  # a thread that died silently would leave the dashboard waiting
            samples = None
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._take, file, samples)

    def _take(self, file: str, samples: Samples | None) -> None:
        self._reading = ""
        self._kept[file] = samples
        size = sum(kept.nbytes for kept in self._kept.values() if kept)
        for oldest in [kept for kept in self._kept if kept not in self._wanted and kept != file]:
            if size <= MOST_BYTES:
                break
            dropped = self._kept.pop(oldest)
            size -= dropped.nbytes if dropped else 0
        self._read_on()
        self._when_ready()
