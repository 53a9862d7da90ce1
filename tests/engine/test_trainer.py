"""The trainer's loop: what it writes, how it ends, and how it gets over values that are not finite."""

import shutil
import time
from collections.abc import Callable
from itertools import pairwise
from threading import Event
from typing import Any

import pytest
import torch

from gantui.core import commands, events
from gantui.engine import checkpoints, trainer
from gantui.engine.algorithm import next_update
from gantui.engine.trainer import Ending
from gantui.engine.training import Training, digest

Make = Callable[..., Any]
QUIET = {"data": "gaussian", "max_steps": 20}


@pytest.fixture(autouse=True)
def _guard_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "GUARD_EVERY", 10)


def _poison(training: Training) -> None:
    with torch.no_grad():
        training.d_parameters[0].view(-1)[0] = float("nan")


def _poison_at(bench: Any, *updates: int) -> None:
    """Spoil D's weights after the given calls of an update, counted over all branches."""
    gather, count = bench.trainer.telemetry.gather, 0

    def spoil(outcome: Any) -> None:
        nonlocal count
        count += 1
        gather(outcome)
        if count in updates:
            _poison(bench.training)

    bench.trainer.telemetry.gather = spoil


def _end(bench: Any) -> Ending:
    return bench.trainer.conclude(bench.trainer.train())  # type: ignore[no-any-return]


def test_it_trains_to_the_end_and_says_so(make_bench: Make, make_training: Callable[..., Training]) -> None:
    bench = make_bench(**QUIET)
    ending = _end(bench)
    assert (ending.reason, ending.status) == ("finished", 0)
    (exit_,) = bench.of("exit")
    plain = make_training(**QUIET)
    for _ in range(40):
        next_update(plain)
    assert exit_.digest == digest(plain.snapshot()) == bench.of("checkpoint")[-1].digest
    assert (exit_.step, exit_.update) == (20, 40)
    assert len(bench.of("eval")) == 1
    assert bench.of("metrics")[-1].update == 40
    assert sum(record.n for record in bench.of("metrics")) == 40
    assert bench.log()[-1].__struct_config__.tag == "exit"


@pytest.mark.parametrize(
    "cadence",
    [
        {"preview_every": 1, "eval_every": 7, "eval_share": 1, "checkpoint_every": 3},
        {"preview_every": "0.001s", "checkpoint_every": "0.01s"},
        {"log_every": 4},
    ],
    ids=str,
)
def test_no_cadence_alters_the_training(make_bench: Make, cadence: dict[str, Any]) -> None:
    settings = QUIET | {"dropout_hidden": 0.5, "norm_g": "batch", "k": 2}
    plain = make_bench(**settings)
    _end(plain)
    busy = make_bench(**settings, **cadence)
    _end(busy)
    assert plain.of("exit")[0].digest == busy.of("exit")[0].digest
    if "eval_every" in cadence:
        assert [record.step for record in busy.of("eval")] == [7, 14, 20]
        assert {3, 6, 9, 12, 15, 18, 20} == {record.step for record in busy.of("checkpoint")}
    if "log_every" in cadence:
        assert [record.step for record in busy.of("metrics")] == [4, 8, 12, 16, 20]


