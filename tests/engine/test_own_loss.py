"""A loss of the user's own: what it must offer, and that it trains as gantui's own do."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gantui.core.config import change
from gantui.core.errors import ConfigError
from gantui.core.events import ObjectiveFacts
from gantui.engine.algorithm import next_update
from gantui.engine.objectives import OBJECTIVES, available
from gantui.engine.own_loss import OwnObjective
from gantui.engine.training import Training, digest

SOFT = """
from torch.nn.functional import softplus

class Soft:
    probability = True
    equilibrium = {"loss_d": 1.386}

    def d_loss(self, real, fake):
        return softplus(-real).mean() + softplus(fake).mean()

    def g_loss(self, fake):
        return softplus(-fake).mean()
"""
PAIRED = """
from torch.nn.functional import softplus

class _Paired:
    compares = True

    def d_loss(self, real, fake):
        return softplus(fake - real).mean()

    def g_loss(self, fake, real):
        return softplus(real - fake).mean()

paired = _Paired()
"""
GOOD = {"d_loss": "real.mean() + fake.mean()", "g_loss": "fake.mean()"}

Make = Callable[..., Training]
Write = Callable[..., None]


def _digest(training: Training, updates: int) -> str:
    for _ in range(updates):
        next_update(training)
    return digest({**training.snapshot(), "live": {}})  # all but the names of the settings


def test_the_facts_for_viewers(write_module: Write) -> None:
    write_module(SOFT + PAIRED)
    soft, paired = OwnObjective("mine:Soft"), OwnObjective("mine:paired")
    assert soft.facts == ObjectiveFacts(name="mine:Soft", probability=True, equilibrium={"loss_d": 1.386})
    assert paired.facts == ObjectiveFacts(name="mine:paired", probability=False, score_range=None)
    assert paired.compares and not soft.compares


@pytest.mark.parametrize(
    ("own", "built_in", "settings"),
    [
        ("mine:Soft", "non_saturating", {}),
        ("mine:Soft", "non_saturating", {"update": "simultaneous"}),
        ("mine:paired", "relativistic", {}),
        ("mine:paired", "relativistic", {"constraint": "r1_r2", "constraint_weight": 0.1}),
    ],
)
def test_it_trains_to_the_bit_as_the_same_loss_of_gantui(
    write_module: Write, make_training: Make, own: str, built_in: str, settings: dict[str, Any]
) -> None:
    write_module(SOFT + PAIRED)
    assert _digest(make_training(loss=own, **settings), 6) == _digest(make_training(loss=built_in, **settings), 6)


def test_only_the_loss_of_the_start_can_be_switched_to(write_module: Write, make_training: Make) -> None:
    write_module(SOFT + PAIRED)
    training = make_training(loss="mine:Soft")
    for loss in ("hinge", "mine:Soft", "mine:Soft"):
        training.adopt(change(training.config, {"loss": loss}))
    other = change(training.config, {"loss": "mine:paired", "k": 3})
    with pytest.raises(ConfigError, match=r"loss = mine:paired: a loss of your own is chosen when .* mine:Soft$"):
        training.adopt(other)
    assert (training.config.loss, training.config.k) == ("mine:Soft", 1)


def test_no_command_and_no_checkpoint_makes_a_module_be_imported(
    write_module: Write, make_training: Make, tmp_path: Any
) -> None:
    write_module("open('imported', 'w').close()")
    training = make_training(loss="hinge")
    with pytest.raises(ConfigError, match="chosen when a run starts"):
        training.adopt(change(training.config, {"loss": "mine:Soft"}))
    snapshot = training.snapshot()
    snapshot["live"]["loss"] = "mine:Soft"
    with pytest.raises(ConfigError, match="chosen when a run starts"):
        training.restore(snapshot)
    assert not (tmp_path / "imported").exists()


def test_a_run_can_be_restored_with_its_own_loss_or_another(write_module: Write, make_training: Make) -> None:
    write_module(SOFT)
    training, again = make_training(loss="mine:Soft"), make_training(loss="mine:Soft")
    for loss in ("mine:Soft", "wasserstein"):
        training.adopt(change(training.config, {"loss": loss}))
        again.restore(training.snapshot())
        assert again.objective.facts.name == again.config.loss == loss


def test_gantuis_own_are_there_anyway(config_of: Any) -> None:
    assert available(config_of()) == OBJECTIVES


def _class(**bodies: str) -> str:
    methods = {"d_loss": "(self, real, fake)", "g_loss": "(self, fake)"}
    lines = ["import torch", "class Loss:", "    pass"]
    lines += [f"    {name} = {body}" for name, body in bodies.items() if name not in methods]
    for name, arguments in methods.items():
        if body := (GOOD | bodies)[name]:
            lines += [f"    def {name}{arguments}:", f"        return {body}"]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Loss = 3", "has no method d_loss; a loss needs d_loss(real, fake) and g_loss(fake)"),
        ("import math as Loss", "has no method d_loss"),
        (_class(g_loss=""), "has no method g_loss"),
        ("class Loss:\n    def __init__(self, k): ...", "making it raised TypeError"),
        (_class(d_loss="real"), "d_loss returned Tensor of shape (4,), torch.float32; must be a scalar tensor"),
        (_class(d_loss="3.0"), "d_loss returned float; must be a scalar tensor, such as a mean"),
        (_class(g_loss="None"), "g_loss returned NoneType"),
        (_class(g_loss="fake.detach().mean()"), "g_loss doesn't depend on the scores of samples"),
        (_class(d_loss="real.log().mean()"), "d_loss is nan for scores from -1 to 1; must be finite"),
        (_class(d_loss="real[7]"), "d_loss for 4 scores of data and of samples raised IndexError"),
        (_class(compares="True"), "g_loss for 4 scores raised TypeError"),
        (_class(compares="1"), "its compares is a int; must be true or false"),
        (_class(probability="'yes'"), "its probability is a str; must be true or false"),
        (_class(equilibrium="{'loss_d': 'log 4'}"), "its equilibrium is a dict; must be names and numbers"),
        (_class(equilibrium="{'loss_d': float('nan')}"), "its equilibrium must hold finite numbers only"),
    ],
)
def test_what_a_loss_must_be(write_module: Write, source: str, expected: str) -> None:
    write_module(source)
    with pytest.raises(ConfigError) as caught:
        OwnObjective("mine:Loss")
    assert str(caught.value).startswith("loss = 'mine:Loss': ") and expected in str(caught.value)


def test_trying_it_out_draws_nothing_and_works_where_gradients_are_off(write_module: Write) -> None:
    write_module(_class(d_loss="(real - fake * torch.rand(4)).mean() + torch.rand(())"))
    torch.manual_seed(3)
    before = torch.get_rng_state()
    with torch.no_grad():
        OwnObjective("mine:Loss")
    assert torch.equal(torch.get_rng_state(), before)
