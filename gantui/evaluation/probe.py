"""Linear probes: how well a linear classifier does on a few labels, over one kind of features or another."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gantui.evaluation.blocks import Check, no_check

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

STRENGTHS = (1.0, 10.0, 100.0, 1000.0)  # C of the logistic regression: the larger, the weaker its penalty
FIXED = 100.0
FOLDS = 5  # labels per class from which on C is chosen by cross-validation on them
MOST_TESTED = 10_000
Accuracies = dict[int, dict[str, list[float]]]


def probe(
    features: Mapping[str, np.ndarray],
    labels: np.ndarray,
    counts: Sequence[int],
    draws: int,
    seed: int = 0,
    check: Check = no_check,
) -> Accuracies:
    """Return shares of right answers by labels per class, by kind of features: one for each draw, 0 to 1.

    A multinomial logistic regression with an L2 penalty learns from `n` labelled examples of each class and is tested
    on all others, at most 10,000. The same draws are used for all kinds, and fewer labels are some of the more.
    Features are standardised by all examples, which takes no label, and divided by √features, so that one penalty
    means the same to few of them and to many. C is 100, and from five labels per class on chosen out of 1, 10, 100
    and 1000 by fivefold cross-validation on the labelled examples.

    Args:
        features: (N, F) each, float, finite; F may differ.
        labels: (N,) indices of classes, from 0; each of `counts` must leave examples to test on.
        check: called between fits; may raise, to interrupt.
    """
    from threadpoolctl import threadpool_limits

    scaled = {name: standardised(matrix) for name, matrix in features.items()}
    found: Accuracies = {count: {name: [] for name in features} for count in counts}
    with threadpool_limits(1):  # matrices so small that a second thread costs, and on a busy machine a lot
        for draw in range(draws):
            order = np.random.default_rng([seed, draw]).permutation(len(labels))
            rank = rank_in_class(labels[order])
            for count in counts:
                train, test = order[rank < count], order[rank >= count][:MOST_TESTED]
                for name, x in scaled.items():
                    check()
                    found[count][name].append(accuracy(x, labels, train, test, count))
    return found


def standardised(x: np.ndarray) -> np.ndarray:
    """Return features (N, F) with mean 0 and variance 1/F each, as float32; those that are constant become 0."""
    deviation = x.std(0, dtype=np.float64)
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 1e-7)
    scaled: np.ndarray = ((x - x.mean(0, dtype=np.float64)) * (scale / x.shape[1] ** 0.5)).astype(np.float32)
    return scaled


def rank_in_class(labels: np.ndarray) -> np.ndarray:
    """Return how many examples of its class come before each one."""
    by_class = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels)
    rank = np.empty(len(labels), dtype=np.int64)
    rank[by_class] = np.arange(len(labels)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank


def accuracy(x: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray, count: int) -> float:
    """Return the share of right answers on `test`, after learning from `train`, `count` of each class."""
    # What an L2 penalty lets a linear classifier learn lies in the span of its examples: in a basis of that the fit is
    # the same, with as many coefficients as examples instead of as features.
    basis = np.linalg.qr(x[train].T.astype(np.float64))[0]
    few = x[train].astype(np.float64) @ basis
    model = _fitted(few, labels[train], _strength(few, labels[train], count))
    scores = x[test].astype(np.float64) @ (basis @ model.coef_.T) + model.intercept_
    best = scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(np.int64)
    return float((model.classes_[best] == labels[test]).mean())


def _strength(x: np.ndarray, y: np.ndarray, count: int) -> float:
    if count < FOLDS:
        return FIXED
    fold = rank_in_class(y) % FOLDS

    def right(strength: float) -> int:
        hits = 0
        for k in range(FOLDS):
            model = _fitted(x[fold != k], y[fold != k], strength)
            hits += int((model.predict(x[fold == k]) == y[fold == k]).sum())
        return hits

    return max(STRENGTHS, key=right)  # of equals the first: the strongest penalty


def _fitted(x: np.ndarray, y: np.ndarray, strength: float) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=1000).fit(x, y)
