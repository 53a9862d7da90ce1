"""Conditions of the game between D and G: who is ahead, does it go in circles, does D keep its bounds."""

from gantui.core.diagnosis import remedies
from gantui.core.diagnosis.findings import Finding, Readings, number
from gantui.core.diagnosis.readings import Game, latest, mean, recent

AHEAD, LEAD, LEVEL = 0.87, 0.06, 0.02  # of `advantage`: D is hardly ever wrong; it still knows more; it can't tell
FAR, NEAR = 0.3, 0.12  # of `gap`: samples are nowhere near the data; as near as a batch can tell
STARVED = 0.02  # of `g_signal`, in nats per mean distance of the data: G hardly learns what is better
STEEP, FLAT = 3.0, 1e-3  # slope of a critic that is held to 1; as `g_signal`, of one that is of no use
CIRCLING, MOVING, STILL = 0.4, 0.15, 0.001  # of `straightness` and `drift`
FALLING = 0.85  # of a gap, later over earlier, above which it doesn't get better


def advantage(readings: Readings, game: Game, count: int = 3) -> float | None:
    """Return how far D is ahead: 1 − its loss over its loss at equilibrium, the mean of the last readings.

    1: it is never wrong; 0: it can't tell data from samples. None for a critic whose loss is no such thing.
    """
    losses, usual = recent(readings, "loss_d", count), game.objective.equilibrium.get("loss_d", 0.0)
    return 1 - mean(losses) / usual if losses and usual > 0 else None


def stands_still(readings: Readings) -> bool:
    """Whether G's samples don't move at all: of a game that isn't played nothing else can be said."""
    drift = recent(readings, "drift", 4)
    return drift is not None and max(drift) < STILL


def d_too_strong(readings: Readings, game: Game) -> Finding | None:
    """D is hardly ever wrong, and G gets no nearer to the data.

    Under the losses that saturate G then starves (Arjovsky & Bottou 2017, theorem 2.4); under the others its gradients
    are large, but of no use.
    """
    ahead, gap = advantage(readings, game), recent(readings, "gap", 3)
    if ahead is None or not gap or ahead < AHEAD or mean(gap) < FAR / 2:
        return None
    signal = latest(readings, "g_signal")
    starved = (
        f", and all that G gets of it is a slope of {number(signal)}" if signal is not None and signal < STARVED else ""
    )
    return Finding(
        f"D's loss is {1 - ahead:.1%} of that at equilibrium{starved}; samples stay {number(mean(gap))} deviations off",
        remedies.weaker_d(game),
    )


def d_too_weak(readings: Readings, game: Game) -> Finding | None:
    """D can't tell samples from data although they are far apart and come no nearer: what it says is of no use to G."""
    ahead, gaps = advantage(readings, game), recent(readings, "gap", 6)
    if not gaps or stands_still(readings):
        return None
    gap = mean(gaps[3:])
    if gap < FAR or (gap < 2 * FAR and gap < FALLING * mean(gaps[:3])):  # it will soon be near
        return None
    if ahead is None:
        return _flat(readings, game, gap)
    if ahead > LEVEL:
        return None
    taken_in = ", as if samples were data" if ahead > -LEVEL else ": it takes samples for data"
    return Finding(
        f"D's loss is {1 - ahead:.0%} of that at equilibrium{taken_in}, but they are {number(gap)} deviations off",
        remedies.stronger_d(game),
    )


def _flat(readings: Readings, game: Game, gap: float) -> Finding | None:
    """A critic has no level, but slopes: without any, as under too tight a bound, G learns as good as nothing."""
    signal = recent(readings, "g_signal", 3)
    if game.loss != "wasserstein" or not signal or max(signal) > FLAT:
        return None
    return Finding(
        f"D is flat, its slope at samples is {number(mean(signal))}; they are {number(gap)} deviations off",
        remedies.stronger_d(game),
    )


def equilibrium(readings: Readings, game: Game) -> Finding | None:
    """D can't tell samples from data, and they are as near to it, and as varied, as a batch can tell."""
    ahead, gap, variety = advantage(readings, game, 5), recent(readings, "gap", 5), recent(readings, "variety", 5)
    if not gap or not variety or max(gap) > NEAR or min(variety) < 0.9 or (ahead is not None and ahead > LEAD):
        return None
    d = "" if ahead is None else f"D's loss is {1 - ahead:.0%} of that at equilibrium; "
    return Finding(
        f"{d}samples are {number(mean(gap))} deviations off, and as varied as the data ({mean(variety):.0%})"
    )


def oscillation(readings: Readings, game: Game) -> Finding | None:
    """Samples go on moving far and come back, and get no nearer: gradient steps circle round the equilibrium
    (Mescheder et al. 2018)."""
    straight, drift = recent(readings, "straightness", 6), recent(readings, "drift", 6)
    gap = recent(readings, "gap", 16)
    if not straight or not drift or not gap:
        return None
    earlier, later = mean(gap[:8]), mean(gap[8:])
    if mean(straight) > CIRCLING or mean(drift) < MOVING or later < FALLING * earlier or later < FAR:
        return None
    return Finding(
        f"samples move {mean(drift):.0%} of the data's size at a time but only {mean(straight):.0%} of the way lasts; "
        f"they stay {number(later)} deviations off",
        remedies.damped(game),
    )


def constraint_violated(readings: Readings, game: Game) -> Finding | None:
    """A critic is not held by what should hold it: its scores say nothing of a distance then."""
    if game.objective.probability and game.constraint != "gradient_penalty":
        return None
    slopes, moments = recent(readings, "d_slope", 3), recent(readings, "second_moment", 3)
    at_bound = recent(readings, "clip_share", 3)
    if game.constraint == "gradient_penalty" and slopes and min(slopes) > STEEP:
        return Finding(f"D's slope between data and samples is {number(mean(slopes))}, not 1", remedies.held(game))
    if game.constraint == "variance" and moments and min(moments) > STEEP**2:
        return Finding(f"the second moment of D's scores is {number(mean(moments))}, not 1", remedies.held(game))
    if game.loss == "wasserstein" and game.constraint == "clip" and at_bound and max(at_bound) == 0:
        return Finding("none of D's weights lies at the bound: it holds nothing", remedies.held(game))
    return _unheld(readings, game)


def _unheld(readings: Readings, game: Game) -> Finding | None:
    """The critic of a Wasserstein distance without any bound: data and samples drift apart in score for ever."""
    if game.loss != "wasserstein" or game.constraint != "none" or game.config.get("spectral_norm"):
        return None
    apart = [
        real - fake
        for real, fake in zip(recent(readings, "d_x", 4) or [], recent(readings, "d_gz", 4) or [], strict=False)
    ]
    if len(apart) < 4 or mean(apart) < 10 or apart[-1] < apart[0]:
        return None
    return Finding(
        f"nothing holds D: its scores of data and samples lie {number(apart[-1])} apart, and go on", remedies.held(game)
    )
