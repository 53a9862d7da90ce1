"""The event log's one writer: a thread behind a bounded queue, so that training never waits for a disk."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from gantui.core.errors import ConfigError
from gantui.core.events import AtCursor, Cursor, Record, Warning_, encode
from gantui.core.text import neutralise
from gantui.runs.files import create
from gantui.runs.layout import RunDir, number_of
from gantui.runs.tail import tail

DROPPABLE = ("metrics", "hist", "system")  # a gap in a curve is bearable; a lost answer is not
BATCH = 512  # records written at once
FIRST_WAIT, LONGEST_WAIT = 0.05, 2.0  # seconds before a failed write is tried again


class EventWriter:
    """Appends records to a new segment of the log, in the order of `write`.

    When the disk fails (full, gone), it tries again until it succeeds; meanwhile `metrics`, `hist` and
    `system` beyond `capacity` are dropped and counted, all others kept. `trouble` says what is wrong.
    `on_record` is called in the writer's thread after a record was written.
    """

    def __init__(
        self,
        run: RunDir,
        *,
        branch: int,
        on_record: Callable[[Record], None] | None = None,
        capacity: int = 4096,
        write: Callable[[int, bytes], int] = os.write,
    ) -> None:
        """Open the next segment. Raises ConfigError if the directory can't be written."""
        self.branch = branch
        self.trouble = ""
        self._on_record = on_record
        self._capacity = capacity
        self._os_write = write
        last = tail(run)
        self._seq = last.seq + 1 if last else 0
        self._cursor = Cursor()  # of the newest record
        self._fd = _open_next(run)
        self._queue: deque[Record] = deque()
        self._pending: deque[tuple[Record, bytes]] = deque()  # taken by the thread, not yet on the disk
        self._accepted = self._done = self._dropped = 0
        self._closing = self._closed = False
        self._changed = threading.Condition()  # re-entrant: a signal handler may write while we hold it
        self._thread = threading.Thread(target=self._drain, name="event-writer", daemon=True)
        self._thread.start()

    def write(self, record: Record, branch: int | None = None) -> None:
        """Queue a record, the writer's own from now on; fills in `seq`, `t` and `branch`. Never waits.

        `branch` is the present one, unless the record was built on an earlier one.
        """
        with self._changed:
            if self._closing:
                return
            if len(self._queue) >= self._capacity and record.__struct_config__.tag in DROPPABLE:
                self._dropped += 1
                return
            self._queue_up(record, self.branch if branch is None else branch)
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait until all that was queued so far is written; False if that takes over `timeout` seconds."""
        with self._changed:
            goal = self._accepted
            return self._changed.wait_for(lambda: self._done >= goal, timeout)

    def close(self, timeout: float = 5.0) -> bool:
        """Write what is queued, sync it to the disk and stop; False if that takes over `timeout` seconds."""
        with self._changed:
            self._closing = True
        flushed = self.flush(timeout)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout if flushed else 0.5)
        if self._thread.is_alive():
            return False  # stuck in the disk: the descriptor is still its own
        if self._fd >= 0:
            with suppress(OSError):
                os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1
        return flushed

    def _queue_up(self, record: Record, branch: int) -> None:
        record.seq, record.t, record.branch = self._seq, round(time.time(), 3), branch
        if isinstance(record, AtCursor):
            self._cursor = record.cursor
        self._seq += 1
        self._accepted += 1
        self._queue.append(record)

    def _drain(self) -> None:
        wait = FIRST_WAIT
        while self._refill():
            try:
                self._append()
            except OSError as error:
                self.trouble = f"the log can't be written: {error.strerror or error}"
                with self._changed:
                    if self._closed:
                        return
                    self._changed.wait_for(lambda: self._closed, wait)
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            self.trouble, wait = "", FIRST_WAIT
            self._own_up()

    def _refill(self) -> bool:
        """Wait for records and take some; False when there will be none."""
        with self._changed:
            if self._pending:
                return True
            self._changed.wait_for(lambda: self._queue or self._closed)
            taken = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        self._pending.extend((record, _line(record)) for record in taken)
        return bool(taken)

    def _append(self) -> None:
        """Write the pending lines in one go; where a disk takes a part, go on just behind it, even later.

        As nobody else writes this file, the line that was cut gets its other half, and none is torn or
        written twice, whether the cut was at its first byte or before its newline.
        """
        while self._pending:
            written = self._os_write(self._fd, b"".join(line for _, line in self._pending))
            if not written:
                raise OSError("nothing was written")
            while self._pending and written >= len(self._pending[0][1]):
                record, line = self._pending.popleft()
                written -= len(line)
                self._finish(record)
            if written:
                record, line = self._pending[0]
                self._pending[0] = (record, line[written:])

    def _finish(self, record: Record) -> None:
        if self._on_record:
            with suppress(Exception):  # whoever looks on must not stop the log
                self._on_record(record)
        with self._changed:
            self._done += 1
            self._changed.notify_all()

    def _own_up(self) -> None:
        """Say in the log that it has a gap."""
        with self._changed:
            if self._dropped and len(self._queue) < self._capacity:
                text = f"{self._dropped} records ({', '.join(DROPPABLE)}) were dropped: the disk was too slow"
                self._queue_up(Warning_(text=text).at(self._cursor), self.branch)
                self._dropped = 0


def _line(record: Record) -> bytes:
    try:
        return encode(record)
    except Exception as error:  # values that JSON has no form for: a bug elsewhere must not end the log
        kind = record.__struct_config__.tag
        text = f"a record ({kind}) could not be written: {neutralise(error, 200)}"
        at = record.cursor if isinstance(record, AtCursor) else Cursor()
        return encode(Warning_(seq=record.seq, t=record.t, branch=record.branch, text=text).at(at))


def _open_next(run: RunDir) -> int:
    number = max(map(number_of, run.segments()), default=0) + 1
    try:
        while True:
            try:
                return create(run.segment(number), os.O_WRONLY | os.O_APPEND | os.O_EXCL)
            except FileExistsError:
                number += 1
    except OSError as error:
        raise ConfigError(f"{neutralise(run.segment(number))}: {error.strerror}") from None
