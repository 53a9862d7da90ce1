"""Runs made, continued, started and removed by whoever looks after them."""

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from runs_helpers import metrics, process_holding

from gantui.core import presets
from gantui.core.errors import ConfigError, RunFailed
from gantui.core.events import Exit
from gantui.runs import begin, index, info, launch, live
from gantui.runs.begin import Plan
from gantui.runs.layout import RunDir, create
from gantui.runs.lock import RunBusy, RunLock
from gantui.runs.status import status
from gantui.runs.writer import EventWriter


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A fresh run."""
    return begin.fresh(presets.load("ring"), {"k": 2}, tmp_path / "runs", "one")


def write_log(run: RunDir, *records: Exit) -> None:
    writer = EventWriter(run, branch=0)
    for record in records:
        writer.write(record)
    assert writer.close()


FINISHED = {"reason": "finished", "status": 0, "step": 100, "update": 200}


def test_a_fresh_run_says_all_that_a_trainer_needs(plan: Plan) -> None:
    assert plan.fresh and plan.config.k == 2 and plan.run.id == "one"
    assert presets.read(plan.run.config_toml).config() == plan.config
    said = info.read(plan.run)
    assert said and said.preset == "ring" and said.pid == os.getpid()


def test_a_bad_setting_makes_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="k = -1"):
        begin.fresh(presets.load("ring"), {"k": -1}, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_continuation_takes_what_may_change_and_refuses_the_rest(plan: Plan) -> None:
    wanted = {"k": 2, "lr_d": 0.01, "device": "cpu", "seed": plan.config.seed}
    again = begin.continuation(plan.run, wanted)
    assert not again.fresh and again.config.device == "cpu" and again.overrides == {"k": 2, "lr_d": 0.01}
    repeated = begin.continuation(plan.run, wanted, explicit=False)
    assert repeated.overrides == {"lr_d": 0.01}  # k = 2 is what it was started with
    with pytest.raises(ConfigError, match="z_dim = 3: fixed since the start of one"):
        begin.continuation(plan.run, {"z_dim": 3})
    with pytest.raises(ConfigError, match="lr_d = 'fast'"):
        begin.continuation(plan.run, {"lr_d": "fast"})


def test_a_finished_run_is_done_unless_it_is_prolonged(plan: Plan) -> None:
    assert not begin.is_done(plan, status(plan.run))
    write_log(plan.run, Exit(**FINISHED))
    now = status(plan.run)
    assert begin.is_done(begin.continuation(plan.run, {}), now)
    assert begin.is_done(begin.continuation(plan.run, {"max_steps": 100}), now)
    assert not begin.is_done(begin.continuation(plan.run, {"max_steps": 101}), now)


Script = Callable[[str], None]


@pytest.fixture
def trainer_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Let this shell script take the place of trainers."""

    def write(script: str) -> None:
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(launch.sys, "executable", str(program))

    return write


def started(plan: Plan, force: bool = False) -> "subprocess.Popen[bytes]":
    process = begin.launch_trainer(plan, force)
    process.wait(10)
    return process


def test_a_trainer_is_told_what_the_directory_does_not_say(plan: Plan, trainer_does: Script) -> None:
    trainer_does('for word in "$@"; do echo "$word"; done')
    begin.check_start(plan, started(plan))
    assert plan.run.trainer_log.read_text().split("\n")[3:-1] == [
        "run", "--headless", "--quiet", "--resume", str(plan.run.path),
    ]  # fmt: skip
    plan.run.trainer_log.unlink()
    again = begin.continuation(plan.run, {"lr_d": 0.01, "loss": "minimax", "max_time": "5m"})
    begin.check_start(again, started(again, force=True))
    words = plan.run.trainer_log.read_text().split("\n")
    assert {"--force", "lr_d=0.01", 'loss="minimax"', 'max_time="5m"', 'device="auto"'} <= set(words)


OWN = {"network": "mypkg.nets:pair", "loss": "losses:Soft", "data": "sets.toy:load"}


@pytest.fixture
def own(tmp_path: Path) -> Plan:
    """A fresh run with parts of the user's own, which nobody imports here: there are no such modules."""
    return begin.fresh(presets.load("ring"), OWN, tmp_path / "runs", "own")


def test_a_fresh_run_keeps_the_names_of_the_users_parts(own: Plan) -> None:
    stored = presets.read(own.run.config_toml).config()
    assert {place: getattr(stored, place) for place in OWN} == OWN


