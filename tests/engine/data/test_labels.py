"""Rows, condition vectors, drawing from the joint distribution, and what people write on the command line."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gantui.core.errors import ConfigError
from gantui.engine.data.labels import Attribute, Labels, of_classes

COLOUR = Attribute("colour", ("red", "green", "blue"))
GLASSES = Attribute("glasses", ("0", "1"))
ROWS = torch.tensor([[0, 1], [2, 0], [2, 0], [1, 1]])
BOTH = Labels((COLOUR, GLASSES), ROWS)
DIGITS = of_classes("0123456789", torch.arange(10))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_a_condition_vector_is_one_hot_and_one_column_for_a_binary_attribute():
    assert BOTH.width == 4
    assert BOTH.encode(ROWS[:2]).tolist() == [[1, 0, 0, 1], [0, 0, 1, 0]]
    assert BOTH.encode(ROWS).dtype == torch.float32
    assert BOTH.encode(ROWS[:0]).shape == (0, 4)
    assert torch.equal(DIGITS.encode(DIGITS.rows), torch.eye(10))


@given(st.lists(st.integers(2, 6), min_size=1, max_size=5), st.data())
def test_every_row_has_a_vector_of_its_own(sizes, data):
    attributes = tuple(Attribute(str(i), tuple("abcdef"[:size])) for i, size in enumerate(sizes))
    rows = torch.tensor([[data.draw(st.integers(0, size - 1)) for size in sizes] for _ in range(5)])
    labels = Labels(attributes, rows)
    vectors = labels.encode(rows)
    assert vectors.shape == (5, labels.width)
    for a, b in itertools.combinations(range(5), 2):
        assert torch.equal(rows[a], rows[b]) == torch.equal(vectors[a], vectors[b])


def test_rows_are_drawn_as_often_as_the_data_has_them():
    drawn = BOTH.draw(4000, generator())
    shares = {row: (drawn == torch.tensor(row)).all(1).float().mean().item() for row in [(0, 1), (2, 0), (1, 1)]}
    assert sum(shares.values()) == pytest.approx(1)
    assert [shares[row] for row in [(0, 1), (2, 0), (1, 1)]] == pytest.approx([0.25, 0.5, 0.25], abs=0.03)
    assert torch.equal(drawn, BOTH.draw(4000, generator()))


def test_what_is_not_asked_for_is_drawn_from_examples_that_have_the_rest():
    wanted = BOTH.draw_like({1: 1}, 500, generator())
    assert {tuple(row) for row in wanted.tolist()} == {(0, 1), (1, 1)}
    unseen = BOTH.draw_like({0: 0, 1: 0}, 50, generator())  # red without glasses: no such example
    assert {tuple(row) for row in unseen.tolist()} == {(0, 0)}
    assert torch.equal(BOTH.draw_like({}, 9, generator()), BOTH.draw(9, generator()))
    assert torch.equal(BOTH.rows, ROWS)


@pytest.mark.parametrize(
    ("labels", "class_", "attributes", "wanted"),
    [
        (DIGITS, "7", None, {0: 7}),
        (DIGITS, None, "class=7", {0: 7}),
        (DIGITS, None, None, {}),
        (BOTH, None, "glasses=1,colour=GREEN", {0: 1, 1: 1}),
        (BOTH, None, " glasses = 0 ", {1: 0}),
        (Labels((Attribute("smiling", ("no", "yes")),), ROWS[:, 1:]), None, "smiling=1", {0: 1}),
        (Labels((Attribute("smiling", ("no", "yes")),), ROWS[:, 1:]), "yes", None, {0: 1}),
        (Labels((GLASSES, Attribute("class", tuple("abc"))), ROWS.flip(1)), "c", "glasses=0", {0: 0, 1: 2}),
    ],
)
def test_words_that_name_values(labels, class_, attributes, wanted):
    assert labels.parse(class_, attributes) == wanted


@pytest.mark.parametrize(
    ("labels", "class_", "attributes", "parts"),
    [
        (DIGITS, "12", None, ["--class = '12'", "values of class are 0, 1, 2", "9"]),
        (DIGITS, "", None, ["--class = ''"]),
        (DIGITS, "-1", None, ["--class = '-1'"]),
        (BOTH, "red", None, ["--class red", "several attributes", "colour, glasses", "--attributes"]),
        (BOTH, None, "glases=1", ["'glasses'?", "colour, glasses"]),
        (BOTH, None, "glasses=2", ["--attributes glasses = '2'", "are 0, 1"]),
        (BOTH, None, "colour=gren", ["did you mean 'green'?", "red, green, blue"]),
        (BOTH, None, "glasses", ["NAME=VALUE"]),
        (BOTH, None, "", ["NAME=VALUE"]),
        (BOTH, None, "glasses=1,glasses=0", ["given twice"]),
        (DIGITS, "1", "class=2", ["given twice"]),
        (BOTH, None, "\x1b[31m=1", ["no such attribute"]),
        (of_classes([str(i) for i in range(1000)], ROWS[:, 0]), "x", None, ["… (1000)"]),
    ],
)
def test_words_that_name_none(labels, class_, attributes, parts):
    with pytest.raises(ConfigError) as caught:
        labels.parse(class_, attributes)
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert message.isprintable()
    assert len(message) < 500


def test_a_checkpoint_keeps_them():
    again = Labels.from_form(BOTH.form(), torch.device("cpu"))
    assert again.attributes == BOTH.attributes
    assert torch.equal(again.rows, ROWS)
    assert again.rows.dtype == torch.int64


def test_rows_in_words():
    assert BOTH.describe([2, 0]) == "colour=blue glasses=0"
    assert DIGITS.describe([3]) == "3"
    assert BOTH.only(["glasses"]).describe([1]) == "1"
