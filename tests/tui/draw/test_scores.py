"""The histograms of D(x) and D(G(z)) keep their mass, and tell data, samples and both apart."""

import pytest
from drawings import assert_golden, assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core.events import Hist
from gantui.tui.draw.ink import plain
from gantui.tui.draw.scores import draw, mean, resampled

counts = st.lists(st.integers(0, 10**9), min_size=64, max_size=64)


def hump(centre: int, spread: float) -> list[int]:
    return [int(1000 * max(0.0, 1 - ((index - centre) / spread) ** 2)) for index in range(64)]


def hist(real: list[int], fake: list[int], space: str = "probability", low: float = 0.0, high: float = 1.0) -> Hist:
    return Hist(space=space, low=low, high=high, real=real, fake=fake, overlap=0.25)


EARLY = hist([0] * 63 + [5000], [5000, 10, 2] + [0] * 61)
MIDDLE = hist(hump(44, 25), hump(22, 20))
CRITIC = hist(hump(44, 12), hump(28, 16), "score", -8, 8)


@pytest.mark.parametrize(
    ("name", "record", "width", "height", "mono"),
    [
        ("scores_early_80x10", EARLY, 80, 10, False),
        ("scores_middle_64x12", MIDDLE, 64, 12, False),
        ("scores_critic_50x10", CRITIC, 50, 10, False),
        ("scores_mono_50x10", MIDDLE, 50, 10, True),
    ],
)
def test_histograms_look_as_they_did(name: str, record: Hist, width: int, height: int, mono: bool) -> None:
    assert_golden(name, draw(record, width, height, mono))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-5, 10**9), max_size=80),
    counts,
    st.sampled_from(["probability", "score"]),
    st.floats(allow_nan=True),
    st.floats(allow_nan=True),
    st.integers(1, 130),
    st.integers(1, 24),
    st.booleans(),
)
def test_any_counts_fill_exactly_any_area(
    real: list[int],
    fake: list[int],
    space: str,
    low: float,
    high: float,
    width: int,
    height: int,
    mono: bool,
) -> None:
    assert_whole(draw(hist(real, fake, space, low, high), width, height, mono), width, height)


@given(counts, st.integers(1, 200))
def test_no_mass_is_lost_or_moved(values: list[int], columns: int) -> None:
    density = resampled(values, columns)
    total = sum(values)
    assert len(density) == columns
    assert sum(density) * 64 / columns == pytest.approx(1 if total else 0)
    middle = mean(values, 0, 1)
    if middle is not None:
        centre = sum(d * (i + 0.5) / columns for i, d in enumerate(density)) * 64 / columns
        assert centre == pytest.approx(middle, abs=0.5 / columns + 0.5 / 64)


def test_as_many_columns_as_bins_are_the_shares() -> None:
    values = hump(20, 9)
    assert resampled(values, 64) == pytest.approx([value / sum(values) for value in values])


def test_a_share_of_a_thousandth_can_be_seen_beside_one_full_bin() -> None:
    bars = plain(draw(hist([0] * 64, [999] + [0] * 62 + [1]), 64, 12))[1:-2]
    assert bars[-1][0] == "█" and bars[-1][63] != " "


def test_where_both_are_the_colour_is_a_third() -> None:
    lines = draw(hist([0] * 32 + [10] * 32, [0] * 16 + [10] * 32 + [0] * 16), 64, 10)
    inks = [ink.fg for text, ink in lines[-3] for _ in text]
    assert set(inks[17:31]) == {"fake"} and set(inks[33:47]) == {"both"} and set(inks[49:]) == {"real"}


def test_there_is_no_mean_of_nothing() -> None:
    assert mean([], 0, 1) is mean([0] * 64, 0, 1) is None


def test_only_a_probability_has_an_equilibrium_at_a_half() -> None:
    assert any("┊" in row for row in plain(draw(EARLY, 80, 10)))
    assert not any("┊" in row for row in plain(draw(CRITIC, 80, 10)))
