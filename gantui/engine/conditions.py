"""Conditions: what the labels of a batch do to its updates, and what is lost where a sample doesn't obey them.

With `concat` and `projection` D sees x and its labels; with `auxiliary` and `classifier` it sees x alone, and a
head of D, or a classifier C beside it, learns the labels of the data, which G's samples are then asked for.
"""

from itertools import product
from math import prod
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.engine import networks, optimisers
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import Labels
from gantui.engine.networks.conditional import Auxiliary

if TYPE_CHECKING:
    from gantui.engine.training import Training

Rows = Tensor | None  # labels of a batch, int64 (B, A); None without a condition
Numbers = dict[str, Tensor]
MOST_SHOWN = 16


def labels_of(config: Config, data: Data) -> Labels | None:
    """Return the labels that a condition goes by, None without one. Raises ConfigError if there are none."""
    if config.condition == "none":
        return None
    if data.labels is None:
        raise ConfigError(
            f"condition = {config.condition}: data = {neutralise(config.data)} has no labels; "
            "set condition = none, or name some by labels"
        )
    return data.labels


def shown(labels: Labels) -> Tensor:
    """Return the labels (R, A) that previews show: all combinations if they are at most 16, else the most frequent."""
    sizes = [len(attribute.values) for attribute in labels.attributes]
    if prod(sizes) <= MOST_SHOWN:
        rows = torch.tensor(list(product(*map(range, sizes))), device=labels.rows.device)
    else:
        found, counts = labels.rows.unique(dim=0, return_counts=True)
        rows = found[counts.argsort(descending=True, stable=True)[:MOST_SHOWN].sort().values]
    return rows


def like(of_data: Tensor, wanted: Tensor) -> Tensor:
    """Return examples (m,) with the labels `wanted` (m, A): each the next that has them, or any where none has."""
    chosen = torch.empty(len(wanted), dtype=torch.int64, device=of_data.device)
    for row in wanted.unique(dim=0):
        places = (wanted == row).all(1).nonzero().flatten()
        fitting = (of_data == row).all(1).nonzero().flatten()
        fitting = fitting if len(fitting) else torch.arange(len(of_data), device=of_data.device)
        chosen[places] = fitting[torch.arange(len(places), device=of_data.device) % len(fitting)]
    return chosen


def inputs(x: Tensor, labels: Labels | None, rows: Rows) -> tuple[Tensor, ...]:
    """Return what a network that takes labels is called with: x (B, ...), and condition vectors if there are any."""
    return (x,) if labels is None or rows is None else (x, labels.encode(rows))


