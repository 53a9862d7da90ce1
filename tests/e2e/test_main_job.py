"""What a batch job shows: results on stdout, progress on stderr, a picture of what was learnt."""

import json
import os
import pty
import re
from collections.abc import Callable
from pathlib import Path

from e2e.harness import CONTROL, SMALL, Trainer, of, settings
from PIL import Image

from gantui.core.events import Checkpoint, Eval, Exit, Start

QUICK = ("max_steps=150", *SMALL)
Start_ = Callable[..., Trainer]


def test_the_main_job_ends_in_a_picture_and_one_json_value_on_stdout(start: Start_, tmp_path: Path) -> None:
    job = start.again("digits", "--headless", "--json", "--name", "one", "--steps", 60, "--seed", 3)
    assert job.wait() == 0, job.err.read_text()
    result = json.loads(job.out.read_text())
    assert result["status"]["state"] == "finished" and result["status"]["step"] == 60
    assert set(result["eval"]) >= {"frechet_pixels", "precision", "recall", "class_shares"}
    with Image.open(result["preview"]) as picture:
        assert min(picture.size) >= 64 and len(picture.convert("L").getcolors() or ()) > 20
    records = job.records()
    exit_record = records[-1]
    assert isinstance(exit_record, Exit) and exit_record.digest == of(records, Checkpoint)[-1].digest
    assert of(records, Eval)[-1].values == result["eval"]
    assert of(records, Start)[0].config["seed"] == 3
    assert [record.seq for record in records] == list(range(len(records)))


def test_a_log_file_gets_plain_lines_and_no_escape_codes(start: Start_) -> None:
    job = start("ring", *QUICK)
    assert job.wait() == 0
    errors, result = job.err.read_bytes(), job.out.read_text()
    assert not CONTROL & set(errors + result.encode())
    assert re.search(r"^step \d+/150  \S+ it/s  .*loss_d \S+  loss_g \S+$", errors.decode(), re.MULTILINE)
    assert "run one finished at step 150" in result


def test_quiet_says_nothing_but_the_result(start: Start_) -> None:
    job = start.again("ring", "--quiet", "--name", "one", *settings(*QUICK))
    assert job.wait() == 0
    assert job.err.read_text() == ""
    assert "finished at step 150" in job.out.read_text()


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end(start: Start_) -> None:
    leader, follower = pty.openpty()
    job = start("ring", *QUICK, stdout=follower, stderr=follower)
    os.close(follower)
    shown = _read_all(leader)
    assert job.wait() == 0
    assert "━" in shown and "\x1b[" in shown
    last = shown.rpartition("━")[2]
    assert "\x1b[2K" in last and "finished at step 150" in last.rpartition("\x1b[2K")[2]


def _read_all(leader: int) -> str:
    parts = []
    try:
        while part := os.read(leader, 65536):
            parts.append(part)
    except OSError:  # the other side has been closed
        pass
    os.close(leader)
    return b"".join(parts).decode()
