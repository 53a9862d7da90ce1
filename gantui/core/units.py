"""Durations and cadences as people write them: `30m`, `2s`, or a number of steps."""

import re
from dataclasses import dataclass

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = r"^[0-9]{1,9}(\.[0-9]{1,3})?[smhd]\Z"


def seconds(text: str) -> float:
    """Return the seconds in a duration such as `90s`, `30m`, `1.5h` or `2d`; ValueError otherwise."""
    if not re.match(DURATION, text):
        raise ValueError(f"{text!r} is not a duration such as 90s, 30m, 1.5h or 2d")
    return float(text[:-1]) * _SECONDS[text[-1]]


def spell(duration: float) -> str:
    """Return a duration in seconds as a person reads it: `4 s`, `3 min 20 s`, `2 h 5 min`."""
    total = round(duration)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60} s"
    return f"{total // 3600} h {total % 3600 // 60} min"


@dataclass(frozen=True)
class Cadence:
    """How often something happens: every `steps` steps, or every `seconds` seconds; both 0: never."""

    steps: int = 0
    seconds: float = 0.0

    @classmethod
    def parse(cls, value: int | str) -> "Cadence":
        """Read a config value: a number counts steps, a duration (`2s`) the clock."""
        return cls(steps=value) if isinstance(value, int) else cls(seconds=seconds(value))
