"""What G descends."""

import pytest
from drawings import assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core import game
from gantui.core.events import Hist, ObjectiveFacts
from gantui.tui.draw.descent import Scale, draw, scale_of
from gantui.tui.draw.ink import plain

BOTH = [(game.MINIMAX, "accent"), (game.NON_SATURATING, "g")]


def _hist(fake: list[int], space: str = "probability", low: float = 0.0, high: float = 1.0) -> Hist:
    return Hist(space=space, low=low, high=high, real=[0] * len(fake), fake=fake, overlap=0.0)


@pytest.mark.parametrize(("logits", "d_gz", "share"), [(False, 0.25, 0.25), (True, 0.5, 0.5), (True, 1e-9, 0.0)])
def test_the_mark_is_where_the_samples_are(logits: bool, d_gz: float, share: float) -> None:
    drawn = plain(draw(BOTH, scale_of(None, True, logits), d_gz, None, 87, 16))
    assert drawn[1].index("▾") == pytest.approx(7 + 80 * share, abs=1)


def test_the_axis_is_that_of_the_loss() -> None:
    assert scale_of(None, True, False) == Scale(0, 1) and scale_of(None, True, True).logits
    assert scale_of(None, False, True) == Scale(-2, 2)
    assert scale_of(_hist([1], "score", -8, 8), False, False) == Scale(-8, 8)


def test_samples_are_highest_where_most_of_them_are() -> None:
    fake = [0] * 64
    fake[48] = 100
    rows = plain(draw([], scale_of(None, True, False), None, _hist(fake), 87, 16))
    columns = {column for row in rows[1:12] for column, char in enumerate(row[7:]) if char >= "⢀"}
    assert {round(64 * column / 80) for column in columns} <= {48, 49} and columns


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 1 << 52), min_size=1, max_size=70), st.floats(-1e18, 1e18), st.integers(1, 70),
    st.integers(1, 20), st.booleans(), st.booleans(), st.floats(-(2.0**60), 2.0**60),
)  # fmt: skip
def test_any_histogram_fills_exactly_any_area(
    fake: list[int], d_gz: float, width: int, height: int, logits: bool, mono: bool, level: float
) -> None:
    hist, scores = _hist(fake), _hist(fake, "score", -(2.0**60), 2.0**60)
    d = min(max(d_gz, 0.0), 1.0)
    assert_whole(draw(BOTH, scale_of(hist, True, logits), d, hist, width, height, mono), width, height)
    for name in ("least_squares", "wasserstein", "relativistic"):
        costs = [(cost, "g") for cost in game.costs(ObjectiveFacts(name=name, probability=False), level)]
        assert_whole(draw(costs, scale_of(scores, False, False), d_gz, scores, width, height, mono), width, height)
