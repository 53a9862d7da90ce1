"""Is synthetic data of use? A classifier learns from samples, another from data; both are tried on data held out.

"Train on synthetic, test on real" (Esteban et al. 2017, section 4.2).
"""

from typing import TYPE_CHECKING, Any

from torch import Tensor

from gantui.evaluation.blocks import Check, no_check

if TYPE_CHECKING:
    import numpy as np

TREES, AT_ONCE = 100, 20
MOST = 5_000  # rows to learn from
LEAST = 10  # rows on either side


def utility(
    synthetic: tuple[Tensor, Tensor], real: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], check: Check = no_check
) -> dict[str, float]:
    """Return `accuracy_real` and `accuracy_synthetic`, 0 to 1: shares of right answers about `test`.

    Random forests of 100 trees (scikit-learn), always of the same chance; of more than 5,000 rows the first are used.

    Args:
        synthetic, real: what they learn from, (N, d) and classes (N,); as many synthetic rows as real ones are used.
        test: data neither has seen.
        check: called between pieces of work; may raise, to interrupt.

    Returns:
        Nothing where a set has fewer than 10 rows, or the data or the samples are all of one class.
    """
    count = min(len(synthetic[0]), len(real[0]), MOST)
    sets = [(x[:count], y[:count]) for x, y in (real, synthetic)]
    if min(count, len(test[0])) < LEAST or any(len(y.unique()) < 2 for _, y in sets):
        return {}
    return {
        name: _accuracy(_array(x), _array(y), _array(test[0]), _array(test[1]), check)
        for name, (x, y) in zip(("accuracy_real", "accuracy_synthetic"), sets, strict=True)
    }


def _accuracy(
    x: "np.ndarray[Any, Any]",
    y: "np.ndarray[Any, Any]",
    test_x: "np.ndarray[Any, Any]",
    test_y: "np.ndarray[Any, Any]",
    check: Check,
) -> float:
    check()
    from sklearn.ensemble import RandomForestClassifier  # a second and a half

    forest = RandomForestClassifier(n_estimators=0, warm_start=True, random_state=0, n_jobs=1)
    for trees in range(AT_ONCE, TREES + 1, AT_ONCE):
        check()
        forest.set_params(n_estimators=trees)
        forest.fit(x, y)
    return float((forest.predict(test_x) == test_y).mean())


def _array(tensor: Tensor) -> "np.ndarray[Any, Any]":
    array: np.ndarray[Any, Any] = tensor.detach().cpu().numpy()
    return array
