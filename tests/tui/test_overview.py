"""The overview as its user sees it: pictures that follow the run, controls that tell the truth."""

import pytest
from textual.events import MouseMove
from tui.fakes import CONFIG, FakeSource, Seat, a_run, histogram, start, trained, watch

from gantui.core import events
from gantui.tui.app import Dashboard
from gantui.tui.draw.scores import mean
from gantui.tui.widgets.controls_pane import ControlsPane
from gantui.tui.widgets.curve_plot import CurvePlot
from gantui.tui.widgets.header import Header
from gantui.tui.widgets.keys import Keys


def test_everything_is_there_at_once() -> None:
    hist = histogram(200)

    async def story(seat: Seat) -> None:
        text = seat.text
        for expected in (
            "● running",
            "step 200/10,000 (2%)",
            "250 it/s",
            "ETA",
            "32k samples/s",
            "Losses",
            f"D(x) {mean(hist.real, 0, 1):.2f} ",
            f"D(G(z)) {mean(hist.fake, 0, 1):.2f} ",
            "overlap 48%",
        ):
            assert expected in text
        for name in ("k", "lr_d", "lr_g", "loss"):
            assert any(line.strip("▸ ").startswith(name + " ") or f"▸{name} " in line or f" {name} " in line
                       for line in text.splitlines())  # fmt: skip
        assert "non_saturating" in text and "vm  cpu ×2" in text

    watch(FakeSource(a_run()), story)


def test_curves_histograms_and_numbers_follow_the_log() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        source.tell(trained(300, loss_d=0.1234, loss_g=4.321), histogram(300))
        await seat.sees("0.1234")
        await seat.sees("4.321")
        await seat.sees("step 300/10,000")

    watch(source, story)


def test_a_key_changes_a_value_which_is_pending_and_then_confirmed() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        await seat.press("down", "right")
        assert [(c.what, c.args) for c in source.sent] == [("set", {"lr_d": 0.002})]
        await seat.sees("0.001 → 0.002")
        await seat.sees("pending")
        source.tell(trained(217))
        source.answer()
        await seat.until(lambda: "pending" not in seat.text)
        await seat.sees("✓ at step 217")
        await seat.sees("lr_d 0.001 → 0.002 at step 217")

    watch(source, story)


def test_a_refusal_is_shown_with_its_reason_and_the_old_value() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        await seat.press("left")
        assert source.sent[0].args == {"k": 0}
        source.answer(reject="k = 0 and g_steps = 0: at least one of them must be 1 or more")
        await seat.sees("rejected: set: k = 0 and g_steps = 0")
        await seat.until(lambda: seat.app.watching and seat.app.watching.view.controls.value("k") == 1)
        assert "pending" not in seat.text

    watch(source, story)


def test_a_value_is_typed_and_what_is_wrong_is_said_at_once() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        await seat.press("down", "enter")
        await seat.sees("Enter sets it")
        await seat.press(*"1000", "enter")
        await seat.sees("lr_d = 1000: must be a number from 0 to 100")
        assert source.sent == []
        for _ in range(4):
            await seat.press("backspace")
        await seat.press(*"3e-4", "enter")
        await seat.until(lambda: source.sent)
        assert source.sent[0].args == {"lr_d": 3e-4}

    watch(source, story)


def test_escape_leaves_the_value_as_it_is() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        await seat.press("enter", "5", "escape")
        await seat.until(lambda: "Enter sets it" not in seat.text)
        assert source.sent == []

    watch(source, story)


def test_pause_steps_with_a_count_and_going_on() -> None:
    source = FakeSource(a_run())
    source.obeys = True

    async def story(seat: Seat) -> None:
        await seat.press("d")  # not paused: refused here, not sent
        await seat.sees("not paused")
        assert source.sent == []
        await seat.press("space")
        await seat.sees("● paused")
        await seat.sees("Go on")
        await seat.press("d", "g", "n", "b")
        await seat.until(lambda: len(source.sent) == 4)
        assert [(c.what, c.args) for c in source.sent[1:]] == [
            ("step", {"target": "d", "count": 1}),
            ("step", {"target": "g", "count": 1}),
            ("step", {"target": "both", "count": 10}),
        ]
        source.tell(trained(200, 401, loss_d=0.4242), histogram(200))
        await seat.sees("0.4242")
        await seat.press("space")
        await seat.sees("● running")
        assert source.sent[-1].what == "resume"

    watch(source, story)


def test_settings_change_while_paused_too() -> None:
    source = FakeSource(a_run())
    source.obeys = True

    async def story(seat: Seat) -> None:
        await seat.press("space")
        await seat.sees("● paused")
        await seat.press("right")
        await seat.sees("k 1 → 2 at step 200")

    watch(source, story)


