"""Reading a log while it grows: whole lines only, in the order written, across segments."""

import os
import time
from pathlib import Path

from gantui.core.events import AnyRecord, BadLine, decode, decode_lines, skim_lines
from gantui.runs.files import open_regular
from gantui.runs.layout import RunDir, number_of
from gantui.runs.tail import MAX_LINE
from gantui.runs.tail import tail as tail

CHUNK = 4 << 20
TICK = 50_000_000  # ns within which two changes of a directory may bear the same time


class RunReader:
    """Follows the log of a run from its beginning.

    Attributes:
        bad_lines: lines that were no records (torn, foreign, over 1 MiB), skipped.
        unknown: records of kinds this version doesn't know, skipped.
        skimming: read of metrics only a few numbers (`events.Skimmed`), in half the time.
        exhausted: whether the last poll read all there was.
        gone: whether the run directory has been deleted.
    """

    def __init__(self, run: RunDir, *, chunk: int = CHUNK) -> None:
        self._run = run
        self._chunk = chunk
        self._number = 0  # of the present segment, 0 before the first
        self._listed, self._next = -1, 0  # when the directory had changed as it was listed; the next segment then
        self._offset = 0  # behind the last newline consumed
        self._leftover = False  # bytes without a newline follow
        self._skipping = False  # within a line that is too long to keep
        self.skimming = False
        self.bad_lines = 0
        self.unknown = 0
        self.exhausted = False
        self.gone = False

    @classmethod
    def at_end(cls, run: RunDir) -> "RunReader":
        """Return a reader that gives only what is written from now on."""
        reader = cls(run)
        segments = run.segments()
        if segments:
            reader._number = number_of(segments[-1])
            reader._offset, reader._skipping = _last_newline(segments[-1])
        return reader

    def poll(self, limit_bytes: int = CHUNK) -> list[AnyRecord]:
        """Return the next records, from about `limit_bytes` of the log; see `exhausted`. Never raises."""
        records: list[AnyRecord] = []
        budget = limit_bytes
        self.exhausted = False
        while budget > 0 and not self.exhausted:
            # What follows must be known first: a segment whose successor exists has its last line.
            following = self._following()
            spent, at_end = self._read_on(budget, records)
            budget -= spent
            if at_end and following:
                self._enter(following)
            elif at_end:
                self.exhausted = True
        return records

    def _following(self) -> int:
        """The number of the next segment, or 0. Notices when the directory is gone.

        The directory is listed only when it has changed: a viewer asks twenty times a second.
        """
        try:
            changed = os.stat(self._run.path).st_mtime_ns  # noqa: PTH116, as it is asked that often
        except OSError as error:  # a stale handle of a network file system mends itself
            self.gone = isinstance(error, FileNotFoundError | NotADirectoryError)
            return 0
        self.gone = False
        if changed != self._listed:
            numbers = [number for number in map(number_of, self._run.segments()) if number > self._number]
            self._next = min(numbers, default=0)
            # What changes within the same tick of the file system's clock would not show.
            self._listed = changed if time.time_ns() - changed > TICK else -1
        return self._next

    def _enter(self, number: int) -> None:
        if self._leftover or self._skipping:
            self.bad_lines += 1
        self._number, self._offset, self._listed = number, 0, -1
        self._leftover = self._skipping = False

    def _read_on(self, budget: int, records: list[AnyRecord]) -> tuple[int, bool]:
        """Read about `budget` bytes of the segment, at least one line; return the bytes and if that was all.

        The file is opened anew each time: on NFS that is when a client asks the server what is new.
        """
        try:
            fd = open_regular(self._run.segment(self._number)) if self._number else -1
        except OSError:
            fd = -1
        if fd < 0:
            return 0, True
        spent, rest, consumed = 0, b"", False
        try:
            while spent < budget or not consumed:
                data = os.pread(fd, self._chunk, self._offset + len(rest))
                if not data:
                    self._leftover = bool(rest)
                    return spent, True
                spent += len(data)
                rest += data
                cut = rest.rfind(b"\n", len(rest) - len(data)) + 1
                if cut:
                    self._parse(rest[:cut], records)
                    rest = rest[cut:]
                if len(rest) > MAX_LINE:
                    self._skipping = True
                    cut, rest = cut + len(rest), b""
                self._offset += cut
                consumed = consumed or cut > 0
        except OSError:  # a stale handle, a failing disk: what was read is good, the rest next time
            return spent, True
        finally:
            os.close(fd)
        return spent, False

    def _parse(self, lines: bytes, records: list[AnyRecord]) -> None:
        if self._skipping:
            self._skipping = False
            self.bad_lines += 1
            lines = lines[lines.index(b"\n") + 1 :]
        if not _has_long_line(lines):
            try:
                records += skim_lines(lines) if self.skimming else decode_lines(lines)  # type: ignore[arg-type]
                return
            except BadLine:
                pass  # one by one, then, to keep the others
        for line in lines.split(b"\n"):
            if not line:
                continue
            try:
                if len(line) > MAX_LINE:
                    raise BadLine("over 1 MiB")
                record = decode(line)
            except BadLine:
                self.bad_lines += 1
                continue
            if record is None:
                self.unknown += 1
            else:
                records.append(record)


def _has_long_line(lines: bytes) -> bool:
    """Whether a line may be longer than MAX_LINE: then half as many bytes in a row have no newline."""
    half = MAX_LINE // 2
    return any(lines.find(b"\n", start, start + half) < 0 for start in range(0, len(lines) - half, half))


def _last_newline(segment: Path) -> tuple[int, bool]:
    """The offset behind the last newline; or the end, and True, if there is none far and wide."""
    try:
        fd = open_regular(segment)
    except OSError:
        return 0, False
    try:
        size = os.fstat(fd).st_size
        start = max(0, size - MAX_LINE)
        cut = os.pread(fd, size - start, start).rfind(b"\n") + 1
    except OSError:
        return 0, False
    finally:
        os.close(fd)
    return (start + cut, False) if cut or not start else (size, True)
