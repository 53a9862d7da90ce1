"""Failures that are no mistake of the user: the run keeps what it has, and says what happened."""

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

    def fail(_self: Trainer) -> None:
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
    assert done.status == 2 and "data = 'photos': gone" in done.err and len(done.err.splitlines()) <= 4
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
