"""The distribution's screen: what is shown of which file, layers, live; and files that anybody may have written."""

import math
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as any_array
from rich.cells import cell_len
from tui.fakes import FakeSource, Seat, started, trained, watch

from gantui.core.events import DataFacts, Preview, Start
from gantui.runs.samples import decoded
from gantui.tui.album import REAL
from gantui.tui.distribution import LAYERS, draw
from gantui.tui.draw.ink import plain

SIZES = [(80, 24), (120, 40), (200, 60)]
Arrays = dict[str, np.ndarray]
RING = np.stack([np.cos(np.arange(64) * math.pi / 32), np.sin(np.arange(64) * math.pi / 32)], axis=1)
GRID = np.linspace(-4, 4, 200)
NORMAL = np.exp(-(GRID**2) / 2) / math.sqrt(2 * math.pi)


def _plane(found: int = 8) -> Arrays:
    modes = np.concatenate([RING[::8], np.where(np.arange(8) < found, 300.0, 0.0)[:, None]], axis=1)
    of_g: Arrays = {
        "arrows": RING[:20] * 0.1,
        "manifold": np.stack(np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-1, 1, 5)), axis=2),
        "modes": modes,
        "high_quality": np.array(12.5 * found),
    }
    shared: Arrays = {
        "x": RING * 0.9, "x_raw": RING * 0.8, "extent": np.array([-4.0, 4, -2, 2]),
        "d_map": np.linspace(0, 1, 40)[None] * np.ones((20, 1)), "probability": np.array(True),
    }  # fmt: skip
    raw = {f"{name}_raw": array for name, array in of_g.items()} | {"high_quality_raw": np.array(55.5)}
    return shared | of_g | raw


def _line(error: float = 0.123) -> Arrays:
    return {
        "x": np.linspace(-1, 1, 50)[:, None], "grid": GRID, "d": GRID * 0 + 0.5, "p_data": NORMAL, "p_g": NORMAL,
        "d_star": GRID * 0 + 0.6, "map_z": np.linspace(-2, 2, 33), "map_x": np.linspace(-2, 2, 33),
        "d_error": np.array(error), "w1": np.array(0.25), "jsd": np.array(0.0123), "value": np.array(-1.5),
        "probability": np.array(True),
    }  # fmt: skip


def _source(arrays: Callable[[], Arrays], count: int = 3, state: str = "running", kind: str = "points") -> FakeSource:
    records = started()
    assert isinstance(records[0], Start)
    records[0].data = DataFacts(name="toy", kind=kind)
    source = FakeSource(records, state=state)
    source.files[REAL] = {"x": arrays()["x"]}
    for step in range(100, 100 * count + 1, 100):
        _take(source, step, arrays())
    return source


def _take(source: FakeSource, step: int, arrays: Arrays) -> None:
    file = f"previews/u{2 * step:09d}-b0.npz"
    source.files[file] = arrays
    source.tell(trained(step), Preview(file=file).at(trained(step).cursor))


def _now(step: int, arrays: Arrays) -> Arrays:
    return arrays | {"step": np.array(step), "update": np.array(2 * step)}


def _there(story: Callable[[Seat], Awaitable[None]]) -> Callable[[Seat], Awaitable[None]]:
    async def whole(seat: Seat) -> None:
        await seat.press("6")
        await seat.sees("newest")
        await story(seat)

    return whole


# The screen


@pytest.mark.parametrize(
    ("size", "state"), [*((size, "running") for size in SIZES), (SIZES[0], "finished"), (SIZES[0], "crashed")]
)
def test_a_line_with_its_numbers(size: tuple[int, int], state: str) -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("step 300")
        for text in ("p_data", "p_g", "D*", "sup|D−D*| 0.123", "W1 0.250 sd", "JSD 0.0123", "G(z)"):
            await seat.sees(text)
        await seat.sees("V(D,G) -1.500 (−log 4 -1.386)")

    watch(_source(_line, state=state), _there(story), size=size)


