import os
from pathlib import Path

import pytest

from gantui.core.errors import ConfigError
from gantui.runs import launch
from gantui.runs.layout import RunDir


def test_the_trainer_gets_a_session_and_a_log_of_its_own(
    run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text('#!/bin/sh\necho "$@"; ps -o sid= -p $$ >&2; cat\n')
    program.chmod(0o755)
    monkeypatch.setattr(launch.sys, "executable", str(program))
    run.trainer_log.write_text("before\n")
    process = launch.launch(["run", "ring", "--headless"], run)
    assert process.wait(10) == 0
    lines = run.trainer_log.read_text().split()
    assert lines[:7] == ["before", "-P", "-m", "gantui", "run", "ring", "--headless"]
    assert lines[7:] == [str(process.pid)] != [str(os.getsid(0))]


def test_what_can_t_be_started_is_a_clear_error(run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch.sys, "executable", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match="can't start"):
        launch.launch([], run)
    with pytest.raises(ConfigError, match="No such file"):
        launch.launch([], RunDir(tmp_path / "none"))


SESSION = {"XDG_SESSION_ID": "3"}


def warning(folder: Path, user: str = "ada", environ: dict[str, str] = SESSION) -> str | None:
    return launch.logout_warning(
        logind=[folder / "usr", folder / "etc"], linger=folder / "linger", environ=environ, user=user
    )


@pytest.fixture
def system(tmp_path: Path) -> Path:
    for name in ("usr/logind.conf.d", "etc/logind.conf.d", "linger"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def test_a_warning_where_logging_out_kills(system: Path) -> None:
    assert warning(system) is None
    (system / "etc/logind.conf").write_text("[Login]\n#KillUserProcesses=no\nKillUserProcesses=yes\n")
    assert "systemd-run --user --scope gantui run" in (warning(system) or "")
    assert warning(system, user="root") is None
    assert warning(system, environ={}) is None
    (system / "linger/ada").touch()
    assert warning(system) is None


def test_the_last_setting_wins(system: Path) -> None:
    (system / "usr/logind.conf").write_text("[Login]\nKillUserProcesses=yes\n")
    assert warning(system)
    (system / "etc/logind.conf.d/50-a.conf").write_text("[Login]\nKillUserProcesses=no\n")
    assert warning(system) is None
    (system / "usr/logind.conf.d/90-b.conf").write_text("[Login]\nKillUserProcesses=1\n")
    assert warning(system)
    (system / "etc/logind.conf.d/90-b.conf").write_text("")  # covers its namesake
    assert warning(system) is None
    (system / "etc/logind.conf.d/99-c.conf").write_bytes(b"\xff no [section\n")
    assert warning(system) is None
