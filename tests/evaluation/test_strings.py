"""Measures of strings, in closed form."""

import math

import pytest
import torch

from gantui.evaluation.strings import distinct, measure_strings, ngram_divergence, novel, valid_share

ALPHABET = ("", "a", "b", "c")


def rows(*strings: str, length: int = 4) -> torch.Tensor:
    found = [[ALPHABET.index(character) for character in string] for string in strings]
    return torch.tensor([row + [0] * (length - len(row)) for row in found], dtype=torch.uint8)


def entropy(*shares: float) -> float:
    return -sum(share * math.log2(share) for share in shares if share)


def test_divergence_of_single_symbols_in_closed_form():
    # p = (3/4, 1/4, 0), q = (1/4, 1/4, 1/2) over a, b, c; padding is not counted
    p, q = rows("aab", "a"), rows("acbc")
    middle = entropy(1 / 2, 1 / 4, 1 / 4)
    expected = middle - (entropy(3 / 4, 1 / 4) + entropy(1 / 4, 1 / 4, 1 / 2)) / 2
    assert ngram_divergence(p, q, 1) == pytest.approx(expected)
    assert ngram_divergence(q, p, 1) == pytest.approx(expected)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_divergence_is_none_for_the_same_strings_and_a_bit_for_disjoint_ones(n):
    words = rows("abc", "b", "acca", "")
    assert ngram_divergence(words, words.flip(0).repeat(3, 1), n) == pytest.approx(0, abs=1e-12)
    assert ngram_divergence(rows("aaaa", "ab"), rows("cccc", "c"), n) == pytest.approx(1)


def test_order_and_endings_count_from_two_symbols_on():
    a, b = rows("ab", "ba"), rows("aabb")
    assert ngram_divergence(a, b, 1) == pytest.approx(0, abs=1e-12)
    # a: ab, b-, ba, a-; b: aa, ab, bb, b-
    shared, own = 1 / 4, 1 / 8
    assert ngram_divergence(a, b, 2) == pytest.approx(entropy(shared, shared, own, own, own, own) - 2)


def test_nothing_but_empty_strings_is_as_far_as_it_gets():
    assert ngram_divergence(rows("", ""), rows("a"), 2) == 1
    assert ngram_divergence(rows("", ""), rows(""), 2) == 0


def test_many_symbols_don_t_run_into_each_other():
    a = torch.tensor([[2047, 1, 1, 1]], dtype=torch.int16)
    b = torch.tensor([[1, 2047, 1, 1]], dtype=torch.int16)
    assert ngram_divergence(a, b, 4) == pytest.approx(0.5)  # the last two begin the same


def test_shares_of_distinct_new_and_valid_strings():
    made = rows("a", "a", "ab", "cc", "cc")
    assert distinct(made) == 3 / 5
    assert novel(made, rows("a", "b")) == 3 / 5
    assert novel(made, made) == 0
    assert valid_share(made, ALPHABET, lambda string: string == "cc") == 2 / 5


def test_only_as_many_samples_are_compared_as_are_held_out():
    real, held = rows("a", "b"), rows("b")
    values = measure_strings(rows("b", "c", "c", "c"), real, held, real, ALPHABET)
    assert "valid" not in values
    assert (values["distinct"], values["novel"]) == (2 / 4, 3 / 4)
    assert all(values[f"ngram_js_{n}"] == values[f"ngram_js_{n}_floor"] for n in (1, 2, 3, 4))
    assert measure_strings(real, real, held, real, ALPHABET, valid=str.isalpha)["valid"] == 1


def test_a_long_evaluation_can_be_interrupted():
    class Stop(Exception):
        pass

    def check():
        raise Stop

    with pytest.raises(Stop):
        novel(rows("a"), rows("a"), check)
    with pytest.raises(Stop):
        ngram_divergence(rows("a"), rows("b"), 2, check)
