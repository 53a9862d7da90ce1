"""Drawings compared with what a person looked at once: tests/tui/draw/golden, text above, inks below.

`GANTUI_GOLDEN=write pytest tests/tui/draw` writes them anew; look at the difference before you keep it.
"""

import os
from itertools import pairwise
from pathlib import Path

from rich.cells import cell_len

from gantui.tui.draw.ink import Ink, Lines, plain

GOLDEN = Path(__file__).parent / "tui" / "draw" / "golden"
LETTERS = {None: " ", "text": "t", "muted": "·", "d": "d", "g": "g", "d_band": "D", "g_band": "G", "real": "r"}
LETTERS |= {"fake": "f", "both": "b", "mark": "m", "cursor": "|", "reference": "=", "warning": "!", "error": "e"}
LETTERS |= {f"heat{level}": str(level) for level in range(9)}


def assert_golden(name: str, lines: Lines) -> None:
    """Compare a drawing with its file, text and inks."""
    inks = ["".join(_letter(ink) * len(text) for text, ink in line) for line in lines]
    text = "\n".join([*plain(lines), "", *inks]) + "\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("GANTUI_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{name} looks different (see tests/drawings.py)"


def _letter(ink: Ink) -> str:
    letter = LETTERS[ink.fg if isinstance(ink.fg, str) else None]
    if ink.fg is None and isinstance(ink.bg, str) and ink.bg in LETTERS:
        return LETTERS[str(ink.bg)]
    return letter.upper() if ink.bg else letter


def assert_whole(lines: Lines, width: int, height: int) -> None:
    """Assert that a drawing has its size, as the toolkit counts cells, and no empty or split segments."""
    assert len(lines) == height
    for line in lines:
        assert cell_len("".join(text for text, _ in line)) == width
        assert all(text for text, _ in line)
        assert all(one[1] != next_[1] for one, next_ in pairwise(line))
