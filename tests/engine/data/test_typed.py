"""Tables of numbers, words, dates and empty cells: what is read, what is refused, and that it is written back."""

import csv
import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core.config import validate
from gantui.core.errors import DataError
from gantui.engine.data import typed

CARS = "name,mpg,doors,sold\nford,18.5,2,1970-01-01\nfiat,30.0,4,1971-06-30\nford,20.25,4,1970-02-28\n"


def read(text, **config):
    rows = list(csv.reader(io.StringIO(text, newline="")))
    return typed.read(enumerate(rows, 1), validate(config))


def back(table):
    sheet = table.sheet
    return sheet.write(sheet.rounded(torch.from_numpy(table.values)).numpy(), None, None)


def test_each_column_has_its_type_and_all_come_back_as_they_were():
    table = read(CARS)
    assert table.values[:, :3].tolist() == [[0, 18.5, 2], [1, 30, 4], [0, 20.25, 4]]
    assert table.values[1, 3] - table.values[0, 3] == 545  # days
    name, mpg, _, sold = table.sheet.columns
    assert (name.values, mpg.low, mpg.high, mpg.precision, sold.date) == (["ford", "fiat"], 18.5, 30, 2, True)
    assert back(table) == CARS


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b\n1,x\n2,y\n", True),
        ("1,x\n2,y\n3,x\n", False),
        ("colour,size\nred,big\nblue,small\nred,small\n", True),
        ("red,big\nblue,small\nred,small\n", False),
        ("day\n2020-01-01\n2021-01-01\n", True),
        ("2020-01-01\n2021-01-01\n", False),
        ("1,2\n3,4\n", False),
    ],
)
def test_the_first_row_is_a_header_or_not(text, header):
    table = read(text)
    assert bool(table.sheet.header) is header
    assert len(table.values) == text.count("\n") - header
    assert back(table) == text


def test_empty_cells_are_refused_or_learnt():
    text = "a,b,c\n1,x,2020-01-01\n,y,\n3,,2020-01-03\n4,x,2020-01-04\n"
    with pytest.raises(DataError, match=r"line 3, column 'a': empty; .*missing=model"):
        read(text)
    table = read(text, missing="model")
    assert np.isnan(table.values).tolist() == [[False] * 3, [True, False, True], [False, True, False], [False] * 3]
    assert all(column.missing for column in table.sheet.columns)
    assert back(table) == text


@pytest.mark.parametrize("word", ["NA", "nan", "N/A", "null", "?"])
def test_words_for_nothing_are_empty_cells_among_numbers_and_words_among_words(word):
    numbers = f"a\n1\n{word}\n3\n"
    with pytest.raises(DataError, match=r"line 3, column 'a'.*missing value"):
        read(numbers)
    assert back(read(numbers, missing="model")) == 'a\n1\n""\n3\n'
    assert read(f"a,b\n1,x\n2,{word}\n3,x\n").sheet.columns[1].values == ["x", word]


def test_numbers_become_words_where_they_are_named():
    table = read("a,b\n1,10\n2,20\n3,10\n", categorical="b")
    assert table.sheet.columns[1].values == ["10", "20"]
    assert back(table) == "a,b\n1,10\n2,20\n3,10\n"
    assert read("1,10\n2,20\n3,10\n", categorical="2").sheet.columns[1].values == ["10", "20"]
    with pytest.raises(DataError, match=r"categorical = 'c': no such column.*a, b"):
        read("a,b\n1,10\n2,20\n", categorical="c")


def test_constants_are_said_and_written_back():
    table = read("a,b,c\n1.50,x,7\n1.50,x,8\n")
    assert any("a, b" in text for text in table.warnings)
    assert back(table) == "a,b,c\n1.50,x,7\n1.50,x,8\n"


def test_few_whole_numbers_are_pointed_at():
    table = read("a,b\n" + "".join(f"{i % 2},{i}\n" for i in range(60)))
    assert any("learnt as numbers: a " in text for text in table.warnings)


def test_a_column_without_any_cell_stays_empty():
    assert back(read("a,b\n1,\n2,\n", missing="model")) == "a,b\n1,\n2,\n"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a\n1\n2\nx\n", ["line 4, column 'a': 'x'", "categorical"]),
        ("a\nx\ny\nx\n1\n", ["line 5, column 'a': '1'", "a number among words"]),
        ('a\n"1,5"\n"2,5"\n', ["line 2", "'1,5'", "decimal point"]),
        ('a\n"1,234.5"\n1\n2\n', ["line 2", "thousands separator"]),
        ("a\n1 234\n2 345\n", ["line 2", "thousands separator"]),
        ("a\n31.12.2020\n30.11.2020\n", ["line 2", "dates are written as"]),
        ("a\n12/31/2020\n11/30/2020\n", ["line 2", "dates are written as"]),
        ("a\n2020-01-01 12:30\n2020-01-02 12:30\n", ["line 2", "time of day"]),
        ("a\n12:30\n13:30:05\n", ["line 2", "time of day"]),
        ("a\n2020-02-30\n2020-01-01\n", ["line 2", "no such day"]),
        ("a,b\n" + "".join(f"{i},name{i}\n" for i in range(30)), ["column 'b': 30 different", "name0", "Remove"]),
        ("a,b\n" + "".join(f"{i},w{i % 101}\n" for i in range(500)), ["column 'b': 101 different", "at most 100"]),
        ("a,b\nx,y\n", ["1 rows of 2 columns", "at least 2"]),
        ("a,b\n1,2\n", ["1 rows of 2 columns", "at least 2"]),
    ],
)
def test_what_is_refused(text, parts):
    with pytest.raises(DataError) as caught:
        read(text)
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert message.count("\n") <= 1


def test_a_table_that_never_varies_is_refused(refusal, tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,x\n1,x\n")
    assert "no column varies" in refusal(tmp_path / "t.csv")


def test_two_columns_of_one_name_are_said(load_data, tmp_path):
    (tmp_path / "t.csv").write_text("a,a\n1,3\n2,5\n")
    assert any("several columns are called a" in text for text in load_data(tmp_path / "t.csv").warnings)


words = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), min_size=1, max_size=8).map(
    lambda word: f"w{word}w"
)
numbers = st.tuples(st.integers(-99_999, 99_999), st.integers(0, 3)).map(lambda n: f"{n[0] / 10 ** n[1]:.{n[1]}f}")


@settings(max_examples=60, deadline=None)
@given(st.lists(words, min_size=1, max_size=5, unique=True), st.data(), st.integers(2, 12))
def test_whatever_is_in_the_cells_comes_back(kinds, data, count):
    drawn = [
        [data.draw(numbers), data.draw(st.sampled_from(kinds)), data.draw(st.dates()).isoformat(), f"{number:.2f}"]
        for number in range(count)
    ]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c", "d"], *drawn])
    again = read(text.getvalue())
    written = list(csv.reader(io.StringIO(back(again), newline=""), strict=True))
    assert written[0] == ["a", "b", "c", "d"]
    for was, now in zip(drawn, written[1:], strict=True):
        assert now[1:] == was[1:]
        assert float(now[0]) == float(was[0])
