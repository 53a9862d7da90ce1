"""Histograms over steps: nothing is lost by merging, and each value has its row."""

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from report.logs import hist

from gantui.core.events import Hist
from gantui.core.histogram import Histogram
from gantui.report import heat
from gantui.report.heat import Heat


def one(low: float, high: float, real: int, fake: int = 0) -> Histogram:
    counts = [tuple(int(index == place) for index in range(64)) for place in (real, fake)]
    return Histogram("probability" if low == 0 else "score", low, high, *counts)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 63)), min_size=1, max_size=3000))
def test_many_histograms_keep_all_counts_in_bounded_memory(entries: list[tuple[int, int]]) -> None:
    kept, step = Heat(), 0
    for gap, place in entries:
        step += gap
        kept.add(step, one(0, 1, place))
    assert len(kept.steps) == len(kept.histograms) < 2 * heat.CAPACITY
    assert kept.steps == sorted(kept.steps)
    assert sum(sum(histogram.real) for histogram in kept.histograms) == len(entries)


def test_shares_stand_where_their_steps_and_values_are() -> None:
    found = [(0, one(0, 1, 63, 0)), (50, one(0, 1, 32, 32))]
    real, fake = heat.shares(found, "probability", (0, 100), (0.0, 1.0))
    assert real.sum(0) == pytest.approx(1) and fake.sum(0) == pytest.approx(1)
    assert set(real[:, : heat.COLUMNS // 2].argmax(0)) == {0}  # D(x) near 1 is at the top
    assert set(fake[:, : heat.COLUMNS // 2].argmax(0)) == {heat.ROWS - 1}
    assert set(real[:, heat.COLUMNS // 2 :].argmax(0)) == {heat.ROWS - 1 - 32}


def test_a_histogram_of_another_space_ends_the_one_before_and_nothing_is_shown_before_the_first() -> None:
    found = [(25, one(0, 1, 5)), (50, one(-1, 1, 5)), (75, one(0, 1, 5))]
    real, _ = heat.shares(found, "probability", (0, 100), (0.0, 1.0))
    there = real.sum(0).reshape(4, -1).mean(1)
    assert there == pytest.approx([0, 1, 0, 1], abs=0.05)


def test_scores_of_different_range_share_one_axis_that_a_few_wild_ones_do_not_stretch() -> None:
    found = [(step, one(-1, 1, 48, 16)) for step in range(99)] + [(99, one(-1024, 1024, 63, 0))]
    low, high = heat.extent([histogram for _, histogram in found])
    assert -2 <= low <= -0.5 and 0.5 <= high <= 2
    real, _ = heat.shares(found, "score", (0, 100), (low, high))
    row = real[:, 0].argmax()
    assert high - (row + 0.5) / heat.ROWS * (high - low) == pytest.approx(0.515, abs=0.05)


@pytest.mark.parametrize(
    "wrong",
    [
        {"space": "score", "low": -3.0, "high": 3.0},
        {"space": "score", "low": -math.inf, "high": math.inf},
        {"space": "score", "low": -1.0, "high": 2.0},
        {"space": "score", "low": 0.5, "high": -0.5},
        {"space": "probability", "low": 0.0, "high": 2.0},
        {"space": "<b>", "low": 0.0, "high": 1.0},
        {"real": [1] * 63},
        {"fake": []},
        {"real": [0] * 64, "fake": [0] * 64},
    ],
)
def test_what_is_no_histogram_is_passed_over(wrong: dict[str, object]) -> None:
    record = hist(0, 1, 2)
    assert heat.checked(record) is not None
    for name, value in wrong.items():
        setattr(record, name, value)
    assert heat.checked(record) is None


def test_a_score_range_is_taken() -> None:
    record = Hist(space="score", low=-4.0, high=4.0, real=[1] * 64, fake=[2] * 64, overlap=1.0)
    assert heat.checked(record) == Histogram("score", -4.0, 4.0, (1,) * 64, (2,) * 64)


def test_the_picture_is_the_more_opaque_the_larger_the_share_and_empty_where_nothing_is() -> None:
    shown = np.zeros((64, 240))
    shown[3, 5], shown[4, 5] = 0.5, 0.01
    shown[10, :] = 0.5
    picture = Image.open(io.BytesIO(heat.png(shown, "#1f8a63"))).convert("RGBA")
    assert picture.size == (240, 64) and picture.getpixel((5, 3)) == (0x1F, 0x8A, 0x63, 255)
    faint = picture.getpixel((5, 4))
    assert isinstance(faint, tuple) and 0 < faint[3] < 128
    assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]
