"""The README's pictures, made from real runs: `.venv/bin/python tests/screenshots.py`.

Trains `ring`, `gaussian` and `digits` in a temporary folder, changes a setting on the way, opens the dashboard on them
and draws what it shows. Takes about three minutes on two cores.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont
from rich.segment import Segment

from gantui.runs.layout import RunDir
from gantui.runs.status import status
from gantui.tui.app import Dashboard
from gantui.tui.source import RunSource

HERE = Path(__file__).parent.parent / ".screenshots"
CELL = (9, 18)  # pixels
_FONTS = Path(get_data_path()) / "fonts" / "ttf"
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))  # of a braille cell, by bit
_HALVES = {"▀": (0.0, 0.5), "▄": (0.5, 1.0), "█": (0.0, 1.0)}


def picture(lines: Sequence[Sequence[Segment]], width: int) -> Image.Image:
    """Return the rows of a screen as pixels; blocks and braille are drawn, so that they meet as in a terminal."""
    font, bold = (ImageFont.truetype(_FONTS / f"DejaVuSansMono{name}.ttf", 15) for name in ("", "-Bold"))
    across, down = CELL
    image = Image.new("RGB", (width * across, len(lines) * down))
    draw = ImageDraw.Draw(image)
    for y, line in enumerate(lines):
        x = 0
        for text, style, _ in line:
            fg = _rgb(style.color, (215, 220, 229)) if style else (215, 220, 229)
            bg = _rgb(style.bgcolor, (18, 21, 27)) if style else (18, 21, 27)
            for char in text:
                left, top = x * across, y * down
                draw.rectangle((left, top, left + across - 1, top + down - 1), fill=bg)
                _cell(draw, char, left, top, fg, bold if style and style.bold else font)
                x += 1
    return image


def _cell(draw: ImageDraw.ImageDraw, char: str, left: int, top: int, ink: Any, font: Any) -> None:
    across, down = CELL
    code = ord(char)
    if 0x2800 < code <= 0x28FF:
        for bit, (column, row) in enumerate(_DOTS):
            if code >> bit & 1:
                x, y = left + 1 + column * (across // 2), top + 1 + row * down / 4
                draw.rectangle((x, y, x + 2, y + 2), fill=ink)
    elif char in _HALVES or 0x2581 <= code < 0x2588:
        start, end = _HALVES.get(char, (1 - (code - 0x2580) / 8, 1.0))
        draw.rectangle((left, top + round(start * down), left + across - 1, top + round(end * down) - 1), fill=ink)
    elif char != " ":
        draw.text((left, top), char, font=font, fill=ink)


def _rgb(colour: Any, default: tuple[int, int, int]) -> tuple[int, ...]:
    return tuple(colour.get_truecolor()) if colour else default


def shoot(run: RunDir | None, folder: Path, name: str, keys: Sequence[str], size: tuple[int, int] = (120, 40)) -> None:
    """Open the dashboard on a run (or at home), press keys, and save what it shows."""

    async def sit() -> None:
        app = Dashboard(RunSource(run) if run else None, folder)
        async with app.run_test(size=size) as pilot:
            for _ in range(8):  # samples are read in the background
                await pilot.pause(0.25)
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.5)
            await pilot.pause(1.0)
            strips = app.screen._compositor.render_strips()
            picture([list(strip) for strip in strips], size[0]).save(HERE / f"{name}.png", optimize=True)

    asyncio.run(sit())


def gantui(*arguments: str) -> None:
    """Run the command."""
    subprocess.run([sys.executable, "-m", "gantui", *arguments], check=True, stdout=subprocess.DEVNULL)


def until(condition: Callable[[], object]) -> None:
    """Wait for it."""
    import time

    while not condition():
        time.sleep(0.2)


def main() -> None:
    """Train, steer, draw."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        runs = [RunDir(folder / name) for name in ("ring", "digits")]
        trainers = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "gantui",
                    "run",
                    run.id,
                    "--headless",
                    "-q",
                    "--name",
                    run.id,
                    "--runs",
                    directory,
                ]
            )
            for run in runs
        ]
        ring, digits = runs
        until(lambda: status(digits).step > 3000)
        gantui("set", "digits", "lr_d=5e-4", "--runs", directory)
        until(lambda: status(digits).step > 6000)
        gantui("pause", "digits", "--runs", directory)
        shoot(digits, folder, "overview", ())
        shoot(digits, folder, "overview-80x24", (), (80, 24))
        shoot(digits, folder, "samples", ("2",))
        until(lambda: not status(ring).alive)
        shoot(ring, folder, "ring", ())
        gantui(
            "run", "gaussian", "--headless", "-q", "--name", "gaussian", "--runs", directory, "-s", "preview_every=100"
        )
        gaussian = RunDir(folder / "gaussian")
        shoot(gaussian, folder, "distribution-1d", ("6", *["left"] * 25))
        shoot(ring, folder, "distribution-2d", ("6",))
        shoot(ring, folder, "distribution-80x24", ("6",), (80, 24))
        shoot(ring, folder, "game", ("7",))
        shoot(None, folder, "home", ())
        gantui("stop", "digits", "--runs", directory)
        for trainer in trainers:
            trainer.wait()


if __name__ == "__main__":
    main()
