"""Reading previews: in a thread, one after the other, whatever the files hold."""

import asyncio

import numpy as np
import pytest
from tui.fakes import FakeSource

from gantui.tui import album as albums
from gantui.tui.album import Album


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
