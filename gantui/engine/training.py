"""Everything that moves while a GAN trains, and its snapshots: what a checkpoint holds."""

import copy
import hashlib
from collections.abc import Iterator, Mapping
from math import inf, isqrt, prod
from typing import Any

import msgspec
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gantui.core.combinations import PER_EXAMPLE, TAKEN_BY_D
from gantui.core.config import FIELDS, Config
from gantui.core.errors import ConfigError
from gantui.core.events import Cursor
from gantui.core.text import neutralise
from gantui.engine import conditions, constraints, networks, optimisers
from gantui.engine.average import AveragedGenerator
from gantui.engine.conditions import Classifier, Discriminator, Rows
from gantui.engine.data.batches import Batches
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import Labels
from gantui.engine.data.order import mix
from gantui.engine.encoder import LR as LR_E
from gantui.engine.encoder import Encoder
from gantui.engine.networks.goodfellow import PRETRAINED
from gantui.engine.networks.layers import UNIFORM_BOUND, set_temperature
from gantui.engine.objectives import Objective, available, switch_note

Snapshot = dict[str, Any]
PREVIEW_LATENTS = 64  # images; points get more, see `fixed_latents`
PREVIEW_NUMBERS = 64 * 3 * 64 * 64  # in all its images: 3 MB, and as much again for those of G beside its average
# Streams of the seed, so that nothing is drawn twice; −1 draws synthetic data, 0, 1, 2, … the epochs' orders.
WEIGHTS, LATENTS, NOISE = -2, -3, -4


