"""Samples in the dashboard: the newest on the overview, all of them on their own screen."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from textual.events import MouseScrollUp
from tui.fakes import FakeSource, Seat, started, trained, watch

from gantui.core.events import Applied, DataFacts, Preview, Start
from gantui.tui.album import INFERRED, REAL
from gantui.tui.widgets.samples_sheet import SamplesSheet
from gantui.tui.widgets.slider import Slider

Arrays = Callable[[float], dict[str, np.ndarray]]
SIZES = [(80, 24), (120, 40), (200, 60)]


def _images(light: float) -> dict[str, np.ndarray]:
    """Images of one grey, by EMA; those of the raw G are black."""
    x = np.full((20, 1, 8, 8), light, dtype=np.float32)
    return {"x": x, "x_raw": x * 0}


def _points(spread: float) -> dict[str, np.ndarray]:
    return {"x": np.random.default_rng(0).normal(size=(50, 2)) * spread}


def _line(spread: float) -> dict[str, np.ndarray]:
    grid = np.linspace(-4, 4, 200)
    p = np.exp(-(grid**2) / 2)
    return {"x": np.linspace(-1, 1, 50)[:, None] * spread, "grid": grid, "d": grid * 0 + 0.5, "p_data": p, "p_g": p}


def _table(spread: float) -> dict[str, np.ndarray]:
    return {"x": np.random.default_rng(0).normal(size=(50, 3)) * spread}


def _text(_: float) -> dict[str, np.ndarray]:
    """Strings `ab`, by EMA; those of the raw G are `b`. With an index that is none of the alphabet's."""
    x = np.array([[1, 2, 0], [1, 2, 9]], dtype=np.uint8)
    return {"x": x, "x_raw": x * 0 + [2, 0, 0]}


def _source(kind: str = "image", arrays: Arrays = _images, count: int = 12) -> FakeSource:
    records = started()
    assert isinstance(records[0], Start)
    columns, alphabet = ["age", "height", "income"], ["", "a", "b"]
    records[0].data = DataFacts(name="toy", kind=kind, columns=columns, alphabet=alphabet)
    source = FakeSource(records)
    source.files[REAL] = {"x": arrays(1.0)["x"]}
    for index in range(count):
        _take(source, (index + 1) * 100, arrays((index + 1) / count))
    return source


def _take(source: FakeSource, step: int, arrays: dict[str, np.ndarray]) -> None:
    """A preview is taken, after its step was trained."""
    file = f"previews/u{2 * step:09d}-b0.npz"
    source.files[file] = arrays
    source.tell(trained(step), Preview(file=file).at(trained(step).cursor))


def _on_samples(story: Callable[[Seat], Awaitable[None]]) -> Callable[[Seat], Awaitable[None]]:
    async def whole(seat: Seat) -> None:
        await seat.press("2")
        await seat.sees("newest")
        await story(seat)

    return whole


def _steps(seat: Seat) -> list[int | None]:
    return [panel.step for panel in seat.app.screen.query_one(SamplesSheet).panels]


def _names(seat: Seat) -> list[str]:
    return [f"{panel.name} {panel.network}".strip() for panel in seat.app.screen.query_one(SamplesSheet).panels]


# On the overview


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("kind", "arrays", "sign"),
    [
        ("image", _images, "▀▀▀▀▀▀▀▀"),
        ("points", _points, "■ samples"),
        ("points", _line, "p_data"),
        ("table", _table, "height"),
        ("text", _text, "ab\ufffd"),
    ],
)
def test_the_newest_samples_are_on_the_overview(kind: str, arrays: Arrays, sign: str, size: tuple[int, int]) -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("step 1,200")
        await seat.sees(sign)

    watch(_source(kind, arrays), story, size=size)


def test_a_new_preview_takes_the_place_of_the_last_one_when_its_time_has_come() -> None:
    source = _source()

    async def story(seat: Seat) -> None:
        await seat.sees("EMA step 1,200")
        _take(source, 1300, _images(0.5))
        await seat.sees("EMA step 1,300")

    watch(source, story)


