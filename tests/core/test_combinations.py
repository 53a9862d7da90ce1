"""What goes together: refused with the reason, allowed with a warning, or simply fine."""

from typing import Any

import pytest

from gantui.core import presets
from gantui.core.combinations import WITH_TARGETS, warnings
from gantui.core.config import FIELDS, Config, change, validate
from gantui.core.errors import ConfigError

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"k": 0, "g_steps": 0}, "k = 0 and g_steps = 0"),
    ({"update": "simultaneous", "k": 2}, "both must be 1"),
    ({"update": "simultaneous", "g_steps": 0}, "both must be 1"),
    ({"update": "simultaneous", "k_schedule": "bursts"}, "k_schedule = bursts: update = simultaneous has one"),
    ({"batch_size": 1, "norm_g": "batch"}, "batch_size = 1: normalisation"),
    ({"preprocess": "gcn", "output": "tanh"}, "output = tanh: preprocess = gcn"),
    ({"output_bias": "marginals", "network": "mine:pair"}, "brings its own last layer"),
    ({"pretrained": "runs/one"}, "pretrained: is for network = goodfellow_tfd_2; network is auto"),
    ({"constraint_weight": 1.0}, "constraint_weight = 1: needs a constraint"),
    ({"constraint": "r1"}, "constraint = r1 needs a weight above 0"),
    ({"constraint": "clip"}, r"needs a weight above 0 \(usual: 0.01 to 0.1\)"),
    ({"constraint": "r1", "constraint_weight": 1.0, "norm_d": "batch"}, "a penalty per example is undefined"),
    ({"constraint": "r1_r2", "constraint_weight": 1.0, "norm_d": "batch"}, "a penalty per example is undefined"),
    ({"constraint": "gradient_penalty", "constraint_weight": 1.0, "norm_d": "batch"}, "undefined with norm_d = batch"),
    ({"constraint": "clip", "constraint_weight": 0.01, "spectral_norm": True}, "which undoes the clipping"),
    (
        {"constraint": "variance", "constraint_weight": 0.01, "variance_form": "each", "batch_size": 1},
        "batch_size = 1: constraint = variance",
    ),
    ({"condition": "projection", "network": "mypkg.nets:Pair"}, "use none, concat, classifier, or network = auto"),
    ({"condition": "auxiliary", "network": "mypkg.nets:Pair"}, "condition = auxiliary: decides the last layers"),
    ({"condition": "auxiliary", "labels": "none"}, "condition = auxiliary: needs labels; labels is none"),
    *(
        ({"loss": loss, "label_smoothing": 0.1}, f"label_smoothing = 0.1: loss = {loss} has no target to lower")
        for loss in FIELDS["loss"].choices
        if loss not in WITH_TARGETS
    ),
]

ODD: list[tuple[dict[str, Any], str]] = [
    ({"condition": "auxiliary", "spectral_norm": True, "loss": "hinge"}, "the head that recognises labels is held too"),
    ({"loss": "wasserstein"}, "D's scores grow without bound"),
    ({"loss": "hinge", "constraint": "clip", "constraint_weight": 0.01}, "is made for loss = wasserstein, not hinge"),
    ({"constraint": "variance", "constraint_weight": 0.01}, "is made for loss = wasserstein, not non_saturating"),
    ({"loss": "wasserstein", "constraint": "clip", "constraint_weight": 1.0}, "clip at ±1 hardly holds D"),
    ({"loss": "wasserstein", "constraint": "variance", "constraint_weight": 1.0}, "may oscillate"),
    ({"constraint": "gradient_penalty", "constraint_weight": 1.0, "spectral_norm": True}, "one of them is enough"),
    ({"condition": "auxiliary", "condition_weight": 0.0}, "nothing tells G to obey its labels"),
    ({"k_schedule": "bursts"}, "k_schedule = bursts is made for loss = wasserstein"),
]

FINE: list[dict[str, Any]] = [
    {},
    *({"loss": loss, "label_smoothing": 0.1} for loss in WITH_TARGETS),
    {"loss": "wasserstein", "constraint": "clip", "constraint_weight": 0.01, "norm_d": "batch", "k_schedule": "bursts"},
    {"loss": "wasserstein", "constraint": "gradient_penalty", "constraint_weight": 10.0, "dropout_hidden": 0.5},
    {"loss": "wasserstein", "constraint": "variance", "constraint_weight": 1e-6, "norm_d": "batch"},
    {"loss": "wasserstein", "spectral_norm": True},
    *({"condition": condition} for condition in FIELDS["condition"].choices),
    {"condition": "concat", "condition_weight": 0.0},
    {"loss": "hinge", "spectral_norm": True},
    {"loss": "relativistic", "constraint": "r1_r2", "constraint_weight": 0.02},
    {"loss": "non_saturating", "constraint": "gradient_penalty", "constraint_weight": 0.1},
]


@pytest.mark.parametrize(("values", "reason"), REFUSED, ids=str)
def test_what_makes_no_sense_is_refused_with_the_reason(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        validate(values)
    assert any(name in str(caught.value) for name in values)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize(("values", "said"), ODD, ids=str)
def test_what_is_odd_is_allowed_with_a_warning(values: dict[str, Any], said: str) -> None:
    (warning,) = warnings(validate(values))
    assert said in warning


@pytest.mark.parametrize("values", FINE, ids=str)
def test_what_belongs_together_is_passed_over(values: dict[str, Any]) -> None:
    assert warnings(validate(values)) == []


@pytest.mark.parametrize("name", presets.names())
def test_no_shipped_preset_is_odd(name: str) -> None:
    assert warnings(presets.load(name).config()) == []


def test_a_live_change_is_held_to_the_same() -> None:
    smoothed = validate({"label_smoothing": 0.1})
    with pytest.raises(ConfigError, match="no target to lower"):
        change(smoothed, {"loss": "hinge"})
    assert change(smoothed, {"loss": "hinge", "label_smoothing": 0.0}).loss == "hinge"
    assert warnings(change(Config(), {"loss": "wasserstein"}))
