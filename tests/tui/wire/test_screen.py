"""What the terminal shows is what Textual meant."""

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import DataTable, Footer, Header, Input, Static
from tui.wire.terminal import Terminal, differences, meant, run_on_terminal, settled, until

from gantui.tui.wire.driver import CellDiffDriver, driver

NARROW = ["plain ", "ü", "e\u0301", "⣿⡇", "▀▄", "─┼", "  ", "\n"]
WIDE = ["漢字", "한", "ｗ", "👩\u200d👩\u200d👧", "🇩🇪", "☔", "✈\ufe0f", "👍🏽"]
PIECES = NARROW + WIDE
COLOURS = [
    *("", "red", "on blue", "underline", "reverse"),
    *("bold #80ff00 on #101010", "italic strike #ff8800", "#123456 on #123456"),
]
texts = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(COLOURS)), max_size=30)
sizes = st.tuples(st.integers(10, 90), st.integers(3, 24))
actions = st.one_of(
    st.tuples(st.just("text"), st.integers(0, 5), texts),
    st.tuples(st.just("scroll"), st.integers(0, 30)),
    st.tuples(st.just("dialog"), st.integers(10, 40)),
    st.tuples(st.just("screen"), texts),
    st.tuples(st.just("back")),
    st.tuples(st.just("hide"), st.integers(0, 5)),
    st.tuples(st.just("notify"), st.sampled_from(["hello", "漢字 and 漢字"])),
    st.tuples(st.just("type"), st.sampled_from(["abc", "漢字", "\x7f", "\x1b[D"])),
    st.tuples(st.just("storm"), st.lists(sizes, min_size=1, max_size=6)),
    st.tuples(st.just("there and back"), sizes),
    st.tuples(st.just("suspend")),
    st.tuples(st.just("unread")),
    st.tuples(st.just("settle")),
)


def styled(pieces: list[tuple[str, str]]) -> Any:
    from rich.text import Text

    return Text.assemble(*pieces)


class Dialog(ModalScreen[None]):
    CSS = "Dialog {align: center middle} #box {height: 5; border: round red; background: #202060}"

    def __init__(self, width: int) -> None:
        super().__init__()
        self._box = width

    def compose(self) -> ComposeResult:
        box = Static("a question 漢字 " * 4, id="box")
        box.styles.width = self._box
        yield box


class Other(Screen[None]):
    def __init__(self, pieces: list[tuple[str, str]]) -> None:
        super().__init__()
        self._pieces = pieces

    def compose(self) -> ComposeResult:
        yield Static(styled(self._pieces))
        table: DataTable[str] = DataTable()
        table.add_columns("name", "名前")
        table.add_rows([[f"row {i}", "漢" * (i % 5)] for i in range(20)])
        yield table


class Small(App[None]):
    # Textual doesn't redraw a dialog when the screen behind it scrolls as a whole: here screens don't.
    CSS = """
    Screen { overflow: hidden }
    DataTable { height: 1fr }
    VerticalScroll { height: 6 }
    #t1 { offset: 5 -1; width: 20; background: #303030 }
    """

    def compose(self) -> ComposeResult:
        yield Header()
        with VerticalScroll():
            for i in range(4):
                yield Static(f"number {i}\nof the texts 漢字\nthat scroll", id=f"t{i}")
        yield Static("four", id="t4")
        yield Static("five", id="t5")
        yield Input("input")
        yield Footer()


async def perform(app: Small, terminal: Terminal, action: tuple[Any, ...]) -> None:
    kind, *args = action
    base = app.screen_stack[0]
    if kind == "text":
        base.query_one(f"#t{args[0]}", Static).update(styled(args[1]))
    elif kind == "scroll":
        base.query_one(VerticalScroll).scroll_to(y=args[0], animate=False)
    elif kind == "dialog":
        app.push_screen(Dialog(args[0]))
    elif kind == "screen":
        app.push_screen(Other(args[0]))
    elif kind == "back":
        if len(app.screen_stack) > 1:
            app.pop_screen()
    elif kind == "hide":
        widget = base.query_one(f"#t{args[0]}")
        widget.display = not widget.display
    elif kind == "notify":
        app.notify(args[0])
    elif kind == "type":
        base.query_one(Input).focus()
        terminal.type(args[0].encode())
    elif kind == "storm":
        for size in args[0]:
            terminal.resize(*size)
            await asyncio.sleep(0)
    elif kind == "there and back":
        size = terminal.screen.columns, terminal.screen.lines
        terminal.resize(*args[0])
        await asyncio.sleep(0)
        terminal.resize(*size)
    elif kind == "suspend":
        with app.suspend():
            terminal.spoil()
    elif kind == "unread":
        terminal.ignore()
    elif kind == "settle":
        terminal.listen()
        await settled(app, terminal)
    await asyncio.sleep(0)


@settings(max_examples=20, deadline=None)
@given(script=st.lists(actions, min_size=1, max_size=12))
def test_the_terminal_shows_what_was_meant(script: list[tuple[Any, ...]]) -> None:
    async def play(app: Small, terminal: Terminal) -> None:
        for action in [*script, ("settle",)]:
            await perform(app, terminal, action)

    run_on_terminal(lambda driver: Small(driver_class=driver), play)


def test_what_is_compared_can_differ() -> None:
    async def play(app: Small, terminal: Terminal) -> None:
        await settled(app, terminal)
        terminal.screen.buffer[0][3] = terminal.screen.default_char._replace(data="!")
        assert len(differences(terminal.cells(), meant(app))) == 1
        with pytest.raises(AssertionError):
            await settled(app, terminal, 0.1)
        terminal.resize(60, 16)
        await settled(app, terminal)

    run_on_terminal(lambda driver: Small(driver_class=driver), play)


def test_what_does_not_draw_goes_out_without_a_frame() -> None:
    async def play(app: Small, terminal: Terminal) -> None:
        await settled(app, terminal)
        app.bell()
        await until(lambda: b"\x07" in terminal.received)

    run_on_terminal(lambda driver: Small(driver_class=driver), play)


def test_the_driver_counts_what_it_sends_and_knows_when_it_is_done() -> None:
    async def play(app: Small, terminal: Terminal) -> None:
        driver = app._driver
        assert isinstance(driver, CellDiffDriver)
        await settled(app, terminal)
        await until(lambda: driver.idle and driver.bytes_sent == len(terminal.received))
        terminal.ignore()
        sent, numbers = 0, itertools.count(0x4E00)

        def stuck() -> bool:
            nonlocal sent
            before, sent = sent, driver.bytes_sent
            app.query_one("#t4", Static).update(chr(next(numbers)) * 400)
            return before == sent and not driver.idle

        await until(stuck)
        terminal.listen()
        await settled(app, terminal)
        await until(lambda: driver.idle and driver.bytes_sent == len(terminal.received))

    run_on_terminal(lambda driver: Small(driver_class=driver), play)


def test_no_more_colours_are_sent_than_asked_for() -> None:
    assert driver("256").colours == "256"

    async def play(app: Small, terminal: Terminal) -> None:
        await until(lambda: b"\x1b[" in terminal.received and terminal.screen.display[0].strip() != "")
        assert b";5;" in terminal.received
        assert b"8;2;" not in terminal.received

    run_on_terminal(lambda wired: Small(driver_class=type("Wired256", (wired,), {"colours": "256"})), play)
