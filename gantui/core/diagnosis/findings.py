"""What a detector returns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gantui.core.diagnosis.readings import Reading

Readings = Sequence[Reading]
"""Oldest first."""


@dataclass(frozen=True)
class Finding:
    """What speaks for a condition, in words with numbers, and settings that may mend it."""

    evidence: str
    remedy: dict[str, Any] = field(default_factory=dict)


def number(value: float) -> str:
    """Return a number with two significant digits, as evidence wants it; a large one as a whole one."""
    return f"{value:.2g}" if abs(value) < 100 else f"{value:,.0f}"