def test_going_on_with_the_users_parts_needs_trust_or_their_names(own: Plan, plan: Plan) -> None:
    with pytest.raises(ConfigError) as caught:
        begin.continuation(own.run, {"max_steps": 9})
    assert str(caught.value).startswith(f"only with --trust: gantui run --resume {own.run.path} --trust. It runs ")
    assert all(f"({place} = {part})" in str(caught.value) for place, part in OWN.items())
    with pytest.raises(ConfigError, match=r"not gantui's: losses \(loss = losses:Soft\)$"):
        begin.continuation(own.run, {}, written=OWN | {"loss": "losses:Other"})
    assert begin.continuation(own.run, {}, trust=True).config == own.config
    assert begin.continuation(own.run, {}, written=OWN).config == own.config
    assert not begin.continuation(plan.run, {}).config.network.count(":")


def test_a_run_of_the_default_folder_is_called_by_its_id(own: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANTUI_RUNS", str(own.run.path.parent))
    with pytest.raises(ConfigError, match=r"^only with --trust: gantui sample own --trust\. It"):
        begin.check_trust(own.run, own.config, "sample")
    monkeypatch.setenv("GANTUI_RUNS", "/no 'where")
    own.run.path.rename(odd := own.run.path.with_name("it's"))
    with pytest.raises(ConfigError) as caught:
        begin.check_trust(RunDir(odd), own.config, "sample")
    assert shlex.split(str(caught.value).split(". It")[0])[-2:] == [str(odd), "--trust"]


def test_a_loss_of_ones_own_is_no_wish_for_a_run_that_goes_on(own: Plan, plan: Plan) -> None:
    for run in (own.run, plan.run):
        with pytest.raises(ConfigError, match="loss = a:B: a loss of your own is chosen when a run starts"):
            begin.continuation(run, {"loss": "a:B"}, trust=True)
    with pytest.raises(ConfigError, match="network = a:B: fixed since the start of one"):
        begin.continuation(plan.run, {"network": "a:B"}, trust=True)
    back = begin.continuation(own.run, {"loss": OWN["loss"]}, trust=True)
    assert back.overrides == {"loss": OWN["loss"]}


@pytest.mark.parametrize(("parts", "trusted"), [({}, []), (OWN, ["--trust"]), ({"loss": "losses:Soft"}, ["--trust"])])
def test_a_trainer_is_started_with_the_trust_that_its_plan_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: dict[str, str], trusted: list[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(launch, "launch", lambda argv, run: started.append(argv))
    plan = begin.fresh(presets.load("ring"), parts, tmp_path / "runs", "one")
    begin.launch_trainer(plan)
    begin.launch_trainer(begin.continuation(plan.run, {}, trust=True))
    assert [[word for word in argv if word == "--trust"] for argv in started] == [trusted] * 2


@pytest.mark.parametrize(
    ("code", "error", "stays"), [(2, ConfigError, False), (1, RunFailed, True), (75, RunFailed, True)]
)
def test_a_start_that_fails_is_told_in_the_trainers_words(
    plan: Plan, trainer_does: Script, code: int, error: type[Exception], stays: bool
) -> None:
    trainer_does(f"exit {code}")
    process = started(plan)
    write_log(plan.run, Exit(reason="failed", status=code, text="data = 'photos': gone"))
    with pytest.raises(error, match="data = 'photos': gone"):
        begin.check_start(plan, process)
    assert plan.run.path.exists() == stays


def test_a_start_that_says_nothing_points_to_the_log(plan: Plan, trainer_does: Script) -> None:
    trainer_does("kill -9 $$")
    with pytest.raises(RunFailed, match=r"the trainer did not start; see .*trainer.log"):
        begin.check_start(plan, started(plan))


def test_a_trainer_that_can_not_even_be_launched_leaves_no_run(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch.sys, "executable", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match="can't start"):
        begin.launch_trainer(plan)
    assert not plan.run.path.exists()


def test_what_has_trained_or_is_continued_is_never_cleared_away(plan: Plan) -> None:
    begin.clear_away(begin.continuation(plan.run, {}))
    write_log(plan.run, metrics(20))  # type: ignore[arg-type]
    begin.clear_away(plan)
    assert plan.run.path.exists()


def test_a_run_is_deleted_with_all_that_gantui_puts_there(plan: Plan) -> None:
    run, folder = plan.run, plan.run.path.parent
    write_log(run, Exit(**FINISHED))
    live.write_live(run, live.Live(state="finished"))
    for file in ("previews/u000000200-b0.npz", "checkpoints/latest.json", "trainer.log", "live.npz", ".0a1b.tmp"):
        (run.path / file).touch()
    begin.delete(run)
    assert list(folder.iterdir()) == []
    begin.delete(run)  # what is gone already is what was wanted
    assert begin.fresh(presets.load("ring"), {}, folder, "one").run == run


def test_links_are_removed_and_not_followed(plan: Plan, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thesis.tex").touch()
    plan.run.previews.rmdir()
    plan.run.previews.symlink_to(elsewhere)
    plan.run.trainer_log.symlink_to(elsewhere / "thesis.tex")
    (plan.run.checkpoints / "best").symlink_to(elsewhere)
    begin.delete(plan.run)
    assert not plan.run.path.exists() and (elsewhere / "thesis.tex").exists()


def test_a_run_that_is_a_link_is_left_to_its_owner(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(plan.run.path)
    with pytest.raises(ConfigError, match="is a link"):
        begin.delete(RunDir(tmp_path / "link"))
    assert plan.run.config_toml.exists()


def test_a_run_with_a_trainer_is_not_deleted(plan: Plan) -> None:
    with process_holding(plan.run), pytest.raises(RunBusy, match=r"'one' is being trained on .*: stop it first"):
        begin.delete(plan.run)
    assert plan.run.config_toml.exists()
    begin.delete(plan.run)
    assert not plan.run.path.exists()


def test_a_run_that_another_host_trains_is_not_deleted(plan: Plan) -> None:
    said = info.read(plan.run)
    assert said
    said.host = "elsewhere"
    info.write(plan.run, said)
    live.write_live(plan.run, live.Live(t=said.started + 1, pid=said.pid, state="running"))
    with pytest.raises(RunBusy, match="being trained on elsewhere: stop"):
        begin.delete(plan.run)
    assert plan.run.config_toml.exists()


@pytest.mark.parametrize("foreign", ["thesis.tex", "src/main.py", ".git/HEAD", "events-0001.jsonl.bak"])
def test_what_is_not_only_a_run_is_not_deleted(plan: Plan, foreign: str) -> None:
    """A project with a config.toml passes for a run wherever runs are looked for."""
    file = plan.run.path / foreign
    file.parent.mkdir(exist_ok=True)
    file.touch()
    with pytest.raises(ConfigError, match=rf"not gantui's \({foreign.split('/')[0]}\)"):
        begin.delete(plan.run)
    assert file.exists() and plan.run.config_toml.exists()


def test_a_directory_that_is_no_run_is_not_deleted(tmp_path: Path) -> None:
    run = create(tmp_path, "one", "ring")
    with pytest.raises(ConfigError, match="is no run"):
        begin.delete(run)
    with pytest.raises(ConfigError, match="Not a directory"):
        (tmp_path / "file").touch()
        begin.delete(RunDir(tmp_path / "file"))
    assert run.path.exists()


def test_a_folder_that_can_not_be_written_is_told_and_nothing_is_lost(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch, pytest.raises(ConfigError, match=r"can't delete .*one: Permission denied"):
        patch.setattr(Path, "rename", refuse)
        begin.delete(plan.run)
    assert plan.run.config_toml.exists()
    lock = RunLock(plan.run)
    lock.acquire()  # it is free again
    lock.release()


def test_a_run_that_vanishes_meanwhile_is_no_error(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    acquire = RunLock.acquire

    def be_too_late(lock: RunLock) -> None:
        acquire(lock)
        plan.run.path.rename(plan.run.path.with_name("elsewhere"))

    monkeypatch.setattr(RunLock, "acquire", be_too_late)
    begin.delete(plan.run)
    assert not plan.run.path.exists()


def test_what_is_being_deleted_is_no_run_any_more(plan: Plan) -> None:
    plan.run.path.rename(plan.run.path.with_name(".0a1b.deleted"))
    assert index.list_runs(plan.run.path.parent) == []


def test_a_fresh_run_is_starting_until_its_trainer_has_come(plan: Plan) -> None:
    assert status(plan.run).state == "starting"
    write_log(plan.run, Exit(**FINISHED))
    assert status(plan.run).state == "finished"