class Discriminator:
    """D for one batch, as losses and constraints ask it: a function of x alone, whose labels are given.

    It takes x (B, *shape), or several batches in one, each with these labels. What a head of D says is kept.
    """

    def __init__(self, d: nn.Module, size: int, condition: Tensor | None) -> None:
        """`size` is B, `condition` the condition vectors (B, width) if D takes any."""
        self._d, self._size, self._condition = d, size, condition
        self._said: list[Tensor] = []

    def __call__(self, x: Tensor) -> Tensor:
        scores: Tensor
        if isinstance(self._d, Auxiliary):
            scores, logits = self._d.recognise(x)
            self._said += logits.split(self._size)
        elif self._condition is None:
            scores = self._d(x)
        else:
            scores = self._d(x, self._condition.repeat(len(x) // self._size, 1))
        return scores

    def logits(self, batch: int) -> Tensor | None:
        """Return what the head says of the labels of a batch, by the order of asking: (B, width); None without one."""
        return self._said[batch] if self._said else None


class Classifier:
    """C, which learns the labels of the data with an optimiser like D's, once for each update of D.

    Between its own updates it is frozen and in evaluation mode: what it says of samples is free of dropout and of
    statistics of their batch.
    """

    def __init__(self, config: Config, data: Data, labels: Labels, device: torch.device) -> None:
        self._labels = labels
        self.network = networks.build_classifier(config, data.shape, labels.width).to(device)
        self.network.requires_grad_(False).eval()
        self.parameters = list(self.network.parameters())
        self.optimiser = optimisers.make(config.optimizer_d, self.parameters, config)

    def learn(self, real: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Descend on the labels of data (B, *shape); returns the loss, a scalar, and the logits (B, width)."""
        self.network.requires_grad_(True).train()
        logits = self.network(real)
        loss = label_loss(self._labels, logits, rows)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.network.requires_grad_(False).eval()
        return loss.detach(), logits.detach()


def cost_to_d(training: "Training", d: Discriminator, rows: Rows, measure: bool) -> tuple[Tensor | None, Numbers]:
    """Return what D pays for the labels its head has missed on data and on samples (Odena et al. 2017, L_C).

    None without a head. `d` was asked about the data, then the samples. Numbers for the log: `loss_class_d`, to
    `measure` also `class_accuracy_x`, the share of the data's labels that are recognised.
    """
    labels, of_data, of_samples = training.labels, d.logits(0), d.logits(1)
    if labels is None or rows is None or of_data is None or of_samples is None:
        return None, {}
    loss = label_loss(labels, of_data, rows) + label_loss(labels, of_samples, rows)
    numbers = {"loss_class_d": loss.detach()}
    if measure:
        numbers["class_accuracy_x"] = label_accuracy(labels, of_data.detach(), rows)
    return training.config.condition_weight * loss, numbers


def teach(training: "Training", real: Tensor, rows: Rows, measure: bool) -> Numbers:
    """Let the classifier, if there is one, learn from data; numbers as of `cost_to_d`."""
    if training.classifier is None or training.labels is None or rows is None:
        return {}
    loss, logits = training.classifier.learn(real, rows)
    numbers = {"loss_class_d": loss}
    if measure:
        numbers["class_accuracy_x"] = label_accuracy(training.labels, logits, rows)
    return numbers


def cost_to_g(
    training: "Training", logits: Tensor | None, fake: Tensor, rows: Rows, measure: bool
) -> tuple[Tensor | None, Numbers]:
    """Return what G pays where its samples (B, *shape) aren't recognised as what was asked for, None if none checks.

    `logits` is what a head of D says of them. Numbers for the log: `loss_class_g`, to `measure` also
    `class_accuracy_gz`, the share that is recognised.
    """
    if training.classifier is not None:
        logits = training.classifier.network(fake)
    if training.labels is None or rows is None or logits is None:
        return None, {}
    loss = label_loss(training.labels, logits, rows)
    numbers = {"loss_class_g": loss.detach()}
    if measure:
        numbers["class_accuracy_gz"] = label_accuracy(training.labels, logits.detach(), rows)
    return training.config.condition_weight * loss, numbers


def label_loss(labels: Labels, logits: Tensor, rows: Tensor) -> Tensor:
    """Return the cross-entropy of labels, a scalar: the mean over examples, summed over attributes.

    Args:
        logits: (B, width), in the columns of condition vectors. A binary attribute has one, the logit of its
            second value; another has one for each value, and softmax is taken here and nowhere else.
        rows: (B, A).
    """
    columns = logits.split([attribute.width for attribute in labels.attributes], 1)
    losses = [
        binary_cross_entropy_with_logits(of_one.squeeze(1), rows[:, a].to(of_one.dtype))
        if attribute.binary
        else cross_entropy(of_one, rows[:, a])
        for a, (attribute, of_one) in enumerate(zip(labels.attributes, columns, strict=True))
    ]
    return torch.stack(losses).sum()


def label_accuracy(labels: Labels, logits: Tensor, rows: Tensor) -> Tensor:
    """Return the share of labels that the largest logits name, a scalar 0 to 1; arguments as above."""
    columns = logits.split([attribute.width for attribute in labels.attributes], 1)
    named = [
        (of_one.squeeze(1) > 0).long() if attribute.binary else of_one.argmax(1)
        for attribute, of_one in zip(labels.attributes, columns, strict=True)
    ]
    return (torch.stack(named, 1) == rows).float().mean()
