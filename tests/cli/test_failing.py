"""Failures that are no mistake of the user: the run keeps what it has, and says what happened."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gantui.core.errors import DataError
from gantui.runs.layout import RunDir
from gantui.runs.status import status

Call = Callable[..., Any]
RING = ("run", "ring", "--steps", "4", "--name", "one", "-s", "g_widths=[8]", "-s", "d_widths=[8]")


def test_a_failing_last_evaluation_costs_only_itself(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gantui.engine.trainer import Trainer

    def fail(_self: Trainer, *_: Any) -> None:
        raise MemoryError("far too many neighbours")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "evaluate", fail)
        done = call(*RING)
    run = RunDir(tmp_path / "runs" / "one")
    assert done.status == 1 and "far too many neighbours" in done.out and "Traceback" not in done.err
    assert status(run).state == "failed" and run.latest.exists()
    assert call("run", "--resume", "one", "--steps", "6").status == 0
    assert status(run).state == "finished" and status(run).step == 6


def test_data_lost_in_the_middle_does_not_cost_the_run(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gantui.engine import trainer

    def lose(*_: Any) -> None:
        raise DataError("data = 'photos': gone")

    monkeypatch.setattr(trainer, "next_update", lose)
    done = call(*RING)
    run = RunDir(tmp_path / "runs" / "one")
    assert done.status == 1 and "data = 'photos': gone" in done.err and len(done.err.splitlines()) <= 4
    assert status(run).state == "failed" and "gone" in status(run).reason
    assert run.latest.exists()


def test_an_error_nobody_foresaw_is_one_line_and_with_debug_a_traceback(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gantui.runs import index

    def fail(*_: Any) -> None:
        raise ZeroDivisionError("\x1b[31mred")

    monkeypatch.setattr(index, "list_runs", fail)
    done = call("ls")
    assert done.status == 1
    assert done.err == "gantui: ZeroDivisionError: \\x1b[31mred (--debug shows where)\n"
    assert "Traceback" in call("ls", "--debug").err


def test_output_that_lost_its_terminal_follows_no_link(tmp_path: Path) -> None:
    from gantui.engine.signals import redirect
    from gantui.runs.layout import create

    run = create(tmp_path / "runs", "one", "ring", share="group")
    with (tmp_path / "stream").open("w") as stream:
        (tmp_path / "precious").touch()
        run.trainer_log.symlink_to(tmp_path / "precious")
        redirect([stream], run.trainer_log)
        print("into the link", file=stream, flush=True)
        assert (tmp_path / "precious").read_text() == ""
        run.trainer_log.unlink()
        redirect([stream], run.trainer_log)
        print("into the log", file=stream, flush=True)
    assert run.trainer_log.read_text() == "into the log\n"
    assert run.trainer_log.stat().st_mode & 0o777 == 0o640


def test_a_pipe_broken_inside_the_training_is_a_failure(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from gantui.engine import trainer
    from gantui.runs import index

    def fail(*_: Any) -> None:
        raise BrokenPipeError("a worker has gone")

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "next_update", fail)
        done = call(*RING)
    assert done.status == 1 and "a worker has gone" in done.err
    monkeypatch.setattr(index, "list_runs", fail)
    assert call("ls").status == 1


def test_a_status_is_kept_though_nobody_reads_the_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a broken stdout is forgiven, and that changes no status there already is."""
    from gantui.cli import app, commands

    for returned, expected in ((lambda *_, **__: 75, 75), (lambda *_, **__: None, 0)):
        reading, writing = os.pipe()
        os.close(reading)
        with monkeypatch.context() as patch, os.fdopen(writing, "w") as stdout:
            patch.setattr(sys, "stdout", stdout)
            patch.setattr(commands, "app", returned)
            stdout.write("results")
            assert app.perform() == expected


