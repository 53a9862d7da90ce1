"""Pacing of what can wait, by the bytes it costs."""


class Budget:
    """Lets through `bytes_per_second` on average: after bytes were spent, nothing is ready until they are paid for.

    Times are seconds of any clock that doesn't go back.
    """

    def __init__(self, bytes_per_second: float) -> None:
        self._rate = bytes_per_second
        self._paid_at = float("-inf")

    def spend(self, count: int, now: float) -> None:
        """Note that `count` bytes were sent at `now`."""
        self._paid_at = max(self._paid_at, now) + count / self._rate

    def ready(self, now: float) -> bool:
        """Whether all that was spent is paid for at `now`."""
        return now >= self._paid_at
