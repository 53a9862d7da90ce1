"""The terminal driver of the dashboard: sends differences between screens, and only as fast as the terminal reads.

It stands on what Textual writes and not on its compositor's objects: the text is what any terminal would be given, so a
screen that follows it is right by construction, and to parse it costs 1.3 ms for a whole changed screen of 120x40.
"""

import contextlib
import os
import selectors
import signal
import sys
from codecs import getincrementaldecoder
from typing import Any

from rich.color import ColorSystem
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from gantui.tui.wire.cells import Grid
from gantui.tui.wire.colours import Depth, Palette
from gantui.tui.wire.diff import difference
from gantui.tui.wire.parse import Parser
from gantui.tui.wire.writer import Outlet

_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
_PATIENCE = 0.5  # seconds a terminal is given to read the last words


class CellDiffDriver(LinuxDriver):
    """A `LinuxDriver` that keeps the wanted and the shown screen as cells.

    `write` only changes the wanted one; `flush`, at the end of each of Textual's updates, sends the difference, unless
    the terminal hasn't taken the last one: then the newest goes out when it has. If the terminal is gone, the app ends.
    """

    colours: Depth = "true"

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        app.console._color_system = ColorSystem.TRUECOLOR  # the palette here reduces colours, from what was meant
        self._outlet = Outlet(sys.__stderr__.fileno(), self._flush_soon)  # type: ignore[union-attr]
        self._file = self._outlet  # type: ignore[assignment]  # what the stock writer thread writes to
        self._parser = Parser(Palette(self.colours).style)
        self._wanted = Grid(0, 0)
        self._shown = Grid(0, 0)
        self._touched: set[int] = set()
        self._cursor = (-1, -1)
        self._passing: list[str] = []
        self._terminal = (0, 0)
        self._repaint = True
        self._sync = False
        self._awake = False

    @property
    def bytes_sent(self) -> int:
        """Bytes the terminal has been given since the start."""
        return self._outlet.bytes_sent

    @property
    def idle(self) -> bool:
        """Whether the terminal has taken all that was wanted so far."""
        return self._outlet.idle and not self._touched and not self._passing

    # What Textual writes

    def write(self, data: str) -> None:
        """Draw on the wanted screen; keep what doesn't draw until it can be sent."""
        if data.endswith("H"):  # an update: Textual ends each with the place of the cursor
            self._fit()
        for sequence in self._parser.feed(data, self._wanted, self._touched):
            if sequence == _SYNC_START:
                self._sync = True
            elif sequence != _SYNC_END:
                self._passing.append(sequence)
        if self._passing:
            self._flush_soon()

    def flush(self) -> None:
        """Send what is wanted and not shown, if the terminal has taken all before it. Called in the loop's thread."""
        if self._awake and self._outlet.idle:
            passing, self._passing = self._passing, []
            text = "".join(passing) + self._frame()
            if text:
                self._send(text)

    def _frame(self) -> str:
        if self._wanted.size != self._terminal:  # it has changed, and the screen hasn't been drawn in it yet
            if self._app.screen_stack and self._app._resize_timer is None:
                self._app.screen.call_later(self._catch_up)  # after the sizes it has still to hear of
            return ""
        if self._repaint:  # put down before the screen is looked at: a signal meanwhile asks for the next frame
            self._repaint = False
            self._shown = Grid(*self._wanted.size, fill=None)
            self._touched.update(range(self._wanted.height))
        touched, self._touched = self._touched, set()
        drawn = difference(self._shown, self._wanted, touched)
        cursor = self._parser.cursor
        if cursor != (0, 0) and (drawn or cursor != self._cursor):  # hidden, but input methods open their windows there
            drawn += f"\x1b[{cursor[1] + 1};{cursor[0] + 1}H"
        self._cursor = cursor
        if not drawn:
            return ""
        return f"{_SYNC_START}{drawn}{_SYNC_END}" if self._sync else drawn

    def _send(self, text: str) -> None:
        assert self._writer_thread is not None
        self._outlet.announce()
        self._writer_thread.write(text)

    def _flush_soon(self) -> None:
        """Have `flush` called from the loop. May be called from any thread and from signal handlers."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it all that could be shown
            self._loop.call_soon_threadsafe(self.flush)

    def _fit(self) -> None:
        """Give the wanted screen the size Textual draws in now, which follows the terminal's some time later."""
        width, height = self._app.screen._compositor.size
        if (width, height) != self._wanted.size:
            self._wanted = Grid(width, height)
            self._touched.clear()
            self._repaint = True

    def _catch_up(self) -> None:
        """Have the screen laid out in the app's size, if a dialog that heard late of an older size has undone that."""
        screen, size = self._app.screen, self._app.size
        if screen._compositor.size != size == self._terminal:
            screen._refresh_layout(size)

    # The terminal's size

    def _get_terminal_size(self) -> tuple[int, int]:
        size = super()._get_terminal_size()
        self._resized(size)
        return size

    def _resized(self, size: tuple[int, int]) -> None:
        """Note that the terminal is of this size and shows nobody knows what. Only sets flags: signals come here."""
        self._terminal = size
        self._repaint = True
        self._flush_soon()

    # Coming, going, sleeping

    def start_application_mode(self) -> None:
        super().start_application_mode()
        self._awake = self._writer_thread is not None  # not so, if the process is in the background
        self._repaint = True
        self.flush()

    def stop_application_mode(self) -> None:
        self._awake = False  # what is written from here on are last words, and no frame may follow them
        super().stop_application_mode()

    def close(self) -> None:
        """Say the last words, without waiting for a terminal that doesn't read, and end the writer thread."""
        if self._writer_thread is not None:
            if not self._outlet.wait(_PATIENCE):
                self._outlet.cut()
            self._send("\x1b[0m" + "".join(self._passing))
            self._passing.clear()
            if not self._outlet.wait(_PATIENCE):
                self._outlet.cut()
            self._writer_thread._queue.put(None)
            self._writer_thread = None

    def _sigtstp_application(self, *_: object) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._sleep)  # and not here, in the middle of a frame
        else:
            os.kill(os.getpid(), signal.SIGSTOP)

    def _sleep(self) -> None:
        if self._awake:
            self.suspend_application_mode()
        self._must_signal_resume = True
        os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._awake:  # it was a SIGSTOP, which can't be seen: whatever was done to the terminal since, begin anew
            self.suspend_application_mode()
        self.resume_application_mode()

    # Input

    def run_input_thread(self) -> None:
        """Pass on what is typed until the driver stops. At the end of the input the terminal is gone: the app exits."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        data = b""
                    if not data:
                        self._loop.call_soon_threadsafe(self._app.exit)
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.Resize):  # terminals that tell their size in band don't wait for the signal
            self._resized((message.size.width, message.size.height))
        super().process_message(message)


def driver(colours: Depth) -> type[CellDiffDriver]:
    """Return the driver class that sends no more colours than `colours`."""

    class Driver(CellDiffDriver):
        pass

    Driver.colours = colours
    return Driver
