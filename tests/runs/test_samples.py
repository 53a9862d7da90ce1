"""What the files of previews hold, whoever wrote them."""

import numpy as np
import pytest

from gantui.runs.samples import decoded, density_of


def test_the_kind_of_samples_is_told_by_their_arrays() -> None:
    line = {"grid": np.linspace(-1, 1, 20), "d": np.zeros(20), "p_g": np.zeros(20)}
    assert _kind(x=np.zeros((4, 3, 8, 8))) == "images"
    assert _kind(x=np.zeros((4, 2))) == "points"
    assert _kind(x=np.zeros((4, 1)), **line) == "density"
    assert _kind(x=np.zeros((4, 1))) == "table"
    assert _kind(x=np.zeros((4, 7))) == "table"
    assert _kind(x=np.zeros((4, 7), dtype=np.uint8)) == _kind(x=np.zeros((4, 2), dtype=np.int16)) == "text"


def _kind(**arrays: np.ndarray) -> str:
    samples = decoded(arrays)
    assert samples is not None
    return samples.kind


@pytest.mark.parametrize(
    "arrays",
    [
        None,
        {},
        {"y": np.zeros((3, 2))},
        {"x": np.zeros(3)},
        {"x": np.zeros((0, 2))},
        {"x": np.zeros((3, 2, 8, 8))},
        {"x": np.zeros((3, 1, 0, 8))},
        {"x": np.array([["a", "b"]])},
        {"x": np.zeros((2, 2), dtype=complex)},
    ],
)
def test_what_can_not_be_samples_is_none(arrays: dict[str, np.ndarray] | None) -> None:
    assert decoded(arrays) is None


@pytest.mark.parametrize(
    "more",
    [
        {"x_raw": np.zeros((3, 5))},
        {"grid": np.zeros(4), "d": np.zeros(4)},
        {"grid": np.arange(4.0), "d": np.zeros(5)},
        {"grid": np.arange(4.0)},
        {"grid": np.array([0.0, np.nan, 2.0]), "d": np.zeros(3)},
    ],
)
def test_what_does_not_fit_the_samples_is_left_out(more: dict[str, np.ndarray]) -> None:
    samples = decoded({"x": np.zeros((3, 1)), **more})
    assert samples is not None and samples.raw is None and samples.grid is None


@pytest.mark.parametrize("raw", [np.zeros((4, 7)), np.zeros((4, 6), dtype=int), np.zeros((4, 1, 7, 7))])
def test_text_goes_with_text_alone(raw: np.ndarray) -> None:
    samples = decoded({"x": np.ones((4, 7), dtype=np.uint8), "x_raw": raw})
    assert samples is not None and samples.raw is None


def test_a_density_counts_all_samples() -> None:
    grid = np.linspace(-1, 1, 21)
    x = np.array([[0.0], [0.04], [1.0], [7.0], [np.nan]])
    assert density_of(x, grid) * 5 * 0.1 == pytest.approx(np.eye(21)[10] * 2 + np.eye(21)[20])
