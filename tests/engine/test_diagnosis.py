"""Trainings that go wrong for real, and what is said of them."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gantui.core import commands
from gantui.core.diagnosis import diagnose
from gantui.core.events import Present
from gantui.runs.live import read_live, write_live
from gantui.runs.status import status

Make = Callable[..., Any]
RING = {"batch_size": 32, "g_widths": [32, 32], "d_widths": [32, 32], "z_dim": 2, "max_steps": 800}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "rates of nothing": ({"lr_d": 1e-8, "lr_g": 1e-8}, "not_learning"),
    "D far ahead": ({"lr_d": 0.02, "lr_g": 1e-4, "loss": "minimax", "k": 5}, "d_too_strong"),
    "D that learns nothing": ({"lr_d": 1e-8, "lr_g": 0.005}, "d_too_weak"),
}


def _end(bench: Any) -> None:
    bench.trainer.conclude(bench.trainer.train())


@pytest.mark.parametrize("kind", BAD)
def test_a_training_that_goes_wrong_is_named_with_a_remedy_that_can_be_set(make_bench: Make, kind: str) -> None:
    settings, name = BAD[kind]
    bench = make_bench(**RING, **settings, log_every=0)
    while not (present := bench.trainer.doctor.present):
        bench.trainer.turn()
    (found,) = present
    assert found.name == name and found.remedy and bench.training.step <= 400
    (record,) = bench.of("diagnosis")
    assert (record.name, record.state, record.since, record.remedy) == (name, "begun", found.since, found.remedy)
    assert record.step == bench.training.step and record.branch == 0

    live = bench.trainer.live()
    live.t = time.time()
    write_live(bench.trainer.run, live)
    assert status(bench.trainer.run).diagnoses == read_live(bench.trainer.run).diagnoses == [found]  # type: ignore[union-attr]

    bench.trainer.inbox._pending.append(commands.new("set", found.remedy))
    bench.trainer.turn()
    assert bench.of("applied")[-1].after == found.remedy
    again = list(diagnose(bench.log()))  # the log alone says the same
    assert [(d.name, d.step) for d in again] == [(name, record.step)]


def test_of_a_training_that_goes_well_nothing_bad_is_said(make_bench: Make) -> None:
    bench = make_bench(data="gaussian", batch_size=64, g_widths=[32, 32], d_widths=[32, 32], z_dim=1, lr_d=0.002,
                       lr_g=0.001, constraint="r1_r2", constraint_weight=0.3, max_steps=400)  # fmt: skip
    _end(bench)
    assert {record.name for record in bench.of("diagnosis")} <= {"equilibrium"}


def test_examining_a_training_changes_nothing_of_it(make_bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = make_bench(**RING | {"max_steps": 60, "dropout_hidden": 0.5, "norm_g": "batch"})
    _end(plain)
    monkeypatch.setattr("gantui.engine.trainer.length", lambda step, most: 1)
    busy = make_bench(**RING | {"max_steps": 60, "dropout_hidden": 0.5, "norm_g": "batch"})
    _end(busy)
    assert plain.of("exit")[0].digest == busy.of("exit")[0].digest
    assert len([r for r in busy.of("metrics") if "gap" in r.v]) == 60


def test_with_log_every_there_are_those_records_only_and_the_doctor_reads_them(make_bench: Make) -> None:
    bench = make_bench(**RING | {"lr_d": 1e-8, "lr_g": 1e-8, "max_steps": 350}, log_every=10)
    _end(bench)
    assert [record.step for record in bench.of("metrics")] == list(range(10, 351, 10))
    assert "not_learning" in {record.name for record in bench.of("diagnosis")}


def test_a_condition_that_holds_is_told_as_plain_data() -> None:
    present = Present(name="d_too_weak", since=3, evidence="a", remedy={"k": 3}, text="b")
    assert msgspec.json.decode(msgspec.json.encode(present), type=Present) == present
