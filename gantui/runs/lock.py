"""The lock that a trainer holds while it lives. The kernel lets go of it however the trainer ends.

POSIX locks (fcntl), not flock: they belong to the process, so data-loader workers don't inherit them, and
others can ask who holds one without taking it. Two traits need care: a process doesn't see its own locks,
and closing *any* descriptor of the file drops them. So this module knows what this process holds and never
opens such a file twice.
"""

import errno
import fcntl
import os
import struct
import sys
import time
from typing import Literal, NamedTuple

from gantui.core.errors import ConfigError, UserError
from gantui.core.text import neutralise
from gantui.runs import files, info
from gantui.runs.layout import RunDir
from gantui.runs.live import heartbeat_age
from gantui.runs.tail import tail

SILENCE = 60.0  # seconds without a heartbeat after which a trainer elsewhere counts as gone
_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
_held: dict[tuple[int, int], int] = {}  # (device, inode) of the locks held, and by which process


class Holder(NamedTuple):
    """Whether a trainer holds a run; `pid` is None if nobody does or the system doesn't say."""

    state: Literal["held", "free", "unknown"]
    pid: int | None = None


class RunBusy(UserError):
    """Another trainer has the run."""


class RunLock:
    """The right to write a run directory. One per process and run."""

    def __init__(self, run: RunDir) -> None:
        self._run = run
        self._fd = -1

    def acquire(self, *, force: bool = False) -> None:
        """Take the lock, without waiting, until `release` or the end of the process.

        Where locks don't reach (another host wrote the run last, or the file system has none), a heartbeat
        younger than 60 s means that the run is taken, unless `force`.

        Raises:
            RunBusy: naming the process and host that has it.
            ConfigError: the directory can't be written.
        """
        if self._fd >= 0 or _key(self._run) in _held_here():
            raise RunBusy(f"run '{neutralise(self._run.id)}' is already being trained by this process")
        try:
            fd = files.create(self._run.lock, os.O_RDWR)
        except OSError as error:
            raise ConfigError(f"{neutralise(self._run.lock)}: {error.strerror}") from None
        try:
            reaches = self._try(fd)
            before = info.read(self._run)
            if not force and before and not (reaches and before.host == info.host()):
                self._check_silence(before)
        except UserError:
            os.close(fd)
            raise
        status = os.fstat(fd)
        _held[status.st_dev, status.st_ino] = os.getpid()
        self._fd = fd  # stays open: closing it would drop the lock

    def release(self) -> None:
        """Give the lock back; without one, do nothing."""
        if self._fd < 0:
            return
        status = os.fstat(self._fd)
        _held.pop((status.st_dev, status.st_ino), None)
        os.close(self._fd)
        self._fd = -1

    def _try(self, fd: int) -> bool:
        """Lock; False where the file system has no locks."""
        try:
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _UNSUPPORTED:
                return False
            if error.errno in (errno.EACCES, errno.EAGAIN):
                raise self._busy(info.read(self._run), _ask(fd).pid) from None
            raise ConfigError(f"{neutralise(self._run.lock)}: {error.strerror}") from None
        return True

    def _check_silence(self, before: info.RunInfo) -> None:
        last = tail(self._run)
        if last is not None and last.__struct_config__.tag == "exit" and last.t >= before.started:
            return
        age = heartbeat_age(self._run, time.time())
        if age is not None and age < SILENCE:
            raise self._busy(before, None, f", which gave a sign of life {age:.0f} s ago (--force takes it over)")

    def _busy(self, other: info.RunInfo | None, pid: int | None, more: str = "") -> RunBusy:
        known = f" on {neutralise(other.host)}" if other else ""
        number = pid or (other.pid if other else None) or "unknown"
        return RunBusy(f"run '{neutralise(self._run.id)}' is being trained by process {number}{known}{more}")


def holder(run: RunDir) -> Holder:
    """Return whether a trainer holds the run's lock, without taking it. Never raises."""
    if _key(run) in _held_here():
        return Holder("held", os.getpid())
    try:
        fd = files.open_regular(run.lock)
    except FileNotFoundError:
        return Holder("free")
    except OSError:
        return Holder("unknown")
    try:
        return _ask(fd)
    finally:
        os.close(fd)


def _ask(fd: int) -> Holder:
    """F_GETLK: which lock stands in the way of one on the whole file?"""
    darwin = sys.platform == "darwin"  # start, length, pid, type, whence; Linux has type and whence first
    layout = "qqihh" if darwin else "hhqqi4x"
    question = (0, 0, 0, fcntl.F_WRLCK, 0) if darwin else (fcntl.F_WRLCK, 0, 0, 0, 0)
    try:
        answer = struct.unpack(layout, fcntl.fcntl(fd, fcntl.F_GETLK, struct.pack(layout, *question)))
    except OSError:
        return Holder("unknown")
    kind, pid = (answer[3], answer[2]) if darwin else (answer[0], answer[4])
    if kind == fcntl.F_UNLCK:
        return Holder("free")
    return Holder("held", pid if pid > 0 else None)  # 0 and below: on another host, or in another container


def _key(run: RunDir) -> tuple[int, int] | None:
    try:
        status = run.lock.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _held_here() -> set[tuple[int, int] | None]:
    """The locks of this very process (a forked child inherits the table, not the locks)."""
    return {key for key, pid in _held.items() if pid == os.getpid()}
