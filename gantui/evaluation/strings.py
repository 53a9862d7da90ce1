"""Measures of generated strings: are their n-grams those of the data, are they distinct, new, and by the rules?

A string is a row of symbols by their indices, int (L,); what stands behind its end is padding, 0.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from gantui.core.text import spelled
from gantui.evaluation.blocks import MAX_ROWS, Check, no_check

NGRAMS = (1, 2, 3, 4)
SYMBOL_BITS = 11  # four symbols fit into one number


def measure_strings(
    generated: Tensor,
    real: Tensor,
    held: Tensor,
    known: Tensor,
    alphabet: Sequence[str],
    valid: Callable[[str], bool] | None = None,
    check: Check = no_check,
) -> dict[str, Any]:
    """Return the measures of a generator of strings, by the names used in `eval` records.

    Args:
        generated: (N, L), N ≥ 1.
        real: (M, L) data to hold samples against, M ≥ 1.
        held: (H, L) other data, H ≥ 1, which show what is possible; of the samples only the first H are compared,
            as the divergence of two sets of one distribution falls with their size.
        known: (K, L) all that the generator has been trained on.
        alphabet: the symbols by index.
        valid: whether a string obeys the rules, where there are any.
        check: called between blocks of work; may raise, to interrupt.

    Returns:
        `valid`, share of samples that obey the rules; `distinct`, number of different samples over the number of
        samples; `novel`, share of samples that are not in `known`; all 0 to 1. For n from 1 to 4 `ngram_js_n`, see
        `ngram_divergence`, between samples and `real`, and `ngram_js_n_floor`, between `held` and `real`.
    """
    values: dict[str, Any] = {}
    if valid is not None:
        values["valid"] = valid_share(generated, alphabet, valid, check)
    values["distinct"] = distinct(generated)
    values["novel"] = novel(generated, known, check)
    for n in NGRAMS:
        values[f"ngram_js_{n}"] = ngram_divergence(generated[: len(held)], real, n, check)
        values[f"ngram_js_{n}_floor"] = ngram_divergence(held, real, n, check)
    return values


def ngram_divergence(a: Tensor, b: Tensor, n: int, check: Check = no_check) -> float:
    """Return the Jensen-Shannon divergence in bits, 0 to 1, of the n-grams of two sets of strings, (N, L) and (M, L).

    Counted are the n-grams that begin inside a string; those that reach over its end go on in padding, so that
    endings count too (Gulrajani et al. 2017 compare their samples so, but let n-grams begin in the padding as well).
    Two sets of the same distribution are apart as well, the less the larger they are: hold it against a floor.
    """
    counts = [_ngrams(x, n, check) for x in (a, b)]
    if not all(len(codes) for codes in counts):
        return float(len(counts[0]) != len(counts[1]))
    check()
    found, places = torch.cat(counts).unique(return_inverse=True)
    p, q = (
        torch.bincount(part, minlength=len(found)).double() / len(part)
        for part in places.split([len(codes) for codes in counts])
    )
    middle = (p + q) / 2
    return float((_entropy(middle) - (_entropy(p) + _entropy(q)) / 2).clamp(0, 1))


def distinct(strings: Tensor) -> float:
    """Return the number of different strings (N, L) over N ≥ 1: above 0, at most 1."""
    return len(set(_rows(strings))) / len(strings)


def novel(strings: Tensor, known: Tensor, check: Check = no_check) -> float:
    """Return the share, 0 to 1, of strings (N, L), N ≥ 1, that are not among those known (K, L)."""
    seen: set[bytes] = set()
    for part in known.split(100 * MAX_ROWS):
        check()
        seen.update(_rows(part))
    return sum(row not in seen for row in _rows(strings)) / len(strings)


def valid_share(
    strings: Tensor, alphabet: Sequence[str], valid: Callable[[str], bool], check: Check = no_check
) -> float:
    """Return the share, 0 to 1, of strings (N, L), N ≥ 1, that `valid` accepts."""
    count = 0
    for part in strings.split(MAX_ROWS):
        check()
        count += sum(valid(spelled(row, alphabet)) for row in part.tolist())
    return count / len(strings)


def _ngrams(strings: Tensor, n: int, check: Check) -> Tensor:
    """The n-grams of all strings (N, L) of at most 2,048 symbols, each as one number."""
    found = []
    for part in strings.split(100 * MAX_ROWS):
        check()
        symbols = pad(part.long(), (0, n - 1))
        codes = torch.zeros_like(part, dtype=torch.int64)
        for place in range(n):
            codes = (codes << SYMBOL_BITS) | symbols[:, place : place + part.shape[1]]
        found.append(codes[part != 0])
    return torch.cat(found)


def _entropy(p: Tensor) -> Tensor:
    bits: Tensor = -torch.special.xlogy(p, p).sum() / math.log(2)
    return bits


def _rows(strings: Tensor) -> list[bytes]:
    """The strings as something that can be looked up."""
    width = strings.shape[1] * strings.element_size()
    raw = strings.cpu().contiguous().numpy().tobytes()
    return [raw[at : at + width] for at in range(0, len(raw), width)]
