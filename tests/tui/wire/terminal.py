"""A terminal to test against: a real pty whose other end is emulated by pyte, in the test's own process and loop."""

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import termios
import unicodedata
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import pyte
from rich.cells import split_graphemes
from rich.style import Style
from textual._context import visible_screen_stack
from textual.app import App

from gantui.tui.wire.cells import disputed
from gantui.tui.wire.driver import CellDiffDriver
from gantui.tui.wire.writer import Outlet

_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<>=][\d;]*[a-z]|\x1b\[\?[\d;]*\$p")  # it would draw what it doesn't know


class Terminal:
    """An emulated terminal at the end of a pty, read by the running loop."""

    def __init__(self, width: int, height: int) -> None:
        self._master, self.slave = pty.openpty()
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.received = b""
        self._set_size(width, height)
        self.listen()

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def listen(self) -> None:
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def ignore(self) -> None:
        """Stop reading: what is written stays in the pty, which soon is full."""
        asyncio.get_running_loop().remove_reader(self._master)

    def _read(self) -> None:
        data = os.read(self._master, 65536)
        self.received += data
        self._stream.feed(_NOT_FOR_PYTE.sub(b"", data))

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def resize(self, width: int, height: int) -> None:
        """Resize as terminals do: what the screen shows afterwards is anybody's guess."""
        self.screen.resize(height, width)
        self.spoil()
        self._set_size(width, height)
        signal.raise_signal(signal.SIGWINCH)

    def spoil(self) -> None:
        cursor = self.screen.cursor.x, self.screen.cursor.y
        for y in range(self.screen.lines):
            for x in range(self.screen.columns):
                self.screen.buffer[y][x] = self.screen.default_char._replace(data="#", fg="red")
        self.screen.cursor.x, self.screen.cursor.y = cursor

    def close(self) -> None:
        self.ignore()
        os.close(self._master)
        os.close(self.slave)

    def cells(self) -> list[list[tuple[Any, ...]]]:
        """Return character, colours and marks of every cell."""
        return [
            [
                (
                    char.data,
                    char.fg,
                    char.bg,
                    (char.bold, char.italics, char.underscore, char.strikethrough, char.reverse),
                )
                for char in (self.screen.buffer[y][x] for x in range(self.screen.columns))
            ]
            for y in range(self.screen.lines)
        ]


def meant(app: App[Any]) -> list[list[tuple[Any, ...]]]:
    """Return character, colours and marks of every cell as Textual composes the current screen."""
    with app._context():
        visible_screen_stack.set(app._background_screens)
        strips = app.screen._compositor.render_strips()
    rows = []
    for strip in strips:
        row: list[tuple[Any, ...]] = []
        for text, style, _ in strip:
            style = style or Style.null()
            fg, bg = (
                "default" if colour is None or colour.is_default else colour.get_truecolor().hex[1:]
                for colour in (style.color, style.bgcolor)
            )
            marks = tuple(bool(m) for m in (style.bold, style.italic, style.underline, style.strike, style.reverse))
            for start, end, width in split_graphemes(text)[0]:
                row += [(text[start:end] if not i else "", fg, bg, marks) for i in range(width)]
        rows.append(row)
    return rows


def differences(shown: list[list[tuple[Any, ...]]], wanted: list[list[tuple[Any, ...]]]) -> list[str]:
    """Describe the cells that look different. Of what is drawn in disputed width, only the place is compared."""
    if [len(row) for row in shown] != [len(row) for row in wanted]:
        return [f"{len(shown)} rows shown, {len(wanted)} wanted, or not of the same length"]
    found = []
    for y, (row, wanted_row) in enumerate(zip(shown, wanted, strict=True)):
        after_disputed = False
        for x, (cell, wanted_cell) in enumerate(zip(row, wanted_row, strict=True)):
            if not wanted_cell[0] and after_disputed:
                continue
            after_disputed = disputed(wanted_cell[0])
            if _look(cell) != _look(wanted_cell) and len(found) < 5:
                found.append(f"({x}, {y}): {cell} shown, {wanted_cell} wanted")
    return found


def _look(cell: tuple[Any, ...]) -> tuple[Any, ...]:
    text, fg, bg, marks = cell
    text = unicodedata.normalize("NFC", text)
    if disputed(text):
        text = text[0]
    if fg == bg != "default":
        return (" ", bg)
    if text == " " and not any(marks[2:]):
        return (" ", bg)
    return (text, fg, bg, marks)


def wired(terminal: Terminal) -> type[CellDiffDriver]:
    """Return the driver on `terminal` in place of the process's own."""

    class Wired(CellDiffDriver):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fileno = terminal.slave
            self._file = self._outlet = Outlet(terminal.slave, self._flush_soon)

        def _get_terminal_size(self) -> tuple[int, int]:
            size = tuple(os.get_terminal_size(terminal.slave))
            self._resized(size)
            return size

    return Wired


async def until(
    condition: Callable[[], bool], seconds: float = 20, explain: Callable[[], object] = lambda: "waited in vain"
) -> float:
    """Wait until `condition`; return how long that was."""
    start = monotonic()
    while not condition():
        assert monotonic() - start < seconds, explain()
        await asyncio.sleep(0.01)  # not less: to compare screens costs as much, and the app needs its turns
    return monotonic() - start


async def settled(app: App[Any], terminal: Terminal, seconds: float = 20) -> float:
    """Wait until the terminal shows what is meant; return how long that was."""

    def unlike() -> list[str]:
        return differences(terminal.cells(), meant(app))

    return await until(lambda: not unlike(), seconds, explain=unlike)


Script = Callable[[Any, Terminal], Awaitable[None]]


def run_on_terminal(
    make: Callable[[type[CellDiffDriver]], App[Any]], script: Script, size: tuple[int, int] = (60, 16)
) -> None:
    """Run an app made of a driver class on a terminal, with a script that steers both."""

    async def main() -> None:
        terminal = Terminal(*size)
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)}
        try:
            app = make(wired(terminal))
            running = asyncio.create_task(app.run_async(size=size))
            await until(lambda: running.done() or (app.is_running and bool(meant(app))))
            with app._context():
                await script(app, terminal)
            app.exit()
            await running
        finally:
            terminal.close()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    asyncio.run(main())
