"""Small files between processes: whole or not there at all, never larger than asked, never a trap."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from gantui.core.text import neutralise


def write_atomic(
    path: Path, data: bytes | memoryview, *, durable: bool = False, ours: bool = True, mode: int = 0o666
) -> None:
    """Replace `path` by `data`: a reader sees the old file or the new one, never a part.

    `durable` also waits for the disk, so that a power cut can't take it back. The mode follows the
    directory's if it is `ours`, that of a run; elsewhere it is `mode`, less the user's umask. Raises OSError; then
    the old file is untouched and nothing is left behind.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}.tmp")  # short: any name that fits may be replaced
    try:
        fd = create(temporary, os.O_WRONLY | os.O_EXCL, ours=ours, mode=mode)
        try:
            _write_all(fd, data)
            if durable:
                os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        _sync_directory(path.parent)


def sweep(directory: Path) -> None:
    """Remove what killed writers left half written in `directory`. Only for its one writer, at its start."""
    with suppress(OSError):
        for leftover in directory.glob(".*.tmp"):
            with suppress(OSError):
                leftover.unlink()


def create(path: Path, flags: int, *, ours: bool = True, mode: int = 0o666) -> int:
    """Open `path` and return the descriptor; if missing it is made, with a mode as in `write_atomic`."""
    fd = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600 if ours else mode)
    if ours:
        with suppress(OSError):  # another's file, or a file system without modes: 0600 is the safe side
            os.fchmod(fd, mode_inside(path.parent))
    return fd


def mode_inside(directory: Path) -> int:
    """Return the mode of files in `directory`: 0600, and for the group what the directory allows it."""
    return 0o600 | (stat.S_IMODE(directory.stat().st_mode) & 0o060)


def open_regular(path: Path) -> int:
    """Open `path` for reading and return the descriptor.

    Raises OSError, also for links (they could point anywhere), pipes (they would block) and devices.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(f"{neutralise(path)} is not a regular file")
    return fd


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file of at most `limit` bytes. Raises OSError, also if it is larger."""
    fd = open_regular(path)
    try:
        with os.fdopen(fd, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    finally:
        os.close(fd)
    if len(data) > limit:
        raise OSError(f"{neutralise(path)} is larger than {limit} bytes")
    return data


def _write_all(fd: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # some network file systems can't; the rename itself is done
            os.fsync(fd)
    finally:
        os.close(fd)