class Training:
    """G, D, perhaps a classifier or an encoder beside them, their optimisers, the averaged G, and all else that a run
    goes on from: the generators of chance, the cursor and the live settings.

    The order of updates is explicit: `remaining` holds what is left of the present iteration, such as "ddg"
    for two updates of D and one of G, so that training can stop, and go on, between any two updates.
    """

    def __init__(self, config: Config, data: Data, device: torch.device) -> None:
        """Build both networks from `config.seed`.

        Raises ConfigError: networks that don't fit the data, a condition without labels, or a part of the user's own
        that isn't as it must be.
        """
        self._objectives = available(config)
        torch.manual_seed(mix(config.seed, WEIGHTS))
        self.config, self.data, self.device = config, data, device
        self.labels = conditions.labels_of(config, data)
        width, blocks = self.labels.width if self.labels else 0, data.codec.blocks if data.codec else ()
        g, d = networks.build(config, data.shape, data.output, width, blocks)
        if config.output_bias == "marginals":
            self._begin_near_the_mean(g)
        self.g, self.d = g.to(device), d.to(device)
        self.g_parameters, self.g_buffers = list(self.g.parameters()), list(self.g.buffers())
        self.d_parameters = list(self.d.parameters())
        self.d_sees_batches = any(isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d) for m in self.d.modules())
        self._check(config)
        self.constraint = constraints.make(config, device)
        self.ema = AveragedGenerator(self.g) if config.ema_decay else None
        self.opt_g = optimisers.make(config.optimizer_g, self.g_parameters, config)
        self.opt_d = optimisers.make(config.optimizer_d, self.d_parameters, config)
        self.classifier: Classifier | None = None
        if self.labels and config.condition == "classifier":
            self.classifier = Classifier(config, data, self.labels, device)
        self.noise = torch.Generator(device).manual_seed(mix(config.seed, NOISE))
        self.batches = Batches(data, config.seed)
        self.step = self.d_updates = self.g_updates = self.rollbacks = 0
        self.remaining = ""
        self.began_at = 0  # position in the data at which the present iteration began: paces its momentum
        self.latents, self.preview_rows = fixed_latents(config, data, device)
        self.shown = fixed_examples(data, self.labels, len(self.latents), self.preview_rows)
        self.encoder = Encoder(config, data, self.labels, self.shown) if config.encoder else None

    @property
    def cursor(self) -> Cursor:
        """Where training stands."""
        return Cursor(
            step=self.step,
            d_updates=self.d_updates,
            g_updates=self.g_updates,
            update=self.d_updates + self.g_updates,
        )

    @property
    def objective(self) -> Objective:
        """The loss of the present settings."""
        return self._objectives[self.config.loss]

    @property
    def best_generator(self) -> nn.Module:
        """The averaged G if there is one, else G."""
        return self.ema.network if self.ema else self.g

    def draw_latents(self, count: int) -> Tensor:
        """Return fresh z (count, z_dim) from the run's own generator."""
        return draw(self.config, count, self.noise, self.device)

    def draw_rows(self, count: int) -> Rows:
        """Return fresh labels (count, A), distributed as in the data, from the run's own generator; None without."""
        return self.labels.draw(count, self.noise) if self.labels else None

    def next_data(self, count: int) -> tuple[Tensor, Rows]:
        """Return the next examples of the data (count, *shape), with their labels under a condition."""
        return self.batches.next_labelled(count) if self.labels else (self.batches.next(count), None)

    def generate(self, z: Tensor, rows: Rows) -> Tensor:
        """Return G's samples (B, *shape), with labels `rows` under a condition."""
        samples: Tensor = self.g(*conditions.inputs(z, self.labels, rows))
        return samples

    def inputs_of_d(self, x: Tensor, rows: Rows) -> tuple[Tensor, ...]:
        """Return what D is called with: x (B, *shape), and the condition vectors of `rows` if D takes any."""
        return conditions.inputs(x, self.labels if self.config.condition in TAKEN_BY_D else None, rows)

    def discriminator(self, count: int, rows: Rows) -> Discriminator:
        """Return D for batches of `count` examples that have the labels `rows`, as losses and constraints ask it."""
        labels = self.labels if self.config.condition in TAKEN_BY_D else None
        return Discriminator(self.d, count, None if labels is None or rows is None else labels.encode(rows))

    def reseed(self, attempt: int) -> None:
        """Draw other noise from here on, decided by the seed and `attempt` (from 1)."""
        other = mix(self.config.seed, NOISE - attempt)
        self.noise.manual_seed(mix(other, NOISE))
        torch.manual_seed(mix(other, WEIGHTS))

    def set_pace(self) -> None:
        """Give both optimisers the learning rate and momentum of the present step."""
        config, epoch = self.config, self.began_at / self.data.count
        momentum = optimisers.effective_momentum(config, epoch)
        for optimiser in self._opts_of_d:
            optimisers.pace(optimiser, optimisers.effective_lr(config.lr_d, config, self.step), momentum)
        optimisers.pace(self.opt_g, optimisers.effective_lr(config.lr_g, config, self.step), momentum)
        if self.encoder:
            optimisers.pace(self.encoder.optimiser, optimisers.effective_lr(LR_E, config, self.step), 0.0)

    def adopt(self, config: Config) -> str:
        """Take over changed live settings between two updates; returns a note of what that implies, "" if nothing.

        Raises ConfigError, before anything has changed: settings that don't fit the parts of the user's own.
        """
        self._check(config)
        before, self.config = self.config, config
        notes = []
        if note := switch_note(self._objectives[before.loss].facts, self.objective.facts):
            notes.append(note)
        if (config.constraint, config.variance_form) != (before.constraint, before.variance_form):
            self.constraint = constraints.make(config, self.device)
            if len(self.constraint.multipliers):
                notes.append("multipliers of the constraint start at 0")
        if config.optimizer_d != before.optimizer_d:
            self.opt_d = optimisers.make(config.optimizer_d, self.d_parameters, config)
            if self.classifier:
                self.classifier.optimiser = optimisers.make(config.optimizer_d, self.classifier.parameters, config)
            notes.append("D's optimiser starts with new moments")
        if config.optimizer_g != before.optimizer_g:
            self.opt_g = optimisers.make(config.optimizer_g, self.g_parameters, config)
            notes.append("G's optimiser starts with new moments")
        for optimiser in (self.opt_g, *self._opts_of_d):
            optimisers.set_moments(optimiser, config)
        set_temperature(self.g, config.gumbel_temperature)
        if bool(config.ema_decay) != bool(before.ema_decay):
            self.ema = AveragedGenerator(self.g) if config.ema_decay else None
            notes.append("the average of G starts anew" if self.ema else "the average of G is dropped")
        return "; ".join(notes)

    def _begin_near_the_mean(self, g: nn.Module) -> None:
        if self.data.kind != "image":
            raise ConfigError(f"output_bias = marginals: is for images, not for {self.data.kind}")
        networks.begin_near(g, self.data.mean().cpu(), self.data.output)

    def begin_from(self, weights: Mapping[str, Tensor]) -> None:
        """Give the layers at the end of G, those of another run's whole G, that one's weights.

        Raises ConfigError if they don't fit.
        """
        try:
            self.g.get_submodule(PRETRAINED).load_state_dict(weights)
        except (AttributeError, RuntimeError):
            raise ConfigError(
                f"pretrained = {neutralise(self.config.pretrained)}: its G doesn't fit the last three layers of this "
                f"one, z_dim = {self.config.g_widths[1]} and g_widths = {self.config.g_widths[2:]}"
            ) from None
        if self.ema:
            self.ema = AveragedGenerator(self.g)

    def _check(self, config: Config) -> None:
        """Refuse what only shows when the parts of the user's own are there."""
        if config.loss not in self._objectives:
            raise ConfigError(
                f"loss = {config.loss}: a loss of your own is chosen when a run starts; "
                f"this one has {', '.join(self._objectives)}"
            )
        if self.d_sees_batches and config.constraint in PER_EXAMPLE:
            raise ConfigError(
                f"constraint = {config.constraint}: a penalty per example is undefined, as D normalises over the batch"
            )

    def is_finite(self) -> bool:
        """Whether weights, buffers, moments, averages and multipliers are all finite (waits for the device)."""
        averages = self.ema.network.state_dict().values() if self.ema else []
        checks = self.classifier.network.state_dict().values() if self.classifier else []
        inferring = self.encoder.network.state_dict().values() if self.encoder else []
        opts_of_e = [self.encoder.optimiser] if self.encoder else []
        states = [state for o in (self.opt_g, *self._opts_of_d, *opts_of_e) for state in o.state.values()]
        moments = [m for state in states for name, m in state.items() if name != "step"]  # a counter, on the CPU
        state = [*self.g.state_dict().values(), *self.d.state_dict().values()]
        state += [*checks, *inferring, *averages, *moments]
        state.append(self.constraint.multipliers)
        floats = [t for t in state if isinstance(t, Tensor) and t.is_floating_point() and t.numel()]
        return bool(torch.stack(torch._foreach_norm(floats, ord=inf)).isfinite().all())

    def snapshot(self) -> Snapshot:
        """Return a copy of the whole state; tensors stay on their device."""
        state = {
            "g": self.g.state_dict(),
            "d": self.d.state_dict(),
            "ema": self.ema.network.state_dict() if self.ema else None,
            "opt_g": self.opt_g.state_dict(),
            "opt_d": self.opt_d.state_dict(),
            "multipliers": self.constraint.multipliers,
            "noise": self.noise.get_state(),
            "default_noise": torch.get_rng_state(),
            "default_noise_cuda": torch.cuda.get_rng_state(self.device) if self._on_cuda else None,
            "position": self.batches.position,
            "began_at": self.began_at,
            "device": self.device.type,
            "cursor": [self.step, self.d_updates, self.g_updates],
            "remaining": self.remaining,
            "rollbacks": self.rollbacks,
            "live": {name: getattr(self.config, name) for name in FIELDS if FIELDS[name].about.live},
        }
        if self.classifier:
            state |= {"c": self.classifier.network.state_dict(), "opt_c": self.classifier.optimiser.state_dict()}
        if self.encoder:
            state |= {"e": self.encoder.network.state_dict(), "opt_e": self.encoder.optimiser.state_dict()}
        copied: Snapshot = _cloned(state)
        return copied

    def restore(self, snapshot: Snapshot) -> None:
        """Put the state back to a snapshot, live settings included. The snapshot stays usable.

        One taken on another kind of device brings no noise along: its generators don't fit, so noise is
        seeded anew, and the run goes on, but not to the bit.
        """
        config = msgspec.structs.replace(self.config, **snapshot["live"])
        self.adopt(config)
        self.g.load_state_dict(snapshot["g"])
        self.d.load_state_dict(snapshot["d"])
        if self.ema:
            self.ema.network.load_state_dict(snapshot["ema"])
        self.opt_g.load_state_dict(_cloned(snapshot["opt_g"]))  # else the optimiser would go on in these tensors
        self.opt_d.load_state_dict(_cloned(snapshot["opt_d"]))
        if self.classifier:
            self.classifier.network.load_state_dict(snapshot["c"])
            self.classifier.optimiser.load_state_dict(_cloned(snapshot["opt_c"]))
        if self.encoder:
            self.encoder.network.load_state_dict(snapshot["e"])
            self.encoder.optimiser.load_state_dict(_cloned(snapshot["opt_e"]))
        if "multipliers" in snapshot:  # else it is older than constraints that have some
            self.constraint.multipliers = snapshot["multipliers"].to(self.device, copy=True)
        torch.set_rng_state(snapshot["default_noise"].cpu())
        if snapshot["device"] != self.device.type:
            self.reseed(1 + sum(snapshot["cursor"]))
        else:
            self.noise.set_state(snapshot["noise"].cpu())
            if self._on_cuda:
                torch.cuda.set_rng_state(snapshot["default_noise_cuda"].cpu(), self.device)
        self.batches.seek(snapshot["position"])
        self.began_at = snapshot["began_at"]
        self.step, self.d_updates, self.g_updates = snapshot["cursor"]
        self.remaining = snapshot["remaining"]
        self.rollbacks = snapshot["rollbacks"]

    @property
    def _opts_of_d(self) -> list[Optimizer]:
        """The optimisers that D's settings are for."""
        return [self.opt_d, self.classifier.optimiser] if self.classifier else [self.opt_d]

    @property
    def _on_cuda(self) -> bool:
        return self.device.type == "cuda"


