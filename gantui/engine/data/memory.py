"""How much memory a data set may take."""

import os
from pathlib import Path

import torch

SHARE = 0.4  # of what is available: networks, gradients and the rest of the machine want memory too
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def room(device: torch.device) -> int:
    """Return the bytes a data set may take on `device`; it passes through the host's memory in any case."""
    free = _host()
    if device.type == "cuda":
        free = min(free, torch.cuda.mem_get_info(device)[0])
    return int(SHARE * free)


def _host() -> int:
    """Available bytes of this machine or container."""
    # Linux's "free" pages leave out the file cache, which is given back on demand: ask for MemAvailable.
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        try:
            free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (ValueError, OSError):  # macOS doesn't tell
            free = 4 * 1024**3
    try:
        return min(free, int(_CGROUP_LIMIT.read_text()))
    except (OSError, ValueError):  # no container, or "max"
        return free
