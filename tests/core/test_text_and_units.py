"""Nothing from outside reaches the terminal raw; durations as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gantui.core.text import MAX_LENGTH, nearest, neutralise
from gantui.core.units import Cadence, seconds, spell


@pytest.mark.parametrize(
    "bad",
    [
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\x9b31m",
        "\x00",
        "\r\n\t\b",
        "\x7f",
        "\u202e\u2066\u200f",
        "\u200b\ufeff",
        "\u2028\u2029",
        "\ud800\udfff",
        "\U000e0041",
    ],
)
def test_nothing_harmful_passes(bad: str) -> None:
    shown = neutralise(f"a{bad}z")
    assert shown.isprintable() and shown.startswith("a\\") and shown.endswith("z")
    shown.encode()


@given(st.text(st.characters(), max_size=50))
def test_any_text_becomes_printable_or_stays(text: str) -> None:
    shown = neutralise(text)
    assert all(character.isprintable() or character.isspace() for character in shown)
    assert not set(shown) & set("\x1b\n\r\u202e")
    shown.encode()


def test_ordinary_text_stays_and_long_text_is_cut() -> None:
    assert neutralise("Fréchet Δ 距離 🙂") == "Fréchet Δ 距離 🙂"
    assert neutralise("x" * 10_000) == "x" * (MAX_LENGTH - 1) + "…"
    assert neutralise(ValueError("a\nb")) == "a\\x0ab"


def test_nearest() -> None:
    assert nearest("lrd", ["lr_d", "lr_g", "k"]) == ": did you mean 'lr_d'?"
    assert nearest("zzz", ["lr_d"]) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2s", 2), ("0s", 0), ("30m", 1800), ("1.5h", 5400), ("2d", 172_800), ("0.001s", 0.001)],
)
def test_seconds(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", "2", "s", "-2s", "2 s", "2s\n", "1e3s", "2sec", ".5s", "1.2345s", "٣s", "9" * 10 + "s"]
)
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds(text)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_spell(duration: float, expected: str) -> None:
    assert spell(duration) == expected


def test_cadence() -> None:
    assert Cadence.parse(100) == Cadence(steps=100)
    assert Cadence.parse("2s") == Cadence(seconds=2.0)
    assert Cadence.parse(0) == Cadence() == Cadence.parse("0s")