def draw(config: Config, count: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """Return z (count, z_dim): N(0, 1), or uniform on (−√3, √3), from `generator`."""
    shape = (count, config.z_dim)
    if config.z_dist == "normal":
        return torch.randn(shape, generator=generator, device=device)
    z = torch.rand(shape, generator=generator, device=device)
    return z if config.z_dist == "cube" else z.mul_(2).sub_(1).mul_(UNIFORM_BOUND)


def fixed_latents(config: Config, data: Data, device: torch.device) -> tuple[Tensor, Rows]:
    """Return the latents of all previews of a run, and their labels under a condition. Drawn on the CPU.

    64 for text and images, or a smaller square of large ones, down to 4; 1,024 for numbers, with labels distributed
    as in the data. Images under a condition are a square of about that size instead, row by row: each kind of example
    has one line or a few, all with the same latents; where they are more than lines, the first ones are shown.
    """
    generator, cpu = torch.Generator().manual_seed(mix(config.seed, LATENTS)), torch.device("cpu")
    labels = conditions.labels_of(config, data)
    if data.kind != "image":
        z = draw(config, PREVIEW_LATENTS * (1 if data.kind == "text" else 16), generator, cpu)
        return z.to(device), labels.draw(len(z), generator) if labels else None
    most = max(2, isqrt(PREVIEW_NUMBERS // prod(data.shape)))  # images in a line
    usual = isqrt(PREVIEW_LATENTS)
    if labels is None:
        return draw(config, PREVIEW_LATENTS, generator, cpu)[: min(usual, most) ** 2].to(device), None
    shown = conditions.shown(labels)[:most]
    lines = max(1, min(round(usual / len(shown)), most // len(shown)))
    side = lines * len(shown)
    z = draw(config, lines * side, generator, cpu)
    return z.repeat(len(shown), 1).to(device), shown.repeat_interleave(lines * side, 0)


def fixed_examples(data: Data, labels: Labels | None, count: int, rows: Rows) -> Tensor:
    """Return which examples (n,) of the data stand beside the previews of a run, whose latents are `count`.

    The first ones, as many as a preview has; of images under a condition a sheet like the previews', with an example
    of the same label as in `rows` (N, A) in each place.
    """
    if data.kind == "image" and labels is not None and rows is not None:
        return conditions.like(labels.rows, rows)
    return torch.arange(min(count, data.count), device=data.device)


def digest(snapshot: Snapshot) -> str:
    """Return 16 hex digits that name the state in a snapshot.

    Settings that only decide how often something is looked at or how long to train don't enter.
    """
    sha = hashlib.sha256()
    for path, leaf in _leaves("", {**snapshot, "live": _training_settings(snapshot["live"])}):
        sha.update(path.encode())
        if isinstance(leaf, Tensor):
            sha.update(f"{leaf.dtype}{tuple(leaf.shape)}".encode())
            sha.update(leaf.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
        else:
            sha.update(repr(leaf).encode())
    return sha.hexdigest()[:16]


def _training_settings(live: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in live.items() if FIELDS[name].about.section != "run"}


def _leaves(path: str, node: object) -> Iterator[tuple[str, object]]:
    if isinstance(node, Mapping):
        for key in sorted(node, key=str):
            yield from _leaves(f"{path}/{key}", node[key])
    elif isinstance(node, list | tuple):
        for index, item in enumerate(node):
            yield from _leaves(f"{path}/{index}", item)
    else:
        yield path, node


def _cloned(node: Any) -> Any:
    if isinstance(node, Tensor):
        return node.detach().clone()
    if isinstance(node, Mapping):
        return {key: _cloned(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return type(node)(_cloned(item) for item in node)
    return copy.copy(node)
