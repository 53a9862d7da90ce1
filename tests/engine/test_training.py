"""Determinism, snapshots and digests: what training does depends on the config alone."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from gantui.core.config import FIELDS, change
from gantui.engine.algorithm import next_update
from gantui.engine.training import Training, digest

Make = Callable[..., Training]


def _train(training: Training, updates: int) -> Training:
    for _ in range(updates):
        next_update(training)
    return training


def _digest(training: Training) -> str:
    return digest(training.snapshot())


CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "dropout": {"dropout_input": 0.2, "dropout_hidden": 0.5},
    "batch norm in G": {"norm_g": "batch"},
    "batch norm in D": {"norm_d": "batch", "norm_g": "batch", "batch_size": 16},
    "no average": {"ema_decay": 0},
    "rmsprop": {"optimizer_d": "rmsprop", "optimizer_g": "rmsprop"},
    "sgd with decay": {
        "optimizer_d": "sgd",
        "optimizer_g": "sgd",
        "lr_schedule": "decay",
        "lr_decay": 1.01,
        "data": "digits",
        "batch_size": 300,
        "momentum_final": 0.95,
    },
    "simultaneous": {"update": "simultaneous", "dropout_hidden": 0.5},
    "in mid-iteration": {"k": 4, "g_steps": 3},
    "instance noise": {"instance_noise": 0.2},
    "uniform z": {"z_dist": "uniform"},
    "r1": {"constraint": "r1_r2", "constraint_weight": 0.5},
    "clip": {"loss": "wasserstein", "constraint": "clip", "constraint_weight": 0.05, "optimizer_d": "rmsprop"},
    "gradient penalty": {
        "loss": "wasserstein",
        "constraint": "gradient_penalty",
        "constraint_weight": 0.1,
        "k": 5,
        "dropout_hidden": 0.2,
    },
    "variance": {"loss": "wasserstein", "constraint": "variance", "constraint_weight": 0.1, "k": 2},
    "variance of each": {
        "loss": "wasserstein",
        "constraint": "variance",
        "variance_form": "each",
        "constraint_weight": 10.0,
        "init_d": "normal:1",
        "update": "simultaneous",
    },
    "hinge, spectral norm": {"loss": "hinge", "spectral_norm": True},
    "relativistic": {"loss": "relativistic", "constraint": "r1_r2", "constraint_weight": 0.1, "g_steps": 2},
    "relativistic, simultaneous": {"loss": "relativistic", "update": "simultaneous", "instance_noise": 0.1},
    "least squares": {"loss": "least_squares", "label_smoothing": 0.1},
    "bursts": {"k_schedule": "bursts", "loss": "wasserstein", "constraint": "clip", "constraint_weight": 0.05},
    "spectral norm": {"spectral_norm": True},
    "conv": {"data": "digits", "network": "conv", "dropout_hidden": 0.3, "norm_g": "batch"},
    "residual": {"data": "digits", "network": "residual", "norm_g": "batch", "spectral_norm": True, "loss": "hinge"},
    "residual, auxiliary": {"data": "digits", "network": "residual", "condition": "auxiliary", "dropout_hidden": 0.3},
    "concat": {"data": "digits", "condition": "concat", "k": 2, "g_steps": 2},
    "concat, conv": {"data": "digits_inverted", "condition": "concat", "network": "conv", "norm_g": "batch"},
    "projection": {"data": "digits", "condition": "projection", "spectral_norm": True, "loss": "hinge"},
    "projection, relativistic": {
        "data": "digits_inverted",
        "condition": "projection",
        "loss": "relativistic",
        "constraint": "gradient_penalty",
        "constraint_weight": 0.1,
    },
    "auxiliary": {"data": "digits", "condition": "auxiliary", "dropout_hidden": 0.3},
    "auxiliary, simultaneous": {"data": "digits_inverted", "condition": "auxiliary", "update": "simultaneous"},
    "classifier": {"data": "digits_inverted", "condition": "classifier", "dropout_hidden": 0.3, "norm_d": "batch"},
    "classifier, simultaneous": {"data": "digits", "condition": "classifier", "update": "simultaneous"},
    "encoder": {"encoder": True, "g_steps": 2},
    "encoder, conv, simultaneous": {"data": "digits", "network": "conv", "encoder": True, "update": "simultaneous"},
    "encoder, concat": {"data": "digits", "condition": "concat", "encoder": True, "norm_d": "batch"},
    "maxout, minimax": {"activation_d": "maxout", "loss": "minimax", "label_smoothing": 0.1},
}
cases = pytest.mark.parametrize("settings", CASES.values(), ids=CASES.keys())


@cases
def test_two_trainings_of_one_config_are_one(make_training: Make, settings: dict[str, Any]) -> None:
    assert _digest(_train(make_training(**settings), 15)) == _digest(_train(make_training(**settings), 15))


@cases
def test_a_restored_training_goes_on_as_if_never_stopped(make_training: Make, settings: dict[str, Any]) -> None:
    straight = make_training(**settings)
    snapshot = _train(straight, 9).snapshot()
    expected = _digest(_train(straight, 10))
    assert _digest(straight) != digest(snapshot)
    torch.manual_seed(12345)  # whatever else happened in the process
    fresh = make_training(**settings)
    fresh.restore(snapshot)
    assert _digest(fresh) == digest(snapshot)
    assert fresh.remaining == snapshot["remaining"]
    assert _digest(_train(fresh, 10)) == expected


@cases
def test_a_snapshot_stays_as_it_is_and_can_be_gone_back_to_more_than_once(
    make_training: Make, settings: dict[str, Any]
) -> None:
    training = make_training(**settings)
    snapshot = _train(training, 9).snapshot()
    name = digest(snapshot)
    expected = _digest(_train(training, 8))
    for _ in range(2):
        assert digest(snapshot) == name
        training.restore(snapshot)
        assert _digest(_train(training, 8)) == expected
    assert digest(snapshot) == name


def test_the_mid_iteration_case_is_one(make_training: Make) -> None:
    training = _train(make_training(**CASES["in mid-iteration"]), 9)
    assert training.remaining == "ddggg"
    assert training.step == 1


def test_settings_changed_on_the_way_come_back_with_the_snapshot(make_training: Make) -> None:
    def change_midway(training: Training) -> None:
        training.adopt(change(training.config, {"batch_size": 5, "lr_d": 0.01, "optimizer_g": "sgd", "ema_decay": 0}))
        training.set_pace()

    straight = _train(make_training(), 7)
    change_midway(straight)
    snapshot = _train(straight, 6).snapshot()
    expected = _digest(_train(straight, 8))
    fresh = make_training()
    fresh.restore(snapshot)
    assert (fresh.config.batch_size, fresh.config.lr_d, fresh.config.optimizer_g) == (5, 0.01, "sgd")
    assert fresh.ema is None
    assert _digest(_train(fresh, 8)) == expected


def test_adopting_the_same_settings_in_mid_iteration_changes_nothing(make_training: Make) -> None:
    """As a resumed process does, which takes only the places (device, threads) from its own command line."""
    settings = CASES["sgd with decay"] | {"k": 4}
    straight, disturbed = make_training(**settings), make_training(**settings)
    for training in (straight, disturbed):
        training.batches.seek(1797 * 100)
        _train(training, 7)
    disturbed.adopt(disturbed.config)
    assert _digest(_train(straight, 3)) == _digest(_train(disturbed, 3))


@pytest.mark.parametrize("updates", [0, 7])
def test_another_seed_is_another_training(make_training: Make, updates: int) -> None:
    names = {_digest(_train(make_training(seed=seed), updates)) for seed in (0, 1, 2, 2**32, 2**63 - 1)}
    assert len(names) == 5


def test_the_noise_of_one_seed_is_not_that_of_another_after_a_new_start(make_training: Make) -> None:
    draws = set()
    for seed in range(3):
        training = make_training(seed=seed)
        draws.add(tuple(training.draw_latents(1)[0].tolist()))
        for attempt in (1, 2, 3):
            training.reseed(attempt)
            draws.add((*training.draw_latents(1)[0].tolist(),))
            draws.add((*torch.randn(1, 4)[0].tolist(),))
    assert len(draws) == 3 * 7


@pytest.mark.parametrize(
    "changed",
    [
        {"preview_every": 3},
        {"preview_every": "1s"},
        {"eval_every": 5},
        {"checkpoint_every": 7},
        {"max_steps": 77},
        {"max_time": "5s"},
    ],
    ids=str,
)
def test_how_often_something_is_looked_at_is_not_in_the_digest(make_training: Make, changed: dict[str, Any]) -> None:
    settings = {"lr_horizon": 500}
    assert _digest(_train(make_training(**settings, **changed), 7)) == _digest(_train(make_training(**settings), 7))


@pytest.mark.parametrize(
    "changed", [{"lr_d": 2e-3}, {"lr_g": 2e-3}, {"loss": "minimax"}, {"k": 2}, {"batch_size": 9}], ids=str
)
def test_what_decides_the_training_is_in_the_digest(make_training: Make, changed: dict[str, Any]) -> None:
    assert _digest(make_training(**changed)) != _digest(make_training())


@pytest.mark.parametrize("where", ["g", "d", "noise", "position", "cursor", "opt_d", "ema", "multipliers"])
def test_every_part_of_the_state_is_in_the_digest(make_training: Make, where: str) -> None:
    training = _train(make_training(**CASES["variance"]), 8)
    before = _digest(training)
    snapshot = training.snapshot()
    match where:
        case "g" | "d" | "ema":
            next(iter(snapshot[where].values())).view(-1)[0] += 1e-7
        case "multipliers":
            snapshot["multipliers"][0] += 1e-6
        case "noise":
            snapshot["noise"][100] ^= 1
        case "position":
            snapshot["position"] += 1
        case "cursor":
            snapshot["cursor"][0] += 1
        case _:
            snapshot["opt_d"]["state"][0]["exp_avg_sq"].view(-1)[0] += 1e-9
    assert digest(snapshot) != before


def test_a_digest_is_16_hex_digits(make_training: Make) -> None:
    name = _digest(make_training())
    assert len(name) == 16
    assert int(name, 16) >= 0


@pytest.mark.parametrize("part", ["weight", "buffer", "moment", "average", "multiplier"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_state_is_finite_only_with_all_its_parts(make_training: Make, part: str, bad: float) -> None:
    training = _train(make_training(norm_g="batch", **CASES["variance"]), 4)
    assert training.is_finite()
    with torch.no_grad():
        {
            "weight": training.d_parameters[-1],
            "buffer": training.g_buffers[0],
            "moment": training.opt_d.state[training.d_parameters[0]]["exp_avg_sq"],
            "average": next(training.ema.network.parameters()),
            "multiplier": training.constraint.multipliers,
        }[part].view(-1)[0] = bad
    assert not training.is_finite()


def test_large_numbers_are_finite_numbers(make_training: Make) -> None:
    training = _train(make_training(), 4)
    training.opt_d.state[training.d_parameters[0]]["exp_avg_sq"].fill_(1e38)
    assert training.is_finite()


def test_a_snapshot_of_another_kind_of_device_is_restored_with_new_noise(make_training: Make) -> None:
    training = _train(make_training(dropout_hidden=0.5), 7)
    snapshot = training.snapshot()
    foreign = snapshot | {"device": "cuda", "noise": torch.zeros(16, dtype=torch.uint8)}
    other = make_training(dropout_hidden=0.5)
    other.restore(foreign)
    assert (other.cursor, other.batches.position) == (training.cursor, training.batches.position)
    assert torch.equal(other.g_parameters[0], training.g_parameters[0])
    assert not torch.equal(other.draw_latents(4), training.draw_latents(4))


def test_every_optimiser_state_is_looked_at_for_values_that_are_not_finite(make_training: Make) -> None:
    for kind in ("adam", "sgd", "rmsprop"):
        training = _train(make_training(optimizer_d=kind, optimizer_g=kind), 4)
        assert training.is_finite()
        moments = [m for state in training.opt_d.state.values() for name, m in state.items() if name != "step"]
        with torch.no_grad():
            moments[0].view(-1)[0] = float("inf")
        assert not training.is_finite()


VARIANCE = ["variance", "variance of each"]


@pytest.mark.parametrize("case", VARIANCE)
def test_multipliers_move_are_saved_and_come_back(make_training: Make, case: str) -> None:
    training = _train(make_training(**CASES[case]), 9)
    snapshot = training.snapshot()
    saved = snapshot["multipliers"].clone()
    assert (saved != 0).any()
    _train(training, 5)
    assert not torch.equal(training.constraint.multipliers, saved)
    assert torch.equal(snapshot["multipliers"], saved)
    training.restore(snapshot)
    assert torch.equal(training.constraint.multipliers, saved)


def test_a_snapshot_from_before_there_were_multipliers_can_be_gone_back_to(make_training: Make) -> None:
    training = make_training(constraint="r1", constraint_weight=0.5)
    snapshot = _train(training, 6).snapshot()
    del snapshot["multipliers"]
    expected = _digest(_train(training, 4))
    training.restore(snapshot)
    assert _digest(_train(training, 4)) == expected


def test_multipliers_start_anew_with_the_constraint_alone(make_training: Make) -> None:
    training = _train(make_training(**CASES["variance"]), 9)
    before = training.constraint.multipliers

    def now(**changes: Any) -> str:
        return training.adopt(change(training.config, changes))

    assert now(constraint_weight=0.2, lr_d=0.01, loss="hinge") == ""
    assert training.constraint.multipliers is before
    assert now(variance_form="each") == "multipliers of the constraint start at 0"
    assert training.constraint.multipliers.tolist() == [0.0, 0.0]
    assert now(constraint="r1") == ""
    assert len(training.constraint.multipliers) == 0
    assert now(constraint="variance", variance_form="pooled") == "multipliers of the constraint start at 0"
    assert training.constraint.multipliers.tolist() == [0.0]


LOSSES = FIELDS["loss"].choices
CONSTRAINTS: list[dict[str, Any]] = [
    {"constraint": "none", "constraint_weight": 0.0},
    {"constraint": "clip", "constraint_weight": 0.1},
    {"constraint": "gradient_penalty", "constraint_weight": 1.0, "gradient_penalty_form": "two_sided"},
    {"constraint": "gradient_penalty", "constraint_weight": 1.0, "gradient_penalty_form": "one_sided"},
    {"constraint": "variance", "constraint_weight": 0.01, "variance_form": "pooled"},
    {"constraint": "variance", "constraint_weight": 0.01, "variance_form": "each"},
    {"constraint": "r1", "constraint_weight": 0.5},
    {"constraint": "r1_r2", "constraint_weight": 0.5},
]


def _through_all_pairs(options: Sequence[Any]) -> list[Any]:
    """A walk over `options` in which each of them follows each other one."""
    return [x for a, b in itertools.permutations(options, 2) for x in (a, b)]


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_a_training_goes_through_all_switches_of_loss_and_constraint_and_replays(
    make_training: Make, update: str
) -> None:
    walk = [{"loss": loss} for loss in _through_all_pairs(LOSSES)] + _through_all_pairs(CONSTRAINTS)
    per_step = 1 if update == "simultaneous" else 2

    def play(saved_at: int | None = None) -> str:
        training = make_training(update=update)
        for index, changes in enumerate(walk):
            training.adopt(change(training.config, changes))
            training.set_pace()
            _train(training, per_step)
            assert training.step == index + 1
            assert (training.d_updates, training.g_updates) == (training.step, training.step)
            if index == saved_at:
                snapshot = training.snapshot()
                training = make_training(update=update)
                training.restore(snapshot)
        assert training.is_finite()
        return _digest(training)

    straight = play()
    assert play() == straight
    assert play(saved_at=70) == straight
    assert play(saved_at=len(walk) - 20) == straight
