"""Parts of the user's own: the README's example as it is printed, and code that runs only where it is trusted."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from e2e.harness import ENDLESS, SMALL, Trainer, gantui, of, read, settings, until
from terminal import Terminal

from gantui.core.events import Applied
from gantui.runs.layout import RunDir
from gantui.runs.status import status

ROOT = Path(__file__).parents[2]
Start = Callable[..., Trainer]
# Importing it leaves a mark for each process that does.
TRAP = """
import os
from torch import nn
from torch.nn.functional import softplus

with open(os.environ["MARKS"], "a") as marks:
    marks.write(f"{os.getpid()}\\n")

def load(config):
    return [[0.0], [1.0], [2.0]] * 20

def pair(config, shape):
    return nn.Linear(config.z_dim, *shape), nn.Sequential(nn.Linear(*shape, 1), nn.Flatten(0))

class Soft:
    def d_loss(self, real, fake):
        return softplus(-real).mean() + softplus(fake).mean()

    def g_loss(self, fake):
        return softplus(-fake).mean()
"""
NAMED = ("data=trap:load", "network=trap:pair", "loss=trap:Soft")
WOULD_RUN = "It runs code that is not gantui's: trap (network = trap:pair), trap (loss = trap:Soft), trap (data"


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """A folder with the trap in it, to be in; returns how many processes have imported it since the last call."""
    (tmp_path / "trap.py").write_text(TRAP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKS", str(tmp_path / "marks"))
    monkeypatch.delenv("GANTUI_RUNS", raising=False)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}")

    def count() -> int:
        file = tmp_path / "marks"
        found = len(set(file.read_text().split())) if file.exists() else 0
        file.unlink(missing_ok=True)
        return found

    return count


def _blocks(language: str) -> list[str]:
    section = (ROOT / "README.md").read_text().split("## Your own parts")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def test_the_example_of_the_readme_works_as_printed(tmp_path: Path) -> None:
    (example,), (commands,) = _blocks("python"), _blocks("sh")
    assert len([line for line in example.splitlines() if line]) <= 20
    (tmp_path / "mine.py").write_text(example)
    program = tmp_path / "bin" / "gantui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m gantui "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment.pop("GANTUI_RUNS", None)
    done = subprocess.run(["sh", "-ec", commands], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "circle.npz") as archive:
        x = archive["x"]
    radii, turns = np.hypot(*x.T), np.arctan2(*x.T)
    assert x.shape == (1000, 2) and 0.8 < np.median(radii) < 1.2
    assert np.histogram(turns, 4)[0].min() > 100


def test_looking_at_a_run_imports_nothing_and_using_it_asks_for_trust(marks: Callable[[], int], tmp_path: Path) -> None:
    done = gantui("run", "ring", "--headless", "--time", "1s", "--name", "one", *settings(*NAMED, *ENDLESS))
    assert done.returncode == 75 and marks() == 1, done.stderr
    run = RunDir(tmp_path / "runs" / "one")

    for looking in (["ls"], ["status", "one"], ["status", "one", "--json"], ["plot", "one"], []):
        done = gantui(*looking)
        assert "Traceback" not in done.stderr and "trust" not in done.stderr, looking
    copied = tmp_path / "runs" / "one" / "config.toml"
    for showing in (["presets", "show", copied], ["presets", "validate", copied]):
        assert gantui(*showing).returncode == 0
    with Terminal([sys.executable, "-m", "gantui", "attach", "one"], columns=160) as dashboard:
        dashboard.until_shows("trap:Soft")  # the loss, in the controls
        dashboard.send("r")
        dashboard.until_shows(
            "only with --trust: gantui run --resume one --trust. It runs code that is not gantui's: trap"
        )
        dashboard.send("q")
        assert dashboard.process.wait(30) == 0

    for command in (["sample", "one"], ["eval", "one"], ["run", "--resume", "one"]):
        done = gantui(*command)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert done.stderr.startswith(f"gantui: only with --trust: gantui {' '.join(command)} --trust. {WOULD_RUN}")
    assert marks() == 0

    assert gantui("sample", "one", "--trust", "-o", "x.npz").returncode == 0 and marks() == 1
    assert gantui("eval", "one", "--trust").returncode == 0 and marks() == 1
    before = status(run).step
    done = gantui("run", "--resume", "one", "--steps", before + 9, "--trust", "--headless")
    assert done.returncode == 0 and marks() == 1 and status(run).step == before + 9, done.stderr


def test_a_command_that_names_the_parts_itself_needs_no_trust(marks: Callable[[], int], tmp_path: Path) -> None:
    named = [pair.replace("=", ' = "', 1) + '"' for pair in NAMED]
    (tmp_path / "night.toml").write_text("\n".join(["max_steps = 1000000", "g_widths = [8]", *named]))
    job = ["--name", "one", "--resume", "auto", "--headless", "--time", "1s"]
    assert gantui("run", "night.toml", *job).returncode == 75  # starts it
    assert gantui("run", "night.toml", *job).returncode == 75  # continues it
    assert gantui("run", "ring", *job, *settings(*NAMED, "max_steps=1000000", "g_widths=[8]")).returncode == 75
    assert marks() == 3
    refused = gantui("run", "ring", *job, *settings(*NAMED[:2]))
    assert refused.returncode == 2 and "not gantui's: trap (loss = trap:Soft)" in refused.stderr and marks() == 0
    assert gantui("run", *job, "--trust").returncode == 75 and marks() == 1


def test_a_detached_trainer_is_trusted_as_its_command_was(marks: Callable[[], int], tmp_path: Path) -> None:
    run = RunDir(tmp_path / "runs" / "one")
    started = ["run", "ring", "--json", "--name", "one", *settings(*NAMED, *SMALL)]
    for command, steps in ((started, 6), (["run", "--resume", "one", "--json", "--trust"], 12)):
        done = _with_terminal(*command, "--steps", steps)
        assert done.returncode == 0, done.stderr
        until(lambda wanted=steps: status(run).state == "finished" and status(run).step == wanted, "its end")
        assert marks() == 1


def test_a_detached_start_of_what_does_not_fit_says_so_and_leaves_nothing(
    marks: Callable[[], int], tmp_path: Path
) -> None:
    done = _with_terminal("run", "ring", "--json", "--name", "one", "-s", "network=trap:load")
    assert done.returncode == 2 and "network = 'trap:load': making G and D raised TypeError" in done.stdout, done.stdout
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_loss_is_switched_away_and_back_but_never_to_a_module_that_is_new(
    start: Start, marks: Callable[[], int], tmp_path: Path
) -> None:
    shutil.copy(tmp_path / "trap.py", tmp_path / "other.py")
    trainer = start("ring", "max_steps=1000000", *NAMED, *SMALL, cwd=tmp_path).until_step()
    assert marks() == 1
    refused = trainer.ask("set", "loss=other:Soft")
    assert refused.returncode == 2 and "chosen when a run starts" in refused.stderr
    for loss in ("trap:Soft", "hinge", "trap:Soft"):
        assert trainer.ask("set", f"loss={loss}").returncode == 0
    assert trainer.ask("stop").returncode == 0 and trainer.wait() == 0
    facts = [applied.objective.name for applied in of(read(trainer.run), Applied) if applied.objective]
    assert facts == ["trap:Soft", "hinge", "trap:Soft"] and marks() == 0
    fixed = gantui("run", "--resume", "one", "--trust", "--steps", 2000000, "-s", "loss=other:Soft")
    assert fixed.returncode == 2 and "a loss of your own is chosen when a run starts" in fixed.stderr and marks() == 0


def _with_terminal(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run the command with a terminal, so that it starts a trainer of its own; stderr comes with stdout."""
    import pty

    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "gantui", *map(str, arguments)]
        process: Any = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # nobody has the other end any more
            pass
        return subprocess.CompletedProcess(command, process.wait(60), shown.decode(), "")
    finally:
        os.close(ours)
