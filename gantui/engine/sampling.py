"""Drawing samples from a trained G, and measuring it: what `eval` records and `gantui sample` rest on."""

import time
from collections.abc import Callable, Iterator
from math import prod, sqrt
from typing import Any

import torch
from torch import Tensor, nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.core.events import significant
from gantui.engine import encoder, latents, seen
from gantui.engine.algorithm import in_evaluation_mode
from gantui.engine.conditions import Rows, inputs, labels_of
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import Labels
from gantui.engine.data.order import mix
from gantui.engine.noise import own_noise
from gantui.engine.training import draw
from gantui.evaluation import conditional, judge, mixed
from gantui.evaluation.measure import measure
from gantui.evaluation.strings import measure_strings
from gantui.evaluation.utility import utility

BATCH = 500  # fewer of large images: G's activations are many times their size, and between two one can interrupt
BATCH_NUMBERS = 500 * 3 * 32 * 32
MOST_COMPARED = 10_000  # examples of the data, and samples, that a measure looks at
MANY_PIXELS = 2_000  # numbers per example above which as many samples must do: Fréchet's SVD grows with the cube
LARGE = 3 * 64 * 64  # numbers per example above which they become fewer: work grows with samples² · numbers
MIXTURE_SAMPLES = 2_500  # as PacGAN and VEEGAN count modes
MOST_RECONSTRUCTED = 1_000
EVALUATION_SEED = 0x6A17
CONDITIONAL_SAMPLES = 1_000
STRINGS = 1_000  # samples of text, or as many as are held out
LABELS = -5  # stream of a seed, beside those of `engine.training`


@torch.no_grad()
def samples(
    config: Config,
    data: Data,
    g: nn.Module,
    count: int,
    seed: int,
    check: Callable[[], None] = lambda: None,
    rows: Rows = None,
    truncation: float | None = None,
) -> Tensor:
    """Return `count` samples (count, *shape) in the data's own units, from latents drawn with `seed`.

    `check` is called between batches and may raise to interrupt. Under a condition `rows` (count, A) are their
    labels; without, they are as `draw_rows` has them. `truncation`: how far from their mean latents may lie, in
    standard deviations, see `latents.truncated`.
    """
    rows = draw_rows(config, data, count, seed) if rows is None else rows
    return torch.cat(list(_batches(config, data, g, count, seed, check, rows, truncation)))


@torch.no_grad()
def of_latents(config: Config, data: Data, g: nn.Module, z: Tensor, seed: int, rows: Rows = None) -> Tensor:
    """Return the samples (B, *shape), in the data's own units, that G makes of z (B, z_dim) with labels `rows`.

    What G draws itself, such as categories, is decided by `seed`.
    """
    with own_noise(seed, z.device):
        return data.to_own(in_evaluation_mode(g, *inputs(z, labels_of(config, data), rows)))


def draw_rows(
    config: Config, data: Data, count: int, seed: int, class_: str | None = None, attributes: str | None = None
) -> Rows:
    """Return labels (count, A) for samples, drawn with `seed` as the data has them; None without a condition.

    `class_` and `attributes` ask for some of them, as `Labels.parse` says. Raises ConfigError if they make no sense.
    """
    labels = labels_of(config, data)
    if labels is None:
        if class_ is None and attributes is None:
            return None
        option = "--attributes" if class_ is None else "--class"
        raise ConfigError(f"{option}: this run was trained without labels (condition = none); leave it out")
    generator = torch.Generator().manual_seed(mix(seed, LABELS))
    return labels.draw_like(labels.parse(class_, attributes), count, generator)


