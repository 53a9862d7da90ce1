"""Categories in G's samples: Gumbel-softmax, beside numbers, and noise that leaves training's alone."""

import pytest
import torch

from gantui.engine.networks.layers import GumbelSoftmax, Mixed, Shares, set_temperature
from gantui.engine.noise import own_noise

CPU = torch.device("cpu")


def test_evaluation_draws_each_category_as_often_as_its_share():
    shares = torch.tensor([0.6, 0.3, 0.1])
    drawn = GumbelSoftmax(0.2).eval()(shares.log().expand(40_000, 3))
    assert ((drawn == 0) | (drawn == 1)).all()
    assert (drawn.sum(1) == 1).all()
    assert torch.allclose(drawn.mean(0), shares, atol=0.01)  # 4 standard errors


def test_training_stays_inside_the_simplex_and_comes_closer_to_one_hot_when_it_is_cold():
    logits = torch.randn(2_000, 4)
    warm, cold = GumbelSoftmax(2.0)(logits), GumbelSoftmax(0.1)(logits)
    for points in (warm, cold):
        assert torch.allclose(points.sum(1), torch.ones(2_000), atol=1e-5)
        assert (points >= 0).all()
    assert cold.max(1).values.mean() > 0.95 > 0.8 > warm.max(1).values.mean()
    # at any temperature the largest is a sample of the category
    assert torch.allclose((cold.argmax(1) == 0).float().mean(), logits.softmax(1)[:, 0].mean(), atol=0.05)


def test_gradients_pass_and_extremes_stay_finite():
    logits = torch.tensor([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
    torch.manual_seed(0)
    GumbelSoftmax(0.5)(logits)[:, 0].sum().backward()
    assert logits.grad.isfinite().all()
    assert logits.grad[1].abs().sum() > 0


@pytest.mark.parametrize(("soft", "hard"), [(Shares(), Shares(True)), (GumbelSoftmax(0.7), GumbelSoftmax(0.7, True))])
def test_straight_through_d_sees_one_hot_and_g_gets_the_gradients_of_shares(soft, hard):
    logits = torch.randn(50, 4, 3, requires_grad=True)
    towards = torch.randn(50, 4, 3)
    seen, gradients = [], []
    for layer in (soft, hard):
        torch.manual_seed(1)
        seen.append(layer(logits))
        gradients.append(torch.autograd.grad((seen[-1] * towards).sum(), logits)[0])
    assert torch.equal(gradients[0], gradients[1])
    assert torch.allclose(seen[1], torch.nn.functional.one_hot(seen[0].argmax(1), 4).movedim(-1, 1).float(), atol=1e-6)


def test_numbers_and_categories_side_by_side():
    layer = Mixed("tanh", (2, 3), 0.2, straight_through=False).eval()
    x = torch.randn(50, 9) * 3
    y = layer(x)
    assert torch.equal(y[:, :4], x[:, :4].tanh())
    assert (y[:, 4:6].sum(1) == 1).all()
    assert (y[:, 6:].sum(1) == 1).all()
    set_temperature(layer, 5.0)
    assert layer.categories.temperature == 5.0


def test_categories_along_the_second_dimension():
    y = GumbelSoftmax(0.2).eval()(torch.randn(3, 5, 7))
    assert torch.equal(y.sum(1), torch.ones(3, 7))


@pytest.mark.parametrize("seed", [0, 7])
def test_own_noise_is_decided_by_its_seed_and_moves_nothing(seed):
    before = torch.get_rng_state()
    with own_noise(seed, CPU):
        first = torch.rand(4)
    with own_noise(seed, CPU):
        again = torch.rand(4)
    with own_noise(seed + 1, CPU):
        other = torch.rand(4)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)