def test_a_damaged_preview_leaves_the_last_one_in_its_place() -> None:
    source = _source()

    async def story(seat: Seat) -> None:
        await seat.sees("EMA step 1,200")
        _take(source, 1300, {"x": np.zeros(3)})
        await seat.sees("step 1,300")  # in the header
        _take(source, 1400, _images(0.5))
        await seat.sees("EMA step 1,400")

    watch(source, story)


@pytest.mark.parametrize(
    ("every", "state", "said"),
    [("2s", "running", "then every 2s"), (0, "running", "press p"), ("2s", "crashed", "has taken none")],
)
@pytest.mark.parametrize("key", ["1", "2"])
def test_without_a_preview_it_says_when_one_comes(every: object, state: str, said: str, key: str) -> None:
    async def story(seat: Seat) -> None:
        await seat.press(key)
        await seat.until(lambda: said in " ".join(seat.text.split()))

    watch(FakeSource(started(preview_every=every), state=state), story, size=(200, 60))


def test_the_mode_is_changed_by_key_and_the_same_everywhere() -> None:
    async def story(seat: Seat) -> None:
        for mode in ("256 colours", "ASCII", "braille", "truecolour", "256 colours"):
            await seat.press("m")
            await seat.sees(mode)
        await seat.press("2")
        await seat.sees("newest")
        await seat.sees("256 colours")

    watch(_source(), story)


def test_without_colours_images_are_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(seat: Seat) -> None:
        await seat.sees("@@@@@@@@")
        await seat.press("m")
        await seat.sees("braille")
        await seat.press("m")
        await seat.sees("ASCII")

    watch(_source(), story)


# On their own screen


@pytest.mark.parametrize("size", SIZES)
def test_keys_scrub_through_all_previews(size: tuple[int, int]) -> None:
    async def story(seat: Seat) -> None:
        for key, step in (
            ("left", 1100), ("left", 1000), ("right", 1100), ("home", 100), ("left", 100),
            ("full_stop", 1100), ("comma", 100), ("shift+right", 1100), ("end", 1200), ("shift+left", 200),
        ):  # fmt: skip
            await seat.press(key)
            await seat.until(lambda step=step: _steps(seat) == [step])
            await seat.sees(f"step {step:,}")

    watch(_source(), _on_samples(story), size=size)


def test_it_follows_until_one_goes_back_and_stays_there() -> None:
    source = _source()

    async def story(seat: Seat) -> None:
        _take(source, 1300, _images(0.5))
        await seat.until(lambda: _steps(seat) == [1300])
        await seat.press("left")
        await seat.until(lambda: _steps(seat) == [1200])
        _take(source, 1400, _images(0.5))
        await seat.sees("preview 12 of 14")
        assert _steps(seat) == [1200]
        await seat.press("end")
        await seat.until(lambda: _steps(seat) == [1400])

    watch(source, _on_samples(story))


def test_previews_that_were_thinned_away_are_skipped() -> None:
    source = _source()
    for index in range(1, 11):
        del source.files[f"previews/u{200 * index + 200:09d}-b0.npz"]

    async def story(seat: Seat) -> None:
        await seat.sees("preview 2 of 2")
        await seat.press("left")
        await seat.until(lambda: _steps(seat) == [100])

    watch(source, _on_samples(story))


def test_a_pinned_preview_stays_beside_the_others_also_when_one_comes_back() -> None:
    async def story(seat: Seat) -> None:
        await seat.press("home", "i", "end")
        await seat.until(lambda: _steps(seat) == [100, 1200])
        assert _names(seat) == ["Pinned EMA", "Now EMA"]
        await seat.press("1")
        await seat.sees("Losses")
        await seat.press("2")
        await seat.sees("Pinned")
        await seat.press("i")
        await seat.until(lambda: _steps(seat) == [1200])

    watch(_source(), _on_samples(story))


def test_the_raw_g_and_data_are_shown_beside() -> None:
    async def story(seat: Seat) -> None:
        await seat.press("e")
        await seat.until(lambda: _names(seat) == ["Samples raw"])
        await seat.press("e")
        await seat.until(lambda: _names(seat) == ["Samples EMA", "Samples raw"])
        await seat.press("f")
        await seat.until(lambda: _names(seat) == ["Samples EMA", "Samples raw", "Data"])
        await seat.sees("Data")
        await seat.press("e", "f")
        await seat.until(lambda: _names(seat) == ["Samples EMA"])

    watch(_source(), _on_samples(story))


