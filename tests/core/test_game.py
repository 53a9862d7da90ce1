"""The game's theory against closed forms: densities on a grid, D at its best and elsewhere."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core import game
from gantui.core.events import ObjectiveFacts

STEP = 0.01
GRID = [-10 + STEP * index for index in range(2001)]


def _normal(mean: float, sd: float = 1.0) -> list[float]:
    return [math.exp(-(((x - mean) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi)) for x in GRID]


def _integral(values: list[float]) -> float:
    return STEP * sum(values)


def _kl(p: list[float], q: list[float]) -> float:
    return _integral([a * math.log(a / b) for a, b in zip(p, q, strict=True) if a > 1e-300])


P, Q = _normal(0), _normal(1.5, 0.8)
MIDDLE = [(p + q) / 2 for p, q in zip(P, Q, strict=True)]
JSD = (_kl(P, MIDDLE) + _kl(Q, MIDDLE)) / 2
BEST = [p / (p + q) for p, q in zip(P, Q, strict=True)]


def _value(d: list[float]) -> float:
    on, off = game.NON_SATURATING.cost, game.MINIMAX.cost  # far out D is 0 or 1, for a float
    return _integral([q * off(y) - p * on(y) for p, q, y in zip(P, Q, d, strict=True)])


def _facts(name: str, probability: bool = True, **equilibrium: float) -> ObjectiveFacts:
    return ObjectiveFacts(name=name, probability=probability, equilibrium=equilibrium)


def test_at_the_optimal_d_the_value_gives_the_divergence_itself() -> None:
    assert game.jsd_bound(_value(BEST)).least == pytest.approx(JSD, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 3), st.floats(-3, 3))
def test_any_other_d_gives_less_but_never_below_0(scale: float, shift: float) -> None:
    d = [game.sigmoid(scale * game.logit(y) + shift) for y in BEST]
    assert 0 <= game.jsd_bound(_value(d)).least <= JSD + 1e-9


def test_bounds_stay_within_what_a_divergence_can_be() -> None:
    assert game.jsd_bound(0.0).least == game.LOG_2 and game.jsd_bound(0.0).share == 1
    assert game.jsd_bound(-game.LOG_4).least == 0 and game.jsd_bound(-50.0).least == 0
    assert game.variation_bound(-3).least == 1 and game.triangular_bound(9e307).least == 0


def test_critics_at_their_best_give_their_divergences() -> None:
    both = list(zip(P, Q, strict=True))
    hinge = _integral([p * (1 - d) + q * (1 + d) for p, q in both for d in [1 if p > q else -1]])
    assert game.variation_bound(hinge).least == pytest.approx(_integral([abs(p - q) for p, q in both]) / 2, abs=1e-9)
    squares = _integral([(p * (1 - d) ** 2 + q * d**2) / 2 for (p, q), d in zip(both, BEST, strict=True)])
    triangular = _integral([(p - q) ** 2 / (p + q) for p, q in both])
    assert game.triangular_bound(squares).least == pytest.approx(triangular, abs=1e-9)


def test_pairs_are_told_apart_as_well_as_two_distributions_of_pairs() -> None:
    p, q = [0.6, 0.3, 0.1], [0.2, 0.3, 0.5]  # on three points, with the best score log p/q
    score = [math.log(a / b) for a, b in zip(p, q, strict=True)]
    pairs = [(p[i] * q[j], q[i] * p[j], score[i] - score[j]) for i in range(3) for j in range(3)]
    loss = sum(a * math.log1p(math.exp(-difference)) for a, _, difference in pairs)
    jsd = sum((a * math.log(2 * a / (a + b)) + b * math.log(2 * b / (a + b))) / 2 for a, b, _ in pairs)
    assert game.pairs_bound(loss).least == pytest.approx(jsd, abs=1e-12)


def test_only_a_loss_that_bounds_a_divergence_has_a_bound() -> None:
    assert game.bound(_facts("minimax"), -1.2, 1.9) == game.jsd_bound(-1.2)  # V, whatever the loss was smoothed to
    assert game.bound(_facts("minimax"), None, 1.2) == game.jsd_bound(-1.2)  # an older log, without V
    assert game.bound(_facts("minimax"), None, 1.2, smoothing=0.1) is None
    assert game.bound(_facts("mine:Loss"), None, 1.2) is None
    assert game.bound(_facts("hinge", False), None, 1.0) == game.variation_bound(1.0)
    assert game.bound(_facts("least_squares", False), None, 0.2, smoothing=0.1) is None
    for name in ("wasserstein", "mine:Loss"):
        assert game.bound(_facts(name, False), None, 1.0) is None


@pytest.mark.parametrize("loss", ["minimax", "non_saturating", "least_squares"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_the_equilibrium_is_the_least_of_ds_loss_on_equal_densities(loss: str, smoothing: float) -> None:
    plain = {"loss_d": math.log(4), "loss_g": math.log(2), "value": -math.log(4), "d_x": 0.5, "d_gz": 0.5}
    if loss == "minimax":
        plain["loss_g"] = -math.log(2)
    if loss == "least_squares":
        plain = {"loss_d": 0.25, "loss_g": 0.125, "d_x": 0.5, "d_gz": 0.5}

    def cost(d: float) -> float:
        if loss == "least_squares":
            return 0.5 * ((d - (1 - smoothing)) ** 2 + d * d)
        return -(1 - smoothing) * math.log(d) - (1 + smoothing) * math.log(1 - d)

    tried = [index / 10_000 for index in range(1, 10_000)]
    found = game.equilibrium(_facts(loss, **plain), smoothing)
    assert found["d_x"] == pytest.approx(min(tried, key=cost), abs=1e-4)
    assert found["loss_d"] == pytest.approx(min(map(cost, tried)), abs=1e-6)
    of_g = {"minimax": math.log(1 - found["d_gz"]), "non_saturating": -math.log(found["d_gz"])}
    assert found["loss_g"] == pytest.approx(of_g.get(loss, 0.5 * (found["d_gz"] - 1) ** 2))
    assert set(found) == set(plain)


@pytest.mark.parametrize("name", ["minimax", "least_squares", "hinge", "wasserstein", "relativistic"])
@pytest.mark.parametrize("at", [-1.7, -0.2, 0.9, 3.0])
def test_a_slope_is_that_of_its_cost(name: str, at: float) -> None:
    probability = name == "minimax"
    for cost in game.costs(_facts(name, probability), d_x=0.4):
        output = game.sigmoid if probability else float
        numeric = (cost.cost(output(at + 1e-5)) - cost.cost(output(at - 1e-5))) / 2e-5
        assert cost.slope(output(at)) == pytest.approx(abs(numeric), rel=1e-5)
        assert numeric <= 0 or name == "least_squares"  # G wants D's output higher


def test_a_loss_of_ones_own_has_no_cost_and_a_relativistic_one_needs_data() -> None:
    assert game.costs(_facts("mine:Loss", False), 0.4) == [] == game.costs(_facts("relativistic", False), None)


def test_a_starved_g_has_a_slope_only_under_the_second_cost() -> None:
    outputs = [1e-5, 2e-5, 3e-5]  # all in the first bin: the histogram's middle would say 0.008
    d_gz = sum(outputs) / 3
    counts = [3, *[0] * 63]
    assert game.mean_slope(game.MINIMAX, d_gz, counts, 0, 1) == pytest.approx(2e-5)
    assert game.mean_slope(game.NON_SATURATING, d_gz, counts, 0, 1) == pytest.approx(1 - 2e-5)


def test_means_are_taken_over_the_histogram_where_a_slope_is_bent() -> None:
    counts, cost = [0, 6, 0, 2], game.LEAST_SQUARES  # middles −1.5, −0.5, 0.5, 1.5
    assert game.mean_slope(cost, 0.0, counts, -2, 2) == pytest.approx((6 * 1.5 + 2 * 0.5) / 8)
    assert game.mean_slope(cost, 0.25, [], -2, 2) == 0.75
    assert game.mean_slope(cost, None, [0, 0], -2, 2) is None
