"""Work beside the event loop, and that nothing which hangs there holds up anybody."""

import subprocess
import sys
from threading import Event

import pytest

from gantui.tui.aside import Aside

HANGS = "import threading; from gantui.tui.aside import Aside; Aside('x').submit(threading.Event().wait); print('left')"


def test_one_thing_after_the_other_is_done_and_what_goes_wrong_is_told() -> None:
    aside, may = Aside("test"), Event()
    first, second, last = aside.submit(may.wait), aside.submit(lambda: 1 // 0), aside.submit(lambda: "done")
    aside.close()
    assert not second.done()
    may.set()
    assert first.result(20) and last.result(20) == "done"
    with pytest.raises(ZeroDivisionError):
        second.result(20)


def test_what_hangs_keeps_nobody_from_leaving() -> None:
    left = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, timeout=30, check=True)
    assert left.stdout == b"left\n"