def test_text_is_shown_beside_data_and_beside_the_raw_g() -> None:
    async def story(seat: Seat) -> None:
        await seat.press("e", "e", "f")
        await seat.until(lambda: _names(seat) == ["Samples EMA", "Samples raw", "Data"])
        await seat.until(lambda: any(line.split() == ["ab", "b", "ab"] for line in seat.text.splitlines()))
        await seat.press("plus")
        await seat.sees("only images")

    watch(_source("text", _text), _on_samples(story))


def _shown(seat: Seat) -> np.ndarray | None:
    return seat.app.screen.query_one(SamplesSheet).panels[0].x


@pytest.mark.parametrize("size", SIZES)
def test_reconstructions_are_beside_the_examples_they_are_of(size: tuple[int, int]) -> None:
    source = _source()
    data, made = _images(0.8)["x"], _images(0.3)["x"]
    source.files[INFERRED] = {"x": data, "x_inferred": made, "step": np.array(700)}

    async def story(seat: Seat) -> None:
        assert _steps(seat) == [1200]
        await seat.press("z")
        await seat.sees("x | G(E(x)) step 700")
        assert _shown(seat).tolist() == np.concatenate([data, data[..., :1] * 0 + 0.5, made], axis=3).tolist()
        source.files[INFERRED] = {"x": data, "x_inferred": made, "step": np.array(900)}
        await seat.press("z")
        await seat.until(lambda: _steps(seat) == [1200])
        await seat.press("z")
        await seat.sees("x | G(E(x)) step 900")  # another encoder has been trained meanwhile

    watch(source, _on_samples(story), size=size)


def test_those_of_an_encoder_beside_g_are_scrubbed_through_time() -> None:
    def arrays(light: float) -> dict[str, np.ndarray]:
        return _images(light) | {"x_inferred": _images(light / 2)["x"]}

    source = _source(arrays=arrays)
    source.files[INFERRED] = {"x": _images(0.8)["x"], "x_inferred": _images(0.3)["x"], "step": np.array(700)}

    async def story(seat: Seat) -> None:
        await seat.press("z")
        await seat.sees("x | G(E(x)) step 1,200")
        await seat.press("home")
        await seat.sees("x | G(E(x)) step 100")
        x = _shown(seat)
        assert x.shape == (20, 1, 8, 17) and (x[..., :8] == 1).all()  # data at the left, as in `_source`
        assert x[..., 9:] == pytest.approx(1 / 24)
        await seat.press("i", "end")
        await seat.until(lambda: _names(seat) == ["Pinned x | G(E(x))", "x | G(E(x))"])
        await seat.press("z")
        await seat.until(lambda: _names(seat) == ["Pinned EMA", "Now EMA"])

    watch(source, _on_samples(story))


