"""The columns of a table, data beside samples."""

import numpy as np
import pytest
from drawings import assert_golden, assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gantui.tui.draw.ink import plain
from gantui.tui.draw.marginals import draw

index = np.arange(600)
REAL = np.stack([np.sin(index * 1.3) * 2 + 10, (index * 7 % 100) ** 2, np.where(index % 3, 1e-4, 2e-4)], axis=1)
FAKE = REAL[:200] * [1.1, 0.7, 1.0]
NAMES = ["age", "income of a year, in euros", "年龄"]
tables = st.integers(1, 6).flatmap(
    lambda d: st.tuples(
        st.integers(0, 8).flatmap(lambda n: arrays(np.float64, (n, d), elements=st.floats())),
        st.integers(0, 8).flatmap(lambda n: arrays(np.float64, (n, d), elements=st.floats())),
    )
)


@pytest.mark.parametrize(("width", "height"), [(100, 5), (50, 5), (30, 3)])
def test_tables_look_as_they_did(width: int, height: int) -> None:
    assert_golden(f"marginals_{width}x{height}", draw(NAMES, REAL, FAKE, width, height))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(max_size=20), max_size=8),
    tables,
    st.integers(1, 120),
    st.integers(1, 9),
    st.lists(st.lists(st.text(max_size=20), max_size=7), max_size=8),
)
def test_any_table_fills_exactly_any_area(
    names: list[str], table: tuple[np.ndarray, np.ndarray], width: int, height: int, values: list[list[str]]
) -> None:
    assert_whole(draw(names, *table, width, height, values), width, height)


def test_each_column_has_its_mean_and_spread() -> None:
    line = plain(draw(NAMES, REAL, FAKE, 100, 5))[1]
    assert line.split()[:3] == ["age", "10", "1.41"]
    assert line.split()[4:6] == ["11", f"{FAKE[:, 0].std():.2f}"]


def test_it_says_how_many_columns_do_not_fit() -> None:
    rows = plain(draw([], np.tile(REAL, 4), np.tile(FAKE, 4), 80, 6))
    assert rows[1].startswith("column 0") and rows[-1].strip() == "8 more"
    assert "more" not in plain(draw(NAMES, REAL, FAKE, 80, 4))[-1]


def test_both_shapes_are_over_the_range_of_the_data() -> None:
    real = np.linspace(0, 1, 500)[:, None]
    row = plain(draw(["x"], real, real[250:], 40, 2))[1]
    spark = row.split(" ", 1)[1]
    data, samples = spark[:18], spark[19:]
    assert data.strip() and samples[:7].strip() == "" and samples[10:16].strip()


WORDS = [[], ["usa", "japan", "europe"], [chr(97 + i) * 4 for i in range(9)]]
MIXED = np.stack([np.where(index % 10, index * 1.0, np.nan), index % 3, index % 9 * (index % 2)], axis=1)


def test_categories_have_bars_of_their_shares() -> None:
    rows = plain(draw(["age", "origin", "kind"], MIXED, MIXED[:300] * [1, 0, 1], 80, 12, WORDS))
    assert rows[2].split()[:2] == ["empty", "10.0%"]
    assert rows[3].split()[0:3] == ["origin", "usa", "33.3%"]
    assert rows[3].split()[-2] == "100.0%"
    assert rows[4].split()[:2] == ["japan", "33.3%"] and rows[4].split()[-1] == "0.0%"
    assert [row.split()[0] for row in rows[6:10]] == ["kind", "bbbb", "cccc", "dddd"]
    assert rows[10].split()[:2] == ["5", "others"]


def test_categories_take_fewer_lines_where_there_is_less_room() -> None:
    rows = plain(draw(["age", "origin", "kind"], MIXED, MIXED, 80, 4, WORDS))
    assert [row.split()[0] for row in rows] == ["mean", "age", "origin", "kind"]
    assert plain(draw(["age", "origin", "kind"], MIXED, MIXED, 80, 3, WORDS))[-1].strip() == "2 more"
