"""All numbers as small curves; one of them large."""

import pytest
from tui.fakes import FakeSource, Seat, a_run, start, started, trained, watch

from gantui.core.events import Eval, Exit
from gantui.tui.screens.metrics import MetricsScreen
from gantui.tui.view import RunView
from gantui.tui.widgets.curve_plot import CurvePlot
from gantui.tui.widgets.metrics_grid import MetricsGrid, panels


def _eval(step: int, **values: object) -> Eval:
    return Eval(values=values, samples=100, step=step, d_updates=step, g_updates=step, update=2 * step)


def _view(*records: object) -> RunView:
    view = RunView("r", lambda args: "id")
    view.feed(records)  # type: ignore[arg-type]
    return view


async def _open(seat: Seat) -> MetricsGrid:
    await seat.sees("1 Overview")
    await seat.press("3")
    await seat.until(lambda: isinstance(seat.app.screen, MetricsScreen) and seat.app.screen.query(MetricsGrid))
    await seat.sees("Losses")
    return seat.app.screen.query_one(MetricsGrid)


def test_every_number_is_in_exactly_one_panel() -> None:
    values = dict.fromkeys(("loss_d", "loss_g", "d_x", "d_gz", "lr_d", "steps_per_s", "never_heard_of"), 1.0)
    view = _view(*started(), trained(5, **values), _eval(5, modes=3, modes_total=8, precision=0.5, shares=[1, 2]))
    shown = [one.name for panel in panels(view) for one in panel.shown]
    assert sorted(shown) == sorted([*values, "modes", "modes_total", "precision"])
    headings = [panel.heading for panel in panels(view)]
    assert (headings[0], headings[-1]) == ("Losses", "never_heard_of")


def test_no_number_is_no_panel() -> None:
    assert panels(_view(*started())) == []


def test_evaluations_are_curves_that_a_new_branch_cuts() -> None:
    view = _view(*started(), _eval(10, modes=3), _eval(20, modes=5), _eval(30, modes=float("inf")))
    assert view.curve("modes") and view.curve("modes").span == (10.0, 20.0)  # type: ignore[union-attr]
    assert view.last("modes") == 5
    view.feed([start(branch=1, parent=0, from_update=30, step=15, update=30)])
    assert view.last("modes") == 3 and len(view.evals) == 1


def test_values_stand_in_the_titles_and_follow_the_log() -> None:
    source = FakeSource([*a_run(), _eval(100, modes=5, modes_total=8)])

    async def story(seat: Seat) -> None:
        await _open(seat)
        for text in ("Steps per second 250", "Samples per second 32k", "Modes all 8 found 5"):
            await seat.sees(text)
        source.tell(trained(201, loss_d=0.123, loss_g=4.56))
        await seat.sees("D 0.123 G 4.56")
        source.tell(_eval(201, modes=7, modes_total=8, frechet=12.5))
        await seat.sees("found 7")
        await seat.sees("frechet 12.5")

    watch(source, story)


def test_one_is_enlarged_looked_into_and_left() -> None:
    async def story(seat: Seat) -> None:
        grid = await _open(seat)
        assert "Enter Enlarge" in seat.text
        await seat.press("right", "enter")
        await seat.until(lambda: isinstance(seat.app.focused, CurvePlot))
        plot = seat.app.screen.query_one(CurvePlot)
        assert plot.heading == "Steps per second" and plot.size == seat.app.screen.query_one("#metrics").size
        await seat.sees("Esc All curves")
        await seat.press("left", "plus", "l", "s")
        await seat.sees("log · smooth 0.6 · zoomed")
        await seat.sees("at step 200")
        await seat.press("escape")  # first the cursor
        await seat.until(lambda: plot.cursor is None)
        assert plot.is_attached
        await seat.press("escape")
        await seat.sees("Losses")
        assert seat.app.focused is grid and not seat.app.screen.query(CurvePlot)
        assert grid.selected == 1

    watch(FakeSource(a_run()), story)


def test_a_click_enlarges_what_it_hits() -> None:
    async def story(seat: Seat) -> None:
        grid = await _open(seat)
        line = next(line for line in seat.text.split("\n") if "Steps per second" in line)
        await seat.pilot.click(MetricsGrid, offset=(line.index("Steps per"), 2))
        await seat.until(lambda: seat.app.screen.query(CurvePlot))
        assert seat.app.screen.query_one(CurvePlot).heading == "Steps per second"
        assert not grid.display

    watch(FakeSource(a_run()), story)


def test_a_small_terminal_scrolls_to_what_is_selected() -> None:
    many = {f"number_{i:02}": float(i) for i in range(20)}
    source = FakeSource([*started(), trained(5, **many)])

    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        await seat.press("3")
        await seat.sees("number_00")
        assert "number_19" not in seat.text
        await seat.press(*["down"] * 12)
        await seat.sees("number_19")
        assert "number_00" not in seat.text
        await seat.press(*["left"] * 25)
        await seat.sees("number_00")

    watch(source, story, size=(80, 24))


def test_an_ended_run_and_one_without_numbers_can_be_looked_at() -> None:
    source = FakeSource(started(), state="finished")
    source.tell(Exit(reason="finished", status=0))

    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        await seat.press("3")
        await seat.sees("no numbers yet")
        await seat.press("enter", "down", "right", "escape")
        await seat.sees("no numbers yet")

    watch(source, story)


@pytest.mark.parametrize("size", [(1, 1), (20, 6), (80, 24), (200, 60)])
def test_any_size_holds(size: tuple[int, int]) -> None:
    async def story(seat: Seat) -> None:
        await seat.until(lambda: seat.app.screen.is_mounted)
        await seat.press("3")
        await seat.until(lambda: isinstance(seat.app.screen, MetricsScreen) and seat.app.screen.query(MetricsGrid))
        for other in ((90, 30), size):
            await seat.pilot.resize_terminal(*other)
            await seat.until(lambda: [len(line) for line in seat.text.split("\n")] == [other[0]] * other[1])  # noqa: B023

    watch(FakeSource([*a_run(20), _eval(20, precision=0.5)]), story, size=size)


def test_a_hostile_name_is_a_name_only() -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        await seat.press("3")
        await seat.sees("\\x1b[2J[red]")
        assert "\x1b" not in seat.text

    watch(FakeSource([*started(), trained(5, **{"\x1b[2J[red]x": 1.0})]), story)
