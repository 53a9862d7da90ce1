"""A program on a real pty, its screen kept by a terminal emulator: for tests and benchmarks."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

PATIENCE = 30.0


class Terminal:
    """Runs `command` on a pty of `columns` × `lines`; a thread reads it and feeds pyte.

    `reading` can be cleared to play a terminal that has stopped to read. `chunks` are (monotonic seconds, bytes).
    """

    def __init__(
        self, command: Sequence[str], *, columns: int = 120, lines: int = 40, cwd: Path | None = None, **environ: str
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.chunks: list[tuple[float, int]] = []
        self.reading = threading.Event()
        self.reading.set()
        self.changed = threading.Condition()
        self.master, slave = pty.openpty()
        self._resize_pty(columns, lines)
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
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def text(self) -> str:
        """The screen as lines of text."""
        with self.changed:
            return "\n".join(self.screen.display)

    def until(self, condition: Callable[[str], object], what: str = "", patience: float = PATIENCE) -> float:
        """Wait until the screen's text fulfils `condition`; return when (monotonic seconds) it did."""
        deadline = time.monotonic() + patience
        with self.changed:
            while not condition("\n".join(self.screen.display)):
                left = deadline - time.monotonic()
                assert left > 0, f"not within {patience:g} s: {what}\n" + "\n".join(self.screen.display)
                self.changed.wait(left)
            return self.chunks[-1][0] if self.chunks else time.monotonic()

    def until_shows(self, text: str, patience: float = PATIENCE) -> float:
        """Wait until `text` is on the screen; return when (monotonic seconds) it was."""
        return self.until(lambda screen: text in screen, f"{text!r} on the screen", patience)

    def bytes_between(self, start: float, end: float) -> int:
        """How many bytes came between two moments (monotonic seconds)."""
        return sum(size for moment, size in list(self.chunks) if start <= moment < end)

    def resize(self, columns: int, lines: int) -> None:
        """Another size, as when a window is dragged."""
        with self.changed:
            self.screen.resize(lines, columns)
        self._resize_pty(columns, lines)
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """The terminal is gone."""
        self.reading.set()
        master, self.master = self.master, -1
        if master >= 0:
            os.close(master)

    def close(self) -> None:
        """End whatever still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.hang_up()

    def _resize_pty(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _read(self) -> None:
        while True:
            self.reading.wait()
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            now = time.monotonic()
            with self.changed:
                self.chunks.append((now, len(data)))
                self._stream.feed(data)
                self.changed.notify_all()


def _take_terminal() -> None:
    """Make the pty the controlling terminal, so that closing it hangs up."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
