"""What is diagnosed, told by commands: safely, whether the run is live, over or old."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gantui.cli.progress import Progress
from gantui.core.config import Config
from gantui.core.events import Diagnosis, Exit, Metrics, ObjectiveFacts, Present, Start
from gantui.runs import layout
from gantui.runs.layout import RunDir
from gantui.runs.live import Live, write_live
from gantui.runs.writer import EventWriter

Call = Callable[..., Any]
CONFIG = {name: getattr(Config(), name) for name in Config.__struct_fields__}
FACTS = ObjectiveFacts(name="non_saturating", equilibrium={"loss_d": math.log(4)})


@pytest.fixture
def collapsed(tmp_path: Path) -> RunDir:
    """A run whose samples are all alike from step 1,000 on, and whose log says nothing of it."""
    run = layout.create(tmp_path / "runs", "one", "ring")
    run.config_toml.touch()
    writer = EventWriter(run, branch=0)
    writer.write(Start(config=CONFIG, objective=FACTS))
    for step in range(100, 3001, 100):
        v = {"loss_d": 1.3, "spread": 1.0 if step < 1000 else 0.01, "gap": 0.2, "drift": 0.3, "variety": 0.9}
        writer.write(Metrics(v={k: (x, x, x) for k, x in v.items()}, n=200, step=step, update=2 * step))
    writer.write(Exit(reason="finished", status=0, step=3000, update=6000))
    writer.close(10.0)
    return run


def test_a_log_is_read_anew_and_the_story_told(call: Call, collapsed: RunDir) -> None:
    done = call("diagnose", collapsed.path)
    assert done.status == 0 and done.err == ""
    assert done.out.splitlines()[1].split()[0] == "1,400"
    assert "total collapse since step 1,200" in done.out and "remedy: " in done.out
    (told,) = [json.loads(line) for line in call("diagnose", collapsed.path, "--json").out.splitlines()]
    assert told["name"] == "total_collapse" and told["state"] == "begun" and told["remedy"]["loss"] == "relativistic"


def test_of_a_run_without_such_numbers_nothing_is_said(call: Call, tmp_path: Path) -> None:
    run = layout.create(tmp_path / "runs", "old", "ring")
    run.config_toml.touch()
    assert call("diagnose", run.path).out == "nothing to be said of it\n"
    assert call("diagnose", run.path, "--json").out == ""
    assert call("diagnose", "nothing-such").status == 3


def test_status_lists_what_holds_safely(call: Call, collapsed: RunDir) -> None:
    evil = "\x1b[2J" + "x" * 5000
    found = [Present(name="total_collapse", since=1000, text="total collapse since step 1,000: all alike"),
             Present(name=evil, text=evil, remedy={evil: evil})]  # fmt: skip
    write_live(collapsed, Live(t=time.time(), state="finished", step=3000, diagnoses=found))
    shown = call("status", collapsed.path).out
    assert "diagnosis: total collapse since step 1,000: all alike" in shown and "\x1b" not in shown
    status = json.loads(call("status", collapsed.path, "--json").out)
    assert [entry["name"] for entry in status["diagnoses"]] == ["total_collapse", evil]


def test_a_headless_run_says_it_in_a_line(collapsed: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(collapsed)
    progress.start()
    progress.note(Diagnosis(name="d_too_weak", text="D too weak since step 5: \x1b[1mso", since=5, step=9))
    progress.stop()
    err = capsys.readouterr().err
    assert "step 9  diagnosis: D too weak since step 5: " in err and "\x1b" not in err
