"""The averaged generator against its formula."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from gantui.core.config import change
from gantui.engine.algorithm import next_update
from gantui.engine.average import AveragedGenerator
from gantui.engine.training import Training

Make = Callable[..., Training]


def test_it_follows_the_formula_with_its_warm_up() -> None:
    torch.manual_seed(0)
    g, decay = nn.Linear(3, 2), 0.9
    average = AveragedGenerator(g)
    expected = [p.detach().clone() for p in g.parameters()]
    for n in range(1, 200):
        with torch.no_grad():
            for p in g.parameters():
                p.add_(torch.randn_like(p))
        average.follow(list(g.parameters()), [], decay, n)
        beta = min(decay, (n + 1) / (n + 10))
        expected = [beta * e + (1 - beta) * p.detach() for e, p in zip(expected, g.parameters(), strict=True)]
        for a, e in zip(average.network.parameters(), expected, strict=True):
            torch.testing.assert_close(a, e)
    assert beta == decay  # by then the warm-up is over


def test_early_on_the_random_start_is_soon_forgotten() -> None:
    g = nn.Linear(1, 1, bias=False)
    nn.init.ones_(g.weight)
    average = AveragedGenerator(g)
    nn.init.zeros_(g.weight)
    for n in range(1, 51):
        average.follow(list(g.parameters()), [], 0.9999, n)
    assert average.network.weight.item() < 1e-4  # with 0.9999 from the start it would be 0.995


def test_buffers_are_copied_not_averaged(make_training: Make) -> None:
    training = make_training(norm_g="batch", ema_decay=0.9)
    for _ in range(6):
        next_update(training)
    g, average = dict(training.g.named_buffers()), dict(training.ema.network.named_buffers())
    assert g.keys() == average.keys()
    assert g["1.num_batches_tracked"] == 6
    next_update(training)  # D's: G's statistics move, the average waits for G's update
    next_update(training)
    assert all(torch.equal(buffer, average[name]) for name, buffer in g.items())
    assert not any(p.requires_grad for p in training.ema.network.parameters())
    assert not training.ema.network.training


def test_it_moves_at_updates_of_g_only_and_n_counts_those(make_training: Make) -> None:
    training = make_training(ema_decay=0.999, k=2)
    before = [p.clone() for p in training.ema.network.parameters()]
    for _ in range(2):
        next_update(training)
    assert all(torch.equal(a, b) for a, b in zip(training.ema.network.parameters(), before, strict=True))
    next_update(training)
    beta = 2 / 11
    for average, old, new in zip(training.ema.network.parameters(), before, training.g_parameters, strict=True):
        torch.testing.assert_close(average, beta * old + (1 - beta) * new)


def test_off_there_is_none_and_samples_come_from_g(make_training: Make) -> None:
    training = make_training(ema_decay=0)
    assert training.ema is None
    assert training.best_generator is training.g


def test_switched_on_it_starts_at_g_and_off_it_is_dropped(make_training: Make) -> None:
    training = make_training(ema_decay=0)
    for _ in range(20):
        next_update(training)
    note = training.adopt(change(training.config, {"ema_decay": 0.99}))
    assert note == "the average of G starts anew"
    assert training.best_generator is not training.g
    for average, p in zip(training.best_generator.parameters(), training.g_parameters, strict=True):
        assert torch.equal(average, p)
        assert average is not p
    kept = training.ema
    assert training.adopt(change(training.config, {"ema_decay": 0.5})) == ""
    assert training.ema is kept
    assert training.adopt(change(training.config, {"ema_decay": 0})) == "the average of G is dropped"
    assert training.best_generator is training.g


@pytest.mark.parametrize("decay", [0.5, 0.999])
def test_of_a_still_generator_the_average_is_that_generator(decay: float) -> None:
    g = nn.Linear(4, 4)
    average = AveragedGenerator(g)
    for n in range(1, 100):
        average.follow(list(g.parameters()), [], decay, n)
    for a, p in zip(average.network.parameters(), g.parameters(), strict=True):
        assert torch.equal(a, p)
