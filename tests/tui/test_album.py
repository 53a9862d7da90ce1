"""Reading previews: in a thread, one after the other, whatever the files hold."""

import asyncio

import numpy as np
import pytest
from tui.fakes import FakeSource

from gantui.tui import album as albums
from gantui.tui.album import Album
from gantui.tui.draw.density import estimate
from gantui.tui.samples import decoded


def test_the_kind_of_samples_is_told_by_their_arrays() -> None:
    line = {"grid": np.linspace(-1, 1, 20), "d": np.zeros(20), "p_g": np.zeros(20)}
    assert _kind(x=np.zeros((4, 3, 8, 8))) == "images"
    assert _kind(x=np.zeros((4, 2))) == "points"
    assert _kind(x=np.zeros((4, 1)), **line) == "density"
    assert _kind(x=np.zeros((4, 1))) == "table"
    assert _kind(x=np.zeros((4, 7))) == "table"
    assert _kind(x=np.zeros((4, 7), dtype=np.uint8)) == _kind(x=np.zeros((4, 2), dtype=np.int16)) == "text"


def _kind(**arrays: np.ndarray) -> str:
    samples = decoded(arrays)
    assert samples is not None
    return samples.kind


@pytest.mark.parametrize(
    "arrays",
    [
        None,
        {},
        {"y": np.zeros((3, 2))},
        {"x": np.zeros(3)},
        {"x": np.zeros((0, 2))},
        {"x": np.zeros((3, 2, 8, 8))},
        {"x": np.zeros((3, 1, 0, 8))},
        {"x": np.array([["a", "b"]])},
        {"x": np.zeros((2, 2), dtype=complex)},
    ],
)
def test_what_can_not_be_samples_is_none(arrays: dict[str, np.ndarray] | None) -> None:
    assert decoded(arrays) is None


@pytest.mark.parametrize(
    "more",
    [
        {"x_raw": np.zeros((3, 5))},
        {"grid": np.zeros(4), "d": np.zeros(4)},
        {"grid": np.arange(4.0), "d": np.zeros(5)},
        {"grid": np.arange(4.0)},
        {"grid": np.array([0.0, np.nan, 2.0]), "d": np.zeros(3)},
    ],
)
def test_what_does_not_fit_the_samples_is_left_out(more: dict[str, np.ndarray]) -> None:
    samples = decoded({"x": np.zeros((3, 1)), **more})
    assert samples is not None and samples.raw is None and samples.grid is None


@pytest.mark.parametrize("raw", [np.zeros((4, 7)), np.zeros((4, 6), dtype=int), np.zeros((4, 1, 7, 7))])
def test_text_goes_with_text_alone(raw: np.ndarray) -> None:
    samples = decoded({"x": np.ones((4, 7), dtype=np.uint8), "x_raw": raw})
    assert samples is not None and samples.raw is None


def test_a_density_counts_all_samples() -> None:
    grid = np.linspace(-1, 1, 21)
    x = np.array([[0.0], [0.04], [1.0], [7.0], [np.nan]])
    assert estimate(x, grid) * 5 * 0.1 == pytest.approx(np.eye(21)[10] * 2 + np.eye(21)[20])


def test_what_is_wanted_comes_and_stays_while_the_rest_must_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    source = FakeSource()
    source.files = {str(i): {"x": np.full((10, 2), i, dtype=np.float32)} for i in range(6)}
    monkeypatch.setattr(albums, "MOST_BYTES", 3 * 80)

    async def play() -> None:
        come = asyncio.Event()
        album = Album(source, come.set)

        async def want(*files: str) -> None:
            album.want(*files)
            while not all(map(album.has, files)):
                await asyncio.wait_for(come.wait(), 20)
                come.clear()

        for file in "01234":
            await want(file, "5")
        assert [album.has(str(i)) for i in range(6)] == [False, False, False, True, True, True]
        assert album.get("4").x[0, 0] == 4  # type: ignore[union-attr]
        await want("missing", "4")
        assert album.get("missing") is None
        source.files["missing"] = source.files["0"]
        album.forget("missing")
        await want("missing")
        assert album.get("missing") is not None

    asyncio.run(play())


def test_a_source_that_fails_holds_nothing_up() -> None:
    source = FakeSource()
    source.files = {"good": {"x": np.zeros((3, 2))}}
    source.arrays = lambda file: source.files[file]  # type: ignore[method-assign]

    async def play() -> None:
        come = asyncio.Event()
        album = Album(source, come.set)
        album.want("bad", "good")
        while not album.has("good"):
            await asyncio.wait_for(come.wait(), 20)
            come.clear()
        assert album.has("bad") and album.get("bad") is None

    asyncio.run(play())