def test_a_regular_evaluation_goes_on_between_updates(make_bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It measures G as it was when it began, takes no more than its share, and alters nothing."""
    settings = QUIET | {"max_steps": 400, "dropout_hidden": 0.5}
    monkeypatch.setattr(trainer, "SLICE", 0.01)
    plain = make_bench(**settings)
    _end(plain)
    updates, measured = [], []

    def slow(config: Any, data: Any, g: torch.nn.Module, check: Any, *_: Any) -> tuple[dict[str, Any], int, float]:
        for _ in range(5):
            measured.append(next(g.parameters()).sum().item())
            updates.append(bench.training.cursor.update)
            busy_until = time.monotonic() + trainer.SLICE
            while time.monotonic() < busy_until:
                pass
            check()
        return {"w1": 0.5}, 9, 9.0

    monkeypatch.setattr(trainer, "evaluate", slow)
    bench = make_bench(**settings, eval_every=7, eval_share=0.5)
    _end(bench)
    assert bench.of("exit")[0].digest == plain.of("exit")[0].digest
    first = bench.of("eval")[0]
    assert (first.step, first.samples, first.values) == (7, 9, {"w1": 0.5})
    assert len(set(updates[:5])) == 5
    assert len(set(measured[:5])) == 1
    done = next(record for record in bench.log() if isinstance(record, events.Eval))
    assert done.seq > next(record.seq for record in bench.of("metrics") if record.step > 7)


def test_a_real_evaluation_in_slices_alters_nothing(make_bench: Make) -> None:
    """It trains a classifier with another number of threads, half done at most updates."""
    settings = {"data": "digits", "condition": "concat", "dropout_hidden": 0.5, "max_steps": 60, "threads": 2}
    digests, slices = [], []
    for eval_every in (0, 5):
        bench = make_bench(**settings, eval_every=eval_every, eval_share=0.7)
        advance = bench.trainer._go_on_evaluating
        bench.trainer._go_on_evaluating = lambda seconds, go=advance: (slices.append(seconds), go(seconds))
        bench.trainer.train()
        digests.append(digest(bench.training.snapshot()))
        bench.trainer._stop_evaluating()
    assert digests[0] == digests[1]
    assert len(slices) > 5


@pytest.mark.parametrize("log_every", [0, 1, 1000])
def test_from_weights_that_are_not_finite_it_goes_back_to_the_last_good_step(make_bench: Make, log_every: int) -> None:
    bench = make_bench(**QUIET, log_every=log_every)
    _poison_at(bench, 27)
    ending = _end(bench)
    assert (ending.reason, bench.training.step, bench.training.rollbacks) == ("finished", 20, 1)
    first, again = bench.of("start")
    assert (first.branch, first.parent) == (0, None)
    assert (again.branch, again.parent, again.from_update, again.step) == (1, 0, 20, 10)
    (warning,) = bench.of("warning")
    assert "rolled back to step 10 (1 of at most 3)" in warning.text
    assert warning.branch == bench.of("exit")[0].branch == 1
    assert bench.training.is_finite()
    assert bench.training.cursor.update == 40


def test_the_roll_back_does_not_depend_on_when_it_is_noticed(make_bench: Make) -> None:
    digests = set()
    for cadence in ({"log_every": 1}, {"log_every": 1000}, {"log_every": 3, "checkpoint_every": 2, "preview_every": 1}):
        bench = make_bench(**QUIET, **cadence)
        _poison_at(bench, 24)
        _end(bench)
        digests.add(bench.of("exit")[0].digest)
    assert len(digests) == 1


def test_a_value_that_is_not_finite_in_a_sound_state_is_counted_and_no_more(make_bench: Make) -> None:
    bench = make_bench(**QUIET, log_every=1)
    gather = bench.trainer.telemetry.gather

    def spoil(outcome: Any) -> None:
        if outcome.loss_d is not None and bench.training.d_updates == 5:
            outcome.loss_d.fill_(float("inf"))
        gather(outcome)

    bench.trainer.telemetry.gather = spoil
    _end(bench)
    assert [record.step for record in bench.of("metrics") if record.nonfinite] == [5]
    assert len(bench.of("start")) == 1


def test_settings_come_back_as_they_were_and_the_warning_names_them(make_bench: Make) -> None:
    bench = make_bench(**QUIET, log_every=1)
    gather = bench.trainer.telemetry.gather

    def meddle(outcome: Any) -> None:
        gather(outcome)
        if bench.training.cursor.update == 25 and not bench.training.rollbacks:
            command = commands.new("set", {"lr_d": 0.5, "batch_size": 3})
            bench.trainer.steering._set_now(command)
            _poison(bench.training)

    bench.trainer.telemetry.gather = meddle
    _end(bench)
    assert (bench.training.config.lr_d, bench.training.config.batch_size) == (0.001, 8)
    text = bench.of("warning")[0].text
    assert "batch_size 3 → 8" in text
    assert "lr_d 0.5 → 0.001" in text


def test_after_three_it_fails_and_leaves_a_finite_checkpoint(make_bench: Make) -> None:
    bench = make_bench(**QUIET, log_every=1)
    _poison_at(bench, *range(25, 1000))
    ending = _end(bench)
    assert (ending.reason, ending.status) == ("failed", 1)
    assert "not finite for the 4th time" in ending.text
    starts = [record.branch for record in bench.of("start")]
    assert starts == [0, 1, 2, 3, 4]  # the last for going back to what the checkpoint holds
    loaded = checkpoints.load(bench.trainer.run)
    assert loaded.saved.step == 10
    assert all(tensor.isfinite().all() for tensor in loaded.state["d"].values())
    assert loaded.saved.digest == bench.of("exit")[0].digest == digest(loaded.state)


def test_each_roll_back_draws_other_noise(make_bench: Make) -> None:
    bench = make_bench(**QUIET)
    seen = set()
    for _ in range(3):
        seen.add(tuple(bench.training.draw_latents(1)[0].tolist()))
        bench.trainer._roll_back()
    assert len(seen) == 3


@pytest.mark.parametrize("how", ["finished", "stopped", "interrupted"])
def test_no_ending_leaves_a_checkpoint_that_is_not_finite(make_bench: Make, how: str) -> None:
    bench = make_bench(**QUIET, log_every=1000)
    gather = bench.trainer.telemetry.gather

    def spoil(outcome: Any) -> None:
        gather(outcome)
        if bench.training.cursor.update == (40 if how == "finished" else 30) and not bench.training.rollbacks:
            _poison(bench.training)
            if how == "stopped":
                bench.trainer.stop_asked = "stopped"
            if how == "interrupted":
                bench.trainer.signals.received = "SIGTERM"

    bench.trainer.telemetry.gather = spoil
    ending = _end(bench)
    assert ending.reason == how
    assert bench.training.is_finite()
    assert bench.training.rollbacks == 1
    assert bench.training.step == (20 if how == "finished" else 10)
    state = checkpoints.load(bench.trainer.run).state
    assert all(tensor.isfinite().all() for tensor in state["d"].values())


def test_a_checkpoint_is_never_written_from_a_state_that_is_not_finite(make_bench: Make) -> None:
    bench = make_bench(**QUIET, log_every=1000, checkpoint_every=1)
    _poison_at(bench, 25)
    _end(bench)
    for path in bench.trainer.run.checkpoints.glob("*.pt"):
        state = torch.load(path, weights_only=True)["state"]
        assert all(tensor.isfinite().all() for tensor in state["d"].values())
    assert len(bench.of("start")) == 2


@pytest.mark.parametrize("settings", [{"k": 3, "g_steps": 2}, {"optimizer_d": "sgd", "lr_schedule": "decay", "k": 2}])
def test_resumed_from_a_checkpoint_in_mid_iteration_it_ends_where_it_would_have(
    make_bench: Make, settings: dict[str, Any]
) -> None:
    settings = QUIET | settings | {"dropout_hidden": 0.2}
    straight = make_bench(**settings)
    _end(straight)
    first = make_bench(**settings)
    for _ in range(7):
        first.trainer.turn()
    assert first.training.remaining
    first.trainer.signals.received = "SIGUSR1"
    assert _end(first).status == 75
    second = make_bench(**settings)
    second.training.restore(checkpoints.load(first.trainer.run).state)
    _end(second)
    assert second.of("exit")[0].digest == straight.of("exit")[0].digest


def _command(bench: Any, what: str, **args: object) -> None:
    bench.trainer.inbox._pending.append(commands.new(what, args))
    bench.trainer.steering.obey()


SGD_2014 = {"optimizer_d": "sgd", "optimizer_g": "sgd", "lr_schedule": "decay", "momentum_final": 0.95}


def test_a_cadence_set_in_mid_iteration_changes_nothing(make_bench: Make) -> None:
    digests = []
    for cadence in (None, "5s"):
        bench = make_bench(**QUIET, **SGD_2014, batch_size=50_000)
        bench.trainer.turn()
        assert bench.training.remaining
        if cadence:
            _command(bench, "set", preview_every=cadence)
        digests.append(bench.trainer.conclude(bench.trainer.train()) and bench.of("exit")[-1].digest)
    assert digests[0] == digests[1]


def test_setting_one_cadence_does_not_restart_the_others(make_bench: Make) -> None:
    bench = make_bench(**QUIET, checkpoint_every="100s", preview_every="50s")
    due = bench.trainer._checkpoint._next_time
    _command(bench, "set", lr_d=1e-4)
    _command(bench, "set", preview_every="60s")
    assert bench.trainer._checkpoint._next_time == due


def test_a_state_that_is_not_finite_is_no_snapshot(make_bench: Make) -> None:
    bench = make_bench(**QUIET)
    _command(bench, "pause")
    _poison(bench.training)
    _command(bench, "snapshot")
    (rejected,) = bench.of("rejected")
    assert "not finite" in rejected.reason
    assert checkpoints.read_index(bench.trainer.run) == []
    bench.trainer.signals.received = "SIGTERM"
    assert _end(bench).status == 75
    state = checkpoints.load(bench.trainer.run).state
    assert all(tensor.isfinite().all() for tensor in state["d"].values())


def test_steps_beyond_the_end_of_the_cosine_are_noted(make_bench: Make) -> None:
    bench = make_bench(**QUIET, lr_horizon=20)
    _command(bench, "set", max_steps=40)
    assert "learning rates are 0 from step 20 on" in bench.of("applied")[0].note


def test_single_iterations_end_with_the_run(make_bench: Make) -> None:
    bench = make_bench(**QUIET)
    _command(bench, "pause")
    _command(bench, "step", target="both", count=100)
    assert bench.training.step == 20
    assert bench.of("applied")[-1].note == "ended after 20 of 100"


def test_commands_behind_one_that_breaks_off_are_answered_too(make_bench: Make) -> None:
    bench = make_bench(**QUIET)
    bench.trainer.signals.received = "SIGTERM"  # an evaluation gives way to it
    for what in ("evaluate", "pause", "preview"):
        bench.trainer.inbox._pending.append(commands.new(what, {}))
    assert _end(bench).reason == "interrupted"
    answers = {record.what: record.__struct_config__.tag for record in bench.log() if hasattr(record, "what")}
    assert answers == {"evaluate": "rejected", "pause": "rejected", "preview": "rejected"}


def test_a_late_record_stays_on_the_branch_it_was_built_on(make_bench: Make) -> None:
    bench = make_bench(**QUIET, preview_every=0)
    writer = bench.trainer.writer
    bench.trainer.train()
    slow_disk = Event()
    bench.trainer._keeper._thread.submit(slow_disk.wait)
    bench.trainer.preview()
    writer.branch = 7
    slow_disk.set()
    bench.trainer._keeper.close()
    (record,) = bench.of("preview")
    assert record.branch == 0
    assert record.file.endswith("-b0.npz")
    assert record.caption == "average of G"


def test_facts_of_the_host_come_first_and_while_paused(make_bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make_bench(**QUIET)
    _end(bench)
    (facts,) = bench.of("system")
    assert facts.seq < bench.of("metrics")[0].seq and facts.device == "cpu" and facts.cores >= 1
    paused = make_bench(**QUIET)
    paused.trainer.paused = True
    monkeypatch.setattr(trainer, "SYSTEM_EVERY", 0.0)
    monkeypatch.setattr(trainer, "PAUSE_WAIT", 0.0)
    for _ in range(3):
        paused.trainer.turn()
    assert len(paused.of("system")) == 3


def test_the_trainer_of_a_deleted_run_does_not_train_on_unseen(
    make_bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "SYSTEM_EVERY", 0.0)
    bench = make_bench(**QUIET | {"max_steps": 10**9})
    bench.trainer.turn()
    shutil.rmtree(bench.trainer.run.path)
    ending = _end(bench)
    assert (ending.reason, ending.status, ending.text) == ("failed", 1, "the run directory was deleted")


def test_a_switch_from_probability_to_critic_says_what_it_implies(make_bench: Make) -> None:
    bench = make_bench(**QUIET)
    for _ in range(6):
        bench.trainer.turn()
    _command(bench, "set", loss="wasserstein")
    _command(bench, "set", constraint="clip", constraint_weight=0.01)
    _command(bench, "set", loss="non_saturating")
    _command(bench, "set", lr_d=1e-4)
    first, second, third, fourth = bench.of("applied")
    assert "D is a critic now" in first.note and "without a constraint" in first.note
    assert (first.objective.probability, first.objective.score_range) == (False, None)
    assert (second.note, second.objective) == ("", None)
    assert "D is a probability now" in third.note
    assert "constraint = clip is made for loss = wasserstein" in third.note
    assert third.objective.equilibrium["d_x"] == 0.5
    assert fourth.note == ""  # what was odd before is not said again
    assert _end(bench).reason == "finished"


def test_a_set_that_makes_no_sense_is_rejected_whole(make_bench: Make) -> None:
    bench = make_bench(**QUIET, norm_d="batch")
    before = bench.training.config
    _command(bench, "set", lr_d=0.5, constraint="gradient_penalty", constraint_weight=1.0)
    assert "undefined with norm_d = batch" in bench.of("rejected")[0].reason
    assert bench.training.config == before


SGD = {"optimizer_d": "sgd", "optimizer_g": "sgd", "lr_d": 0.05, "lr_g": 0.05, "lr_schedule": "constant"}


@pytest.mark.parametrize("rate", ["lr_d", "lr_g"])
def test_a_run_that_a_learning_rate_of_10_drives_out_of_the_numbers_goes_back_says_so_and_goes_on(
    make_bench: Make, rate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "GUARD_EVERY", 200)  # lr_g takes some 460 steps: the last good state is lost by then
    bench = make_bench(**SGD, max_steps=800)
    while bench.training.step < 60:
        bench.trainer.turn()
    bench.trainer.inbox._pending.append(commands.new("set", {rate: 10.0}, "ann@lab"))
    ending = _end(bench)
    assert (ending.reason, bench.training.step) == ("finished", 800)
    assert 1 <= bench.training.rollbacks <= 3
    assert any(f"settings as they were then: {rate} 10.0 → 0.05" in warning.text for warning in bench.of("warning"))
    said = [record for record in bench.of("diagnosis") if record.name == "non_finite"]
    assert said[0].state == "begun" and max(said[0].remedy.values()) <= 0.05
    assert said[-1].state == "over"


# What viewers want to see


@pytest.mark.parametrize("data", ["gaussian", "ring"])
def test_live_views_are_computed_while_somebody_looks_and_change_nothing(make_bench: Make, data: str) -> None:
    digests = []
    for rate in (0.0, 10.0):
        bench = make_bench(data=data, max_steps=20)
        trainer, told = bench.trainer, []
        trainer.views_wanted, trainer.notify = lambda rate=rate: rate, lambda told=told: told.append(1)
        seen = set()
        while bench.training.step < 20:
            trainer._next_view = 0.0  # as if time had passed
            trainer.turn()
            if "update" in trainer.arrays:
                seen.add(int(trainer.arrays["update"]))
        digests.append(digest(bench.training.snapshot()))
        assert bool(seen) == bool(told) == bool(rate)
        assert not rate or seen == set(range(1, 41))
        assert not rate or {"d" if data == "gaussian" else "d_map", "x", "step"} <= set(trainer.arrays)
    assert digests[0] == digests[1]


def test_live_views_take_a_bounded_share_of_the_time(make_bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of the test's own, on which a view takes a second."""
    bench = make_bench()
    now, taken = 1000.0, []

    def slow(_training: Training) -> dict[str, Any]:
        nonlocal now
        taken.append(now)
        now += 1.0
        return {}

    monkeypatch.setattr("gantui.engine.trainer.take", slow)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    bench.trainer.views_wanted = lambda: 2.0
    for update in range(2000):
        bench.training.g_updates = update
        bench.trainer._view_if_wanted()
        now += 0.05
    assert len(taken) > 3
    assert all(b - a >= 1 / 0.04 for a, b in pairwise(taken))


def test_a_paused_training_is_looked_at_once(make_bench: Make) -> None:
    bench = make_bench()
    bench.trainer.views_wanted, bench.trainer.paused = lambda: 10.0, True
    bench.trainer.turn()
    first = bench.trainer.arrays
    assert int(first["step"]) == 0
    bench.trainer._next_view = 0.0
    bench.trainer.turn()
    assert bench.trainer.arrays is first
