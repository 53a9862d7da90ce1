"""The commands that look at runs and presets: what they print, and that nothing hostile gets printed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from gantui import __version__
from gantui.cli import completion
from gantui.core import events, presets
from gantui.core.config import FIELDS
from gantui.runs import info
from gantui.runs.layout import RunDir, create
from gantui.runs.writer import EventWriter

Call = Callable[..., Any]
COMMANDS = ["run", "ls", "status", "set", "pause", "resume", "stop", "snapshot", "step", "sample", "eval", "infer",
            "probe", "diagnose", "plot", "report", "presets", "presets ls", "presets show", "presets copy",
            "presets validate", "presets data"]  # fmt: skip


def test_version_and_home(call: Call) -> None:
    assert call("--version").out == f"gantui {__version__}\n"
    home = call()
    assert home.status == 0 and "digits" in home.out and "no runs in" in home.out


@pytest.mark.parametrize("command", ["", *COMMANDS])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_has_an_example(call: Call, command: str, option: str) -> None:
    done = call(*command.split(), option)
    assert done.status == 0 and "Example" in done.out and done.err == ""
    if not command:
        assert all(name.partition(" ")[0] in done.out for name in COMMANDS)
        assert "..." not in done.out.partition("Commands:")[2].replace("[ARGS]...", "")


def test_ls_and_status(call: Call, trained_digits: RunDir) -> None:
    folder = trained_digits.path.parent
    listed = call("ls", "--runs", folder).out.splitlines()
    assert listed[0].split() == ["run", "state", "step", "it/s", "started", "host"]
    assert listed[1].split()[:3] == ["one", "finished", "40/40"]
    (entry,) = json.loads(call("ls", "--runs", folder, "--json").out)
    for name in ("one", "on", "latest"):
        done = call("status", name, "--runs", folder, "--json")
        status = json.loads(done.out)
        assert done.status == 0 and status["id"] == entry["id"] == "one"
    assert set(status) >= {
        "id", "state", "step", "update", "steps_per_s", "host", "pid", "path", "last_eval", "heartbeat_age"
    }  # fmt: skip
    assert status["state"] == "finished" and status["step"] == 40 and status["update"] == 80
    shown = call("status", trained_digits.path).out
    assert "one  finished" in shown and "step 40 of 40, update 80" in shown and "frechet_pixels" in shown


def test_the_folder_of_runs_comes_from_the_environment_too(
    call: Call, trained_digits: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANTUI_RUNS", str(trained_digits.path.parent))
    assert "finished" in call("status", "latest").out
    assert "no runs in" in call("ls", "--runs", "elsewhere").out


def test_plot(call: Call, trained_ring: RunDir) -> None:
    folder = trained_ring.path.parent
    done = call("plot", "one", "--runs", folder, "--width", 60)
    assert done.status == 0 and done.err == "" and "\x1b" not in done.out
    assert "loss_d" in done.out and max(map(len, done.out.splitlines())) <= 60
    assert "d_gz" in call("plot", "one", "d_x", "d_gz", "--runs", folder, "--width", 60).out
    wrong = call("plot", "one", "los_d", "--runs", folder)
    assert wrong.status == 2 and "loss_d" in wrong.err


def test_presets(call: Call, tmp_path: Path) -> None:
    listed = call("presets", "ls").out
    assert call("presets").out == listed
    assert all(name in listed for name in presets.names())
    found = json.loads(call("presets", "ls", "--json").out)
    assert [entry["name"] for entry in found] == presets.names() and all(entry["description"] for entry in found)
    for name in presets.names():
        (tmp_path / "shown.toml").write_text(call("presets", "show", name).out)
        assert presets.read(tmp_path / "shown.toml").config() == presets.load(name).config()
    assert call("presets", "copy", "grid", "mine.toml").status == 0
    valid = call("presets", "validate", "mine.toml")
    assert valid.status == 0 and "valid" in valid.out
    data = call("presets", "data").out
    assert all(name in data for name in ("ring", "digits", "mnist"))


def test_the_data_sets_are_listed_without_torch_and_can_all_be_loaded(tmp_path: Path) -> None:
    code = "import sys; sys.argv = ['gantui', 'presets', 'data']; from gantui.cli.app import perform; perform()"
    done = subprocess.run([sys.executable, "-c", f"{code}; print('torch' in sys.modules)"],
                          capture_output=True, text=True, cwd=tmp_path)  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False", done.stderr
    from gantui.engine import data

    assert [line.split()[0] for line in done.stdout.splitlines()[1:-1]] == list(data._SETS)


HOSTILE = "\x1b[2J\x1b]0;owned\x07‮"


def test_hostile_words_are_shown_and_not_obeyed(call: Call, tmp_path: Path) -> None:
    run = create(tmp_path / "runs", "one", "ring")
    run.config_toml.write_text(presets.to_toml(presets.load("ring").config()))
    record = info.here(run, preset=HOSTILE)
    record.host = HOSTILE
    info.write(run, record)
    writer = EventWriter(run, branch=0)
    writer.write(events.Eval(values={HOSTILE: 1.0, "shares": {HOSTILE: 2.0}}, samples=1, seconds=1))
    writer.write(events.Exit(reason="failed", status=1, text=HOSTILE))
    writer.close()
    (tmp_path / "runs" / "\x1b[31mred").mkdir()
    (tmp_path / "runs" / "\x1b[31mred" / "config.toml").touch()
    for arguments in (["ls"], ["ls", "--json"], ["status", "one"], ["status", "one", "--json"], ["status", "\x1b[31m"]):
        done = call(*arguments)
        shown = done.out + done.err
        assert done.status == 0 and "Traceback" not in shown
        assert not set(HOSTILE) & {"\x1b", "\x07"} & set(shown), arguments
    assert "\\x1b[2J" in call("status", "one").out
    assert "‮" not in call("status", "one").out


def test_a_hostile_preset_is_shown_and_still_a_preset(call: Call, tmp_path: Path) -> None:
    words = HOSTILE + "\x9b2J" + "long " * 1000
    (tmp_path / "bad.toml").write_text(tomli_w.dumps({"description": words, "data": "\u202eyrros"}))
    done = call("presets", "show", "bad.toml")
    assert done.status == 0 and not set("\x1b\x07\x9b\u202e") & set(done.out)
    (tmp_path / "shown.toml").write_text(done.out.replace("\\x9b", "\x9b"))
    assert presets.read(tmp_path / "shown.toml").description == words


def test_whoever_reads_may_stop(tmp_path: Path) -> None:
    command = f"{sys.executable} -m gantui presets show ring; echo $? >&2"
    for reader in ("head -1", "true"):
        done = subprocess.run(["bash", "-c", f"({command}) | {reader}"], capture_output=True, text=True, cwd=tmp_path)
        assert done.stderr == "0\n"
    full = subprocess.run(["bash", "-c", f"{sys.executable} -m gantui presets show ring > /dev/full"],
                          capture_output=True, text=True, cwd=tmp_path)  # fmt: skip
    assert full.returncode == 1 and "No space left" in full.stderr and len(full.stderr.splitlines()) == 1


def test_completion(trained_ring: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANTUI_RUNS", str(trained_ring.path.parent))
    assert completion.complete_preset("mn") == ["mnist", "mnist-class", "mnist-class-2014", "mnist-conv"]
    assert completion.complete_run("") == ["latest", "one"] and completion.complete_run("o") == ["one"]
    assert completion.complete_setting("lr_d") == ["lr_d=", "lr_decay="]
    assert completion.complete_setting("loss=m") == ["loss=minimax"]
    assert completion.complete_setting("nothing=") == []
    assert "seed=" in completion.complete_setting("") and "seed=" not in completion.complete_live_setting("")
    assert {entry[:-1] for entry in completion.complete_setting("")} == set(FIELDS)
    monkeypatch.setenv("GANTUI_RUNS", str(tmp_path / "nowhere"))
    assert completion.complete_run("") == ["latest"]


def test_the_shell_is_told_its_completions(tmp_path: Path) -> None:
    environment = os.environ | {
        "_GANTUI_COMPLETE": "complete_bash", "COMP_WORDS": "gantui run mnist", "COMP_CWORD": "2"
    }  # fmt: skip
    program = shutil.which("gantui", path=str(Path(sys.executable).parent)) or pytest.skip("gantui is not installed")
    done = subprocess.run([program], env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.split() == ["mnist", "mnist-class", "mnist-class-2014", "mnist-conv"], done.stderr
