"""Which settings go together: what makes no sense is refused, what is rarely meant is said."""

from typing import TYPE_CHECKING

from gantui.core.errors import ConfigError
from gantui.core.parts import is_part

if TYPE_CHECKING:
    from gantui.core.config import Config

WITH_TARGETS = ("minimax", "non_saturating", "least_squares")  # losses that name a value D should take on data
PER_EXAMPLE = ("gradient_penalty", "r1", "r1_r2")  # constraints on the slope of D at each example
TAKEN_BY_D = ("concat", "projection")  # conditions under which D sees the labels
CHECKED = ("auxiliary", "classifier")  # conditions under which it doesn't, and something else checks them
OF_ANY_PAIR = ("none", "concat", "classifier")  # conditions that don't decide the layers of D
USUAL_WEIGHT = {"clip": "0.01 to 0.1", "gradient_penalty": "0.1 to 10", "variance": "1e-6 to 0.01"}
START_WEIGHT = {"clip": 0.1, "gradient_penalty": 1.0, "variance": 0.01, "r1": 1.0, "r1_r2": 1.0}  # chosen by key
CONTINUES = "goodfellow_tfd_2"  # the network whose G begins with layers of another run
LOOSE_CLIP = 0.5  # weights of a network rarely grow as large: such a bound never bites
STIFF_VARIANCE = 0.5  # from about here on the multiplier overshoots, and D oscillates


def check(config: "Config") -> None:
    """Refuse what makes no sense together. Raises ConfigError that names the settings and the reason."""
    _check_game(config)
    _check_constraint(config)
    _check_condition(config)
    _check_networks(config)


def _check_game(config: "Config") -> None:
    if config.k == 0 and config.g_steps == 0:
        raise ConfigError("k = 0 and g_steps = 0: at least one of them must be 1 or more")
    if config.update == "simultaneous":
        if (config.k, config.g_steps) != (1, 1):
            raise ConfigError(
                f"k = {config.k}, g_steps = {config.g_steps}: update = simultaneous shares one batch, both must be 1"
            )
        if config.k_schedule != "constant":
            raise ConfigError(
                f"k_schedule = {config.k_schedule}: update = simultaneous has one update of D per iteration"
            )
    if config.batch_size == 1 and "batch" in (config.norm_g, config.norm_d):
        raise ConfigError("batch_size = 1: normalisation over the batch (norm_g, norm_d) needs 2 or more")
    if config.label_smoothing and config.loss not in WITH_TARGETS:
        raise ConfigError(
            f"label_smoothing = {config.label_smoothing:g}: loss = {config.loss} has no target to lower; "
            f"set it to 0, or use {', '.join(WITH_TARGETS)}"
        )


def _check_constraint(config: "Config") -> None:
    name, weight = config.constraint, config.constraint_weight
    if name == "none" and weight:
        raise ConfigError(f"constraint_weight = {weight:g}: needs a constraint; constraint is none")
    if name != "none" and not weight:
        usual = f" (usual: {USUAL_WEIGHT[name]})" if name in USUAL_WEIGHT else ""
        raise ConfigError(f"constraint_weight = 0: constraint = {name} needs a weight above 0{usual}")
    if name in PER_EXAMPLE and config.norm_d == "batch":
        raise ConfigError(f"constraint = {name}: a penalty per example is undefined with norm_d = batch")
    if name == "clip" and config.spectral_norm:
        raise ConfigError("constraint = clip: spectral_norm rescales D's weights, which undoes the clipping")
    if name == "variance" and config.variance_form == "each" and config.batch_size == 1:
        raise ConfigError("batch_size = 1: constraint = variance with variance_form = each needs 2 or more")


def _check_condition(config: "Config") -> None:
    if config.condition == "none":
        return
    if is_part(config.network) and config.condition not in OF_ANY_PAIR:
        raise ConfigError(
            f"condition = {config.condition}: decides the last layers of D, and network = {config.network} brings its "
            f"own; use {', '.join(OF_ANY_PAIR)}, or network = auto"
        )
    if config.labels == "none":
        raise ConfigError(f"condition = {config.condition}: needs labels; labels is none")


def _check_networks(config: "Config") -> None:
    if config.preprocess == "gcn" and config.output not in ("auto", "linear"):
        raise ConfigError(
            f"output = {config.output}: preprocess = gcn leaves numbers of any size, which need output = linear"
        )
    if config.output_bias == "marginals" and is_part(config.network):
        raise ConfigError(f"output_bias = marginals: network = {config.network} brings its own last layer")
    if config.network == "mirza" and config.condition != "concat":
        raise ConfigError(f"condition = {config.condition}: network = mirza takes labels: set condition = concat")
    if config.pretrained != "none" and config.network != CONTINUES:
        raise ConfigError(f"pretrained: is for network = {CONTINUES}; network is {config.network}")


def warnings(config: "Config") -> list[str]:
    """Return what should be said of a valid configuration: settings that are allowed together but odd."""
    name, weight, loss = config.constraint, config.constraint_weight, config.loss
    found = []
    if loss == "wasserstein" and name == "none" and not config.spectral_norm:
        found.append(
            "loss = wasserstein without a constraint: D's scores grow without bound; "
            "set constraint (gradient_penalty, clip, variance) or start with spectral_norm"
        )
    fits_critics = loss == "wasserstein" or is_part(loss)  # of the user's own nothing is known
    if name in ("clip", "variance") and not fits_critics:
        found.append(f"constraint = {name} is made for loss = wasserstein, not {loss}")
    if name == "clip" and weight > LOOSE_CLIP:
        found.append(f"clip at ±{weight:g} hardly holds D: constraint_weight is usually {USUAL_WEIGHT['clip']}")
    if name == "variance" and weight > STIFF_VARIANCE:
        found.append(
            f"variance with constraint_weight = {weight:g} may oscillate: it is usually {USUAL_WEIGHT['variance']}"
        )
    if name == "gradient_penalty" and config.spectral_norm:
        found.append("gradient_penalty with spectral_norm: both hold the slope of D, one of them is enough")
    if config.condition == "auxiliary" and (name == "clip" or config.spectral_norm):
        held = "clip" if name == "clip" else "spectral_norm"
        found.append(
            f"condition = auxiliary with {held}: the head that recognises labels is held too; "
            "condition = classifier has a network of its own"
        )
    if config.condition in CHECKED and not config.condition_weight:
        found.append(f"condition = {config.condition} with condition_weight = 0: nothing tells G to obey its labels")
    if config.k_schedule == "bursts" and not fits_critics:
        found.append(f"k_schedule = bursts is made for loss = wasserstein; with {loss} a D far ahead may stall G")
    return found
