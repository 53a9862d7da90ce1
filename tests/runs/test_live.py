import math
import os
import time
from pathlib import Path

import numpy as np
import pytest
from runs_helpers import wait_until

from gantui.runs.layout import RunDir
from gantui.runs.live import (
    Heartbeat,
    Lease,
    Live,
    heartbeat_age,
    read_arrays,
    read_live,
    wanted,
    write_arrays,
    write_live,
)


def age(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_the_state_comes_back_without_what_json_can_t_hold(run: RunDir) -> None:
    assert read_live(run) is None
    write_live(run, Live(metrics={"loss_d": 1.5, "loss_g": math.nan}, steps_per_s=math.inf, last_eval={"modes": 8}))
    live = read_live(run)
    assert live is not None and live.metrics == {"loss_d": 1.5}
    assert live.steps_per_s == 0.0 and live.last_eval == {"modes": 8}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"step": "x"}', b"\xff\xfe", b"[" * 100_000, b" " * (2 << 20)])
def test_a_foreign_live_file_is_no_state(run: RunDir, content: bytes) -> None:
    run.live_json.write_bytes(content)
    run.live_npz.write_bytes(content)
    assert read_live(run) is None and read_arrays(run) is None


def test_arrays_come_back(run: RunDir) -> None:
    write_arrays(run, {"samples": np.ones((2, 2), np.float32)})
    back = read_arrays(run)
    assert back is not None and back["samples"].dtype == np.float32


def test_the_highest_lease_counts_up_to_ten(run: RunDir) -> None:
    assert wanted(run).rate == 0.0
    slow, fast, mad = (Lease(run, "ada", rate) for rate in (1, 4, 1000))
    assert slow.renew() and fast.renew() and wanted(run).rate == 4.0
    assert mad.renew() and wanted(run).rate == 10.0
    fast.release(), mad.release(), mad.release()
    assert wanted(run).rate == 1.0


def test_leases_end_and_are_forgotten(run: RunDir) -> None:
    lease = Lease(run, "ada", 4)
    lease.renew()
    (file,) = run.watch.iterdir()
    age(file, 20)
    assert wanted(run).rate == 0.0 and file.exists()
    assert lease.renew() and wanted(run).rate == 4.0
    age(file, 4000)
    assert wanted(run).rate == 0.0 and not file.exists()


def test_live_arrays_are_wanted_apart_from_the_state(run: RunDir) -> None:
    looking, closely = Lease(run, "ada", 4), Lease(run, "ben", 1, 2)
    assert looking.renew() and wanted(run) == (4, 0)
    assert closely.renew() and wanted(run) == (4, 2)
    closely.views_hz = 99
    assert closely.renew() and wanted(run) == (4, 10)
    closely.release()
    assert wanted(run) == (4, 0)


def test_a_viewer_with_another_clock_still_counts(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        real = time.time
        patch.setattr(time, "time", lambda: real() - 50)
        Lease(run, "ada", 4).renew()
    assert wanted(run).rate == 4.0


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"who":"x","rate":-1,"expiry":9e9}', b'{"who":"x","rate":1e999,"expiry":1}', b"x" * 9999],
)
def test_what_is_no_lease_is_ignored(run: RunDir, content: bytes) -> None:
    (run.watch / "bad.json").write_bytes(content)
    (run.watch / "link.json").symlink_to(run.watch / "bad.json")
    os.mkfifo(run.watch / "pipe.json")
    (run.watch / "folder.json").mkdir()
    assert wanted(run).rate == 0.0


def test_whoever_may_not_write_gets_no_lease_and_no_error(tmp_path: Path) -> None:
    lease = Lease(RunDir(tmp_path / "gone"), "ada", 4)
    assert not lease.renew()
    lease.release()


def test_the_heartbeat_serves_viewers_and_says_a_last_word(run: RunDir) -> None:
    live = Live(pid=os.getpid(), state="running")

    def snapshot() -> tuple[Live, dict[str, np.ndarray]]:
        live.t, live.step = time.time(), live.step + 1
        return live, {"samples": np.zeros(3)}

    def shown() -> int:
        state = read_live(run)
        return state.step if state else 0

    heart = Heartbeat(run, snapshot)
    heart.start()
    wait_until(lambda: shown() == 1)
    assert not run.live_npz.exists()
    heart.now()
    wait_until(lambda: shown() == 2)
    lease = Lease(run, "ada", 10)
    lease.renew()
    wait_until(lambda: shown() >= 4)
    wait_until(run.live_npz.exists)
    assert heart.wanted.rate == 10
    live.state = "stopped"
    heart.stop()
    last = read_live(run)
    assert last is not None and last.state == "stopped"


def test_the_heartbeat_survives_whatever_happens_to_it(run: RunDir) -> None:
    state: list[Live] = []
    heart = Heartbeat(run, lambda: (state[0], None))
    heart.start()
    wait_until(lambda: "list index" in heart.trouble)
    state.append(Live(step=5))
    heart.now()
    wait_until(lambda: read_live(run) is not None and not heart.trouble)
    heart.stop()


def test_the_later_clock_tells_the_heartbeat_s_age(run: RunDir) -> None:
    now = time.time()
    assert heartbeat_age(run, now) is None
    write_live(run, Live(t=now - 500))
    assert heartbeat_age(run, now + 30) == pytest.approx(30, abs=2)
    age(run.live_json, 1000)
    assert heartbeat_age(run, now) == pytest.approx(500, abs=2)
    write_live(run, Live(t=now + 500))
    assert heartbeat_age(run, now) == 0.0
