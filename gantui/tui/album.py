"""Previews as arrays: read in a thread, checked, the last used ones kept."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TypeVar

from gantui.runs.samples import Samples, decoded
from gantui.tui.source import Source

REAL = "previews/real.npz"
INFERRED = "previews/inferred.npz"  # examples and their reconstructions, by `gantui infer`
MOST_BYTES = 8 << 20
T = TypeVar("T")


class Album:
    """The previews of a run by their files. What isn't there yet is read, one file after the other.

    `when_ready` is called in the event loop each time that one has come. A file that can't be read counts as come, as
    None; `forget` lets it be tried again. `files` are the previews there are, as of the last `look_around`.
    """

    def __init__(self, source: Source, when_ready: Callable[[], object]) -> None:
        self._source, self._when_ready = source, when_ready
        self._loop = asyncio.get_running_loop()
        self._kept: dict[str, Samples | None] = {}  # the one used last at the end
        self._wanted: Sequence[str] = ()
        self.files: frozenset[str] | None = None
        self._busy = False
        self._looking_around = False

    def look_around(self) -> None:
        """Ask which previews there are: they are thinned from time to time."""
        self._looking_around = True
        self._read_on()

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
        if self._busy:
            return
        missing = next((file for file in self._wanted if file not in self._kept), None)
        if self._looking_around:
            self._looking_around = False
            self._start(self._source.previews, self._see)
        elif missing is not None:
            self._start(lambda: decoded(self._source.arrays(missing)), partial(self._keep, missing))

    def _start(self, read: Callable[[], T], take: Callable[[T | None], None]) -> None:
        """Read in a thread, and take what comes of it in the loop."""

        def work() -> None:
            try:
                found = read()
            except Exception:  # it must come to an end: nothing else is read meanwhile
                found = None
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(done, found)

        def done(found: T | None) -> None:
            self._busy = False
            take(found)
            self._read_on()
            self._when_ready()

        self._busy = True
        Thread(target=work, name="previews", daemon=True).start()

    def _see(self, files: frozenset[str] | None) -> None:
        self.files = files

    def _keep(self, file: str, samples: Samples | None) -> None:
        self._kept[file] = samples
        size = sum(kept.nbytes for kept in self._kept.values() if kept)
        for oldest in [kept for kept in self._kept if kept not in self._wanted and kept != file]:
            if size <= MOST_BYTES:
                break
            dropped = self._kept.pop(oldest)
            size -= dropped.nbytes if dropped else 0