@pytest.mark.parametrize(("kind", "arrays"), [("points", _points), ("points", _line), ("table", _table)])
def test_reconstructions_of_numbers_are_drawn_as_samples_are(
    kind: str, arrays: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = _source(kind, arrays)
    source.files[INFERRED] = {"x": arrays(1.0)["x"], "x_inferred": arrays(0.5)["x"], "step": np.array(700)}

    async def story(seat: Seat) -> None:
        await seat.press("z")
        await seat.sees("x, G(E(x)) step 700")
        await seat.press("w")
        await seat.sees("r1-u000002400.png")

    watch(source, _on_samples(story), size=(200, 60))


def test_without_an_encoder_the_key_says_how_to_have_one_and_the_footer_leaves_it_out() -> None:
    async def story(seat: Seat) -> None:
        assert "G(E(x))" not in seat.text
        await seat.press("z")
        await seat.sees("gantui infer")
        assert _names(seat) == ["Samples EMA"]

    watch(_source(), _on_samples(story), size=(200, 60))


@pytest.mark.parametrize(
    "inferred", [np.zeros((4, 1, 9, 9)), np.zeros((4, 8, 8)), np.zeros((0, 1, 8, 8)), np.array(["no", "numbers"])]
)
def test_reconstructions_that_do_not_fit_are_none(inferred: np.ndarray) -> None:
    source = _source()
    source.files[INFERRED] = {"x": _images(1)["x"], "x_inferred": inferred, "step": np.array([np.nan])}

    async def story(seat: Seat) -> None:
        await seat.press("z")
        await seat.until(lambda: seat.app.screen.query_one(SamplesSheet).panels)
        await seat.press("left")
        await seat.until(lambda: _steps(seat) == [1100])
        assert _names(seat) == ["Samples EMA"]

    watch(source, _on_samples(story))


def test_what_is_of_no_use_says_why() -> None:
    async def story(seat: Seat) -> None:
        await seat.press("e")
        await seat.sees("but one G")
        await seat.press("f")
        await seat.sees("in the drawing already")
        await seat.press("plus")
        await seat.sees("only images")

    watch(_source("table", _table), _on_samples(story))


def test_images_are_enlarged_and_made_smaller_as_far_as_it_goes() -> None:
    def across(seat: Seat) -> int:
        sheet = seat.app.screen.query_one(SamplesSheet)
        grid = sheet.grid(sheet.panels[0], sheet.look)
        assert grid is not None
        return grid.pixels[0]

    async def story(seat: Seat) -> None:
        before = across(seat)
        await seat.press("plus")
        await seat.until(lambda: across(seat) > before)
        await seat.press(*["plus"] * 9)
        await seat.sees("as large as they get")
        largest = across(seat)
        await seat.press("minus")
        await seat.until(lambda: across(seat) < largest)

    watch(_source(), _on_samples(story))


def test_the_slider_obeys_the_mouse_and_shows_where_commands_were_applied() -> None:
    source = _source()
    source.tell(
        Applied(id="c", author="a", what="set", before={"lr_d": 0.001}, after={"lr_d": 0.0005}).at(trained(700).cursor)
    )

    async def story(seat: Seat) -> None:
        slider = seat.app.screen.query_one(Slider)
        first, columns = slider._track
        await seat.sees("┿")
        await seat.pilot.click(Slider, offset=(first, 0))
        await seat.until(lambda: _steps(seat) == [100])
        await seat.pilot.mouse_down(Slider, offset=(first, 0))
        await seat.pilot.hover(Slider, offset=(first + round(6 / 11 * (columns - 1)), 0))
        await seat.until(lambda: _steps(seat) == [700])
        await seat.sees("lr_d 0.001 → 0.0005 at step 700")
        await seat.pilot.mouse_up(Slider, offset=(first + columns - 1, 0))
        await seat.until(lambda: _steps(seat) == [1200])
        sheet = seat.app.screen.query_one(SamplesSheet)
        sheet.post_message(MouseScrollUp(sheet, 5, 5, 0, -1, 0, False, False, False))
        await seat.until(lambda: _steps(seat) == [1100])

    watch(source, _on_samples(story))


def test_what_is_shown_is_saved_beside_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(seat: Seat) -> None:
        await seat.press("w")
        await seat.sees("r1-u000002400.png")
        await seat.press("f", "w")
        await seat.sees("r1-u000002400-2.png")

    watch(_source(), _on_samples(story), size=(200, 60))
    alone, both = (Image.open(tmp_path / f"r1-u000002400{suffix}.png") for suffix in ("", "-2"))
    assert both.width > alone.width


def test_where_the_current_directory_was_deleted_that_is_said_and_one_can_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    monkeypatch.delenv("GANTUI_RUNS", raising=False)

    async def story(seat: Seat) -> None:
        await seat.press("w")
        await seat.sees("can't save into .: No such file or directory")
        await seat.press("q")
        await seat.until(lambda: not seat.app.is_running)
        assert "gantui attach /nowhere/r1" in str(seat.app.return_value)

    watch(_source(), _on_samples(story))


@pytest.mark.parametrize("arrays", [_points, _line, _table, _text])
def test_other_data_are_scrubbed_and_saved_as_well(
    arrays: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(seat: Seat) -> None:
        await seat.press("home", "i", "end", "f", "w")
        await seat.sees("r1-u000002400.png")

    watch(_source("points", arrays), _on_samples(story), size=(200, 60))
    assert Image.open(tmp_path / "r1-u000002400.png").width > 1000
