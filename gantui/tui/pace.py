"""When the next preview may be drawn by itself: previews are what a dashboard sends most for."""

import time
from collections.abc import Callable
from typing import Any

from gantui.tui.wire.budget import Budget

SHORTEST = 1.0  # seconds between two previews
SOON = 0.25  # seconds until a frame has gone out and can be counted

SetTimer = Callable[[float, Callable[[], object]], object]  # (seconds, what to call then)


class Pace:
    """Lets a preview through when the bytes of the last one are paid for, and the last is old enough.

    What it cost is read off the driver, other drawings of the same moment included; a driver that doesn't count
    (in tests) sends for nothing.
    """

    def __init__(self, driver: Any, bytes_per_second: float, shortest: float = SHORTEST) -> None:
        """`shortest` is in seconds."""
        self._driver = driver
        self._shortest = shortest
        self._budget = Budget(bytes_per_second)
        self._drawn_at = float("-inf")
        self._before: int | None = None  # bytes sent when the last one was drawn, until that is settled

    def ready(self) -> bool:
        """Whether the next one may be drawn."""
        now = time.monotonic()
        return self._before is None and self._budget.ready(now) and now >= self._drawn_at + self._shortest

    def drawn(self, set_timer: SetTimer) -> None:
        """Note that one is being drawn; `set_timer` is asked to have it settled when it has gone out."""
        self._drawn_at = time.monotonic()
        if self._before is None:
            self._before = self._sent()
        self._settle_later(set_timer)

    def settle(self) -> bool:
        """Take what was sent since `drawn` for what it cost; False while the terminal hasn't taken it all."""
        if not getattr(self._driver, "idle", True):
            return False
        if self._before is not None:
            self._budget.spend(self._sent() - self._before, time.monotonic())
            self._before = None
        return True

    def _settle_later(self, set_timer: SetTimer) -> None:
        def look() -> None:
            if not self.settle():
                self._settle_later(set_timer)

        set_timer(SOON, look)

    def _sent(self) -> int:
        return int(getattr(self._driver, "bytes_sent", 0))
