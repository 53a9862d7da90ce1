"""Commands from other processes to a run that trains: each answered, each in the log, none with side effects."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from e2e.harness import ENDLESS, Trainer, gantui, of, until

from gantui.core import commands
from gantui.core.events import AnyRecord, Applied, Checkpoint, Exit, Received, Rejected
from gantui.runs import inbox
from gantui.runs.reader import RunReader

Start = Callable[..., Trainer]


def _send(trainer: Trainer, what: str, **arguments: Any) -> Applied | Rejected:
    """One command, sent and answered within this process."""
    reader = RunReader.at_end(trainer.run)
    command = commands.new(what, arguments, "tester")
    inbox.send(trainer.run, command)
    return inbox.await_answer(trainer.run, reader, command.id, 30, lambda: trainer.process.poll() is None)


def _answers(records: list[AnyRecord], identifier: str) -> list[str]:
    return [
        record.__struct_config__.tag
        for record in records
        if isinstance(record, Received | Applied | Rejected) and record.id == identifier
    ]


def test_a_session_of_steering_from_other_shells(start: Start) -> None:
    trainer = start("ring", *ENDLESS).until_step(20)

    paused = trainer.ask("pause")
    assert (paused.returncode, paused.stderr) == (0, ""), paused.stderr
    until(lambda: trainer.status().state == "paused", "state paused")
    still = trainer.status().update

    changed = trainer.ask("set", "lr_d=1e-4", "k=3", "loss=minimax")
    assert changed.returncode == 0, changed.stderr
    assert "lr_d 0.002 → 0.0001" in changed.stdout and "k 1 → 3" in changed.stdout
    refused = trainer.ask("set", "lr_d=5e-4", "k=0", "g_steps=0")
    assert refused.returncode == 2 and "k = 0 and g_steps = 0" in refused.stderr
    assert trainer.ask("step", "d", "-n", 5).returncode == 0
    assert trainer.ask("step", "g", "-n", 2).returncode == 0
    assert trainer.ask("step", "both").returncode == 0
    assert trainer.ask("snapshot").returncode == 0
    assert trainer.ask("resume").returncode == 0
    last = trainer.last_step()
    trainer.until(lambda: trainer.last_step() > last, "training goes on")
    assert trainer.ask("step", "d").returncode == 2  # only while paused
    assert trainer.ask("stop").returncode == 0
    assert trainer.wait() == 0

    records = trainer.records()
    for received in of(records, Received):
        kinds = _answers(records, received.id)
        assert len(kinds) == 2 and kinds[0] == "received" and kinds[1] in ("applied", "rejected")
    applied = {record.what: record for record in of(records, Applied)}
    steps = [record for record in of(records, Applied) if record.what == "step"]
    assert applied["pause"].update == still
    assert applied["set"].update == still  # the pause held the counter still
    assert applied["set"].before == {"lr_d": 0.002, "k": 1, "loss": "non_saturating"}
    assert applied["set"].after == {"lr_d": 0.0001, "k": 3, "loss": "minimax"}
    assert "@" in applied["set"].author
    assert steps[0].d_updates == applied["set"].d_updates + 5 and steps[0].g_updates == applied["set"].g_updates
    assert steps[1].g_updates == steps[0].g_updates + 2 and steps[1].d_updates == steps[0].d_updates
    assert steps[2].step == steps[1].step + 1
    assert steps[0].before == {"update": still} and steps[0].after == {"update": still + 5}
    exit_record = records[-1]
    assert isinstance(exit_record, Exit) and (exit_record.reason, exit_record.status) == ("stopped", 0)
    late = trainer.ask("pause")
    assert late.returncode == 4 and "stopped" in late.stderr


def test_answers_come_at_once_and_refusals_change_nothing(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    trainer = start("ring", *ENDLESS).until_step(20)
    latencies = []
    for number in range(10):
        began = time.monotonic()
        assert isinstance(_send(trainer, "set", lr_d=1e-4 * (number + 1)), Applied)
        latencies.append(time.monotonic() - began)
    with capsys.disabled():
        print(f"\n  answers while training: median {sorted(latencies)[5]:.3f} s, worst {max(latencies):.3f} s")
    assert max(latencies) < 5
    before = _send(trainer, "set", k=2)
    for bad in ({"k": 101}, {"k": 1, "nonsense": 2}, {"seed": 3}, {"lr_d": "fast"}, {"loss": "minimax", "k": -1}):
        answer = _send(trainer, "set", **bad)
        assert isinstance(answer, Rejected) and answer.reason
    assert isinstance(_send(trainer, "step", target="d", count=1), Rejected)
    answer = _send(trainer, "set", k=2, loss="non_saturating")
    assert isinstance(before, Applied) and isinstance(answer, Applied)
    assert answer.before == {"k": 2, "loss": "non_saturating"}


def test_moments_survive_a_change_of_the_rate_and_not_one_of_the_optimiser(start: Start) -> None:
    trainer = start("ring", *ENDLESS).until_step(20)
    _send(trainer, "pause")
    before = _optimisers(trainer, _send(trainer, "snapshot"))
    _send(trainer, "set", lr_d=1e-4, beta2=0.5)
    after = _optimisers(trainer, _send(trainer, "snapshot"))
    moments = [state["exp_avg_sq"] for state in before["opt_d"]["state"].values()]
    assert moments and all(float(moment.abs().sum()) > 0 for moment in moments[-2:])
    for key, state in before["opt_d"]["state"].items():
        for name, tensor in state.items():
            assert torch.equal(tensor, after["opt_d"]["state"][key][name])
    assert after["opt_d"]["param_groups"][0]["lr"] != before["opt_d"]["param_groups"][0]["lr"]
    changed = _send(trainer, "set", optimizer_d="rmsprop")
    assert isinstance(changed, Applied) and "new moments" in changed.note
    new = _optimisers(trainer, _send(trainer, "snapshot"))
    assert not new["opt_d"]["state"] and new["opt_g"]["state"]


def _optimisers(trainer: Trainer, answer: Applied | Rejected) -> dict[str, Any]:
    assert isinstance(answer, Applied)
    file = trainer.run.path / answer.after["file"]
    assert of(trainer.records(), Checkpoint)[-1].digest == answer.after["digest"]
    state: dict[str, Any] = torch.load(file, weights_only=True)["state"]
    return state


def test_files_that_are_no_commands_leave_a_run_untouched(start: Start, tmp_path: Path) -> None:
    trainer = start("ring", *ENDLESS).until_step(20)
    box = trainer.run.commands
    (box / "00000000000000000001-binary.json").write_bytes(bytes(range(256)))
    (box / "00000000000000000002-list.json").write_text("[1, 2]")
    (box / "00000000000000000003-empty.json").touch()
    (box / "00000000000000000004-what.json").write_text('{"id": "x4", "what": "explode"}')
    (box / "00000000000000000005-deep.json").write_text("[" * 20000)
    (box / "00000000000000000006-nan.json").write_text('{"id": "x6", "what": "set", "args": {"lr_d": NaN}}')
    (box / "00000000000000000007-escape.json").write_text('{"id": "x7", "what": "set", "args": {"\\u001b[2J": 1}}')
    with (box / "00000000000000000008-huge.json").open("wb") as huge:
        huge.truncate(100 << 20)
    (box / "00000000000000000009-directory.json").mkdir()
    (box / "00000000000000000010-link.json").symlink_to("/etc/passwd")
    (box / "not a command.txt").write_text("hello")
    trainer.until(lambda: len(of(trainer.records(), Rejected)) >= 10, "ten refusals")
    answer = _send(trainer, "set", k=2)
    assert isinstance(answer, Applied) and answer.before == {"k": 1}
    assert trainer.status().state == "running"
    refusals = of(trainer.records(), Rejected)
    assert len(refusals) == 10 and all(refusal.reason for refusal in refusals)
    assert not any("\x1b" in f"{refusal.reason}{refusal.what}" for refusal in refusals)
    assert not list(box.glob("*.json"))
    assert Path("/etc/passwd").exists()


def test_whom_it_can_not_ask(start: Start, tmp_path: Path) -> None:
    for what in (["pause"], ["set", "k=2"], ["status"], ["sample"], ["eval"], ["plot"]):
        done = gantui(what[0], "nobody", *what[1:], "--runs", tmp_path / "runs")
        assert done.returncode == 3 and "nobody" in done.stderr and len(done.stderr.splitlines()) <= 2
