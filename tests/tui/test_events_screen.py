"""The ledger: what happened, found again, whole."""

import time

from tui.fakes import NOON, FakeSource, Seat, started, trained, watch

from gantui.core.events import Applied, Checkpoint, Cursor, Exit, Received, Rejected, Start, Warning_
from gantui.tui.screens.events import EventsScreen, paragraphs
from gantui.tui.view import Entry
from gantui.tui.widgets.event_list import EventList, clock
from gantui.tui.widgets.search_box import SearchBox

STORY = (
    *started(),
    Received(id="c1", author="ann@lab", what="set", step=10),
    Applied(id="c1", author="ann@lab", what="set", before={"lr_d": 0.002}, after={"lr_d": 0.001}, step=10),
    Checkpoint(file="checkpoints/u000000040-b0.pt", step=20, update=40),
    Received(id="c2", author="bob@lab", what="set", step=30),
    Rejected(id="c2", author="bob@lab", what="set", reason="k = 0, g_steps = 0: at least one must be 1", step=30),
    Warning_(text="D has won: the overlap is 0", step=40),
)


async def _open(seat: Seat) -> EventList:
    await seat.sees("1 Overview")
    await seat.press("4")
    await seat.until(lambda: isinstance(seat.app.screen, EventsScreen) and seat.app.screen.query(EventList))
    await seat.sees("what")
    return seat.app.screen.query_one(EventList)


def test_the_whole_story_stands_there_newest_first() -> None:
    async def story(seat: Seat) -> None:
        await _open(seat)
        lines = seat.text.split("\n")
        where = [
            next(i for i, line in enumerate(lines) if text in line)
            for text in ("! D has won", "✗ set: k = 0", "▪ checkpoints/u000000040", "✓ lr_d 0.002 → 0.001", "started")
        ]
        assert where == sorted(where)
        assert "bob@lab" in lines[where[1]] and "30" in lines[where[1]]
        assert "ann@lab" in lines[where[3]]

    watch(FakeSource(STORY), story, size=(100, 30))


def test_what_is_selected_is_told_whole_with_its_outcome() -> None:
    reason = "a reason of many words " * 9 + "and its end"
    source = FakeSource([*started(), Rejected(id="c9", author="eve@lab", what="set", reason=reason, step=30)])

    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.sees("and its end")
        await seat.press("home")
        await seat.sees("refused at step 30; nothing changed")

    watch(source, story, size=(80, 40))
    entry = Entry("command", NOON, 1234, "ann@lab", "lr_d 0.002 → 0.001", "applied", "c1")
    said = " ".join(text for text, _ in paragraphs(entry))
    assert "lr_d 0.002 → 0.001" in said and "confirmed at step 1,234" in said and "ann@lab" in said and "c1" in said


def test_a_command_is_waiting_until_it_is_answered() -> None:
    source = FakeSource([*started(), Received(id="c1", author="ann@lab", what="snapshot")])

    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.sees("… snapshot")
        source.tell(Applied(id="c1", author="ann@lab", what="snapshot", step=7))
        await seat.sees("✓ snapshot")
        assert "… snapshot" not in seat.text

    watch(source, story)


def test_kinds_and_words_filter_and_escape_shows_all() -> None:
    async def story(seat: Seat) -> None:
        pane = await _open(seat)
        every = list(pane.keys)
        await seat.press("k")
        await seat.until(lambda: len(pane.keys) == 2)
        assert "checkpoints/" not in seat.text
        await seat.press("slash", *"bob")
        await seat.until(lambda: len(pane.keys) == 1)
        await seat.sees("✗ set: k = 0")
        await seat.press("q")  # is typed, and leaves nothing
        await seat.sees("nothing like that: Esc shows all")
        await seat.press("escape")
        await seat.until(lambda: pane.keys == every)
        assert seat.app.focused is pane and not seat.app.screen.query_one(SearchBox).display

    watch(FakeSource(STORY), story)


def test_a_kind_can_be_clicked() -> None:
    async def story(seat: Seat) -> None:
        pane = await _open(seat)
        line = seat.text.split("\n")[pane.region.y]
        await seat.pilot.click(EventList, offset=(line.index("Warnings") + 2, 0))
        await seat.until(lambda: len(pane.keys) == 1)
        await seat.sees("! D has won")

    watch(FakeSource(STORY), story)


def test_the_newest_stays_selected_and_another_stays_where_it_is() -> None:
    source = FakeSource(STORY)

    async def story(seat: Seat) -> None:
        pane = await _open(seat)
        source.tell(Warning_(text="the first new one", step=50))
        await seat.until(lambda: pane.chosen and pane.chosen.text == "the first new one")
        await seat.press("down")
        before = pane.selected
        source.tell(Warning_(text="the second new one", step=60))
        await seat.until(lambda: pane.index == 2)
        assert pane.selected == before

    watch(source, story)


def test_five_thousand_events_can_be_walked_through() -> None:
    source = FakeSource([*started(), *[Warning_(text=f"number {i}", step=i) for i in range(6000)]])

    async def story(seat: Seat) -> None:
        pane = await _open(seat)
        assert len(pane.keys) == 5000
        await seat.sees("! number 5999")
        await seat.press("end")
        await seat.sees("! number 1000")
        await seat.press("pageup", "up")
        assert pane.index < 4999

    watch(source, story, size=(80, 24))


def test_a_run_that_went_another_way_tells_that_story_only() -> None:
    source = FakeSource([*started(), trained(10), Warning_(text="of the way left", step=30, update=60)])

    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.sees("of the way left")
        again = Start(parent=0, from_update=20, branch=1).at(Cursor(step=10, update=20))
        source.tell(again, Exit(reason="stopped", status=0, text="on request", step=12, update=24, branch=1))
        await seat.sees("■ stopped on request")

    watch(source, story)


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    text = "\x1b[2J\x1b]0;gone\x07[red]markup[/red] " + "x" * 10_000
    source = FakeSource([*started(), Warning_(text=text, step=1)])

    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.sees("\\x1b[2J")
        assert "[red]markup[/red]" in seat.text and "\x1b" not in seat.text

    watch(source, story)


def test_a_day_is_told_only_where_it_is_another() -> None:
    now = time.time()
    assert clock(now) == time.strftime("%H:%M:%S", time.localtime(now))
    assert clock(now - 3 * 86400).endswith(time.strftime("%H:%M", time.localtime(now - 3 * 86400)))
    assert len(clock(now - 3 * 86400)) > 8
