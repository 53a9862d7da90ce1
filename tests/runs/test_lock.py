import os
import subprocess
import sys
import time

import msgspec
import pytest
from runs_helpers import process_holding

from gantui.core.events import Exit
from gantui.runs import info
from gantui.runs.layout import RunDir
from gantui.runs.live import Live, write_live
from gantui.runs.lock import RunBusy, RunLock, holder
from gantui.runs.writer import EventWriter


def ask_elsewhere(run: RunDir) -> str:
    code = (
        "import sys; from pathlib import Path; from gantui.runs.layout import RunDir; "
        "from gantui.runs.lock import holder; print(*holder(RunDir(Path(sys.argv[1]))))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, run.path], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_another_process_is_seen_and_its_death_too(run: RunDir) -> None:
    assert holder(run) == ("free", None)
    with process_holding(run) as process:
        assert holder(run) == ("held", process.pid)
        with pytest.raises(RunBusy, match=str(process.pid)):
            RunLock(run).acquire()
        assert holder(run) == ("held", process.pid)  # neither asking nor failing disturbed it
        process.kill()
        process.wait()
        assert holder(run) == ("free", None)
    lock = RunLock(run)
    lock.acquire()
    lock.release()


def test_asking_about_one_s_own_lock_keeps_it(run: RunDir) -> None:
    lock = RunLock(run)
    lock.acquire()
    assert holder(run) == ("held", os.getpid())
    with pytest.raises(RunBusy, match="this process"):
        RunLock(run).acquire()
    assert ask_elsewhere(run) == f"held {os.getpid()}"
    lock.release()
    assert ask_elsewhere(run) == "free None"


def elsewhere(run: RunDir, started: float) -> None:
    info.write(run, msgspec.structs.replace(info.here(run), host="elsewhere", pid=77, started=started))


def test_a_heartbeat_from_another_host_keeps_the_run(run: RunDir) -> None:
    elsewhere(run, time.time() - 10)
    write_live(run, Live(t=time.time(), pid=77, state="running"))
    with pytest.raises(RunBusy, match=r"77 on elsewhere.*--force"):
        RunLock(run).acquire()
    lock = RunLock(run)
    lock.acquire(force=True)
    lock.release()


def test_a_run_that_ended_on_another_host_is_free_at_once(run: RunDir) -> None:
    elsewhere(run, time.time() - 10)
    write_live(run, Live(t=time.time(), pid=77, state="stopped"))
    log = EventWriter(run, branch=0)
    log.write(Exit(reason="stopped", status=0))
    log.close()
    lock = RunLock(run)
    lock.acquire()
    lock.release()


def test_a_lock_file_that_is_none(run: RunDir) -> None:
    run.lock.mkdir()
    assert holder(run) == ("unknown", None)