@pytest.mark.parametrize("size", SIZES)
def test_a_plane_with_its_modes(size: tuple[int, int]) -> None:
    async def story(seat: Seat) -> None:
        for text in ("G itself", "modes 5/8", "high quality 55.5 %", "300", "→"):
            await seat.sees(text)
        await seat.press("e")
        await seat.sees("EMA")
        await seat.sees("high quality 62.5 %")

    watch(_source(lambda: _plane(5)), _there(story), size=size)


def test_layers_come_and_go_one_by_one_and_stay_as_they_were() -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("modes 8/8")
        legend = {"v": "D 0 █", "f": "data", "s": "samples  ", "l": "G(grid of z)", "a": "down G's loss"}
        for key, text in legend.items():
            row = seat.text.split("\n")[4]
            assert text in row
            await seat.press(key)
            await seat.until(lambda text=text: text not in seat.text.split("\n")[4])
        assert "300" in seat.text.split("\n", 5)[5]
        await seat.press("o")
        await seat.until(lambda: "300" not in "\n".join(seat.text.split("\n")[5:-6]))
        await seat.press("1")
        await seat.sees("Losses")
        await seat.press("6")
        await seat.sees("newest")
        assert "G(grid of z)" not in seat.text

    watch(_source(_plane), _there(story))


@pytest.mark.parametrize(
    ("name", "gone"),
    [("d", "╍╍ D  ┈┈ D*"), ("data", "━━ p_data"), ("samples", "▒▒ p_g"), ("mapping", "G(z)")],
)
def test_a_line_has_its_layers_one_by_one(name: str, gone: str) -> None:
    samples = decoded(_line())
    assert samples is not None
    for layers in (set(LAYERS), set(LAYERS) - {name}):
        text = "\n".join(plain(draw(samples, False, None, layers, 100, 30, probability=True, mono=False)))
        assert (gone in text) == (name in layers)
        assert len(text.split("\n")) == 30


def test_what_there_is_nothing_of_says_so() -> None:
    async def story(seat: Seat) -> None:
        await seat.press("o")
        await seat.sees("there is nothing of that here")
        await seat.press("e")
        await seat.sees("there is but one G")

    watch(_source(_line), _there(story))


def test_keys_go_through_time() -> None:
    source = _source(_line)
    _take(source, 400, _line(0.777))

    async def story(seat: Seat) -> None:
        await seat.sees("0.777")
        await seat.press("left")
        await seat.sees("0.123")
        await seat.sees("step 300")
        await seat.press("home")
        await seat.sees("step 100")
        await seat.press("2")  # the place in time is the samples' too
        await seat.sees("preview 1 of 4")

    watch(source, _there(story))


def test_it_is_offered_for_one_and_two_columns_only() -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        assert "6 Distribution" not in seat.text
        await seat.press("6")
        await seat.sees("it is for data with one or two columns of numbers")

    watch(_source(_plane, kind="table"), story)

    async def offered(seat: Seat) -> None:
        await seat.sees("6 Distribution")

    watch(_source(_plane), offered, size=(80, 24))


# Live


def test_at_the_end_of_a_running_run_it_is_live_and_the_trainer_is_asked_for_that() -> None:
    source = _source(_line)

    async def story(seat: Seat) -> None:
        await seat.until(lambda: source.closely == 2.0)
        source.live_files = _now(350, _line(0.555))
        await seat.sees("step 350 live")
        await seat.sees("0.555")
        await seat.press("left")
        await seat.sees("0.123")
        await seat.until(lambda: source.closely == 0.0)
        await seat.press("end")
        await seat.sees("step 350 live")
        await seat.until(lambda: source.closely == 2.0)
        _take(source, 400, _line(0.777))  # newer than what is live
        await seat.sees("0.777")
        source.live_files = _now(450, _line(0.111))
        await seat.sees("step 450 live")
        await seat.press("1")
        await seat.until(lambda: source.closely == 0.0)

    watch(source, _there(story))