def test_stopping_asks_first() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        await seat.press("f8")
        await seat.sees("Stop run r1?")
        await seat.press("n")
        await seat.until(lambda: "Stop run" not in seat.text)
        assert source.sent == []
        await seat.press("f8")
        await seat.sees("Stop run r1?")
        await seat.press("y")
        await seat.until(lambda: [c.what for c in source.sent] == ["stop"])

    watch(source, story)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (events.Exit(reason="finished", status=0, step=200, update=400), "the run is finished"),
        (events.Exit(reason="failed", status=1, text="disk on fire", step=200, update=400), "the run is failed"),
    ],
)
def test_an_ended_run_is_open_for_reading_and_says_why_controls_are_off(end: events.Exit, reason: str) -> None:
    source = FakeSource([*a_run(), end])
    source.become(end.reason)

    async def story(seat: Seat) -> None:
        await seat.sees(f"● {end.reason}")
        await seat.sees("Controls off")
        assert end.text in seat.text
        await seat.press("right", "space", "f8")
        await seat.sees(reason)
        assert source.sent == []

    watch(source, story)


def test_who_may_only_read_is_told_so() -> None:
    source = FakeSource(a_run())
    source.why_not = "you may watch this run but not steer it"

    async def story(seat: Seat) -> None:
        await seat.sees("Controls off")
        await seat.press("right")
        await seat.sees("k: you may watch this run but not steer it")
        assert source.sent == []

    watch(source, story)


def test_a_run_that_crashes_or_is_deleted_while_it_is_watched() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        source.become("crashed")
        await seat.sees("● crashed")
        source.vanish()
        await seat.sees("● deleted")
        await seat.sees("Controls off")
        await seat.press("q")

    watch(source, story)


def test_a_resumed_run_goes_on_in_the_same_picture() -> None:
    source = FakeSource([*a_run(), events.Exit(reason="interrupted", status=75, step=200, update=400)])
    source.become("interrupted")

    async def story(seat: Seat) -> None:
        await seat.sees("● interrupted")
        source.become("running")
        source.tell(
            events.Stage(stage="importing"),
            start(parent=0, from_update=400, step=200, update=400),
            events.Stage(stage="training"),
            trained(201, loss_d=0.777),
        )
        await seat.sees("● running")
        await seat.sees("0.777")
        assert seat.app.watching and seat.app.watching.view.curves["loss_d"].span == (1, 201)

    watch(source, story)


def test_leaving_says_how_to_come_back() -> None:
    source = FakeSource(a_run())
    left: list[Dashboard] = []

    async def story(seat: Seat) -> None:
        left.append(seat.app)
        await seat.press("q")

    watch(source, story)
    farewell = left[0].return_value or ""
    assert "goes on training" in farewell and "gantui attach /nowhere/r1" in farewell
    assert source.closed


def test_zoom_cursor_and_smoothing_of_the_losses() -> None:
    source = FakeSource(a_run(400))

    async def story(seat: Seat) -> None:
        plot = seat.app.screen.query_one(CurvePlot)
        plot.focus()
        await seat.press("left", "left")
        await seat.sees("at step")
        cursor = plot.cursor
        assert cursor is not None and cursor < 400
        await seat.press("plus", "plus")
        assert plot.window is not None
        low, high = plot.window
        assert high - low == pytest.approx(125) and low <= cursor <= high  # the axis ends at 500
        await seat.sees("zoomed")
        await seat.press("comma")
        assert plot.window is not None and plot.window[0] < low
        await seat.press("s", "l")
        await seat.sees("log · smooth 0.6")
        await seat.press("0", "escape")
        assert plot.window is None and plot.cursor is None

    watch(source, story)


def test_the_mouse_does_what_a_hand_would_expect() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        pane = seat.app.screen.query_one(ControlsPane)
        line = next(i for i, text in enumerate(seat.text.splitlines()) if "lr_g " in text and "▸" in text)
        row = line - pane.region.y
        column = seat.text.splitlines()[line].rindex("▸") - pane.region.x
        await seat.pilot.click(ControlsPane, offset=(column, row))
        assert source.sent[0].args == {"lr_g": 0.002}
        header = seat.text.splitlines()[1]
        await seat.pilot.click(Header, offset=(header.index("Events"), 1))
        await seat.until(lambda: type(seat.app.screen).__name__ == "EventsScreen")
        await seat.press("1")
        await seat.until(lambda: type(seat.app.screen).__name__ == "OverviewScreen")
        keys = seat.text.splitlines()[-1]
        await seat.pilot.click(Keys, offset=(keys.index("Pause"), 0))
        await seat.until(lambda: source.sent[-1].what == "pause")
        plot = seat.app.screen.query_one(CurvePlot)
        await seat.pilot.hover(CurvePlot, offset=(20, 5))
        assert plot.cursor is not None

    watch(source, story)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 12), (10, 4), (1, 1)])
def test_any_size_holds_and_resizing_does_too(size: tuple[int, int]) -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        for other in ((80, 24), size, (120, 40), size):
            await seat.pilot.resize_terminal(*other)
            await seat.pilot.pause()
            lines = seat.text.splitlines()
            assert len(lines) == other[1] and {len(line) for line in lines} == {other[0]}
        if size[0] >= 80:
            text = seat.text
            for expected in ("● running", "it/s", "Losses", "overlap", "non_saturating", "Pause", "Leave"):
                assert expected in text

    watch(source, story, size=size)


