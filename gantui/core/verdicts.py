"""What is said of a run: conditions by name, what people call them and how grave they are; `core.diagnosis` finds them.

Viewers start with this module, and without the detectors.
"""

from typing import Literal

Level = Literal["error", "warning", "good"]
LEVELS: tuple[Level, ...] = ("error", "warning", "good")  # the gravest first
NON_FINITE = "non_finite"
KNOWN: dict[str, tuple[str, Level]] = {
    NON_FINITE: ("values not finite", "error"),
    "total_collapse": ("total collapse", "error"),
    "dead_gradients": ("dead gradients", "error"),
    "d_too_strong": ("D too strong", "warning"),
    "d_too_weak": ("D too weak", "warning"),
    "partial_collapse": ("partial collapse", "warning"),
    "oscillation": ("oscillation", "warning"),
    "constraint_violated": ("constraint violated", "warning"),
    "memorising": ("memorising", "warning"),
    "not_learning": ("not learning", "warning"),
    "equilibrium": ("equilibrium reached", "good"),
}


def title(name: str) -> str:
    """Return what people call a condition, also one that this version doesn't know."""
    return KNOWN[name][0] if name in KNOWN else name.replace("_", " ") or "diagnosis"


def level(name: str) -> Level:
    """Return how grave a condition is; one that this version doesn't know is a warning."""
    return KNOWN[name][1] if name in KNOWN else "warning"


def rank(name: str) -> int:
    """Return how grave a condition is as a number: 0 the gravest."""
    return LEVELS.index(level(name))
