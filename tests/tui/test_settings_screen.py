"""The list of live settings: searched, changed, answered while it is open."""

from tui.fakes import FakeSource, Seat, started, trained, watch

from gantui.core.config import live_fields
from gantui.core.events import Applied, Rejected
from gantui.tui.screens.settings import SettingsScreen
from gantui.tui.widgets.controls_pane import ControlsPane
from gantui.tui.widgets.search_box import SearchBox


async def _open(seat: Seat) -> ControlsPane:
    await seat.sees("1 Overview")
    await seat.press("c")
    await seat.sees("Live settings")
    return seat.app.screen.query_one(ControlsPane)


def test_all_live_fields_are_there_and_letters_filter_them() -> None:
    async def story(seat: Seat) -> None:
        pane = await _open(seat)
        assert all(name in seat.text for name in live_fields())
        await seat.press("b", "e", "t")
        await seat.until(lambda: pane.names[:2] == ["beta1", "beta2"])
        await seat.sees("Adam: decay of the mean of gradients: a number from 0 below 1")
        await seat.press("down")  # back into the list
        await seat.until(lambda: seat.app.focused is pane)
        await seat.press("slash", *["backspace"] * 3)
        await seat.until(lambda: pane.names == live_fields())
        assert pane.names[pane.selected] == "beta1", "what was selected stays selected"

    watch(FakeSource(started()), story, size=(120, 56))


def test_a_change_is_pending_until_it_is_confirmed() -> None:
    source = FakeSource([*started(), trained(50)])

    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.press("k", "enter", "right")
        await seat.until(lambda: source.sent)
        assert source.sent[0].args == {"k": 2}
        await seat.sees("pending")
        source.answer()
        await seat.sees("✓ at step 50")
        assert "pending" not in seat.text

    watch(source, story)


def test_a_refusal_is_shown_with_its_reason_whole() -> None:
    source = FakeSource([*started(), trained(50)])
    reason = "k = 2, g_steps = 1: update = simultaneous shares one batch, both must be 1"

    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.press("k", "enter", "right")
        await seat.until(lambda: source.sent)
        source.tell(Rejected(id=source.sent[0].id, what="set", reason=reason, step=50))
        await seat.sees("✗")
        await seat.sees("simultaneous shares one batch, both must")  # and not only as much as a row has room for

    watch(source, story, size=(80, 24))


def test_a_change_by_somebody_else_arrives_while_the_list_is_open() -> None:
    source = FakeSource(started())

    async def story(seat: Seat) -> None:
        await _open(seat)
        source.tell(Applied(id="other", author="eve", what="set", before={"k": 1}, after={"k": 7}, step=9))
        await seat.sees("7 ✓ at step 9")

    watch(source, story)


def test_escape_closes_it_from_the_search_box_too() -> None:
    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.press("slash")
        await seat.until(lambda: isinstance(seat.app.focused, SearchBox))
        await seat.press("escape")
        await seat.until(lambda: not isinstance(seat.app.screen, SettingsScreen))

    watch(FakeSource(started()), story)


def test_nothing_found_and_nothing_to_steer_are_said() -> None:
    source = FakeSource(started())
    source.why_not = "you may watch this run but not steer it"

    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.sees(source.why_not)
        await seat.press("z", "z", "z")
        await seat.sees("nothing like that")
        await seat.press("down", "right", "enter", "up")
        assert not source.sent

    watch(source, story)
