"""Histograms merge exactly, in any order."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core.histogram import BINS, Histogram, score_range

counts = st.lists(st.integers(0, 10**9), min_size=BINS, max_size=BINS).map(tuple)
scores = st.builds(
    lambda power, real, fake: Histogram("score", -(2.0**power), 2.0**power, real, fake),
    st.integers(0, 60),
    counts,
    counts,
)
modest = settings(max_examples=50, deadline=None)


@modest
@given(scores, scores, scores)
def test_merging_is_associative_commutative_and_conserves(a: Histogram, b: Histogram, c: Histogram) -> None:
    assert a.merged(b) == b.merged(a)
    whole = a.merged(b).merged(c)
    assert whole == a.merged(b.merged(c))
    assert sum(whole.real) == sum(a.real) + sum(b.real) + sum(c.real)
    assert sum(whole.fake) == sum(a.fake) + sum(b.fake) + sum(c.fake)


@modest
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, BINS - 1))
def test_widening_moves_each_bin_into_the_one_that_holds_it(power: int, more: int, index: int) -> None:
    low, high = sorted((power, more))
    one = tuple(int(i == index) for i in range(BINS))
    wide = Histogram("score", -(2.0**low), 2.0**low, one, one).widened(2.0**high)
    centre = index - BINS // 2  # in old bins; exact in whole numbers, as Python's // is
    assert wide.real.index(1) == centre // 2 ** (high - low) + BINS // 2
    assert (wide.low, wide.high, sum(wide.fake)) == (-(2.0**high), 2.0**high, 1)


def _histogram(real: dict[int, int], fake: dict[int, int], space: str = "probability") -> Histogram:
    low = 0.0 if space == "probability" else -1.0
    return Histogram(
        space,
        low,
        1.0,
        tuple(real.get(i, 0) for i in range(BINS)),
        tuple(fake.get(i, 0) for i in range(BINS)),
    )


def test_overlap() -> None:
    assert _histogram({3: 5}, {3: 10}).overlap == 1
    assert _histogram({3: 5}, {4: 5}).overlap == 0
    assert _histogram({3: 3, 4: 1}, {4: 1}).overlap == 0.25
    assert _histogram({}, {4: 1}).overlap == 0


def test_spaces_don_t_mix_and_only_powers_of_two_widen() -> None:
    score = _histogram({0: 1}, {}, "score")
    with pytest.raises(ValueError, match="merge"):
        score.merged(_histogram({}, {}))
    for high in (3.0, 1.5):
        with pytest.raises(ValueError, match="widen"):
            score.widened(high)
    with pytest.raises(ValueError, match="widen"):
        _histogram({}, {}).widened(2.0)
    assert score.widened(0.5) is score


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0, 1),
        (1, 1),
        (1.01, 2),
        (2, 2),
        (math.nextafter(2.0**30, math.inf), 2**31),
        (2.0**30, 2**30),
        (1e300, 2**60),
        (math.inf, 2**60),
        (math.nan, 1),
    ],
)
def test_score_range(largest: float, expected: float) -> None:
    assert score_range(largest) == expected