def test_a_start_that_fails_does_not_block_its_name(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gantui.runs import info

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(info, "write", fail)
        done = call(*RING)
    assert done.status == 2 and "No space left" in done.err
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("foreign", [None, "events-0001.jsonl", "thesis.tex", "checkpoints/latest.json"])
def test_auto_adopts_what_a_killed_start_has_left_and_nothing_else(
    call: Call, tmp_path: Path, foreign: str | None
) -> None:
    from gantui.runs.layout import create

    run = create(tmp_path / "runs", "one", "ring")
    (run.path / ".0a1b.tmp").touch()
    if foreign:
        (run.path / foreign).touch()
    assert call(*RING).status == 2
    done = call(*RING, "--resume", "auto")
    assert done.status == (2 if foreign else 0), done.err
    assert status(run).state == ("starting" if foreign else "finished")


def test_a_start_never_clears_away_what_another_trainer_holds(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gantui.runs import begin
    from gantui.runs.lock import RunLock

    fresh, locks = begin.fresh, []

    def lose_the_race(*arguments: Any, **options: Any) -> begin.Plan:
        plan = fresh(*arguments, **options)
        locks.append(RunLock(plan.run))
        locks[0].acquire()
        return plan

    monkeypatch.setattr(begin, "fresh", lose_the_race)
    try:
        done = call(*RING)
    finally:
        locks[0].release()
    assert done.status == 2 and "already being trained" in done.err
    assert RunDir(tmp_path / "runs" / "one").config_toml.exists()


def test_a_trainer_of_its_own_is_told_the_limit_of_time(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from gantui.cli import running
    from gantui.runs import begin

    passed = []
    monkeypatch.setattr(running, "_train_here", lambda plan, **_: passed.append(begin.to_pass_on(plan)) or 0)
    call(*RING[:2], "--name", "limited", "--time", "30m")
    call(*RING[:2], "--name", "endless")
    call("run", "--resume", "limited")
    assert passed[:2] == [{"max_time": "30m"}, {}] and passed[2]["max_time"] == "none"


def test_auto_keeps_the_limit_of_time_of_its_preset(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gantui.cli import running

    limits = []
    monkeypatch.setattr(running, "_train_here", lambda plan, **_: limits.append(plan.config.max_time) or 0)
    (tmp_path / "job.toml").write_text('data = "ring"\nmax_time = "55m"\n')
    auto = ("run", "job.toml", "--name", "night", "--resume", "auto")
    for extra in ((), (), ("--time", "5m")):
        assert call(*auto, *extra).status == 0
    assert call("run", "--resume", "night").status == 0
    assert limits == ["55m", "55m", "5m", "none"]


def test_data_in_a_file_is_found_from_any_folder(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{i % 7},{i % 5}\n" for i in range(200)))
    small = ("-s", "data=t.csv", "-s", "g_widths=[8]", "-s", "d_widths=[8]", "--name", "one")
    assert call("run", "table", "--steps", "4", *small).status == 0
    assert call("run", "table", "--steps", "6", *small, "--resume", "auto").status == 0
    (tmp_path / "elsewhere").mkdir()
    folder = tmp_path / "runs"
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = call("eval", "one", "--runs", folder)
    assert done.status == 0, done.err
    done = call("run", "--resume", "one", "--steps", "8", "--runs", folder)
    assert done.status == 0, done.err
    done = call("run", "table", "--steps", "9", *small, "--resume", "auto", "--runs", folder)
    assert done.status == 2 and "data = t.csv: fixed" in done.err


def test_the_root_of_data_sets_means_the_same_from_any_folder(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gantui.cli import running

    roots = []
    monkeypatch.setattr(running, "_train_here", lambda plan, **_: roots.append(plan.config.data_root) or 0)
    assert call("run", "ring", "--name", "one", "--data-root", "sets").status == 0
    assert call("run", "--resume", "one").status == 0
    assert call("run", "--resume", "one", "--data-root", "other").status == 0
    assert call("run", "ring", "--name", "two").status == 0
    assert roots == [str(tmp_path / "sets")] * 2 + [str(tmp_path / "other"), "~/.cache/gantui"]


def test_only_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gantui.core.data_sets import absolute

    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "ring").mkdir()
    for data in ("ring", "rign", "~nobody-of-that-name", "/a/b.npy", "x" * 4000):
        assert absolute(data) == data
    assert absolute("photos") == str(tmp_path / "photos")
    assert absolute("sets/faces") == str(tmp_path / "sets" / "faces")
    assert absolute("t.csv") == str(tmp_path / "t.csv")
