"""Expressions: how many there are, which strings are some, and what a set of them holds."""

from itertools import product

import pytest
import torch

from gantui.core.text import spelled
from gantui.engine.data.grammar import COUNT, DEPTH, LENGTH, valid


def expressions(longest: int, digits: int, operators: int) -> list[int]:
    """How many expressions there are by length, in a language of so many digits and operators."""
    inside = [0] * (longest + 1)
    for _ in range(DEPTH + 1):
        terms = [digits * (n == 1) + (inside[n - 2] if n >= 2 else 0) for n in range(longest + 1)]
        chains = [0] * (longest + 1)  # of one term or more
        for n in range(1, longest + 1):
            chains[n] = terms[n] + sum(terms[i] * operators * chains[n - 1 - i] for i in range(1, n - 1))
        inside = [chain - term for chain, term in zip(chains, terms, strict=True)]
    return inside


def test_every_short_string_is_judged_as_the_rules_count_them():
    expected = expressions(8, digits=2, operators=1)
    for length in range(1, 9):
        found = sum(valid("".join(characters)) for characters in product("19+()", repeat=length))
        assert found == expected[length], length


def test_there_are_as_many_as_the_grammar_says_in_as_many_forms():
    assert sum(expressions(LENGTH, 9, 4)) == 28_227_241_908
    assert sum(expressions(LENGTH, 1, 1)) == 62


@pytest.mark.parametrize("string", ["1+2", "1*9-3", "(1+2)*3", "4/((1+2)-3)", "(1+2)*(3+4)"])
def test_expressions(string):
    assert valid(string)


@pytest.mark.parametrize(
    "string",
    [
        *(
            "",
            "1",
            "12",
            "1+",
            "+1",
            "0+2",
            "12+3",
            "1++2",
            "(1)",
            "((1+2))*3",
            "(1+2",
            "1+2)",
            "()",
            "1+(2)",
            "2(1+2)",
        ),
        *("(1+2)3", "(1+2)(3+4)", "1 + 2", "n+n", "1+n", "(((1+2)-3)*4)/5", "1+2\n"),
        "1+1+1+1+1+1+1+1",  # 15 characters
    ],
)
def test_what_is_none(string):
    assert not valid(string)


def test_a_set_holds_distinct_expressions_of_many_forms_decided_by_the_seed(load_data):
    data = load_data("grammar")
    assert (data.count, data.kind, data.output, data.shape) == (COUNT, "text", "softmax", (16, LENGTH))
    strings = [spelled(row, data.alphabet) for row in data.x.tolist()]
    assert len(set(strings)) == COUNT
    assert all(map(data.valid, strings))
    assert {len(string) for string in strings} == set(range(3, LENGTH + 1, 2))
    assert 0.3 < sum("(" in string for string in strings) / COUNT < 0.8
    assert torch.equal(load_data("grammar").x, data.x)
    assert not torch.equal(load_data("grammar", seed=1).x, data.x)
