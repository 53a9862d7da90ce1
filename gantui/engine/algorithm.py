"""Algorithm 1 of Goodfellow et al. 2014: the updates of D and of G, nothing else.

One iteration is k times {fresh noise, fresh data, one update of D}, then g_steps times {fresh noise, one
update of G}; a loss of G that compares samples with data gets fresh data too. `simultaneous` is the update of
the authors' own code instead: one shared batch of samples.

Under a condition samples take the labels of the data they are held against, so that losses of pairs, and points
between data and samples, have one label; where there are none, labels are drawn as the data has them.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from gantui.engine import conditions
from gantui.engine.conditions import Discriminator, Rows
from gantui.engine.constraints import TINY, Judged, Numbers
from gantui.engine.noise import own_noise
from gantui.engine.training import Training

BURST = 100  # updates of D in the iterations that k_schedule = bursts gives to D (Arjovsky et al. 2017, their code)
FIRST_BURSTS, BURST_EVERY = 25, 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an update computed anyway, still on the device: losses are scalars, scores (B,) raw outputs of D.

    `real` is None in an update of G; `gradient_norm_*` only where it was asked for; `numbers` are those of
    constraint and condition.
    """

    fake: Tensor
    real: Tensor | None = None
    loss_d: Tensor | None = None
    loss_g: Tensor | None = None
    gradient_norm_d: Tensor | None = None
    gradient_norm_g: Tensor | None = None
    fake_after: Tensor | None = None
    numbers: Numbers = field(default_factory=dict)


def begin_iteration(training: Training) -> None:
    """Freeze the order of updates of the next iteration, and set the pace of its step."""
    config = training.config
    simultaneous = config.update == "simultaneous"
    training.remaining = "s" if simultaneous else "d" * _updates_of_d(training) + "g" * config.g_steps
    training.began_at = training.batches.position
    training.set_pace()


def next_update(training: Training, measure: bool = False) -> Outcome:
    """Do the next network update of the present iteration; with the last one the iteration is complete.

    `measure` also takes what costs extra work: gradient norms, and D(G(z)) after G's update.
    """
    if not training.remaining:
        begin_iteration(training)
    which, training.remaining = training.remaining[0], training.remaining[1:]
    outcome = UPDATES[which](training, measure)
    if not training.remaining:
        training.step += 1
    return outcome


def update_discriminator(training: Training, measure: bool = False) -> Outcome:
    """One ascent of D on V(D, G) with fresh noise and fresh data; G is not tracked."""
    config = training.config
    real, rows = training.next_data(config.batch_size)
    with torch.no_grad():
        fake = training.generate(training.draw_latents(config.batch_size), rows)
    d = training.discriminator(config.batch_size, rows)
    judged = _judge(training, d, real, fake)
    loss = training.objective.d_loss(judged.real, judged.fake, config.label_smoothing)
    missed, numbers = conditions.cost_to_d(training, d, rows, measure)

    training.opt_d.zero_grad()
    _total(loss, judged.cost, missed).backward()
    gradient_norm = _gradient_norm(training.d_parameters) if measure else None
    numbers |= _step_d(training, judged, measure) | conditions.teach(training, real, rows, measure)
    return Outcome(
        judged.fake.detach(),
        real=judged.real.detach(),
        loss_d=loss.detach(),
        gradient_norm_d=gradient_norm,
        numbers=numbers,
    )


def update_generator(training: Training, measure: bool = False) -> Outcome:
    """One descent of G on its loss with fresh noise; D is frozen, so no gradients of it are formed."""
    config = training.config
    _track(training.d_parameters, False)
    if training.objective.compares:
        real, rows = training.next_data(config.batch_size)
    else:
        real, rows = None, training.draw_rows(config.batch_size)
    z = training.draw_latents(config.batch_size)
    fake = training.generate(z, rows)
    d = training.discriminator(config.batch_size, rows)
    fake_score = d(_noisy(training, fake))
    loss = training.objective.g_loss(fake_score, _scores_to_compare(training, d, real))
    missed, numbers = conditions.cost_to_g(training, d.logits(0), fake, rows, measure)

    training.opt_g.zero_grad()
    _total(loss, missed).backward()
    _track(training.d_parameters, True)
    gradient_norm = _gradient_norm(training.g_parameters) if measure else None
    numbers |= _step_g(training, measure)
    numbers |= _infer(training, fake, z, rows)
    return Outcome(
        fake_score.detach(),
        loss_g=loss.detach(),
        gradient_norm_g=gradient_norm,
        fake_after=scores_of_samples(training, z, rows) if measure else None,
        numbers=numbers,
    )


def update_simultaneously(training: Training, measure: bool = False) -> Outcome:
    """Both networks step on gradients of one graph: the same samples, D's dropout with the same mask."""
    config = training.config
    real, rows = training.next_data(config.batch_size)
    z = training.draw_latents(config.batch_size)
    fake = training.generate(z, rows)
    d = training.discriminator(config.batch_size, rows)
    judged = _judge(training, d, real, fake)
    loss_d = training.objective.d_loss(judged.real, judged.fake, config.label_smoothing)
    loss_g = training.objective.g_loss(judged.fake, judged.real)
    missed_by_d, numbers = conditions.cost_to_d(training, d, rows, measure)
    missed_by_g, more = conditions.cost_to_g(training, d.logits(1), fake, rows, measure)
    numbers |= more

    _set_gradients(training.d_parameters, _total(loss_d, judged.cost, missed_by_d), retain=True)
    _set_gradients(training.g_parameters, _total(loss_g, missed_by_g), retain=False)
    norm_d = _gradient_norm(training.d_parameters) if measure else None
    norm_g = _gradient_norm(training.g_parameters) if measure else None
    numbers |= _step_d(training, judged, measure) | conditions.teach(training, real, rows, measure)
    numbers |= _step_g(training, measure)
    numbers |= _infer(training, fake, z, rows)
    return Outcome(
        judged.fake.detach(),
        real=judged.real.detach(),
        loss_d=loss_d.detach(),
        loss_g=loss_g.detach(),
        gradient_norm_d=norm_d,
        gradient_norm_g=norm_g,
        fake_after=scores_of_samples(training, z, rows) if measure else None,
        numbers=numbers,
    )


