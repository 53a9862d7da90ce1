"""Decoded images kept on the disk, so that a set that streams is decoded once and not in every epoch.

All of this is a convenience: where it can't be had, images are decoded anew.
"""

import hashlib
import os
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from gantui.core.errors import DataError
from gantui.core.text import neutralise

MOST_BYTES = 8 << 30  # of all sets in a folder; those used last stay
SHARE = 0.5  # of the disk's free space that one may take
SUFFIX = ".decoded"
_VERSION = b"1"  # of the format, and of what decoding does to a picture
_CHECK = 4  # bytes
Stamp = tuple[str, int, int]  # a file's absolute path, size in bytes and time of change in ns


class Decoded:
    """The decoded images of one set, each in its place in one file: its pixels, then their CRC-32.

    So a place that nobody has written to, or only in part, is told from a good one, whatever ended a run. Workers, and
    runs of the same set, share the file: who writes an image writes what the others would.
    """

    def __init__(self, path: Path, shape: tuple[int, int, int]) -> None:
        self._path, self._shape = path, shape
        self._bytes = int(np.prod(shape))
        self._file: int | None = None
        self._broken = False

    def __getstate__(self) -> dict[str, Any]:  # workers open it for themselves
        return self.__dict__ | {"_file": None}

    def get(self, index: int) -> "np.ndarray[Any, np.dtype[np.uint8]] | None":
        """Return an image as uint8 (C, H, W), None if it isn't there."""
        size = self._bytes + _CHECK
        try:
            place = os.pread(self._opened(), size, index * size)
        except OSError:
            return None
        pixels = memoryview(place)[: self._bytes]
        if len(place) < size or zlib.crc32(pixels).to_bytes(_CHECK, "little") != place[self._bytes :]:
            return None
        return np.frombuffer(pixels, np.uint8).reshape(self._shape)

    def put(self, index: int, image: "np.ndarray[Any, np.dtype[np.uint8]]") -> None:
        """Keep an image, uint8 (C, H, W), if there is room on the disk."""
        if self._broken:
            return
        pixels = image.tobytes()
        place = pixels + zlib.crc32(pixels).to_bytes(_CHECK, "little")
        try:
            os.pwrite(self._opened(), place, index * len(place))
        except OSError:  # a full disk, a quota: not tried again
            self._broken = True

    def _opened(self) -> int:
        if self._file is None:
            self._file = _open(self._path)
        return self._file


def keep(folder: Path, stamps: Iterable[Stamp], count: int, shape: tuple[int, int, int]) -> Decoded | None:
    """Return where the images of these files are kept below `folder`, as uint8 of `shape` (C, H, W).

    None if they are too many for `MOST_BYTES` or the disk. Other sets make room, those used longest ago first.

    Raises:
        DataError: nothing can be written there.
    """
    size = count * (int(np.prod(shape)) + _CHECK)
    path = folder / f"{_name(stamps, shape)}{SUFFIX}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        have = path.stat().st_blocks * 512 if path.exists() else 0
        if size > MOST_BYTES or size - have > SHARE * shutil.disk_usage(folder).free:
            return None
        os.close(_open(path))
        os.utime(path)
        _make_room(folder, path, MOST_BYTES - size)
    except OSError as error:
        shown = neutralise(folder, 200)
        raise DataError(f"decoded images can't be kept in {shown}: {neutralise(error.strerror)}") from None
    return Decoded(path, shape)


def _open(path: Path) -> int:
    """Open for reading and writing, by the owner alone; a link, or somebody else's file, is refused."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.fstat(file).st_uid != os.geteuid():
        os.close(file)
        raise PermissionError(1, "a file there belongs to somebody else")
    return file


def _make_room(folder: Path, own: Path, room: int) -> None:
    others = [(path.stat(), path) for path in folder.glob(f"*{SUFFIX}") if path != own and not path.is_symlink()]
    for status, path in sorted(others, key=lambda other: other[0].st_mtime_ns, reverse=True):
        room -= status.st_size
        if room < 0:
            path.unlink(missing_ok=True)


def _name(stamps: Iterable[Stamp], shape: tuple[int, int, int]) -> str:
    sha = hashlib.sha256(_VERSION)
    sha.update(repr(shape).encode())
    for path, size, changed in stamps:
        sha.update(f"{path}\0{size} {changed}\n".encode(errors="surrogateescape"))
    return sha.hexdigest()[:32]
