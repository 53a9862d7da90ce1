"""D's features beside those of an untrained D and the data themselves: a linear classifier on a few labels each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import torch
from torch import Tensor

from gantui.core.errors import ConfigError
from gantui.core.events import significant
from gantui.core.text import neutralise
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import Labels, listed
from gantui.engine.features import BATCH, extract
from gantui.engine.model import Model, untrained_discriminator
from gantui.evaluation import probe as probing

POOL = 10_000  # examples drawn from, beside those that must be there to be labelled


@dataclass(frozen=True)
class Spread:
    """Shares of right answers, 0 to 1: their mean over the draws, its standard deviation, and each of them."""

    mean: float
    sd: float
    draws: list[float]


@dataclass(frozen=True)
class Result:
    """What the probes found, by labels per class and by kind of features: `d`, `untrained`, `pixels`.

    `label` is what they were to tell, `sizes` how many features there are of a kind, `tested` how many examples each
    number of labels was tested on.
    """

    label: str
    classes: int
    sizes: dict[str, int]
    tested: dict[int, int]
    accuracy: dict[int, dict[str, Spread]]


def probe(
    model: Model,
    data: Data,
    counts: Sequence[int],
    draws: int,
    seed: int = 0,
    say: Callable[[str], None] = lambda text: None,
) -> Result:
    """Return how well a linear classifier does on `counts` labels per class, over `draws` draws (2 or more) of them.

    Of several attributes the first is probed. `say` is told now and then how far it is; it may raise, to interrupt.

    Raises ConfigError: data without labels, or too few of a class.
    """
    labels = _labels(data, max(counts))
    indices = _pool(labels, max(counts))
    y = labels.rows[:, 0].cpu()[indices].numpy()
    kinds = {"d": model.d, "untrained": untrained_discriminator(model)}
    features = {
        kind: extract(model, d, data, indices, lambda: say("taking features")).numpy() for kind, d in kinds.items()
    }
    parts = [data.take(part).flatten(1).cpu() for part in indices.to(data.device).split(BATCH)]
    features["pixels"] = torch.cat(parts).numpy()
    total, fits = len(counts) * draws * len(features), 0

    def count_fit() -> None:
        nonlocal fits
        say(f"fitting classifiers: {fits}/{total}")
        fits += 1

    found = probing.probe(features, y, counts, draws, seed, count_fit)
    return Result(
        label=labels.attributes[0].name,
        classes=len(set(y.tolist())),
        sizes={kind: matrix.shape[1] for kind, matrix in features.items()},
        tested={count: min(len(y) - count * len(set(y.tolist())), probing.MOST_TESTED) for count in counts},
        accuracy={
            count: {kind: _spread(values) for kind, values in by_kind.items()} for count, by_kind in found.items()
        },
    )


def _spread(values: list[float]) -> Spread:
    return Spread(significant(fmean(values)), significant(stdev(values)), [significant(value) for value in values])


def _labels(data: Data, most: int) -> Labels:
    """Return the labels, of which each class that occurs must leave at least one example beside `most`."""
    shown = neutralise(data.name)
    if data.labels is None:
        raise ConfigError(f"data = {shown}: has no labels to probe for; name some by labels when a run starts")
    attribute = data.labels.attributes[0]
    sizes = data.labels.rows[:, 0].bincount(minlength=len(attribute.values)).tolist()
    few = [f"{value} ({size})" for value, size in zip(attribute.values, sizes, strict=True) if 0 < size <= most]
    if few:
        raise ConfigError(
            f"--labels {most}: {most + 1} examples of each class are needed, one to test on; "
            f"of {neutralise(attribute.name, 80)} there are fewer of {listed(few)}"
        )
    if sum(size > 0 for size in sizes) < 2:
        raise ConfigError(f"data = {shown}: all examples are of one class, there is nothing to tell apart")
    return data.labels


def _pool(labels: Labels, most: int) -> Tensor:
    """Return a fixed random choice of examples: 10,000 and as many of each class as are to be labelled."""
    rows = labels.rows[:, 0].cpu()
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))
    rank = torch.from_numpy(probing.rank_in_class(rows[order].numpy()))
    wanted = rank < most
    return torch.cat([order[wanted], order[~wanted][:POOL]])