def test_live_needs_no_preview() -> None:
    source = _source(_plane, count=0)

    async def story(seat: Seat) -> None:
        await seat.press("6")
        await seat.sees("no samples yet")
        source.live_files = _now(7, _plane())
        await seat.sees("step 7 live")
        await seat.sees("modes 8/8")

    watch(source, story)


def test_a_run_that_has_ended_is_asked_for_nothing() -> None:
    source = _source(_plane, state="finished")
    source.live_files = _now(900, _plane())

    async def story(seat: Seat) -> None:
        await seat.sees("step 300")
        await seat.pilot.pause(0.5)
        assert source.closely == 0.0
        assert "live" not in seat.text

    watch(source, _there(story))


# Files of any age and from anybody


def test_runs_from_before_show_what_they_have() -> None:
    old = {"x": np.linspace(-1, 1, 50)[:, None], "grid": GRID, "d": GRID * 0 + 0.5, "p_data": NORMAL, "p_g": NORMAL}

    async def line(seat: Seat) -> None:
        await seat.sees("p_data")
        await seat.sees("p_g")
        assert "D*" not in seat.text and "W1" not in seat.text

    watch(_source(lambda: old), _there(line))

    async def plane(seat: Seat) -> None:
        await seat.sees("■ samples")
        assert "modes" not in seat.text

    watch(_source(lambda: {"x": RING}), _there(plane))


def test_a_damaged_file_says_so() -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("damaged or gone")

    watch(_source(lambda: {"x": np.zeros(3)}), _there(story))


def test_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(seat: Seat) -> None:
        await seat.sees("▓▓▓")
        await seat.sees("o samples")

    watch(_source(_plane), _there(story))


NAMES = ["grid", "d", "p_data", "p_g", "d_star", "map_z", "map_x", "d_error", "w1", "jsd", "value", "extent", "d_map"]
NAMES += ["arrows", "manifold", "modes", "high_quality", "probability", "x_raw", "step", "update"]
hostile = st.one_of(
    any_array(np.float64, st.lists(st.integers(0, 3), max_size=3).map(tuple), elements=st.floats()),
    any_array(np.float32, st.just((3, 2)), elements=st.floats(width=32)),
    any_array(np.int64, st.just(()), elements=st.integers(-(2**63), 2**63 - 1)),
    st.just(np.array("text")),
)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([1, 2]), st.dictionaries(st.sampled_from(NAMES), hostile), st.integers(1, 90), st.integers(1, 24),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_any_file_is_drawn_or_refused(
    columns: int, found: dict[str, Any], width: int, height: int, raw: bool, mono: bool
) -> None:
    samples = decoded((_line() if columns == 1 else _plane()) | found)
    if samples is not None:
        lines = draw(samples, raw, samples.x, LAYERS, width, height, probability=True, mono=mono)
        assert [cell_len("".join(text for text, _ in line)) for line in lines] == [width] * height
        assert samples.nbytes > 0


def test_arrays_too_large_to_draw_are_left_out() -> None:
    samples = decoded(_plane() | {"d_map": np.zeros((2000, 2000)), "manifold": np.zeros((500, 500, 2))})
    assert samples is not None and samples.theory is not None
    assert samples.theory.d_map is None and samples.theory.manifold is None
    assert samples.theory.modes is not None


def test_the_file_says_whether_d_is_a_probability_not_the_present_loss() -> None:
    scores = {"d_map": np.linspace(-30, 70, 40)[None] * np.ones((20, 1)), "probability": np.array(False)}
    for now in (True, False):
        samples = decoded(_plane() | scores)
        assert samples is not None
        legend = plain(draw(samples, False, samples.x, LAYERS, 120, 20, probability=now, mono=False))[1]
        assert "D 3.33" in legend and " 36.7" in legend  # around the samples
