"""The help: everything in the table of actions, readable in a small terminal."""

from tui.fakes import FakeSource, Seat, started, watch

from gantui.tui import actions
from gantui.tui.draw.ink import plain
from gantui.tui.screens.help import HelpScreen, HelpText


def test_every_key_is_in_the_help() -> None:
    for width in (79, 160):
        text = "\n".join(plain(HelpText().content(width)))
        for action in actions.ACTIONS:
            assert actions.key_name(action.keys) in text
            assert all(word in text for word in action.help.split())


def test_all_lines_have_the_width_that_was_asked_for() -> None:
    for width in (20, 39, 79, 119, 133, 200):
        assert {len(line) for line in plain(HelpText().content(width))} == {width}


def test_it_scrolls_to_its_end_and_goes_back_to_where_one_was() -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        await seat.press("f1")
        await seat.sees("What you see")
        assert "leave the dashboard" not in seat.text
        await seat.press("end")
        await seat.sees("leave the dashboard")
        assert "What you see" not in seat.text
        await seat.press("home")
        await seat.sees("What you see")
        await seat.press("q")  # closes the help, and not the dashboard
        await seat.sees("1 Overview")
        assert not isinstance(seat.app.screen, HelpScreen)

    watch(FakeSource(started()), story, size=(80, 24))


def test_pages_overlap_by_a_line() -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        await seat.press("question_mark")
        await seat.sees("What you see")
        last = seat.text.split("\n")[-2].rstrip(" │┃")
        await seat.press("pagedown")
        await seat.until(lambda: "What you see" not in seat.text)
        assert seat.text.split("\n")[0].rstrip(" │┃") == last

    watch(FakeSource(started()), story, size=(80, 24))


def test_no_key_is_taken_twice_where_both_would_apply() -> None:
    """A screen's keys, those of all screens and those of the panel that has the focus."""
    panels = ("controls", "plot", "text", "list", "grid")
    for place in ("overview", "samples", "metrics", "events", "system"):
        taken: dict[str, str] = {}
        for action in actions.of("run", "everywhere", place):
            for key in action.keys.split(","):
                assert key not in taken, f"{key}: {taken[key]} and {action.name}"
                taken[key] = action.name
        for panel in panels:
            keys = [key for action in actions.of(panel) for key in action.keys.split(",")]
            assert len(keys) == len(set(keys)), f"{panel} takes a key twice"
    assert not {"ctrl+a", "ctrl+b"} & {key for action in actions.ACTIONS for key in action.keys.split(",")}
