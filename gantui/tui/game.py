"""The minimax game of a run in numbers: how far apart data and samples are, and how far from equilibrium."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gantui.core import game
from gantui.core.events import Hist
from gantui.core.panels import Panel, Shown
from gantui.core.text import neutralise
from gantui.tui.draw import axis
from gantui.tui.view import RunView

LOSSES = Panel("Losses", (Shown("loss_d", "D", "d"), Shown("loss_g", "G", "g")))
VALUE = Panel("V(D,G)", (Shown("value", "V", "accent"),))
DISTANCE = Panel("Distance", (Shown("loss_d", "−D loss", "accent", negated=True),))
NORMS = Panel("Gradient norm", (Shown("grad_norm_d", "D", "d"), Shown("grad_norm_g", "G", "g")))
RATIOS = Panel("‖Δw‖/‖w‖", (Shown("update_ratio_d", "D", "d"), Shown("update_ratio_g", "G", "g")))
WIDEST, NARROWEST = 2.0**60, 1e-6  # of a histogram that gantui writes, or less
OUTPUTS = {"d_x": "D(x)", "d_gz": "D(G(z))", "loss_d": "D loss", "loss_g": "G loss"}


@dataclass(frozen=True)
class Fact:
    """A number, by the name it has in the field; `note` is what to hold it against: its value at equilibrium, first."""

    label: str
    value: str
    note: str = ""


def setting(view: RunView, name: str) -> Any:
    """Return a setting as it is now, None where not known."""
    return view.controls.confirmed.get(name, view.config.get(name))


def smoothing(view: RunView) -> float:
    """Return how much D's target for data is lowered."""
    lowered = setting(view, "label_smoothing")
    return float(lowered) if isinstance(lowered, int | float) else 0.0


def played(view: RunView) -> Panel:
    """Return what says how the game stands, as a curve: V(D, G), the distance of a Wasserstein critic, or losses."""
    if view.objective.probability and view.curve("value"):
        return VALUE
    return DISTANCE if view.objective.name == "wasserstein" else LOSSES


def present(view: RunView, name: str) -> float | None:
    """Return D(x) or D(G(z)), None if the newest number isn't one of the present loss: it may have been changed."""
    value = view.last(name)
    return None if value is None or (view.objective.probability and not 0 <= value <= 1) else value


def hist(view: RunView) -> Hist | None:
    """Return the histogram of D's outputs, None if there is none of the present loss, or none that makes sense."""
    found, space = view.hist, "probability" if view.objective.probability else "score"
    if found is None or found.space != space or not found.fake:
        return None
    return found if -WIDEST <= found.low <= found.high - NARROWEST and found.high <= WIDEST else None


def facts(view: RunView) -> Iterator[Fact]:
    """Yield what is valid for the run's loss and constraint, the most telling first."""
    objective, at = view.objective, game.equilibrium(view.objective, smoothing(view))
    value, loss_d = view.last("value"), view.last("loss_d")
    if objective.probability and value is not None:
        yield Fact("V(D,G)", _number(value), _held_against(value, at.get("value", -game.LOG_4)))
    if found := game.bound(objective, value, loss_d, smoothing(view)):
        yield Fact(f"{found.name} ≥", _number(found.least), f"0 ({found.share:.0%} of {found.most:.3g})")
    if objective.name == "wasserstein" and loss_d is not None:
        yield Fact("distance", _number(-loss_d), _distance(view))
    yield from _constraint(view)
    for name, label in OUTPUTS.items():
        number = present(view, name) if name.startswith("d_") else view.last(name)
        if number is not None and name in at and (objective.name, name) != ("wasserstein", "loss_d"):
            yield Fact(label, _number(number), _held_against(number, at[name]))
    if objective.name == "relativistic":
        yield Fact("D(x), D(G(z))", "drift", "only differences mean something")
    if not (objective.probability or at):
        yield Fact("equilibrium", "–", "your loss doesn't say")


def _held_against(number: float, best: float) -> str:
    return f"{best:.3g} ({number - best:+.2g})"


def _distance(view: RunView) -> str:
    """Say what D(x) − D(G(z)) of a critic is, by what holds the critic back."""
    held = setting(view, "constraint")
    if held == "variance":
        return "0, in a scale of its own"
    if held == "clip":
        return "0; estimates c·W1, c unknown"
    if held == "gradient_penalty" or setting(view, "spectral_norm"):
        return "0; estimates W1"
    return "none: nothing holds D's slope"


def _constraint(view: RunView) -> Iterator[Fact]:
    held, weight = setting(view, "constraint"), setting(view, "constraint_weight")
    of_each = setting(view, "variance_form") == "each"
    one_sided = setting(view, "gradient_penalty_form") == "one_sided"
    rows = {
        "clip": [("clip_share", "at the bound", "of D's weights, ±{c}")],
        "gradient_penalty": [
            ("d_slope", "slope ‖∇D‖", f"{'at most ' * one_sided}1, between data and samples"),
            ("penalty", "penalty", "mean (‖∇D‖ − 1)²; D pays {c} ×"),
        ],
        "r1": [("penalty", "‖∇D(x)‖²", "at data; D pays {half} ×")],
        "r1_r2": [("penalty", "‖∇D‖²", "at data + samples; D pays {half} ×")],
        "variance": [
            ("variance_x", "Var D(x)", "at most 1"),
            ("variance_gz", "Var D(G(z))", "at most 1"),
            ("multiplier_x", "multiplier λ", "of D(x): grows while Var > 1"),
            ("multiplier_gz", "multiplier λ", "of D(G(z)): grows while Var > 1"),
        ]
        if of_each
        else [
            ("fisher_ratio", "Fisher ratio", "0 (in 0 to 2)"),
            ("second_moment", "2nd moment Ω", "1"),
            ("multiplier", "multiplier λ", "grows while Ω > 1"),
        ],
    }.get(str(held), [])
    there = [(label, number, note) for name, label, note in rows if (number := view.last(name)) is not None]
    c = weight if isinstance(weight, int | float) else 0.0
    for label, number, note in there:
        shown = f"{number:.1%}" if held == "clip" else _number(number)
        yield Fact(label, shown, note.format(c=axis.label(c), half=axis.label(c / 2)))
    if held not in (None, "none") and not there:
        yield Fact("constraint", "–", f"the log has no numbers of {neutralise(held)}")


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"
