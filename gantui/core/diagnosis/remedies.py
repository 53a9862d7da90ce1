"""Remedies: which settings to change, given the present ones. Each is a dictionary for one `set`."""

from collections.abc import Mapping
from typing import Any

from gantui.core.diagnosis.readings import Game

SOUND = {"adam": 0.001, "rmsprop": 0.0005, "sgd": 0.05}  # learning rates at which most small games are stable
WILD = 10.0  # times as high as that
Settings = dict[str, Any]


def slower(config: Mapping[str, Any]) -> Settings:
    """Return both learning rates halved, or brought down to where such optimisers work."""
    rates = {name: config.get(name) for name in ("lr_d", "lr_g")}
    return {
        name: min(rate / 2, sound(config, name[-1]))
        for name, rate in rates.items()
        if isinstance(rate, int | float) and rate > 0
    }


def weaker_d(game: Game) -> Settings:
    """Return what keeps D from running away: G's own loss where it saturates, equal rates, a smooth D."""
    config = game.config
    settings: Settings = {"loss": "non_saturating"} if game.loss == "minimax" else {}
    lr_d, lr_g = game.number("lr_d"), game.number("lr_g")
    if lr_d > lr_g:
        settings["lr_d"] = min(max(lr_g, sound(config, "g") / 4), sound(config, "d"))
        settings["lr_g"] = max(lr_g, settings["lr_d"])
    if game.number("k", 1) > game.number("g_steps", 1):
        settings["k"] = max(1, int(game.number("g_steps", 1)))
    return settings | _smooth(game)


def stronger_d(game: Game) -> Settings:
    """Return what lets D catch up: rates as quick as G's, as many updates, then more of them."""
    settings: Settings = {}
    if game.constraint == "clip" and game.number("constraint_weight") < 0.1:
        return {"constraint_weight": 0.1}
    lr_g = game.number("lr_g")
    if lr_g > WILD * sound(game.config, "g"):  # no rate to keep up with
        settings["lr_g"] = lr_g = sound(game.config, "g")
    if (rate := min(lr_g, WILD * sound(game.config, "d"))) > game.number("lr_d"):
        settings["lr_d"] = rate
    if game.number("g_steps", 1) > max(1, game.number("k", 1)):
        settings["g_steps"] = 1
    if not settings:
        settings["k"] = min(5, int(game.number("k", 1)) + 2)
    return settings


def varied(game: Game) -> Settings:
    """Return what brings lost modes back: pairs against collapse, both slopes held, no momentum, G not ahead of D.

    (Huang et al. 2024: relativistic pairs have no collapsed minima, R1 and R2 make the game converge.)
    """
    settings: Settings = {"beta1": 0.0, "beta2": 0.99}
    for network in ("d", "g"):
        if game.config.get(f"optimizer_{network}") == "sgd":
            settings |= {f"optimizer_{network}": "adam", f"lr_{network}": SOUND["adam"]}
        else:
            settings[f"lr_{network}"] = sound(game.config, network)
    if game.number("g_steps", 1) > max(1, game.number("k", 1)):
        settings["g_steps"] = 1
    if game.config.get("norm_d") == "batch" or game.loss == "wasserstein":
        return settings
    return settings | {"loss": "relativistic", "constraint": "r1_r2", "constraint_weight": _weight(game)}


def damped(game: Game) -> Settings:
    """Return what turns circles into spirals inward: slopes of D that cost (R1), no momentum, adaptive steps."""
    settings: Settings = {"beta1": 0.0, "momentum": 0.0}
    for network in ("d", "g"):
        if game.config.get(f"optimizer_{network}") == "sgd":
            settings |= {f"optimizer_{network}": "adam", f"lr_{network}": SOUND["adam"]}
        else:
            settings[f"lr_{network}"] = min(game.number(f"lr_{network}") / 2, sound(game.config, network))
    return settings | _smooth(game)


def held(game: Game) -> Settings:
    """Return a constraint that holds a critic: a gradient penalty of a weight that is felt."""
    points = game.data.kind == "points"
    return {
        "constraint": "gradient_penalty",
        "constraint_weight": 0.1 if points else 10.0,
        "lr_d": min(game.number("lr_d"), sound(game.config, "d")),
        "lr_g": min(game.number("lr_g"), sound(game.config, "g")),
    }


def new(game: Game) -> Settings:
    """Return what makes D less sure of single examples: its slope at them costs, and they are blurred."""
    return {**_smooth(game, factor=10.0), "instance_noise": 0.2}


def revived(game: Game, network: str) -> Settings:
    """Return quicker steps for a network whose units are saturated: they must come a long way back."""
    lr = game.number(f"lr_{network}")
    return {f"lr_{network}": min(10 * lr, 0.05), f"optimizer_{network}": "adam"}


def quicker(game: Game) -> Settings:
    """Return steps that lead somewhere: rates at which such optimisers work, a bound on weights that leaves room."""
    settings: Settings = {}
    for network in ("d", "g"):
        rate, usual = game.number(f"lr_{network}"), sound(game.config, network)
        settings[f"lr_{network}"] = usual if rate < usual else 2 * rate
    if game.constraint == "clip" and game.number("constraint_weight") < 0.1:
        settings["constraint_weight"] = 0.1
    return settings


def sound(config: Mapping[str, Any], network: str) -> float:
    """Return a learning rate at which the optimiser of a network (`d` or `g`) usually works."""
    return SOUND.get(str(config.get(f"optimizer_{network}")), SOUND["adam"])


def _smooth(game: Game, factor: float = 1.0) -> Settings:
    """Return a cost on D's slope at the data, unless D is held already, or sees batches, or is a critic of its own."""
    if game.config.get("norm_d") == "batch" or game.loss == "wasserstein" or game.config.get("spectral_norm"):
        return {}
    weight = factor * _weight(game)
    if game.constraint in ("r1", "r1_r2") and game.number("constraint_weight") >= weight:
        return {}
    return {"constraint": game.constraint if game.constraint == "r1_r2" else "r1", "constraint_weight": weight}


def _weight(game: Game) -> float:
    """Return a weight γ of R1 that small games stand: slopes are larger where there are few numbers."""
    return 0.1 if game.data.kind == "points" else 1.0