def test_a_run_that_has_not_begun_says_what_it_does() -> None:
    source = FakeSource()
    source.become("starting")

    async def story(seat: Seat) -> None:
        await seat.sees("● starting")
        source.tell(events.Stage(stage="loading data", progress=0.4))
        await seat.sees("loading data 40%")
        source.become("running")
        source.tell(*a_run(5))
        await seat.sees("● running")

    watch(source, story)


def test_the_palette_offers_what_is_of_use_now() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        commands = {command.title for command in seat.app.get_system_commands(seat.app.screen)}
        assert "Pause  (Space)" in commands and "Set lr_d" in commands and "Log  (l)" in commands
        assert not any(title.startswith("+D") for title in commands)  # not paused
        source.become("finished")
        source.tell(events.Exit(reason="finished", status=0, step=200, update=400))
        await seat.sees("● finished")
        commands = {command.title for command in seat.app.get_system_commands(seat.app.screen)}
        assert "Pause  (Space)" not in commands and "Set lr_d" not in commands

    watch(source, story)


def test_hostile_text_is_shown_neutralised() -> None:
    evil = "\x1b]0;owned\x07\x1b[31m[bold red]boo[/]"
    source = FakeSource([*a_run(), events.Warning_(text=evil + "z" * 10_000, step=200, update=400)], name=evil)

    async def story(seat: Seat) -> None:
        text = seat.text
        assert "\x1b" not in text and "\x07" not in text
        await seat.sees("\\x1b[31m[bold red]boo[/]")

    watch(source, story)


def test_what_still_comes_while_one_goes_home_or_leaves_finds_the_run_it_is_about() -> None:
    async def home(seat: Seat) -> None:
        plot, screen = seat.app.screen.query_one(CurvePlot), seat.app.screen
        seat.app.go_home()
        plot.post_message(MouseMove(plot, 20, 5, 0, 0, 0, False, False, False, 20, 5, None))
        screen.call_later(screen.query_one(Keys).redraw)
        seat.app.tell("an early word")
        await seat.sees("an early word")

    async def leave(seat: Seat) -> None:
        plot = seat.app.screen.query_one(CurvePlot)
        await seat.app.action_leave()
        plot.post_message(MouseMove(plot, 20, 5, 0, 0, 0, False, False, False, 20, 5, None))
        await seat.until(lambda: not seat.app.is_running)

    watch(FakeSource(a_run()), home)
    watch(FakeSource(a_run()), leave)


def test_another_run_in_the_place_of_a_deleted_one_is_shown_from_its_beginning() -> None:
    source = FakeSource(a_run(200))

    async def story(seat: Seat) -> None:
        source.vanish()
        await seat.sees("● deleted")
        source.return_as(*a_run(7))
        await seat.sees("● running")
        await seat.sees("step 7/10,000")
        await seat.press("right")
        assert [(c.what, c.args) for c in source.sent] == [("set", {"k": 2})]
        watching = seat.app.watching
        assert watching and watching.view.curves["loss_d"].span == (1, 7)

    watch(source, story)


def test_a_value_that_is_typed_anew_as_it_is_does_not_change() -> None:
    source = FakeSource([start(config=CONFIG | {"lr_d": 0.000123456789}), *a_run(3)[1:]])

    async def story(seat: Seat) -> None:
        await seat.press("down", "enter", "enter")
        await seat.sees("already")
        assert source.sent == []

    watch(source, story)


def test_the_farewell_can_be_typed_also_for_a_path_with_blanks() -> None:
    source = FakeSource(a_run(3), name="my run")

    async def story(seat: Seat) -> None:
        await seat.press("q")
        await seat.until(lambda: not seat.app.is_running)
        assert "gantui attach '/nowhere/my run'" in str(seat.app.return_value)

    watch(source, story)


def test_two_quick_presses_pause_and_go_on_again() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        await seat.press("space", "space", "space")
        await seat.until(lambda: len(source.sent) == 3)
        assert [command.what for command in source.sent] == ["pause", "resume", "pause"]

    watch(source, story)


def test_a_resumed_run_says_what_it_left_behind_and_forgets_its_confirmations() -> None:
    source = FakeSource(a_run(200))

    async def story(seat: Seat) -> None:
        await seat.press("down", "right")
        source.answer()
        await seat.sees("✓ at step 200")
        source.tell(events.Stage(stage="importing"))
        source.tell(start(branch=1, parent=0, from_update=200, step=100, update=200), events.Stage(stage="training"))
        await seat.sees("resumed at step 100; 100 steps after it are left behind")
        await seat.until(lambda: "✓" not in seat.text and "0.002" not in seat.text)  # curves are drawn a little later

    watch(source, story)


def test_what_is_covered_is_not_painted_and_current_when_it_is_seen_again() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        await seat.press("f1")
        await seat.sees("What you see")
        source.tell(trained(300, loss_d=0.4321))
        await seat.until(lambda: seat.app.watching and seat.app.watching.view.step == 300)
        await seat.press("escape")
        await seat.sees("0.4321")

    watch(source, story)