def _batches(
    config: Config,
    data: Data,
    g: nn.Module,
    count: int,
    seed: int,
    check: Callable[[], None],
    rows: Rows,
    truncation: float | None,
) -> Iterator[Tensor]:
    device = next(g.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    size = max(1, min(BATCH, BATCH_NUMBERS // prod(data.shape))) if data.kind == "image" else BATCH
    for first in range(0, count, size):
        check()
        z = draw(config, min(size, count - first), generator, device)
        z = z if truncation is None else latents.truncated(config, z, truncation)
        of_batch = None if rows is None else rows[first : first + len(z)].to(device)
        yield of_latents(config, data, g, z, mix(seed, first), of_batch)


@torch.no_grad()
def evaluate(
    config: Config,
    data: Data,
    g: nn.Module,
    check: Callable[[], None] = lambda: None,
    e: nn.Module | None = None,
) -> tuple[dict[str, Any], int, float]:
    """Return the measures of G that fit the data, the number of samples used and the seconds taken.

    With an encoder `e` also `reconstruction`, the ratio that `evaluation.reconstruction` returns.

    The generators of the training are left alone, so evaluating more often changes nothing else.
    """
    began = time.monotonic()
    if data.kind == "text":
        values, made = _of_text(config, data, g, check)
        return _rounded(values), made, time.monotonic() - began
    count = min(data.count, most_compared(prod(data.shape)))
    if data.mixture and data.shape[0] > 1:
        generated = samples(config, data, g, MIXTURE_SAMPLES, EVALUATION_SEED, check)
        real = _some_of(data, min(count, MIXTURE_SAMPLES))
    else:
        # Moments of a small table want many samples; measures of neighbours take as many as there are examples.
        wanted = MOST_COMPARED if data.kind == "table" else max(count, 2)
        generated = samples(config, data, g, wanted, EVALUATION_SEED, check)
        real = _some_of(data, count)
        if data.kind == "table":
            generated, real = _as_written(data, generated), _as_written(data, real)
    rows = _rows_of(data, len(real))
    values = measure(
        generated,
        real,
        kind=data.kind,
        labels=None if rows is None else rows[:, 0].cpu(),
        classes=data.classes,
        centres=data.mixture.centres if data.mixture and data.shape[0] > 1 else None,
        std=data.mixture.std if data.mixture and data.shape[0] > 1 else None,
        sizes=data.sizes,
        features=seen.features(config, data, real, rows, check),
        check=check,
    )
    if data.kind == "table" and data.held_out:
        values |= _utility(config, data, data.held_out, generated, real, check)
    if labels := labels_of(config, data):
        values |= _under_condition(config, data, labels, g, real, check)
    if e is not None:
        found = encoder.compare(config, data, g, e, chosen(data, min(count, MOST_RECONSTRUCTED)), check)
        values |= {"reconstruction": found["ratio"]} if "ratio" in found else {}
    return _rounded(values), len(generated), time.monotonic() - began


def most_compared(numbers: int) -> int:
    """Return how many examples of so many numbers, and as many samples, a measure looks at."""
    if numbers <= MANY_PIXELS:
        return MOST_COMPARED
    return round(MANY_PIXELS * min(1.0, sqrt(LARGE / numbers)))


def _of_text(config: Config, data: Data, g: nn.Module, check: Callable[[], None]) -> tuple[dict[str, Any], int]:
    """Return measures of strings, and of how many. What isn't held out is halved, to have something to compare."""
    assert data.x is not None
    generator = torch.Generator().manual_seed(EVALUATION_SEED)
    real = data.x[torch.randperm(data.count, generator=generator).to(data.device)]
    if data.held_out and data.held_out.x is not None:
        held = data.held_out.x
    else:
        held, real = real.tensor_split([data.count // 2])
    real, held = real[:MOST_COMPARED], held[:MOST_COMPARED]
    generated = samples(config, data, g, max(STRINGS, len(held)), EVALUATION_SEED, check)
    return measure_strings(generated, real, held, data.x, data.alphabet, data.valid, check), len(generated)


def _under_condition(
    config: Config, data: Data, labels: Labels, g: nn.Module, real: Tensor, check: Callable[[], None]
) -> dict[str, Any]:
    """Measures of samples that were asked for labels: each combination that the data has, as often as the others."""
    if len(real) < judge.LEAST:
        return {}
    rows = _rows_of(data, len(real))
    assert rows is not None
    table = real
    real = mixed.vectors(table, table, data.sizes) if data.sizes else real
    classifier = seen.classifier_of(data, real, rows, check)
    asked = _evenly(labels)
    made = samples(config, data, g, len(asked), EVALUATION_SEED, check, asked)
    made = mixed.vectors(made, table, data.sizes) if data.sizes else made
    values = conditional.obedience(classifier, made, asked, [a.name for a in labels.attributes], check)
    ratios = conditional.diversity(made, asked, real, rows, data.kind, check)
    if ratios:
        values["class_diversity"] = sum(ratios.values()) / len(ratios)
        values["diversity_by_class"] = {labels.describe(row): ratio for row, ratio in ratios.items()}
    return values


def _as_written(data: Data, own: Tensor) -> Tensor:
    return data.sheet.rounded(own) if data.sheet else own


def _utility(
    config: Config, data: Data, held_out: Data, generated: Tensor, real: Tensor, check: Callable[[], None]
) -> dict[str, float]:
    """What a classifier learns from samples and from data: of the labels of a condition, else of the last category.

    It is tried on examples that are held out. Nothing where there is neither.
    """
    count = min(held_out.count, MOST_COMPARED)
    tables = [generated, real, _as_written(data, _some_of(held_out, count))]
    finite = [~table.isinf().any(1) for table in tables]
    if labels := labels_of(config, data):
        rows = draw_rows(config, data, len(generated), EVALUATION_SEED)
        assert rows is not None and held_out.labels is not None
        of_real = labels.rows.cpu()[chosen(data, len(real))]
        targets = [part.cpu()[:, 0] for part in (rows, of_real, held_out.labels.rows.cpu()[chosen(held_out, count)])]
        kept = list(range(real.shape[1]))
    else:
        categories = [i for i, column in enumerate(data.sheet.columns if data.sheet else ()) if len(column.values) > 1]
        if not categories:
            return {}
        kept = [i for i in range(real.shape[1]) if i != categories[-1]]
        targets = [table[:, categories[-1]].cpu() for table in tables]
        finite = [rows & ~table[:, categories[-1]].isnan() for rows, table in zip(finite, tables, strict=True)]
    sizes = [data.sizes[i] for i in kept] if data.sizes else [0] * len(kept)
    learnt = [
        (mixed.vectors(table[rows][:, kept], real[:, kept], sizes), target[rows.cpu()])
        for table, rows, target in zip(tables, finite, targets, strict=True)
    ]
    return utility(learnt[0], learnt[1], learnt[2], check)


def _evenly(labels: Labels) -> Tensor:
    """Return labels for 1,000 samples: each combination of the data equally often, or as in the data if too many."""
    found: Tensor = labels.rows.unique(dim=0)
    if len(found) * conditional.LEAST > CONDITIONAL_SAMPLES:
        return labels.draw(CONDITIONAL_SAMPLES, torch.Generator().manual_seed(EVALUATION_SEED))
    return found.index_select(0, torch.arange(CONDITIONAL_SAMPLES, device=found.device) % len(found))


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value) if isinstance(value, dict) else significant(value) if isinstance(value, float) else value
        for name, value in values.items()
    }


def chosen(data: Data, count: int) -> Tensor:
    """Return fixed indices (count,) into the data: all of it, or a random part that is always the same."""
    if count == data.count:
        return torch.arange(count)
    return torch.randperm(data.count, generator=torch.Generator().manual_seed(EVALUATION_SEED))[:count]


def _some_of(data: Data, count: int) -> Tensor:
    some = chosen(data, count).to(data.device)
    return torch.cat([data.to_own(data.take(part)) for part in some.split(BATCH)])


def _rows_of(data: Data, count: int) -> Tensor | None:
    labels = data.labels
    return None if labels is None else labels.rows[chosen(data, count).to(labels.rows.device)]
