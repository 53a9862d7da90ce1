"""run.json: which process runs a run, where, and since when."""

import getpass
import os
import platform
import socket
import time
from pathlib import Path

import msgspec
from msgspec import Struct

import gantui
from gantui.core.events import Moment
from gantui.runs.files import read_bounded, write_atomic
from gantui.runs.layout import RunDir

MAX_BYTES = 1 << 20


class RunInfo(Struct, kw_only=True):
    """The trainer of a run, as it was at its latest start; `started` is in Unix seconds."""

    schema: int = 1
    id: str = ""
    gantui: str = ""
    torch: str = ""
    python: str = ""
    preset: str = ""
    host: str = ""
    pid: int = 0
    boot_id: str = ""
    started: Moment = 0.0
    argv: list[str] = []
    threads: int = 0
    device: str = ""


def here(
    run: RunDir,
    *,
    preset: str = "",
    argv: list[str] | None = None,
    torch: str = "",
    threads: int = 0,
    device: str = "",
) -> RunInfo:
    """Return the info of a run that this process starts now; host, pid, boot and versions are filled in."""
    return RunInfo(
        id=run.id,
        gantui=gantui.__version__,
        torch=torch,
        python=platform.python_version(),
        preset=preset,
        host=host(),
        pid=os.getpid(),
        boot_id=boot_id(),
        started=time.time(),
        argv=argv or [],
        threads=threads,
        device=device,
    )


def read(run: RunDir) -> RunInfo | None:
    """Return the run's info, or None if there is none or it can't be read."""
    try:
        return msgspec.json.decode(read_bounded(run.run_json, MAX_BYTES), type=RunInfo)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def write(run: RunDir, info: RunInfo) -> None:
    """Replace the run's info. Raises OSError."""
    write_atomic(run.run_json, msgspec.json.encode(info), durable=True)


def host() -> str:
    """The name of this machine."""
    return socket.gethostname()


def author() -> str:
    """Return user@host, to be noted beside a command or a lease."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{host()}"


def boot_id() -> str:
    """What tells this boot of the machine from all others; empty where the system has no such thing."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
