"""A few whole screens compared, as text, with what a person looked at once: tests/tui/golden.

`GANTUI_GOLDEN=write pytest tests/tui/test_screens_whole.py` writes them anew; look at the difference before you
keep it.
"""

import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tui.fakes import FakeSource, Seat, a_run, trained, watch

from gantui.core import events
from gantui.tui.themes import THEMES

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def _greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _steered() -> FakeSource:
    """A run on a ring, a setting changed on the way, two previews, one evaluation."""
    records = a_run(400)
    records.insert(150, events.Applied(id="a", author="ada@lab", what="set", before={"k": 1}, after={"k": 2}, step=150))
    records += [events.Preview(file=f"previews/{n}.npz", step=n, update=2 * n) for n in (200, 400)]
    records.append(events.Eval(values={"modes": 7, "high_quality": 91.5}, samples=2500, seconds=0.4, step=400))
    source = FakeSource(records)
    angles = np.arange(64) * 2 * math.pi / 64
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    source.files = {"previews/real.npz": {"x": ring}}
    source.files |= {f"previews/{n}.npz": {"x": ring * (0.5 + n / 1000)} for n in (200, 400)}
    return source


def _assert_looks(seat: Seat, name: str) -> None:
    file = GOLDEN / f"{name}.txt"
    text = "\n".join(line.rstrip() for line in seat.text.splitlines()) + "\n"
    if os.environ.get("GANTUI_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{name} looks different"


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_overview(size: tuple[int, int]) -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("both")  # the samples have been read
        _assert_looks(seat, f"overview_{size[0]}x{size[1]}")

    watch(_steered(), story, size=size)


def test_overview_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(seat: Seat) -> None:
        await seat.sees("both")
        _assert_looks(seat, "overview_no_colour")

    watch(_steered(), story)


@pytest.mark.parametrize(
    ("key", "name", "shows"), [("2", "samples", "preview 2 of 2"), ("3", "metrics", "high_quality 91.5")]
)
def test_other_screens(key: str, name: str, shows: str) -> None:
    async def story(seat: Seat) -> None:
        await seat.press(key)
        await seat.sees(shows)
        if name == "samples":
            await seat.sees("both")
        _assert_looks(seat, f"{name}_120x40")

    watch(_steered(), story)


def test_paused_with_a_value_being_typed() -> None:
    source = _steered()
    source.obeys = True

    async def story(seat: Seat) -> None:
        await seat.sees("both")
        await seat.press("space")
        await seat.sees("● paused")
        await seat.press("down", "enter")
        await seat.sees("Enter sets it")
        _assert_looks(seat, "typing_80x24")

    watch(source, story, size=(80, 24))


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
def test_each_theme_inks_everything_readably(theme: str) -> None:
    """Every text stands out from its ground: a contrast of 2.5 at least, of 4 for what is not an aside."""

    async def story(seat: Seat) -> None:
        seat.app.theme = theme
        await seat.sees("both")
        await seat.pilot.pause()
        for strip in seat.app.screen._compositor.render_strips():
            for text, style, _ in strip:
                if style and style.color and style.bgcolor and text.strip() and text.isalnum():
                    contrast = _contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor())
                    assert contrast >= (4 if style.bold else 2.5), (text, style)

    watch(_steered(), story)


def _contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The ratio of luminances, 1 to 21, as the web's accessibility guidelines define it."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(rgb: tuple[int, ...]) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_more_steps_do_not_change_the_layout() -> None:
    """Numbers grow, panels stay where they are."""
    source = _steered()

    async def story(seat: Seat) -> None:
        await seat.sees("both")
        before = {type(w).__name__: w.region for w in seat.app.screen.query("*")}
        source.tell(trained(9_999, loss_d=123.456, loss_g=-0.000123, steps_per_s=98_765.4))
        await seat.sees("123.5")
        assert {type(w).__name__: w.region for w in seat.app.screen.query("*")} == before

    watch(source, story)
