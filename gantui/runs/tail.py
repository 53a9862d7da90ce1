"""The last record of a log, found from its end: quick however long the log is."""

import os
from collections.abc import Iterator

from gantui.core.events import AnyRecord, BadLine, decode
from gantui.runs.files import open_regular
from gantui.runs.layout import RunDir

MAX_LINE = 1 << 20
BLOCK = 1 << 16


def tail(run: RunDir, kinds: set[str] | None = None) -> AnyRecord | None:
    """Return the last record (of `kinds`, if given) of all segments, or None. Never raises, small memory."""
    needles = [f'"{kind}"'.encode() for kind in kinds or ()]
    for segment in reversed(run.segments()):
        try:
            fd = open_regular(segment)
        except OSError:
            continue
        try:
            for line in _backwards(fd, needles):
                record = _decoded(line)
                if record is not None and (kinds is None or record.__struct_config__.tag in kinds):
                    return record
        except OSError:
            continue
        finally:
            os.close(fd)
    return None


def _decoded(line: bytes) -> AnyRecord | None:
    try:
        return decode(line)
    except BadLine:
        return None


def _backwards(fd: int, needles: list[bytes]) -> Iterator[bytes]:
    """Yield the whole lines from the last to the first, only those holding a needle if there are any.

    Whatever follows the last newline is torn and left out, as are lines of more than MAX_LINE bytes.
    """
    position = os.fstat(fd).st_size
    rest = b""  # the end, newline included, of a line that begins before `position`
    torn = True
    while position > 0:
        start = max(0, position - BLOCK)
        block = os.pread(fd, position - start, start) + rest
        position = start
        if torn:
            block = block[: block.rfind(b"\n") + 1]
            torn = not block
        first = block.find(b"\n") + 1 if start else 0
        rest, body = block[:first], block[first:]
        if len(rest) > MAX_LINE:
            rest, torn = b"", True
        if needles and not any(needle in body for needle in needles):
            continue
        for line in reversed(body.split(b"\n")):
            if line and len(line) <= MAX_LINE and (not needles or any(needle in line for needle in needles)):
                yield line
