"""The wire, measured by hand: pytest tests/bench/test_wire.py -s

A screen of 120x40 with two plots of curves (braille), histograms and numbers, changed four times a second, is sent by
the stock driver and by the one here; the bytes are counted at the other end of a pty.
"""

import math
import os
import random
import resource
from time import perf_counter, thread_time

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.drivers.linux_driver import LinuxDriver
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from gantui.tui.wire.cells import Grid
from gantui.tui.wire.colours import Palette
from gantui.tui.wire.diff import difference
from gantui.tui.wire.driver import CellDiffDriver
from gantui.tui.wire.parse import Parser

SECONDS, RATE = 10, 4
CYAN, ORANGE, GREY = (Style.parse(f"{colour} on #101418") for colour in ("#33bbee", "#ee7733", "#8890a0"))


class Curves(Widget):
    """Two noisy curves over an axis that stands still and compresses: from tick to tick they move a little."""

    ticks = 0

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        segments = []
        noise = random.Random(y)
        for x in range(width):
            shift = self.ticks / 150
            first = height * (0.5 + 0.3 * math.sin(x / 9 + shift) + 0.05 * noise.random())
            second = height * (0.5 + 0.3 * math.cos(x / 13 + shift) + 0.05 * noise.random())
            if y == int(first):
                segments.append(Segment(chr(0x2800 + 1 + int(first * 8) % 255), CYAN))
            elif y == int(second):
                segments.append(Segment(chr(0x2800 + 1 + int(second * 8) % 255), ORANGE))
            else:
                segments.append(Segment(" ", GREY))
        return Strip(segments, width).simplify()


class Bars(Widget):
    """Two overlaid histograms."""

    ticks = 0

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        row = []
        for x in range(width):
            level = height * (0.5 + 0.4 * math.sin(x / 5 + self.ticks / 60)) - (height - 1 - y)
            row.append(" " if level <= 0 else "█" if level >= 1 else "▁▂▃▄▅▆▇"[int(level * 7)])
        return Strip([Segment("".join(row), CYAN)], width)


class Screenful(App[None]):
    CSS = """
    Screen { layout: grid; grid-size: 2; background: #101418 }
    Curves, Bars, Static { height: 100%; border: round #445566 }
    """

    def compose(self) -> ComposeResult:
        yield Curves()
        yield Curves()
        yield Bars()
        yield Static(id="numbers")

    def on_mount(self) -> None:
        self.ticks = 0
        self.set_interval(1 / RATE, self.tick)
        self.set_timer(SECONDS, self.exit)

    def tick(self) -> None:
        self.ticks += 1
        for widget in self.query(Curves):
            widget.ticks = self.ticks
            widget.refresh()
        if self.ticks % RATE == 0:
            for bars in self.query(Bars):
                bars.ticks = self.ticks
                bars.refresh()
        lines = [
            f"{name:<12}{self.ticks * factor:12.3f}" for name, factor in (("step", 50.0), ("it/s", 0.7), ("loss", 0.01))
        ]
        self.query_one("#numbers", Static).update("\n".join(lines))


def sent(driver_class: type[LinuxDriver]) -> tuple[float, float]:
    """Return bytes per second at the terminal, and seconds of processor time per second."""
    import pty

    pid, master = pty.fork()
    if not pid:
        os.environ.update(TERM="xterm-256color", COLUMNS="120", LINES="40", COLORTERM="truecolor")
        Screenful(driver_class=driver_class).run()
        os._exit(0)
    total, started = 0, perf_counter()
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        if perf_counter() - started > 2:  # the start is not what is measured
            total += len(data)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.waitpid(pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.close(master)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return total / (SECONDS - 2), cpu / SECONDS


class In256(CellDiffDriver):
    colours = "256"


class InGreys(CellDiffDriver):
    colours = "16"


@pytest.mark.timeout(120)
def test_bytes_per_second() -> None:
    stock, stock_cpu = sent(LinuxDriver)
    print(f"\n{'stock':>20}: {stock / 1024:7.1f} KiB/s, {stock_cpu:.1%} of a core (the start included)")
    for name, driver_class in (("true colour", CellDiffDriver), ("256 colours", In256), ("16 greys", InGreys)):
        here, cpu = sent(driver_class)
        print(f"{name:>20}: {here / 1024:7.1f} KiB/s, {cpu:.1%}, 1/{stock / here:.0f} of the stock driver's bytes")
        assert here < stock / 10


COLOURS = [f"38;2;{6 * i};{255 - 5 * i};{i * i % 256};48;2;16;20;24" for i in range(40)]


def frame(rng: random.Random, run: int) -> str:
    """Return what Textual writes for a whole new screen with styles that change every `run` cells on average."""
    rows = []
    for y in range(40):
        row, x = f"\x1b[{y + 1};1H", 0
        while x < 120:
            size = min(rng.randint(1, 2 * run - 1), 120 - x)
            text = "".join(chr(0x2800 + rng.randrange(256)) for _ in range(size))
            row += f"\x1b[{rng.choice(COLOURS)}m{text}\x1b[0m"
            x += size
        rows.append(row)
    return "\n".join(rows)


@pytest.mark.parametrize("run", [20, 8, 3, 1])
def test_cost_per_frame(run: int) -> None:
    rng = random.Random(1)
    parser, shown, wanted = Parser(Palette("256").style), Grid(120, 40), Grid(120, 40)
    costs: dict[str, list[float]] = {"whole screen": [], "one line": []}
    for _ in range(30):
        whole = frame(rng, run)
        for name, text in (("whole screen", whole), ("one line", frame(rng, run).split("\n")[20])):
            start = thread_time()
            touched: set[int] = set()
            parser.feed(text, wanted, touched)
            difference(shown, wanted, touched)
            costs[name].append(thread_time() - start)
    medians = {name: sorted(values)[len(values) // 2] * 1e3 for name, values in costs.items()}
    print(f"\nstyles of {run:>2} cells: " + ", ".join(f"{name} {value:.2f} ms" for name, value in medians.items()))
    if run >= 8:  # what a dashboard is like; the others are for pictures
        assert medians["one line"] < 0.5
        assert medians["whole screen"] < 5
