"""The doctor on series made by hand: what each condition looks like, and that nothing else is called by its name."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core import verdicts
from gantui.core.config import FIELDS, Config, change, live_fields, validate
from gantui.core.diagnosis import BY_NAME, CONDITIONS, Doctor, Game, Reading, diagnose, length
from gantui.core.diagnosis.doctor import WARM_UP
from gantui.core.diagnosis.readings import Averager
from gantui.core.events import (
    Applied,
    Cursor,
    DataFacts,
    Diagnosis,
    Metrics,
    ObjectiveFacts,
    Start,
    Warning_,
    decode,
    encode,
)

CONFIG = {name: getattr(Config(), name) for name in Config.__struct_fields__}
STEP = length(0, CONFIG["max_steps"])
PLAIN = ObjectiveFacts(name="non_saturating", equilibrium={"loss_d": math.log(4), "loss_g": math.log(2)})
WASSERSTEIN = ObjectiveFacts(name="wasserstein", probability=False, equilibrium={"loss_d": 0.0})
NAMES = (
    *("loss_d", "loss_g", "d_x", "d_gz", "grad_norm_g", "update_ratio_g", "spread", "variety", "gap", "drift"),
    *("straightness", "g_signal", "dead_g", "dead_d", "nn_ratio", "d_slope", "clip_share", "second_moment"),
)
# A run that goes well, on its way.
WELL = {
    "loss_d": 1.25,
    "loss_g": 0.8,
    "d_x": 0.55,
    "d_gz": 0.45,
    "spread": 1.0,
    "variety": 0.95,
    "gap": 0.2,
    "drift": 0.05,
    "straightness": 0.6,
    "g_signal": 1.0,
    "dead_g": 0.1,
    "nn_ratio": 1.0,
    "update_ratio_g": 1e-3,
}


def game(objective: ObjectiveFacts = PLAIN, kind: str = "points", **changes: Any) -> Game:
    return Game(CONFIG | {"loss": objective.name} | changes, objective, DataFacts(kind=kind))


def record(index: int, values: dict[str, float], branch: int = 0) -> Metrics:
    step = index * STEP
    triples = {name: (value, value, value) for name, value in values.items()}
    return Metrics(v=triples, n=2 * STEP, step=step, update=2 * step, branch=branch)


def follow(doctor: Doctor, values: Any, count: int = 24, first: int = 1) -> list[Diagnosis]:
    """Let the doctor read `count` records of the same values, or of those that a function of the index returns."""
    said = []
    for index in range(first, first + count):
        said += doctor.hear(record(index, values(index) if callable(values) else WELL | values))
    return said


def named(played: Game, values: Any, count: int = 24) -> set[str]:
    doctor = Doctor()
    doctor.game = played
    return {diagnosis.name for diagnosis in follow(doctor, values, count)}


def flat(index: int, **values: float) -> dict[str, float]:
    return WELL | values


CASES: dict[str, tuple[Game, Any]] = {
    "d_too_strong": (game(), {"loss_d": 0.02, "d_x": 0.99, "d_gz": 0.01, "gap": 0.9, "drift": 0.0, "g_signal": 0.001}),
    "d_too_weak": (game(), {"loss_d": 1.39, "gap": 0.9, "drift": 0.3}),
    "total_collapse": (game(), {"spread": 0.02, "variety": 0.12}),
    "partial_collapse": (game(), {"variety": 0.4}),
    "dead_gradients": (game(), {"dead_g": 0.9, "gap": 0.5, "drift": 0.2}),
    "memorising": (game(kind="table"), {"nn_ratio": 0.1}),
    "not_learning": (game(), {"gap": 0.8, "drift": 0.001, "update_ratio_g": 1e-8}),
    "oscillation": (game(), {"gap": 0.5, "drift": 0.6, "straightness": 0.1}),
    "equilibrium": (game(), {"loss_d": 1.37, "gap": 0.06, "drift": 0.01}),
    "constraint_violated": (
        game(WASSERSTEIN, constraint="gradient_penalty", constraint_weight=1e-6),
        {"loss_d": -3.0, "d_slope": 12.0},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_condition_is_told_from_its_series_alone(name: str) -> None:
    assert named(*CASES[name]) == {name}


def test_of_a_run_that_goes_well_nothing_is_said() -> None:
    assert named(game(), {}) == set()
    assert (
        named(
            game(WASSERSTEIN, constraint="gradient_penalty", constraint_weight=0.1), {"loss_d": -0.4, "d_slope": 1.02}
        )
        == set()
    )
    falling = lambda index: WELL | {"gap": 0.9 * 0.9**index, "variety": 1 - 0.7 * 0.8**index, "drift": 0.3}  # noqa: E731
    assert named(game(), falling, 12) == set()


def test_which_tests_are_valid_depends_on_the_loss() -> None:
    """A critic of a Wasserstein distance shall be far ahead; a relativistic one has no level."""
    strong = {"loss_d": 0.001, "d_x": 30.0, "d_gz": -30.0, "gap": 0.9, "drift": 0.3}
    assert "d_too_strong" not in named(game(WASSERSTEIN, constraint="clip", constraint_weight=0.1), strong)
    relativistic = ObjectiveFacts(name="relativistic", probability=False, equilibrium={"loss_d": math.log(2)})
    assert "d_too_strong" in named(game(relativistic), strong)
    assert named(game(relativistic), {"loss_d": 0.6, "d_x": 500.0, "d_gz": 499.9}) == set()  # the level drifts


def test_the_critic_is_unheld_only_where_nothing_holds_it() -> None:
    apart = lambda index: WELL | {"loss_d": -2.0 * index, "d_x": 2.0 * index, "d_gz": 0.0}  # noqa: E731
    assert named(game(WASSERSTEIN), apart) == {"constraint_violated"}
    assert named(game(WASSERSTEIN, spectral_norm=True), apart) == set()
    assert named(game(WASSERSTEIN, constraint="variance", constraint_weight=0.01), {"second_moment": 80.0}) == {
        "constraint_violated"
    }
    loose = {"clip_share": 0.0}
    assert named(game(WASSERSTEIN, constraint="clip", constraint_weight=50.0), loose) == {"constraint_violated"}


@pytest.mark.parametrize("name", [name for name in CASES if name != "equilibrium"])
def test_every_remedy_is_a_set_that_the_trainer_would_obey(name: str) -> None:
    doctor = Doctor()
    doctor.game, values = CASES[name]
    (begun,) = follow(doctor, values)
    assert begun.state == "begun" and begun.remedy and set(begun.remedy) <= set(live_fields())
    after = change(validate(doctor.game.config), begun.remedy)
    assert all(getattr(after, key) != doctor.game.config[key] for key in begun.remedy)
    for key, value in begun.remedy.items():
        assert f"{key}={value:g}" in begun.text if isinstance(value, float) else f"{key}={value}" in begun.text
    assert begun.evidence in begun.text and verdicts.title(name) in begun.text


def test_d_is_not_made_as_quick_as_a_g_that_is_beside_itself() -> None:
    def remedy(**settings: Any) -> dict[str, Any]:
        doctor = Doctor()
        doctor.game = game(**settings)
        (begun,) = follow(doctor, CASES["d_too_weak"][1])
        return begun.remedy

    assert remedy(lr_d=1e-5, lr_g=0.005) == {"lr_d": 0.005}
    assert remedy(lr_d=1e-5, lr_g=10.0) == {"lr_d": 0.001, "lr_g": 0.001}
    assert remedy(lr_d=0.001, lr_g=10.0) == {"lr_g": 0.001}
    assert remedy(lr_d=0.001, lr_g=0.05, optimizer_g="sgd") == {"lr_d": 0.01}
    assert remedy(lr_d=0.001, lr_g=0.001) == {"k": 3}


def test_it_is_named_when_it_has_held_for_a_while_and_over_when_it_is_gone_for_a_while() -> None:
    doctor = Doctor()
    doctor.game = game()
    assert follow(doctor, {}, 10) == []
    collapse = BY_NAME["total_collapse"]
    bad = {"spread": 0.01, "variety": 0.12}
    said = follow(doctor, bad, 2, first=11) + follow(doctor, {}, 4, first=13)
    assert said == []  # a short spell is none
    said = follow(doctor, bad, 8, first=17)
    (begun,) = [s for s in said if s.name == "total_collapse"]
    assert 17 * STEP <= begun.since <= begun.step <= (17 + 2 + collapse.hold) * STEP
    assert "total_collapse" in [present.name for present in doctor.present]
    said = follow(doctor, {}, 3, first=25)  # not over yet
    assert said == []
    said = follow(doctor, {}, 12, first=28)
    assert [(s.name, s.state) for s in said if s.name == "total_collapse"] == [("total_collapse", "over")]
    assert said[0].since == begun.since and doctor.present == []


def test_nothing_is_said_while_it_warms_up() -> None:
    doctor = Doctor()
    doctor.game = game()
    assert follow(doctor, {"spread": 0.01, "variety": 0.1, "gap": 2.0}, WARM_UP) == []


def test_what_was_read_on_a_branch_that_was_left_counts_no_more() -> None:
    doctor = Doctor()
    doctor.game = game()
    follow(doctor, {}, 10)
    (begun,) = follow(doctor, {"spread": 0.01, "variety": 0.12}, 8, first=11)
    said = doctor.went_back(Cursor(step=9 * STEP, update=18 * STEP), "at step 900")
    assert [(s.name, s.state) for s in said] == [("total_collapse", "over"), ("non_finite", "begun")]
    assert said[1].remedy == {"lr_d": 0.0005, "lr_g": 0.0005} and "at step 900" in said[1].text
    said = follow(doctor, {}, 12, first=10)
    assert [(s.name, s.state) for s in said] == [("non_finite", "over")]
    assert begun.name == "total_collapse"


def test_the_gravest_is_present_first() -> None:
    doctor = Doctor()
    doctor.game = game()
    follow(doctor, {"loss_d": 1.39, "gap": 0.9, "drift": 0.3, "variety": 0.4})
    follow(doctor, {"loss_d": 1.39, "gap": 0.9, "drift": 0.3, "spread": 0.05, "variety": 0.12}, first=25)
    ranks = [verdicts.rank(present.name) for present in doctor.present]
    assert len(ranks) >= 2 and ranks == sorted(ranks) and doctor.present[0].name == "total_collapse"


numbers = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-10, 10)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), numbers, max_size=12), max_size=16),
    st.sampled_from([PLAIN, WASSERSTEIN, ObjectiveFacts(name="own", equilibrium={"loss_d": -1.0})]),
    st.sampled_from(["none", "clip", "gradient_penalty", "variance", "r1"]),
)
def test_no_series_makes_a_detector_stumble(
    series: list[dict[str, float]], objective: ObjectiveFacts, constraint: str
) -> None:
    readings = [Reading(index, values) for index, values in enumerate(series)]
    for played in (
        Game(),
        game(objective, constraint=constraint, constraint_weight=0.1 if constraint != "none" else 0.0),
    ):
        for condition in CONDITIONS:
            found = condition.look(readings, played)
            assert found is None or (found.evidence and all(name in FIELDS for name in found.remedy))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["loss_d", "loss_g", "d_x", "d_gz", "grad_norm_g", "lr_d"]), st.floats(-9, 9)))
def test_an_old_log_lacks_the_series_and_so_no_alarm_is_raised(values: dict[str, float]) -> None:
    doctor = Doctor()
    doctor.game = game()
    said = [s for index in range(1, 20) for s in doctor.hear(record(index, values))]
    assert said == []


@pytest.mark.parametrize("count", [0, 1])
def test_a_short_series_raises_none_either(count: int) -> None:
    for played, values in CASES.values():
        readings = [Reading(index, WELL | values) for index in range(count)]
        assert not any(condition.look(readings, played) for condition in CONDITIONS)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 90), st.floats(-5, 5)), min_size=1, max_size=60), st.integers(1, 10**7))
def test_readings_are_means_over_the_updates_and_lose_none(parts: list[tuple[int, float]], max_steps: int) -> None:
    averager, step, readings, rest = Averager(), 0, [], []
    for steps, value in parts:
        step += steps
        rest.append((steps, value))
        reading = averager.hear(Metrics(v={"gap": (value,) * 3}, n=steps, step=step), max_steps)
        if reading:
            total = sum(n for n, _ in rest)
            assert reading.values["gap"] == pytest.approx(sum(n * v for n, v in rest) / total, abs=1e-9)
            readings.append(reading)
            rest = []
    assert [reading.step for reading in readings] == sorted({reading.step for reading in readings})


def test_a_reading_grows_with_the_run_so_that_there_are_about_a_hundred() -> None:
    assert length(0, 10_000) == length(9_999, 10_000) == 100
    assert length(0, 500) == 25
    assert length(0, 10**9) == 1000 and length(10**7, 10**9) == 10**5


def test_a_log_is_read_like_a_live_run() -> None:
    bad = WELL | {"spread": 0.01, "variety": 0.12}
    log = [
        Start(config=CONFIG, objective=PLAIN, data=DataFacts(kind="points")),
        *[record(index, WELL) for index in range(1, 8)],
        Warning_(text="nothing to it"),
        Applied(id="c", what="set", before={"lr_d": 0.001}, after={"lr_d": 0.005}, step=700),
        *[record(index, bad) for index in range(8, 16)],
    ]
    said = list(diagnose(log))
    assert [(s.name, s.state) for s in said] == [("total_collapse", "begun")]
    assert said[0].remedy["lr_d"] == 0.002  # measured by what was set meanwhile
    gone_back = Start(config=CONFIG, objective=PLAIN, parent=0, from_update=800, branch=1).at(
        Cursor(step=400, update=800)
    )
    told = Diagnosis(name="non_finite", text="values not finite", branch=1, step=400)
    assert [(s.name, s.state) for s in diagnose([*log, gone_back, told])][1:] == [
        ("total_collapse", "over"),
        ("non_finite", "begun"),
    ]
    assert list(diagnose([])) == []


def test_records_round_trip_and_old_ones_are_read() -> None:
    told = Diagnosis(
        text="a", name="b", state="over", since=3, evidence="c", remedy={"lr_d": 0.5, "loss": "hinge"}, step=9
    )
    assert decode(encode(told)) == told
    old = decode(b'{"kind":"diagnosis","text":"D has won"}')
    assert isinstance(old, Diagnosis) and (old.name, old.state, old.remedy) == ("", "begun", {})
