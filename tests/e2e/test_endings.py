"""How runs end before their time: kills, signals in every phase, hang-ups, time limits; and how they go on."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e.harness import CONTROL, ENDLESS, SMALL, Trainer, digest_of, gantui, of, until

from gantui.core.events import Checkpoint, Exit, Stage, Start, Warning_
from gantui.runs.layout import RunDir

Begin = Callable[..., Trainer]
NUMBERS = [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1]
TRICKY = ("max_steps=400", "dropout_hidden=0.3", "norm_g=batch", "ema_decay=0.99", *SMALL)  # all that has a memory


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the TRICKY run, straight through."""
    trainer = Trainer.fresh(tmp_path_factory.mktemp("straight"), "ring", *TRICKY)
    assert trainer.wait() == 0
    return digest_of(trainer.run)


def _resume(start: Begin, *arguments: object) -> Trainer:
    return start.again("--resume", "one", *arguments)  # type: ignore[attr-defined, no-any-return]


def _check_nothing_lost(trainer: Trainer) -> Exit:
    """The checkpoint stands at the very last update of the log."""
    records = trainer.records()
    last, saved = records[-1], of(records, Checkpoint)[-1]
    assert isinstance(last, Exit) and (last.reason, last.status) == ("interrupted", 75)
    assert saved.update == last.update == max(getattr(record, "update", 0) for record in records)
    assert saved.digest == last.digest == digest_of(trainer.run)
    assert trainer.status().state == "interrupted"
    return last


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_while_training_loses_nothing(
    start: Begin, undisturbed: str, number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = start("ring", *TRICKY).until_step(30)
    seconds = trainer.signal(number)
    with capsys.disabled():
        print(f"\n  {number.name} while training: exit after {seconds:.2f} s")
    assert trainer.process.returncode == 75 and seconds < 10
    assert number.name in _check_nothing_lost(trainer).text
    assert "--resume" in trainer.out.read_text()
    if number != signal.SIGTERM:
        return  # going on is the same for all
    again = _resume(start)
    assert again.wait() == 0, again.err.read_text()
    assert digest_of(trainer.run) == undisturbed
    assert {record.branch for record in trainer.records()} == {0}  # no step lost, so no new branch
    second = of(trainer.records(), Start)[1]
    assert second.parent == 0 and second.from_update == second.update > 0


@pytest.mark.parametrize(("number", "stage"), [(signal.SIGTERM, "importing"), (signal.SIGUSR1, "loading data")])
def test_a_signal_before_training_starts(
    start: Begin, number: signal.Signals, stage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = start("ring", "max_steps=30", *SMALL)
    trainer.until(lambda: any(s.stage == stage for s in of(trainer.records(), Stage)), stage)
    trainer.process.send_signal(signal.SIGINT)  # the impatient press twice
    seconds = trainer.signal(number)
    with capsys.disabled():
        print(f"\n  {number.name} while {stage}: exit after {seconds:.2f} s")
    assert trainer.process.returncode == 75 and seconds < 10
    last = trainer.records()[-1]
    assert isinstance(last, Exit) and (last.reason, last.status) == ("interrupted", 75)
    again = _resume(start)
    assert again.wait() == 0, again.err.read_text()
    assert trainer.records()[-1].step == 30


def test_a_signal_while_paused_or_saving_or_evaluating(start: Begin, capsys: pytest.CaptureFixture[str]) -> None:
    paused = start("ring", *ENDLESS, name="paused").until_step(5)
    busy = start("digits", *ENDLESS, "eval_every=1", "checkpoint_every=1", name="busy")
    assert paused.ask("pause").returncode == 0
    until(lambda: paused.status().state == "paused", "paused")
    busy.until(lambda: any(s.stage == "evaluating" for s in of(busy.records(), Stage)), "evaluating")
    for trainer in (paused, busy):
        seconds = trainer.signal(signal.SIGTERM)
        with capsys.disabled():
            print(f"\n  SIGTERM, {trainer.run.id}: exit after {seconds:.2f} s")
        assert trainer.process.returncode == 75 and seconds < 10
        _check_nothing_lost(trainer)


def test_a_signal_in_the_last_evaluation_and_a_second_one_meanwhile(start: Begin) -> None:
    trainer = start("digits", "max_steps=3")
    trainer.until(lambda: any(s.stage == "saving" for s in of(trainer.records(), Stage)), "saving")
    trainer.process.send_signal(signal.SIGTERM)
    trainer.signal(signal.SIGUSR1)
    assert trainer.process.returncode == 75
    _check_nothing_lost(trainer)
    again = _resume(start)
    assert again.wait() == 0, again.err.read_text()
    assert trainer.status().state == "finished" and trainer.status().last_eval


def test_a_run_that_can_not_save_does_not_claim_that_it_can_go_on(start: Begin) -> None:
    trainer = start("ring", *ENDLESS).until_step(5)
    shutil.rmtree(trainer.run.checkpoints)
    trainer.run.checkpoints.touch()
    trainer.signal(signal.SIGTERM)
    assert trainer.process.returncode == 1
    status = trainer.status()
    assert status.state == "failed" and "no checkpoint could be written" in status.reason
    assert "no checkpoint could be written" in trainer.out.read_text()


def test_a_reader_that_has_gone_changes_neither_the_run_nor_its_exit_status(start: Begin) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    trainer = start("ring", *ENDLESS, stdout=writer, stderr=writer)
    os.close(writer)
    trainer.until_step(5).signal(signal.SIGTERM)
    assert trainer.process.returncode == 75
    _check_nothing_lost(trainer)


def test_a_killed_run_is_crashed_and_goes_on_from_its_checkpoint_on_a_new_branch(start: Begin) -> None:
    trainer = start("ring", *ENDLESS, "checkpoint_every=40").until_step(100)
    trainer.until(lambda: len(of(trainer.records(), Checkpoint)) >= 2, "two checkpoints")
    trainer.signal(signal.SIGKILL)
    assert trainer.status().state == "crashed"
    with trainer.run.segment(1).open("ab") as log:
        log.write(b'{"kind":"metrics","seq":')  # as a kill in the middle of a write leaves it
    records = trainer.records()
    saved = json.loads(trainer.run.latest.read_bytes())["checkpoints"][0]
    last = max(record.update for record in records if hasattr(record, "update"))
    assert saved["update"] > 0  # perhaps beyond the log: the kill may fall between a checkpoint and its record
    again = _resume(start, "--steps", saved["step"] + 50)
    assert again.wait() == 0, again.err.read_text()
    new = of(trainer.records(), Start)[-1]
    assert new.from_update == new.update == saved["update"] and new.parent == 0
    assert new.branch == (1 if last > saved["update"] else 0)
    assert trainer.status().state == "finished" and trainer.status().step == saved["step"] + 50
    assert [record.seq for record in trainer.records()] == sorted({record.seq for record in trainer.records()})


def test_a_prolonged_run_equals_a_long_one(start: Begin, undisturbed: str) -> None:
    short = ("max_steps=200", "lr_horizon=400", *TRICKY[1:])
    assert start("ring", *short).wait() == 0
    again = _resume(start, "--steps", 400)
    assert again.wait() == 0, again.err.read_text()
    assert digest_of(again.run) == undisturbed


def test_a_time_limit_ends_with_75_and_auto_goes_on_until_there_is_nothing_to_do(start: Begin) -> None:
    auto = ("ring", "--name", "one", "--resume", "auto", *(p for s in TRICKY for p in ("-s", s)))
    first = start.again(*auto, "--time", "8s", "-s", "max_steps=1000000")  # type: ignore[attr-defined]
    assert first.wait() == 75, first.err.read_text()
    assert "max_time" in _check_nothing_lost(first).text
    reached = first.status().step
    second = start.again(*auto, "--steps", reached + 20)  # type: ignore[attr-defined]
    assert second.wait() == 0, second.err.read_text()
    assert second.status().step == reached + 20
    third = gantui("run", *auto, "--steps", reached + 20, "--headless", "--runs", first.run.path.parent)
    assert third.returncode == 0 and "nothing to do" in third.stdout


def test_neither_a_hangup_nor_a_vanished_terminal_ends_a_headless_run(start: Begin, undisturbed: str) -> None:
    leader, follower = pty.openpty()
    vanished = start("ring", *TRICKY, name="vanished", stdin=follower, stdout=follower, stderr=follower,
                     start_new_session=True, preexec_fn=_take_terminal)  # fmt: skip
    os.close(follower)
    hung_up = start("ring", *TRICKY, name="hung_up")
    until(lambda: b"it/s" in os.read(leader, 4096), "the bar")
    os.close(leader)  # the kernel hangs up on whoever has this terminal
    hung_up.until_step(20)
    hung_up.process.send_signal(signal.SIGHUP)
    for trainer in (vanished, hung_up):
        assert trainer.wait() == 0
        assert digest_of(trainer.run) == undisturbed
        assert trainer.status().state == "finished"
    log = vanished.run.trainer_log.read_bytes()
    assert b"finished at step 400" in log and not CONTROL & set(log)
    assert "finished at step 400" in hung_up.out.read_text()  # a file is no terminal: nothing happened to it


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_how_often_one_looks_changes_nothing(start: Begin) -> None:
    rates = ("log_every=25", "max_steps=200", "dropout_hidden=0.3", "norm_g=batch", *SMALL)
    often = start("ring", *rates, "preview_every=7", "eval_every=60", "checkpoint_every=50", name="often")
    never = start("ring", *rates, "preview_every=0", "eval_every=0", "checkpoint_every=0", name="never")
    assert often.wait() == never.wait() == 0
    assert digest_of(often.run) == digest_of(never.run)
    assert _metrics(often) == _metrics(never)
    assert len(_metrics(often)) == 8


def _metrics(trainer: Trainer) -> list[dict[str, object]]:
    """The metrics records as they stand in the log, without what the clock decides."""
    lines = [json.loads(line) for segment in trainer.run.segments() for line in segment.read_text().splitlines()]
    records = [line for line in lines if line["kind"] == "metrics"]
    for record in records:
        del record["t"], record["seq"]
        for name in ("steps_per_s", "samples_per_s"):
            record["v"].pop(name, None)
    return records


def _on_terminal(*arguments: object) -> tuple[int, str]:
    """Run gantui on a terminal of its own which then vanishes; return its exit status and what it showed."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gantui", *map(str, arguments)],
        stdin=follower, stdout=follower, stderr=follower, start_new_session=True, preexec_fn=_take_terminal,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    try:
        while part := os.read(leader, 4096):
            shown += part
    except OSError:
        pass
    os.close(leader)
    return process.wait(), shown.decode()


def test_a_detached_run_outlives_its_terminal(tmp_path: Path) -> None:
    began = time.monotonic()
    status, shown = _on_terminal(
        "run", "ring", "--json", "--name", "one", "--runs", tmp_path / "runs", *(p for s in ENDLESS for p in ("-s", s))
    )
    assert status == 0 and json.loads(shown)["state"] == "running", shown
    assert time.monotonic() - began < 30
    trainer = Trainer.__new__(Trainer)
    trainer.run = RunDir(tmp_path / "runs" / "one")
    pid = trainer.status().pid
    assert pid and os.getsid(pid) == pid != os.getsid(0)
    last = trainer.last_step()
    until(lambda: trainer.last_step() > last, "training goes on")
    assert trainer.ask("stop").returncode == 0
    until(lambda: trainer.status().state == "stopped", "stopped")
    assert not CONTROL & set(trainer.run.trainer_log.read_bytes())
    assert not of(trainer.records(), Warning_)


def test_a_detached_start_that_fails_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    status, shown = _on_terminal("run", "images", "--json", "-s", "data=/no/such/folder", "--runs", tmp_path / "runs")
    assert status == 2 and "/no/such/folder" in shown and "Traceback" not in shown
    assert list((tmp_path / "runs").iterdir()) == []
