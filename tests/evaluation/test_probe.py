"""Linear probes on features of which the right answer is known."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from gantui.evaluation.probe import FIXED, accuracy, probe, rank_in_class, standardised


def _classes(each: int = 60, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Features that tell the classes apart by a wide margin, and labels."""
    y = np.repeat(np.arange(classes), each)
    noise = np.random.default_rng(0).normal(size=(len(y), classes)) * 0.05
    return np.eye(classes)[y] + noise, y


def test_separable_features_are_told_apart_by_one_label_and_noise_by_none() -> None:
    x, y = _classes()
    noise = np.random.default_rng(1).normal(size=(len(y), 40))
    found = probe({"good": x, "noise": noise}, y, [1, 10], draws=5)
    assert list(found) == [1, 10]
    for count in (1, 10):
        assert found[count]["good"] == [1.0] * 5
        assert 0.2 < np.mean(found[count]["noise"]) < 0.5


def test_all_kinds_of_features_have_the_same_draws() -> None:
    digits = load_digits()
    found = probe({"a": digits.data, "b": digits.data * 3 + 7}, digits.target, [2, 6], draws=3)
    for count in (2, 6):
        assert found[count]["a"] == pytest.approx(found[count]["b"], abs=2e-3)
        assert len(set(found[count]["a"])) > 1  # and the draws differ


def test_more_labels_help_and_the_seed_decides() -> None:
    digits = load_digits()
    first, again, other = (probe({"x": digits.data}, digits.target, [1, 20], 3, seed) for seed in (0, 0, 1))
    assert first == again != other
    assert np.mean(first[1]["x"]) < 0.75 < 0.9 < np.mean(first[20]["x"])


@pytest.mark.parametrize("features", [5, 200])
def test_the_fit_in_the_span_of_the_examples_is_the_fit(features: int) -> None:
    """The same answers as scikit-learn's own with all coefficients."""
    chance = np.random.default_rng(0)
    x, y = standardised(chance.normal(size=(300, features))), chance.integers(0, 3, 300)
    train, test = np.arange(300)[rank_in_class(y) < 4], np.arange(300)[rank_in_class(y) >= 4]
    plain = LogisticRegression(C=FIXED, max_iter=1000).fit(x[train], y[train])
    assert accuracy(x, y, train, test, 4) == pytest.approx(plain.score(x[test], y[test]), abs=0.01)


def test_two_classes() -> None:
    x, y = _classes(classes=2)
    assert probe({"x": x}, y, [1, 5], draws=2) == {1: {"x": [1.0, 1.0]}, 5: {"x": [1.0, 1.0]}}


def test_features_are_standardised_and_constants_vanish() -> None:
    x = np.random.default_rng(0).normal(3, 10, size=(500, 4))
    x[:, 2] = 7.1
    scaled = standardised(x)
    assert scaled.mean(0) == pytest.approx(0, abs=1e-6)
    assert scaled.std(0) == pytest.approx([0.5, 0.5, 0, 0.5], rel=1e-5)


def test_the_rank_of_an_example_in_its_class() -> None:
    assert rank_in_class(np.array([2, 0, 2, 2, 1, 0])).tolist() == [0, 0, 1, 2, 0, 1]


def test_it_can_be_interrupted_between_fits() -> None:
    fits = []

    def check() -> None:
        fits.append(1)
        if len(fits) == 3:
            raise KeyboardInterrupt

    x, y = _classes()
    with pytest.raises(KeyboardInterrupt):
        probe({"x": x}, y, [1, 2], draws=5, check=check)
