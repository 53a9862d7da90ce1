"""Which numbers of a run belong into one plot, what they are called there, and in which role's colour."""

from collections.abc import Iterable
from dataclasses import dataclass

from gantui.core.text import neutralise


@dataclass(frozen=True)
class Shown:
    """A curve to show: the number's name in the log, what the legend calls it, its ink; `negated`: −1 times it."""

    name: str
    label: str
    role: str
    negated: bool = False


@dataclass(frozen=True)
class Panel:
    """Numbers that belong into one plot."""

    heading: str
    shown: tuple[Shown, ...]


KNOWN = (
    Panel("Losses", (Shown("loss_d", "D", "d"), Shown("loss_g", "G", "g"))),
    Panel("Value V(D,G)", (Shown("value", "V", "accent"),)),
    Panel(
        "D's output",
        (Shown("d_x", "D(x)", "real"), Shown("d_gz", "D(G(z))", "fake"), Shown("d_gz_after", "after G", "both")),
    ),
    Panel("Gradients", (Shown("grad_norm_d", "D", "d"), Shown("grad_norm_g", "G", "g"))),
    Panel("Update over weight", (Shown("update_ratio_d", "D", "d"), Shown("update_ratio_g", "G", "g"))),
    Panel("Learning rate", (Shown("lr_d", "D", "d"), Shown("lr_g", "G", "g"))),
    Panel("Penalty on D", (Shown("penalty", "D", "d"),)),
    Panel("Steps per second", (Shown("steps_per_s", "", "accent"),)),
    Panel("Samples per second", (Shown("samples_per_s", "", "accent"),)),
    Panel("Modes", (Shown("modes_total", "all", "reference"), Shown("modes", "found", "g"))),
    Panel("Nearest", (Shown("nn_distance_data", "data", "real"), Shown("nn_distance", "G", "g"))),
    Panel("Precision, recall", (Shown("precision", "precision", "accent"), Shown("recall", "recall", "both"))),
    Panel("Variety of samples", (Shown("variety", "modes", "accent"), Shown("spread", "spread", "both"))),
    Panel("Samples to data", (Shown("gap", "", "accent"),)),
    Panel("Way of samples", (Shown("drift", "drift", "g"), Shown("straightness", "straight", "both"))),
    Panel("Slope at samples", (Shown("g_signal", "G's loss", "g"),)),
    Panel("Dead units", (Shown("dead_d", "D", "d"), Shown("dead_g", "G", "g"))),
    Panel("Samples to examples", (Shown("nn_ratio", "", "g"),)),
)


def grouped(names: Iterable[str]) -> list[Panel]:
    """Return what there is to show of these numbers: the known panels first, then each other one by its name."""
    there = dict.fromkeys(names)
    known = [
        Panel(panel.heading, tuple(shown for shown in panel.shown if shown.name in there))
        for panel in KNOWN
        if any(shown.name in there for shown in panel.shown)
    ]
    told = {shown.name for panel in KNOWN for shown in panel.shown}
    return known + [Panel(neutralise(name, 30), (Shown(name, "", "accent"),)) for name in there if name not in told]
