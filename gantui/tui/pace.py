"""When the next preview may be drawn by itself: previews are what a dashboard sends most for."""

import time
from typing import Any

from gantui.tui.wire.budget import Budget

SHORTEST = 1.0  # seconds between two previews
SOON = 0.25  # seconds until a frame has gone out and can be counted


class Pace:
    """Lets a preview through when the bytes of the last one are paid for, and the last is a second old.

    What it cost is read off the driver, other drawings of the same moment included; a driver that doesn't count
    (in tests) sends for nothing.
    """

    def __init__(self, driver: Any, bytes_per_second: float) -> None:
        self._driver = driver
        self._budget = Budget(bytes_per_second)
        self._drawn_at = float("-inf")
        self._before: int | None = None  # bytes sent when the last one was drawn, until that is settled

    def ready(self) -> bool:
        """Whether the next one may be drawn."""
        now = time.monotonic()
        return self._before is None and self._budget.ready(now) and now >= self._drawn_at + SHORTEST

    def drawn(self) -> None:
        """Note that one is being drawn. Call `settle` when it has gone out, after `SOON`."""
        self._drawn_at = time.monotonic()
        if self._before is None:
            self._before = self._sent()

    def settle(self) -> None:
        """Take what was sent since `drawn` for what it cost."""
        if self._before is not None:
            self._budget.spend(self._sent() - self._before, time.monotonic())
            self._before = None

    def _sent(self) -> int:
        return int(getattr(self._driver, "bytes_sent", 0))
