"""A program on a real pty, its screen kept by a terminal emulator: for tests and benchmarks."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

PATIENCE = 30.0
GANTUI = str(Path(sys.executable).with_name("gantui"))
_ALTERNATE_SCREEN = 1049 << 5  # as pyte numbers private modes
_MOUSE = {mode << 5 for mode in (1000, 1002, 1003)}
_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<>=][\d;]*[a-z]|\x1b\[\?[\d;]*\$p")  # it would draw what it doesn't know


class Terminal:
    """Runs `command` on a pty of `columns` × `lines`. A thread reads it; pyte draws when somebody looks.

    So the times of what comes are exact, and who doesn't look costs the machine nothing. `received` are all
    bytes so far, `chunks` when (monotonic seconds) how many of them came. Clear `reading` to play a terminal
    that has stopped to read. Unless it is `controlling`, nobody sends SIGHUP when it goes.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        lines: int = 40,
        cwd: Path | None = None,
        controlling: bool = True,
        **environ: str,
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self.received = bytearray()
        self.chunks: list[tuple[float, int]] = []
        self.reading = threading.Event()
        self.reading.set()
        self._stream = pyte.ByteStream(self.screen)
        self._coming: deque[tuple[float, bytes]] = deque()
        self._news = threading.Condition()
        self._closing = False
        self.master, slave = pty.openpty()
        self._resize_pty(columns, lines)
        self._name = os.ttyname(slave)
        self.before = termios.tcgetattr(slave)
        environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLORTERM")}
        environment |= {"TERM": "xterm-256color", "COLUMNS": "", "LINES": ""} | environ
        environment = {key: value for key, value in environment.items() if value}
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=take_terminal if controlling else None,
        )
        os.close(slave)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Looking

    def catch_up(self) -> str:
        """Draw all that has come; return the screen's text."""
        while self._draw_next():
            pass
        return self._text()

    def until(self, condition: Callable[[str], object], what: str = "", patience: float = PATIENCE) -> float:
        """Wait until the screen's text fulfils `condition`; return when (monotonic seconds) what made it so came."""
        deadline = time.monotonic() + patience
        moment = time.monotonic()
        while not condition(self._text()):
            while not (drawn := self._draw_next()):
                left = deadline - time.monotonic()
                ended = "" if self._thread.is_alive() else " (nothing more can come)"
                assert left > 0 and not ended, f"not within {patience:g} s{ended}: {what}\n{self._text()}"
                with self._news:
                    self._news.wait_for(lambda: self._coming or not self._thread.is_alive(), left)
            moment = drawn
        return moment

    def until_shows(self, text: str, patience: float = PATIENCE) -> float:
        """Wait until `text` is on the screen; return when (monotonic seconds) it came."""
        return self.until(lambda screen: text in screen, f"{text!r} on the screen", patience)

    def until_ended(self, patience: float = PATIENCE) -> int:
        """Wait until the program has ended and all it wrote is drawn; return its exit status."""
        status = self.process.wait(patience)
        self._thread.join(patience)
        self.catch_up()
        return status

    def bytes_between(self, start: float, end: float) -> int:
        """How many bytes came between two moments (monotonic seconds)."""
        return sum(size for moment, size in list(self.chunks) if start <= moment < end)

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as a shell wants it: its own screen, a cursor, no mouse reports, echo."""
        modes = self.screen.mode
        full = _ALTERNATE_SCREEN in modes or self.screen.cursor.hidden or bool(_MOUSE & modes)
        return not full and termios.tcgetattr(self.master)[3] == self.before[3]

    @property
    def is_full(self) -> bool:
        """Whether the kernel takes no more from the program until somebody reads."""
        slave = os.open(self._name, os.O_WRONLY | os.O_NOCTTY)
        try:
            return not select.select([], [slave], [], 0)[1]
        finally:
            os.close(slave)

    # Doing

    def send(self, keys: str) -> float:
        """Type; return when (monotonic seconds)."""
        now = time.monotonic()
        os.write(self.master, keys.encode())
        return now

    def resize(self, columns: int, lines: int) -> None:
        """Another size, as when a window is dragged."""
        self.catch_up()
        self.screen.resize(lines, columns)
        self._resize_pty(columns, lines)
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """The terminal is gone: the kernel hangs up on the program."""
        self.reading.set()
        self._closing = True
        self._thread.join(PATIENCE)
        master, self.master = self.master, -1
        if master >= 0:
            os.close(master)

    def close(self) -> None:
        """End whatever still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.hang_up()

    def _text(self) -> str:
        return "\n".join(self.screen.display)

    def _draw_next(self) -> float:
        """Draw the next piece; return when it came, 0 if there is none."""
        with self._news:
            if not self._coming:
                return 0.0
            moment, data = self._coming.popleft()
        self._stream.feed(_NOT_FOR_PYTE.sub(b"", data))
        return moment

    def _resize_pty(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _read(self) -> None:
        while not self._closing:
            self.reading.wait()
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            now = time.monotonic()
            if not data:
                break
            with self._news:
                self.received += data
                self.chunks.append((now, len(data)))
                self._coming.append((now, data))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


def take_terminal() -> None:
    """Make the pty at stdin the controlling terminal, so that closing it hangs up."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
