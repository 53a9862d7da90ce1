"""Starting a trainer that outlives the terminal, and knowing where the system would not let it."""

import configparser
import getpass
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.runs.files import create
from gantui.runs.layout import RunDir

LOGIND = (Path("/usr/lib/systemd"), Path("/run/systemd"), Path("/etc/systemd"))
LINGER = Path("/var/lib/systemd/linger")


def launch(argv: list[str], run: RunDir, log: Path | None = None) -> "subprocess.Popen[bytes]":
    """Start `gantui ARGV` in a session of its own, its output appended to `log` (default: trainer.log).

    A new program, not a fork: threads and CUDA don't survive forking. Raises ConfigError if it can't start.
    """
    log = log or run.trainer_log
    try:
        output = create(log, os.O_WRONLY | os.O_APPEND)
    except OSError as error:
        raise ConfigError(f"{neutralise(log)}: {error.strerror}") from None
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "gantui", *argv],  # -P: a random.py lying about is not Python's
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            close_fds=True,
        )
    except (OSError, ValueError) as error:
        raise ConfigError(f"can't start the trainer: {neutralise(error)}") from None
    finally:
        os.close(output)


def logout_warning(
    *,
    logind: Iterable[Path] = LOGIND,
    linger: Path = LINGER,
    environ: Mapping[str, str] = os.environ,
    user: str | None = None,
) -> str | None:
    """Return a warning if systemd would kill a detached trainer when the user logs out, else None.

    `logind` are the folders with `logind.conf` and `logind.conf.d/*.conf`, the least important first.
    """
    try:
        user = user or getpass.getuser()
        lingers = (linger / user).exists()
    except (OSError, KeyError):
        return None
    if lingers or not environ.get("XDG_SESSION_ID"):
        return None
    settings = _login_settings(list(logind))
    spared = settings.get("killexcludeusers", "root").split()
    if settings.get("killuserprocesses", "no").lower() not in ("yes", "true", "on", "1") or user in spared:
        return None
    return (
        "this system ends your processes when you log out (KillUserProcesses=yes): to keep "
        "the training, start it with: systemd-run --user --scope gantui run ... (once before: loginctl "
        "enable-linger)"
    )


def _login_settings(folders: list[Path]) -> dict[str, str]:
    """The [Login] section in effect: one main file, then the drop-ins of all folders by name."""
    mains = [folder / "logind.conf" for folder in folders if (folder / "logind.conf").is_file()]
    extras = {extra.name: extra for folder in folders for extra in (folder / "logind.conf.d").glob("*.conf")}
    settings: dict[str, str] = {}
    for path in [*mains[-1:], *(extras[name] for name in sorted(extras))]:
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            parser.read_string(path.read_text(errors="replace"))
        except (OSError, configparser.Error):
            continue
        if parser.has_section("Login"):
            settings.update({key: value or "" for key, value in parser.items("Login")})
    return settings
