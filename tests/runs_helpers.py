"""What the tests of run directories share."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gantui.core.events import Metrics
from gantui.runs.layout import RunDir


def wait_until(condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Return as soon as `condition()` holds; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.005)


def metrics(update: int, branch: int = 0) -> Metrics:
    """A record of the commonest kind."""
    return Metrics(v={"loss_d": (1.0, 0.5, 1.5)}, n=1, step=update // 2, update=update, branch=branch)


@contextmanager
def process_holding(run: RunDir) -> Iterator["subprocess.Popen[str]"]:
    """A process of its own that holds the run's lock until it is killed."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom gantui.runs.layout import RunDir\n"
        "from gantui.runs.lock import RunLock\n"
        "RunLock(RunDir(Path(sys.argv[1]))).acquire()\nprint('held', flush=True)\nsys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(run.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()
