"""Algorithm 1, update by update: what moves, what does not, and which noise and data each update sees."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gantui.engine import algorithm
from gantui.engine.algorithm import next_update, update_discriminator, update_generator
from gantui.engine.objectives import OBJECTIVES
from gantui.engine.training import Training, digest

Make = Callable[..., Training]


def _copy(module: nn.Module) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in module.named_parameters()}


def _same(module: nn.Module, before: dict[str, Tensor]) -> bool:
    return all(torch.equal(p, before[name]) for name, p in module.named_parameters())


class Record:
    """Notes what passes through G and D, and which latents and data are drawn."""

    def __init__(self, training: Training) -> None:
        self.z: list[Tensor] = []
        self.real: list[Tensor] = []
        self.fakes: list[Tensor] = []
        self.judged: list[Tensor] = []
        draw, take = training.draw_latents, training.batches.next
        training.draw_latents = lambda count: self._note(self.z, draw(count))  # type: ignore[method-assign]
        training.batches.next = lambda m: self._note(self.real, take(m))  # type: ignore[method-assign]
        training.g.register_forward_hook(lambda _m, _i, out: self._note(self.fakes, out))
        training.d.register_forward_pre_hook(lambda _m, args: (self._note(self.judged, args[0]),))

    @staticmethod
    def _note(notes: list[Tensor], x: Tensor) -> Tensor:
        notes.append(x.detach().clone())
        return x


def _distinct(batches: list[Tensor]) -> bool:
    return all(not torch.equal(a, b) for i, a in enumerate(batches) for b in batches[:i])


SETTINGS = [{}, {"dropout_hidden": 0.5}, {"spectral_norm": True}, {"instance_noise": 0.1}, {"norm_d": "batch"}]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_an_update_of_g_leaves_d_and_its_gradients_as_they_were(
    make_training: Make, settings: dict[str, object]
) -> None:
    training = make_training(**settings)
    update_generator(training)
    assert all(p.grad is None for p in training.d_parameters)
    assert all(p.requires_grad for p in training.d_parameters)
    update_discriminator(training)
    gradients, weights = [p.grad.clone() for p in training.d_parameters], _copy(training.d)
    update_generator(training)
    assert _same(training.d, weights)
    assert all(torch.equal(p.grad, g) for p, g in zip(training.d_parameters, gradients, strict=True))


@pytest.mark.parametrize("settings", [*SETTINGS, {"constraint": "r1_r2", "constraint_weight": 1.0}], ids=str)
def test_an_update_of_d_leaves_g_alone(make_training: Make, settings: dict[str, object]) -> None:
    training = make_training(**settings)
    weights = _copy(training.g)
    update_discriminator(training)
    assert _same(training.g, weights)
    assert all(p.grad is None for p in training.g_parameters)


def test_each_update_moves_its_own_network(make_training: Make) -> None:
    training = make_training()
    g, d = _copy(training.g), _copy(training.d)
    update_discriminator(training)
    assert not _same(training.d, d)
    update_generator(training)
    assert not _same(training.g, g)
    assert (training.d_updates, training.g_updates) == (1, 1)


def test_every_update_draws_fresh_noise_and_every_update_of_d_fresh_data(make_training: Make) -> None:
    training = make_training(k=3, g_steps=2)
    record = Record(training)
    for _ in range(10):
        next_update(training)
    assert len(record.z) == 10
    assert len(record.real) == 6
    assert _distinct(record.z)
    assert _distinct(record.real)
    assert training.batches.position == 6 * 8


def test_the_order_is_k_times_d_then_g_steps_times_g(make_training: Make) -> None:
    training = make_training(k=3, g_steps=2)
    seen = []
    for _ in range(10):
        outcome = next_update(training)
        seen.append(("d" if outcome.real is not None else "g", training.step))
    assert seen == [*[("d", 0)] * 3, ("g", 0), ("g", 1), *[("d", 1)] * 3, ("g", 1), ("g", 2)]
    assert (training.cursor.d_updates, training.cursor.g_updates, training.cursor.update) == (6, 4, 10)


@pytest.mark.parametrize(("k", "g_steps", "order"), [(0, 2, "gg"), (2, 0, "dd"), (1, 1, "dg")])
def test_one_of_k_and_g_steps_may_be_zero(make_training: Make, k: int, g_steps: int, order: str) -> None:
    training = make_training(k=k, g_steps=g_steps)
    for _ in range(3 * len(order)):
        next_update(training)
    assert (training.step, training.remaining) == (3, "")
    assert (training.d_updates, training.g_updates) == (3 * k, 3 * g_steps)


def test_k_and_g_steps_are_frozen_while_an_iteration_runs(
    make_training: Make, config_of: Callable[..., object]
) -> None:
    training = make_training(k=2, g_steps=1)
    next_update(training)
    training.adopt(config_of(k=5, g_steps=3))  # type: ignore[arg-type]
    next_update(training)
    next_update(training)
    assert (training.step, training.d_updates, training.g_updates) == (1, 2, 1)
    for _ in range(8):
        next_update(training)
    assert (training.step, training.d_updates, training.g_updates) == (2, 7, 4)


def test_d_descends_on_the_loss_of_this_data_and_these_samples(make_training: Make) -> None:
    training = make_training()
    record = Record(training)
    d = _copy(training.d)
    outcome = update_discriminator(training)
    gradients = [p.grad.clone() for p in training.d_parameters]
    training.d.load_state_dict(d)
    training.d.zero_grad()
    real, fake = training.d(record.real[0]), training.d(record.fakes[0])
    loss = training.objective.d_loss(real, fake)
    loss.backward()
    torch.testing.assert_close(outcome.loss_d, loss.detach())
    torch.testing.assert_close(outcome.real, real.detach())
    torch.testing.assert_close(outcome.fake, fake.detach())
    for p, gradient in zip(training.d_parameters, gradients, strict=True):
        torch.testing.assert_close(gradient, p.grad)


@pytest.mark.parametrize("loss", OBJECTIVES)
def test_g_descends_on_the_loss_of_its_samples(make_training: Make, loss: str) -> None:
    training = make_training(loss=loss)
    record = Record(training)
    g = _copy(training.g)
    outcome = update_generator(training, measure=True)
    gradients = [p.grad.clone() for p in training.g_parameters]
    after = training.d(training.g(record.z[0])).detach()
    training.g.load_state_dict(g)
    training.g.zero_grad()
    real = training.d(record.real[0]).detach() if loss == "relativistic" else None
    expected = training.objective.g_loss(training.d(training.g(record.z[0])), real)
    expected.backward()
    torch.testing.assert_close(outcome.loss_g, expected.detach())
    for p, gradient in zip(training.g_parameters, gradients, strict=True):
        torch.testing.assert_close(gradient, p.grad)
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    torch.testing.assert_close(outcome.gradient_norm_g, norm)
    torch.testing.assert_close(outcome.fake_after, after)


@pytest.mark.parametrize("loss", OBJECTIVES)
def test_only_a_loss_of_g_that_compares_takes_data_from_the_order(make_training: Make, loss: str) -> None:
    training = make_training(loss=loss, k=2, g_steps=3)
    record = Record(training)
    for _ in range(10):
        next_update(training)
    compared = 6 if loss == "relativistic" else 0
    assert len(record.real) == 4 + compared
    assert _distinct(record.real)
    assert training.batches.position == 8 * len(record.real)


@pytest.mark.parametrize("settings", [*SETTINGS, {"instance_noise": 0.5}], ids=str)
def test_data_is_a_constant_in_the_relativistic_update_of_g(make_training: Make, settings: dict[str, object]) -> None:
    """D sees it as it sees the samples (dropout, noise), and nothing of D moves."""
    training = make_training(loss="relativistic", **settings)
    record = Record(training)
    weights = _copy(training.d)
    outcome = update_generator(training)
    assert outcome.real is None
    assert _same(training.d, weights)
    assert all(p.grad is None and p.requires_grad for p in training.d_parameters)
    assert torch.equal(record.judged[1], record.real[0]) is not ("instance_noise" in settings)


def test_bursts_give_d_100_updates_in_the_first_25_iterations_and_each_500th(make_training: Make) -> None:
    training = make_training(k=3, k_schedule="bursts")
    lengths = {}
    for step in (0, 1, 24, 25, 499, 500, 501, 1000):
        training.step = step
        algorithm.begin_iteration(training)
        lengths[step] = len(training.remaining) - 1
        assert training.remaining == "d" * lengths[step] + "g"
    assert lengths == {0: 100, 1: 100, 24: 100, 25: 3, 499: 3, 500: 100, 501: 3, 1000: 100}


@pytest.mark.parametrize("loss", OBJECTIVES)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_simultaneous_update_takes_both_gradients_from_one_graph(
    make_training: Make, dropout: float, loss: str
) -> None:
    """One batch of samples, one mask of dropout, and D's step comes after G's gradient was taken."""
    settings = {"update": "simultaneous", "dropout_hidden": dropout, "instance_noise": 0.1, "loss": loss}
    training, twin = make_training(**settings), make_training(**settings)
    assert training.data is twin.data
    record = Record(training)
    noise, default = twin.noise.get_state(), torch.get_rng_state()
    outcome = next_update(training)
    assert len(record.z) == len(record.real) == len(record.judged) == 1

    def graph() -> tuple[Tensor, Tensor]:
        twin.noise.set_state(noise)
        torch.set_rng_state(default)
        fake = twin.g(twin.draw_latents(8))
        judged = algorithm._judge(twin, twin.discriminator(8, None), record.real[0], fake)
        return judged.real, judged.fake

    real_score, fake_score = graph()
    loss_d = twin.objective.d_loss(real_score, fake_score)
    expected_d = torch.autograd.grad(loss_d, twin.d_parameters)
    real_score, fake_score = graph()
    loss_g = twin.objective.g_loss(fake_score, real_score)
    expected_g = torch.autograd.grad(loss_g, twin.g_parameters)
    torch.testing.assert_close(outcome.loss_d, loss_d.detach())
    torch.testing.assert_close(outcome.loss_g, loss_g.detach())
    for p, gradient in zip(training.d_parameters, expected_d, strict=True):
        torch.testing.assert_close(p.grad, gradient)
    for p, gradient in zip(training.g_parameters, expected_g, strict=True):
        torch.testing.assert_close(p.grad, gradient)
    assert (training.step, training.d_updates, training.g_updates) == (1, 1, 1)


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_d_gets_data_and_samples_in_one_batch_unless_it_looks_at_batches(make_training: Make, update: str) -> None:
    a, b = make_training(update=update), make_training(update=update, norm_d="batch")
    together, apart = Record(a), Record(b)
    next_update(a)
    next_update(b)
    assert [len(x) for x in together.judged] == [16]
    assert [len(x) for x in apart.judged] == [8, 8]
    assert torch.equal(apart.judged[0], apart.real[0])
    assert torch.equal(apart.judged[1], apart.fakes[0])


def test_instance_noise_has_its_deviation_on_data_and_samples_in_both_updates(make_training: Make) -> None:
    training = make_training(instance_noise=0.5, batch_size=2000)
    record = Record(training)
    next_update(training)
    next_update(training)
    clean = [torch.cat([record.real[0], record.fakes[0]]), record.fakes[1]]
    for seen, true in zip(record.judged, clean, strict=True):
        for noise in (seen - true).split(2000):
            assert noise.std().item() == pytest.approx(0.5, rel=0.05)
            assert noise.mean().abs() < 0.05


def test_g_and_d_train_in_training_mode_and_measuring_changes_no_mode(make_training: Make) -> None:
    training = make_training(dropout_hidden=0.5, norm_g="batch", norm_d="batch")
    for _ in range(4):
        next_update(training, measure=True)
        assert all(m.training for network in (training.g, training.d) for m in network.modules())


@pytest.mark.parametrize(
    "settings", [{"dropout_hidden": 0.5, "norm_d": "batch", "norm_g": "batch"}, {"spectral_norm": True}]
)
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_measuring_moves_nothing(make_training: Make, settings: dict[str, object], update: str) -> None:
    a = make_training(update=update, **settings)
    for _ in range(6):
        next_update(a, measure=True)
    end_a = [t.clone() for t in [*a.g.state_dict().values(), *a.d.state_dict().values()]]
    chance = torch.get_rng_state()
    b = make_training(update=update, **settings)
    for _ in range(6):
        next_update(b)
    end_b = [*b.g.state_dict().values(), *b.d.state_dict().values()]
    assert all(torch.equal(x, y) for x, y in zip(end_a, end_b, strict=True))
    assert torch.equal(chance, torch.get_rng_state())


def test_latents_have_unit_variance_either_way(make_training: Make) -> None:
    normal, uniform = (make_training(z_dist=dist).draw_latents(20_000) for dist in ("normal", "uniform"))
    for z in (normal, uniform):
        assert z.shape == (20_000, 4)
        assert z.mean().abs() < 0.02
        assert z.std().item() == pytest.approx(1, abs=0.02)
    assert uniform.abs().max() <= 3**0.5
    assert normal.abs().max() > 3


@pytest.mark.parametrize("z_dist", ["normal", "uniform"])
def test_preview_latents_are_not_what_training_draws(make_training: Make, z_dist: str) -> None:
    training = make_training(z_dist=z_dist)
    drawn = {tuple(row.tolist()) for row in training.draw_latents(1024)}
    assert not drawn & {tuple(row.tolist()) for row in training.latents}


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_an_update_is_told_over_the_weights_it_moves_and_measuring_moves_nothing(
    make_training: Make, update: str
) -> None:
    training, unmeasured = make_training(update=update), make_training(update=update)
    found = {}
    before = {"d": _copy(training.d), "g": _copy(training.g)}
    for _ in range(1 if update == "simultaneous" else 2):
        found |= next_update(training, measure=True).numbers
        assert not next_update(unmeasured).numbers.keys() & {"update_ratio_d", "update_ratio_g"}
    for name, network in (("d", training.d), ("g", training.g)):
        moved = torch.cat([(p.detach() - before[name][key]).flatten() for key, p in network.named_parameters()])
        weights = torch.cat([p.flatten() for p in before[name].values()])
        assert float(found[f"update_ratio_{name}"]) == pytest.approx(float(moved.norm() / weights.norm()), rel=1e-5)
    assert digest(training.snapshot()) == digest(unmeasured.snapshot())
