"""From updates to records: values by hand, cadences by an injected clock, and nothing that isn't finite."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from gantui.core.events import Hist, Metrics, ObjectiveFacts, Record, decode, encode, significant
from gantui.engine import telemetry as module
from gantui.engine.algorithm import Outcome, next_update
from gantui.engine.objectives import OBJECTIVES, NonSaturating, value
from gantui.engine.telemetry import (
    FIRST_INTERVAL,
    HISTS_PER_DOUBLING,
    METRICS_PER_DOUBLING,
    Telemetry,
    count_scores,
    fixed_scores,
)
from gantui.engine.training import Training, digest

Make = Callable[..., Training]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The telemetry's clock; `clock.now` moves it."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class Log:
    def __init__(self, training: Training) -> None:
        self.records: list[Record] = []
        self.telemetry = Telemetry(training, self.records.append)

    @property
    def metrics(self) -> list[Metrics]:
        return [record for record in self.records if isinstance(record, Metrics)]

    @property
    def hists(self) -> list[Hist]:
        return [record for record in self.records if isinstance(record, Hist)]


def _outcome(real: list[float] | None, fake: list[float], **numbers: float) -> Outcome:
    return Outcome(
        torch.tensor(fake),
        real=None if real is None else torch.tensor(real),
        **{name: torch.tensor(number) for name, number in numbers.items()},
    )


def _spread(values: list[float]) -> list[float]:
    return [significant(x) for x in (sum(values) / len(values), min(values), max(values))]


@pytest.mark.parametrize("updates", [1, 7, 127, 128, 129, 300])
def test_a_record_holds_mean_and_extremes_of_what_each_update_computed(make_training: Make, updates: int) -> None:
    training = make_training(k=2, norm_d="none")
    log, outcomes = Log(training), []
    for index in range(updates):
        outcomes.append(next_update(training, measure=index % 5 == 0))
        log.telemetry.gather(outcomes[-1])
    assert log.telemetry.flush() == 0
    (record,) = log.metrics
    assert (record.n, record.nonfinite, record.update) == (updates, 0, updates)
    with_data = [o for o in outcomes if o.real is not None]

    def numbers(name: str) -> list[float]:
        return [float(number) for o in outcomes if (number := getattr(o, name)) is not None]

    def mean_d(scores: list[Tensor]) -> list[float]:
        return [float(s.sigmoid().mean()) for s in scores]

    expected = {
        "loss_d": numbers("loss_d"),
        "loss_g": numbers("loss_g"),
        "grad_norm_d": numbers("gradient_norm_d"),
        "grad_norm_g": numbers("gradient_norm_g"),
        "d_x": mean_d([o.real for o in with_data if o.real is not None]),
        "d_gz": mean_d([o.fake for o in outcomes if o.loss_g is not None] or [o.fake for o in outcomes]),
        "d_gz_after": mean_d([o.fake_after for o in outcomes if o.fake_after is not None]),
        "value": [float(value(o.real, o.fake)) for o in with_data if o.real is not None],
    }
    for name, values in expected.items():
        if values:
            assert record.v[name] == pytest.approx(_spread(values), rel=1e-4), name
        else:
            assert name not in record.v
    assert "penalty" not in record.v
    assert record.v["value"][0] == pytest.approx(-record.v["loss_d"][0], rel=1e-3)


def test_each_record_starts_anew_and_an_empty_one_is_not_written(make_training: Make) -> None:
    log = Log(make_training())
    for loss in (1.0, 5.0):
        log.telemetry.gather(_outcome([0.0], [0.0], loss_d=loss))
        log.telemetry.flush()
        log.telemetry.flush()
    assert [record.v["loss_d"] for record in log.metrics] == [(1.0,) * 3, (5.0,) * 3]
    assert log.telemetry.metrics_written == 2


def test_a_change_of_the_batch_size_within_a_record_counts_every_update_once(make_training: Make) -> None:
    log = Log(make_training())
    for scores in ([0.0] * 4, [2.0] * 8, [0.0] * 4, [-2.0] * 3):
        log.telemetry.gather(_outcome(scores, scores, loss_d=1.0))
    log.telemetry.flush()
    s = float(torch.tensor(2.0).sigmoid())
    assert log.metrics[0].v["d_x"] == pytest.approx(_spread([0.5, s, 0.5, 1 - s]), rel=1e-4)
    assert log.metrics[0].n == 4


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_counted_and_left_out(make_training: Make, bad: float) -> None:
    log = Log(make_training())
    for loss_d, loss_g in ((1.0, bad), (bad, bad), (3.0, bad)):
        log.telemetry.gather(_outcome([0.0], [0.0], loss_d=loss_d, loss_g=loss_g))
    assert log.telemetry.flush() == 4
    record = log.metrics[0]
    assert record.nonfinite == 4
    assert record.v["loss_d"] == (2.0, 1.0, 3.0)
    assert "loss_g" not in record.v
    assert decode(encode(record)) == record


def test_scores_that_are_not_finite_never_reach_the_log(make_training: Make) -> None:
    log = Log(make_training())
    for scores in ([float("nan"), 0.0], [float("inf"), 0.0], [3e38, 3e38], [1.0, -1.0]):
        log.telemetry.gather(_outcome(scores, scores, loss_d=3e38))
    assert log.telemetry.flush() > 0
    log.telemetry.write_histogram()
    for record in log.records:
        line = encode(record)
        assert decode(line) == record
        assert not any(word in line for word in (b"NaN", b"Infinity", b"null"))


def test_log_every_falls_on_its_steps_whatever_the_clock_says(make_training: Make, clock: SimpleNamespace) -> None:
    def logged(hist_every: int, start: int = 0, interrupted_at: int | None = None) -> list[tuple[int, Any]]:
        training = make_training(log_every=5, k=2)
        log = Log(training)
        while training.step < 32:
            log.telemetry.gather(next_update(training, log.telemetry.wants_measuring()))
            clock.now += 0.013
            if log.telemetry.due():
                log.telemetry.flush()
            if hist_every and training.d_updates % hist_every == 0:
                log.telemetry.write_histogram(fresh=True)
            if training.step == interrupted_at and not training.remaining:
                log.telemetry.flush()  # as a command does
        names = ("loss_d", "loss_g", "d_x", "d_gz", "d_gz_after", "value", "grad_norm_d", "lr_d")
        return [(r.step, {name: r.v.get(name) for name in names}) for r in log.metrics]

    plain = logged(0)
    assert [step for step, _ in plain] == [5, 10, 15, 20, 25, 30]
    assert logged(3) == plain
    assert [step for step, _ in logged(0, interrupted_at=13)] == [5, 10, 13, 15, 20, 25, 30]


def test_after_a_roll_back_log_every_falls_on_the_same_steps(make_training: Make) -> None:
    training = make_training(log_every=5)
    log = Log(training)
    start = training.snapshot()
    for _ in range(2):
        training.restore(start)
        log.telemetry.forget()
        while training.step < 13:
            log.telemetry.gather(next_update(training))
            if log.telemetry.due():
                log.telemetry.flush()
    assert [record.step for record in log.metrics] == [5, 10, 5, 10]


def test_the_interval_of_the_records_doubles(make_training: Make, clock: SimpleNamespace) -> None:
    log = Log(make_training())
    for written, factor in (
        (0, 1),
        (METRICS_PER_DOUBLING - 1, 1),
        (METRICS_PER_DOUBLING, 2),
        (2 * METRICS_PER_DOUBLING - 1, 2),
        (3 * METRICS_PER_DOUBLING, 8),
    ):
        log.telemetry.metrics_written = written
        log.telemetry.gather(_outcome([0.0], [0.0], loss_d=1.0))
        log.telemetry.flush()
        clock.now += 0.99 * factor * FIRST_INTERVAL
        assert not log.telemetry.due()
        clock.now += 0.02 * factor * FIRST_INTERVAL
        assert log.telemetry.due()


def test_the_interval_of_the_histograms_doubles(make_training: Make, clock: SimpleNamespace) -> None:
    log = Log(make_training())
    for written, interval in ((0, 1), (HISTS_PER_DOUBLING, 2), (2 * HISTS_PER_DOUBLING, 4)):
        log.telemetry.hists_written = written
        log.telemetry.write_histogram()
        clock.now += 0.99 * interval
        assert not log.telemetry.hist_due()
        clock.now += 0.02 * interval
        assert log.telemetry.hist_due()


def test_speeds_leave_out_a_pause(make_training: Make, clock: SimpleNamespace) -> None:
    training = make_training(k=2, batch_size=10)
    log = Log(training)

    def steps(count: int) -> dict[str, list[float]]:
        for _ in range(3 * count):
            log.telemetry.gather(next_update(training))
            clock.now += 0.1
        log.telemetry.flush()
        return log.metrics[-1].v

    assert steps(20)["steps_per_s"][0] == pytest.approx(1 / 0.3, rel=1e-3)
    clock.now += 1000
    log.telemetry.restart_clock()
    values = steps(20)
    assert values["steps_per_s"][0] == pytest.approx(1 / 0.3, rel=1e-3)
    assert values["samples_per_s"][0] == pytest.approx(20 / 0.3, rel=1e-3)
    assert values["lr_d"][0] == significant(training.opt_d.param_groups[0]["lr"])


def test_a_histogram_counts_every_score_once(make_training: Make) -> None:
    training = make_training(k=3, batch_size=20)
    log = Log(training)
    outcomes = [next_update(training) for _ in range(11)]
    for outcome in outcomes:
        log.telemetry.gather(outcome)
    log.telemetry.write_histogram()
    (hist,) = log.hists
    recent = [o for o in outcomes if o.real is not None][-4:]
    assert (hist.space, hist.low, hist.high) == ("probability", 0.0, 1.0)
    for counts, scores in (
        (hist.real, torch.cat([o.real for o in recent if o.real is not None])),
        (hist.fake, torch.cat([o.fake for o in recent])),
    ):
        assert sum(counts) == 80
        assert counts == torch.histc(scores.sigmoid(), 64, 0, 1).int().tolist()
    assert hist.overlap == pytest.approx(
        sum(min(a, b) for a, b in zip(hist.real, hist.fake, strict=True)) / 80, rel=1e-4
    )


def test_scores_of_a_critic_are_drawn_on_a_scale_of_powers_of_two() -> None:
    counted = count_scores(torch.tensor([-3.0, 0.1, 5.0]), torch.tensor([4.9, float("nan"), float("inf")]), False)
    assert (counted.space, counted.low, counted.high) == ("score", -8.0, 8.0)
    assert (sum(counted.real), sum(counted.fake)) == (3, 1)
    assert counted.real[20] == counted.real[52] == counted.fake[51] == 1  # bins of 1/4


def test_of_nothing_finite_there_is_an_empty_histogram() -> None:
    counted = count_scores(torch.tensor([float("nan")]), torch.empty(0), False)
    assert (counted.high, sum(counted.real), sum(counted.fake), counted.overlap) == (1.0, 0, 0, 0.0)


def test_a_critic_has_no_probability_and_no_value(make_training: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    class Critic(NonSaturating):
        facts = ObjectiveFacts(name="critic", probability=False)

    monkeypatch.setitem(OBJECTIVES, "non_saturating", Critic())
    log = Log(make_training())
    log.telemetry.gather(_outcome([5.0, 7.0], [-3.0, -1.0], loss_d=1.0))
    log.telemetry.flush()
    log.telemetry.write_histogram()
    assert log.metrics[0].v["d_x"] == (6.0,) * 3
    assert log.metrics[0].v["d_gz"] == (-2.0,) * 3
    assert "value" not in log.metrics[0].v
    assert log.hists[0].space == "score"


def test_what_was_gathered_before_a_roll_back_is_forgotten(make_training: Make) -> None:
    log = Log(make_training())
    for _ in range(200):
        log.telemetry.gather(_outcome([0.0], [0.0], loss_d=float("nan")))
    log.telemetry.forget()
    assert log.telemetry.flush() == 0
    log.telemetry.gather(_outcome([0.0], [0.0], loss_d=1.0))
    assert log.telemetry.flush() == 0
    assert log.metrics[0].n == 1


@pytest.mark.parametrize(
    "settings", [{"dropout_hidden": 0.5, "norm_g": "batch", "norm_d": "batch"}, {"spectral_norm": True}]
)
def test_looking_moves_nothing(make_training: Make, settings: dict[str, Any]) -> None:
    training = make_training(**settings)
    log = Log(training)
    for _ in range(6):
        log.telemetry.gather(next_update(training))
    before = digest(training.snapshot())
    log.telemetry.write_histogram(fresh=True)
    log.telemetry.flush()
    log.telemetry.write_histogram()
    assert digest(training.snapshot()) == before


CONSTRAINTS = {
    "r1": {"penalty"},
    "gradient_penalty": {"penalty", "d_slope"},
    "clip": {"clip_share"},
    "variance": {"fisher_ratio", "second_moment", "multiplier"},
    "each": {"variance_x", "variance_gz", "multiplier_x", "multiplier_gz"},
}


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_the_numbers_of_a_constraint_are_in_the_record(make_training: Make, constraint: str) -> None:
    name, form = ("variance", "each") if constraint == "each" else (constraint, "pooled")
    log = Log(make_training(constraint=name, constraint_weight=0.01, variance_form=form, loss="wasserstein"))
    outcomes = [next_update(log.telemetry._training, measure=index == 4) for index in range(140)]
    for outcome in outcomes:
        log.telemetry.gather(outcome)
    assert log.telemetry.flush() == 0
    (record,) = log.metrics
    usual = {"loss_d", "loss_g", "d_x", "d_gz", "lr_d", "lr_g", "steps_per_s", "samples_per_s", "grad_norm_d"}
    usual |= {"update_ratio_d"}
    assert set(record.v) == usual | CONSTRAINTS[constraint]
    for number in CONSTRAINTS[constraint]:
        values = [float(outcome.numbers[number]) for outcome in outcomes if number in outcome.numbers]
        assert len(values) == (1 if number == "clip_share" else 70)
        assert record.v[number] == pytest.approx(_spread(values), rel=1e-4, abs=1e-12), number


@pytest.mark.parametrize("condition", ["auxiliary", "classifier"])
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_the_numbers_of_a_condition_are_in_the_record(make_training: Make, condition: str, update: str) -> None:
    log = Log(make_training(data="digits", condition=condition, update=update))
    for index in range(20):
        log.telemetry.gather(next_update(log.telemetry._training, measure=index < 2))
    assert log.telemetry.flush() == 0
    (record,) = log.metrics
    assert {"loss_class_d", "loss_class_g", "class_accuracy_x", "class_accuracy_gz"} <= set(record.v)
    assert all(0 <= value <= 1 for name in ("class_accuracy_x", "class_accuracy_gz") for value in record.v[name])


@pytest.mark.parametrize("condition", ["concat", "projection", "auxiliary", "classifier"])
def test_fixed_scores_are_of_the_labels_of_the_data(make_training: Make, condition: str) -> None:
    training = make_training(data="digits", condition=condition, batch_size=50)
    before = digest(training.snapshot())
    real, fake = fixed_scores(training)
    assert digest(training.snapshot()) == before
    x, y = training.data.take(torch.arange(50)), training.labels.encode(training.labels.rows[:50])
    with torch.no_grad():
        samples = training.g.eval()(training.latents[:50], y)
        of_d = [(one, y) if condition in ("concat", "projection") else (one,) for one in (x, samples)]
        torch.testing.assert_close(real, training.d(*of_d[0]))
        torch.testing.assert_close(fake, training.d(*of_d[1]))