UPDATES = {"d": update_discriminator, "g": update_generator, "s": update_simultaneously}


@torch.no_grad()
def scores_of_samples(training: Training, z: Tensor, rows: Rows) -> Tensor:
    """Return D(G(z)) (B,) of z (B, z_dim) in evaluation mode: no dropout, no change of any state."""
    with own_noise(training.g_updates, z.device):
        x = in_evaluation_mode(training.g, *conditions.inputs(z, training.labels, rows))
    return in_evaluation_mode(training.d, *training.inputs_of_d(x, rows))


def in_evaluation_mode(network: nn.Module, *inputs: Tensor) -> Tensor:
    """Return network(*inputs) without dropout and with the stored statistics; its mode is put back."""
    was_training = network.training
    network.eval()
    try:
        output: Tensor = network(*inputs)
        return output
    finally:
        network.train(was_training)


def _updates_of_d(training: Training) -> int:
    bursts = training.config.k_schedule == "bursts"
    if bursts and (training.step < FIRST_BURSTS or training.step % BURST_EVERY == 0):
        return BURST
    return training.config.k


def _judge(training: Training, d: Discriminator, real: Tensor, fake: Tensor) -> Judged:
    """Return what D, under its constraint, makes of data and samples."""
    return training.constraint.judge(training, d, _noisy(training, real), _noisy(training, fake))


def _total(loss: Tensor, *costs: Tensor | None) -> Tensor:
    return sum((cost for cost in costs if cost is not None), loss)


def _step_d(training: Training, judged: Judged, measure: bool) -> Numbers:
    """Move D by its gradients; returns the numbers of its constraint, to `measure` also `update_ratio_d`."""
    before = _copies(training.d_parameters) if measure else []
    training.opt_d.step()
    training.d_updates += 1
    numbers = judged.numbers | training.constraint.after_step(training, judged, measure)
    return numbers | ({"update_ratio_d": _update_ratio(before, training.d_parameters)} if measure else {})


def _step_g(training: Training, measure: bool) -> Numbers:
    """Move G by its gradients, and its average after it; returns, to `measure`, `update_ratio_g`."""
    before = _copies(training.g_parameters) if measure else []
    training.opt_g.step()
    training.g_updates += 1
    if training.ema:
        decay, n = training.config.ema_decay, training.g_updates
        training.ema.follow(training.g_parameters, training.g_buffers, decay, n)
    return {"update_ratio_g": _update_ratio(before, training.g_parameters)} if measure else {}


@torch.no_grad()
def _scores_to_compare(training: Training, d: Discriminator, real: Tensor | None) -> Tensor | None:
    """Return D's scores (B,) of the data that G's loss compares with, if any; they are constants to G."""
    return None if real is None else d(_noisy(training, real))


def _noisy(training: Training, x: Tensor) -> Tensor:
    """Add instance noise (Sønderby et al. 2017), if there is any, to what D sees."""
    if not (deviation := training.config.instance_noise):
        return x
    noise = torch.randn(x.shape, generator=training.noise, device=x.device)
    return torch.add(x, noise, alpha=deviation)


def _infer(training: Training, fake: Tensor, z: Tensor, rows: Rows) -> Numbers:
    """Let the encoder, if there is one, learn from the samples of an update of G."""
    if training.encoder is None:
        return {}
    condition = conditions.inputs(z, training.labels, rows)[1:]
    return {"loss_e": training.encoder.learn(training.best_generator, fake.detach(), z, condition)}


def _track(parameters: list[nn.Parameter], tracked: bool) -> None:
    for parameter in parameters:
        parameter.requires_grad_(tracked)


def _set_gradients(parameters: list[nn.Parameter], loss: Tensor, retain: bool) -> None:
    gradients = torch.autograd.grad(loss, parameters, retain_graph=retain)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient


def _gradient_norm(parameters: list[nn.Parameter]) -> Tensor:
    """Return the Euclidean norm of all gradients together, a scalar."""
    return _norm([p.grad for p in parameters if p.grad is not None])


def _copies(parameters: list[nn.Parameter]) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in parameters]


@torch.no_grad()
def _update_ratio(before: list[Tensor], parameters: list[nn.Parameter]) -> Tensor:
    """Return ‖Δw‖/‖w‖ of an update, over all weights together, a scalar; 0/0 is 0. `before` is used up."""
    size = _norm(before)
    torch._foreach_sub_(before, [parameter.detach() for parameter in parameters])
    return _norm(before) / size.clamp_min(TINY)


def _norm(tensors: list[Tensor]) -> Tensor:
    norms: Tensor = torch.stack(torch._foreach_norm(tensors))
    return norms.square().sum().sqrt()
