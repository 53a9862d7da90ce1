"""The inbox: commands dropped into a run directory as files, and taken by its trainer, in order."""

import heapq
import os
import re
import shutil
import stat
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from gantui.core import commands
from gantui.core.commands import MAX_BYTES, Command
from gantui.core.errors import ConfigError, NoAnswer
from gantui.core.events import Applied, Rejected
from gantui.core.text import neutralise
from gantui.runs.files import read_bounded, write_atomic
from gantui.runs.filesystem import poll_interval
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader

KEEP_REJECTED = 100
_AT_ONCE = 256  # files taken by one look, so that a flood can't fill the trainer's memory
_PENDING = 1024
_NAME = re.compile(r"[0-9]{20}-([0-9a-zA-Z_-]{1,64})\.json")


class BadCommand(Struct, frozen=True, kw_only=True):
    """A file in the inbox that was no command; `id`, `author` and `what` as far as they could be read."""

    id: str = ""
    author: str = ""
    what: str = ""
    reason: str = ""


def send(run: RunDir, command: Command) -> None:
    """Drop a command into the run's inbox.

    Raises:
        ConfigError: the command is over 64 KiB.
        NoAnswer: the inbox is missing or may not be written.
    """
    data = commands.encode(command)
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{command.what}: {len(data)} bytes are too many for a command (at most {MAX_BYTES})")
    shown = neutralise(run.id)
    try:
        write_atomic(run.commands / f"{time.time_ns():020d}-{command.id}.json", data)
    except PermissionError:
        raise NoAnswer(
            f"you may watch run '{shown}' but not steer it: {neutralise(run.commands)} is not yours to write"
        ) from None
    except OSError as error:
        raise NoAnswer(f"run '{shown}' takes no commands: {error.strerror or error}") from None


def await_answer(
    run: RunDir, reader: RunReader, command_id: str, timeout: float, alive: Callable[[], bool]
) -> Applied | Rejected:
    """Return the trainer's answer to a command; `reader` must have been at the end before it was sent.

    Raises:
        NoAnswer: none within `timeout` seconds, or `alive()` says that the trainer has ended.
    """
    shown = neutralise(run.id)
    pause = min(poll_interval(run.path), 0.25)
    deadline = time.monotonic() + timeout
    next_question = time.monotonic() + 0.5
    ended = False
    while True:
        late = time.monotonic() >= deadline  # asked before the last look, so that none is in vain
        for record in reader.poll():
            if isinstance(record, Applied | Rejected) and record.id == command_id:
                return record
        if not reader.exhausted:
            continue
        if reader.gone:
            raise NoAnswer(f"run '{shown}' has been deleted")
        if ended:
            raise NoAnswer(f"run '{shown}' ended without an answer")
        if late:
            raise NoAnswer(f"run '{shown}' gave no answer within {timeout:g} s")
        if time.monotonic() >= next_question:
            ended = not alive()  # then one more look: it may have answered before it ended
            next_question = time.monotonic() + 0.5
        time.sleep(0 if ended else pause)


class Inbox:
    """The trainer's side: a thread looks for files every 50 ms, on network file systems each second."""

    def __init__(self, run: RunDir) -> None:
        self._run = run
        self._interval = poll_interval(run.path)
        self._pending: deque[Command | BadCommand] = deque()
        self._stuck: set[str] = set()  # files that can't be moved away: never look at them again
        self._arrived = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="inbox", daemon=True)

    def clear_stale(self) -> list[tuple[str, str, str]]:
        """Empty the inbox; return (id, author, what) of each file. For before `start`."""
        stale = []
        while files := self._look():
            stale += [(file.id, file.author, file.what) for file in files]
        return stale

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Cease to look; what was taken can still be had by `take`."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=2)

    def take(self) -> list[Command | BadCommand]:
        """Return what has arrived, in order of creation, without waiting or touching the disk."""
        if not self._pending:
            return []
        with self._arrived:
            taken = list(self._pending)
            self._pending.clear()
        return taken

    def wait(self, timeout: float) -> bool:
        """Wait until there is something to take; False if there was nothing within `timeout` seconds."""
        with self._arrived:
            return self._arrived.wait_for(lambda: bool(self._pending), timeout)

    def _watch(self) -> None:
        while not self._stopping.wait(self._interval):
            if len(self._pending) >= _PENDING:
                continue
            with suppress(Exception):  # a file of a kind nobody thought of must not end the steering
                arrived = self._look()
                if arrived:
                    with self._arrived:
                        self._pending.extend(arrived)
                        self._arrived.notify_all()

    def _look(self) -> list[Command | BadCommand]:
        try:
            with os.scandir(self._run.commands) as entries:
                names = heapq.nsmallest(_AT_ONCE, (e.name for e in entries if self._is_for_us(e.name)))
        except OSError:
            return []
        return [taken for name in names if (taken := self._take_file(self._run.commands / name))]

    def _is_for_us(self, name: str) -> bool:
        return name.endswith(".json") and not name.startswith(".") and name not in self._stuck

    def _take_file(self, path: Path) -> Command | BadCommand | None:
        """Read and remove one file. A command that can't be removed is refused: it would come again."""
        data = b""
        try:
            data = read_bounded(path, MAX_BYTES)
            command = commands.decode(data)
        except FileNotFoundError:
            return None  # withdrawn
        except (OSError, ConfigError) as error:
            self._put_aside(path)
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return _describe(path, data, f"{neutralise(path.name, 120)}: {neutralise(why)}")
        try:
            path.unlink()
        except OSError as error:
            self._stuck.add(path.name)
            return BadCommand(
                id=command.id,
                author=neutralise(command.author, 80),
                what=command.what,
                reason=f"the file can't be removed from the inbox: {error.strerror}",
            )
        return command

    def _put_aside(self, path: Path) -> None:
        try:
            with suppress(FileExistsError):
                self._run.rejected.mkdir(mode=0o700)
            path.rename(self._run.rejected / f"{time.time_ns():020d}-{path.name[-100:]}")
            names = sorted(entry.name for entry in self._run.rejected.iterdir())
            for name in names[:-KEEP_REJECTED]:
                _remove(self._run.rejected / name)
        except OSError:
            if os.path.lexists(path):
                self._stuck.add(path.name)


def _describe(path: Path, data: bytes, reason: str) -> BadCommand:
    """Find out whose wish a bad file was, so that whoever waits for an answer gets one."""
    fields: dict[str, Any] = {}
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        fields = msgspec.json.decode(data, type=dict[str, Any])
    named = _NAME.fullmatch(path.name)
    known = {key: neutralise(fields.get(key) or "", 80) for key in ("id", "author", "what")}
    return BadCommand(**(known | {"id": named[1] if named else known["id"]}), reason=reason)


def _remove(path: Path) -> None:
    if stat.S_ISDIR(path.lstat().st_mode):
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()
