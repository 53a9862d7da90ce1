import os
import time
from pathlib import Path

import msgspec
import pytest
from runs_helpers import metrics, process_holding

from gantui.core.events import Eval, Exit, Record, Stage
from gantui.runs import info
from gantui.runs.layout import RunDir
from gantui.runs.live import Live, write_live
from gantui.runs.lock import RunLock
from gantui.runs.status import status
from gantui.runs.writer import EventWriter


def log(run: RunDir, *records: Record) -> None:
    writer = EventWriter(run, branch=0)
    for record in records:
        writer.write(record)
    assert writer.close()


def started(run: RunDir, pid: int, host: str = "", ago: float = 100.0) -> None:
    about = info.here(run, preset="ring")
    host = host or about.host
    info.write(run, msgspec.structs.replace(about, pid=pid, host=host, started=time.time() - ago))


def alive(run: RunDir, pid: int, state: str = "running", ago: float = 0.0) -> None:
    then = time.time() - ago
    live = Live(t=then, pid=pid, state=state, step=7, update=14, max_steps=100, steps_per_s=50.0)
    write_live(run, live)
    os.utime(run.live_json, (then, then))


def test_a_new_directory_is_starting_and_not_for_ever(run: RunDir) -> None:
    assert status(run).state == "starting"
    assert status(run, time.time() + 31).state == "crashed"


def test_a_held_run_is_what_its_trainer_says(run: RunDir) -> None:
    with process_holding(run) as process:
        assert status(run).state == "starting"
        started(run, process.pid)
        alive(run, process.pid, ago=200)  # the word of the trainer before
        assert status(run).state == "starting"
        for word, state in (("running", "running"), ("paused", "paused"), ("finished", "running")):
            alive(run, process.pid, word)
            found = status(run)
            assert (found.state, found.pid, found.step, found.update) == (state, process.pid, 7, 14)
        process.kill()
        process.wait()
        assert status(run).state == "crashed"
    log(run, metrics(14), Exit(reason="stopped", status=0, text="by ada", step=9, update=18))
    found = status(run)
    assert (found.state, found.reason, found.step) == ("stopped", "by ada", 9)
    assert found.steps_per_s == 0.0 and found.max_steps == 100 and found.preset == "ring"


def test_asking_for_the_status_of_one_s_own_run_keeps_the_lock(run: RunDir) -> None:
    lock = RunLock(run)
    lock.acquire()
    info.write(run, info.here(run))
    alive(run, os.getpid(), "paused", ago=-1)
    assert status(run).state == status(run).state == "paused"
    lock.release()


def test_on_another_host_the_heartbeat_decides(run: RunDir) -> None:
    started(run, 77, "elsewhere")
    alive(run, 77)
    assert status(run).state == "running" and status(run).host == "elsewhere"
    assert status(run, time.time() + 61).state == "crashed"
    log(run, Exit(reason="finished", status=0))
    assert status(run).state == "finished"
    started(run, 77, "elsewhere", ago=-1)  # resumed there since
    alive(run, 77, ago=-2)
    assert status(run).state == "running"


def test_where_locks_can_t_be_asked_the_heartbeat_decides(run: RunDir) -> None:
    run.lock.mkdir()
    started(run, 77)
    alive(run, 77)
    assert status(run).state == "running"
    assert status(run, time.time() + 61).state == "crashed"


def test_a_crashed_run_stands_where_its_log_ends(run: RunDir) -> None:
    started(run, 77)
    alive(run, 77, ago=50)
    log(run, Eval(values={"modes": 3}), metrics(40), Stage(stage="saving"))
    found = status(run)
    assert (found.state, found.update, found.heartbeat_age) == ("crashed", 40, pytest.approx(50, abs=3))
    run.live_json.unlink()
    assert status(run).last_eval == {"modes": 3}


def test_a_trainer_at_work_knows_its_evaluations_so_the_log_isn_t_searched_for_them(run: RunDir) -> None:
    log(run, Eval(values={"modes": 3}))
    alive(run, 77)
    assert status(run).last_eval == {}
    alive(run, 77, "starting")
    assert status(run).last_eval == {"modes": 3}


@pytest.mark.parametrize("rubbish", [b"", b"\x00" * 100, b"[1]", b'{"pid": "x"}'])
def test_rubbish_in_every_file_is_survived(run: RunDir, rubbish: bytes) -> None:
    for path in (run.run_json, run.live_json, run.segment(1), run.lock, run.config_toml):
        path.write_bytes(rubbish)
    assert msgspec.json.decode(msgspec.json.encode(status(run)))["state"] == "starting"


def test_a_run_that_is_gone(tmp_path: Path) -> None:
    assert status(RunDir(tmp_path / "gone")).state == "crashed"
