"""Conditions of what G makes: too little of the data's variety, copies, or nothing of it at all."""

from itertools import pairwise
from statistics import median

from gantui.core.diagnosis import remedies
from gantui.core.diagnosis.balance import FAR, d_too_strong, stands_still
from gantui.core.diagnosis.findings import Finding, Readings, number
from gantui.core.diagnosis.readings import Game, latest, mean, recent

ALIKE, FEW = 0.2, 0.55  # of `spread` and of `variety`: samples are all alike; parts of the data are missing
RISING = 0.08  # by which a variety grows, within four readings, where it is getting better by itself
COPIES = 0.65  # of `nn_ratio`
STANDSTILL = 0.97  # of a gap, later over earlier
DEAD = 0.75  # of hidden units


def total_collapse(readings: Readings, game: Game) -> Finding | None:
    """Whatever z is, G makes much the same: the Helvetica scenario (Goodfellow et al. 2014, section 6)."""
    spread = recent(readings, "spread", 5)
    if (
        not spread
        or median(spread) > ALIKE  # a few samples that are thrown far out are no variety
        or all(before < after for before, after in pairwise(spread))  # it grows, by itself
        or stands_still(readings)
        or d_too_strong(readings, game)
    ):
        return None  # then it isn't collapsed, but has not begun, or is starved
    return Finding(f"two samples differ by {median(spread):.0%} of what two examples do", remedies.varied(game))


def partial_collapse(readings: Readings, game: Game) -> Finding | None:
    """G leaves parts of the data out, and doesn't find them."""
    spread, variety = recent(readings, "spread", 3), recent(readings, "variety", 8)
    if not spread or not variety or min(spread) <= ALIKE:
        return None
    earlier, later = mean(variety[:4]), mean(variety[4:])
    if later > FEW or later > earlier + RISING:
        return None
    return Finding(f"samples have {later:.0%} of the data's variety", remedies.varied(game))


def memorising(readings: Readings, game: Game) -> Finding | None:
    """Samples lie nearer to examples than these, or those held out, lie to each other: G copies."""
    near = [r.values["nn_ratio"] for r in readings[-12:] if "nn_ratio" in r.values]
    spread = latest(readings, "spread")
    if len(near) < 2 or max(near[-2:]) > COPIES or spread is None or spread <= ALIKE:
        return None
    return Finding(
        f"from a sample to the nearest example it is {near[-1]:.0%} of the way between examples",
        remedies.new(game),
    )


def dead_gradients(readings: Readings, game: Game) -> Finding | None:
    """Most hidden units of a network pass no gradient on: what lies before them can't learn."""
    for network in ("g", "d"):
        dead, gap = recent(readings, f"dead_{network}", 3), recent(readings, "gap", 3)
        if dead and min(dead) > DEAD and gap and mean(gap) > FAR / 2:
            return Finding(
                f"{mean(dead):.0%} of the units in a hidden layer of {network.upper()} pass no gradient",
                remedies.revived(game, network),
            )
    return None


def not_learning(readings: Readings, game: Game) -> Finding | None:
    """Samples are far from the data and stay where they are."""
    gap = recent(readings, "gap", 8)
    if not gap or min(gap) < FAR or mean(gap[4:]) < STANDSTILL * mean(gap[:4]):
        return None
    moved, drift = latest(readings, "update_ratio_g"), recent(readings, "drift", 8)
    if drift and mean(drift) > 0.05:  # it moves; that is another matter
        return None
    faint = f"; an update changes G's weights by {number(moved)} of their size" if moved is not None else ""
    return Finding(f"samples stay {number(mean(gap))} deviations off{faint}", remedies.quicker(game))
