"""From updates to records: gathers what the updates computed anyway, and reads it off the device rarely.

The training step only appends references to tensors. At the rate of the records they are reduced on the
device and fetched in one piece, so there is no wait for the device per step.
"""

import time
from collections import deque
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gantui.core import histogram
from gantui.core.events import Hist, Metrics, Record, significant
from gantui.core.histogram import BINS, Histogram
from gantui.engine import vitals
from gantui.engine.algorithm import Outcome, in_evaluation_mode, scores_of_samples
from gantui.engine.constraints import Numbers
from gantui.engine.objectives import value
from gantui.engine.training import Training

MEASURE_EVERY = 16  # steps between measurements that cost extra forward or backward work
REDUCE_EVERY = 128  # updates whose scores are kept before they become one number each
RECENT = 4  # updates of D that a histogram shows
FIRST_INTERVAL, METRICS_PER_DOUBLING = 0.05, 10_000
HIST_INTERVAL, HISTS_PER_DOUBLING = 1.0, 2_000
ORDER = (
    *("loss_d", "loss_g", "d_x", "d_gz", "d_gz_after", "grad_norm_d", "grad_norm_g", "value"),
    *("penalty", "d_slope", "clip_share", "fisher_ratio", "second_moment", "multiplier"),
    *("variance_x", "variance_gz", "multiplier_x", "multiplier_gz"),
    *("loss_class_d", "loss_class_g", "class_accuracy_x", "class_accuracy_gz"),
    "loss_e",
    *("update_ratio_d", "update_ratio_g", *vitals.NAMES),
)
D_GZ_IN_D = "d_gz in updates of D"
RATE_WINDOW = 1.0  # seconds over which speeds are taken


class Telemetry:
    """Merges updates into `metrics` and `hist` records, and hands those to `write`.

    `log_every` = 0: 20 records a second at first, the interval doubling after every 10,000 (histograms: one
    a second, doubling after every 2,000), so that a day stays under 64 MB. Otherwise a record each so many
    steps, whatever the clock says.

    `d_gz` is D(G(z)) as G's update saw it (as D's did, where there was none of G), dropout and all; `d_gz_after`
    is taken after that update, in evaluation mode.
    """

    def __init__(self, training: Training, write: Callable[[Record], None]) -> None:
        self._training, self._write = training, write
        self._pending: dict[str, list[Tensor]] = {}
        self._losses: dict[str, list[Tensor]] = {}
        self._scores: list[tuple[Tensor | None, Tensor, bool]] = []  # of data, of samples, from an update of G
        self._recent: deque[tuple[Tensor, Tensor]] = deque(maxlen=RECENT)
        self._updates = 0
        self.metrics_written = self.hists_written = 0
        self.latest: dict[str, float] = {}
        self._next_metrics = self._next_hist = 0.0
        self._rate = 0.0
        self.restart_clock()

    def restart_clock(self) -> None:
        """Leave the time until now (a pause, an evaluation) out of the speeds."""
        self._mark = (time.monotonic(), self._training.step)

    def leave_out(self, seconds: float) -> None:
        """Leave so many seconds since the last record out of the speeds."""
        began, step = self._mark
        self._mark = (began + seconds, step)

    def wants_measuring(self) -> bool:
        """Whether the coming update is one of those that take gradient norms too."""
        return self._training.step % MEASURE_EVERY == 0

    def gather(self, outcome: Outcome) -> None:
        """Keep what an update computed; cheap enough for every one."""
        for name, tensor in (
            ("loss_d", outcome.loss_d),
            ("loss_g", outcome.loss_g),
            ("grad_norm_d", outcome.gradient_norm_d),
            ("grad_norm_g", outcome.gradient_norm_g),
            *outcome.numbers.items(),
        ):
            if tensor is not None:
                self._losses.setdefault(name, []).append(tensor)
        self._scores.append((outcome.real, outcome.fake, outcome.loss_g is not None))
        if outcome.real is not None:
            self._recent.append((outcome.real, outcome.fake))
        if outcome.fake_after is not None:
            self._pending.setdefault("d_gz_after", []).append(self._mean_d(outcome.fake_after))
        self._updates += 1
        if len(self._scores) >= REDUCE_EVERY:
            self._reduce()

    def note(self, numbers: Numbers) -> None:
        """Keep scalars that were measured beside the updates."""
        for name, number in numbers.items():
            self._pending.setdefault(name, []).append(number.reshape(1))

    def due(self) -> bool:
        """Whether a metrics record is due."""
        if log_every := self._training.config.log_every:
            return self._training.step % log_every == 0 and not self._training.remaining
        return time.monotonic() >= self._next_metrics

    def hist_due(self) -> bool:
        """Whether a histogram is due."""
        return time.monotonic() >= self._next_hist

    def flush(self) -> int:
        """Write one metrics record of all updates since the last; returns the number of non-finite values."""
        now = time.monotonic()
        self._next_metrics = now + FIRST_INTERVAL * 2 ** (self.metrics_written // METRICS_PER_DOUBLING)
        if not self._updates:
            return 0
        self._reduce()
        in_d = self._pending.pop(D_GZ_IN_D, None)
        if in_d and "d_gz" not in self._pending:  # no update of G to take it from
            self._pending["d_gz"] = in_d
        values, nonfinite = _statistics({name: self._pending[name] for name in ORDER if name in self._pending})
        self._measure_speed(now)
        for name, number in self._speeds_and_rates().items():
            rounded = significant(number)
            values[name] = (rounded, rounded, rounded)
        self.latest |= {name: triple[0] for name, triple in values.items()}
        self._write(Metrics(v=values, n=self._updates, nonfinite=nonfinite).at(self._training.cursor))
        self.metrics_written += 1
        self._pending, self._updates = {}, 0
        return nonfinite

    def write_histogram(self, fresh: bool = False) -> None:
        """Write a histogram of the last updates' scores; `fresh` takes new ones, as single stepping needs."""
        self._next_hist = time.monotonic() + HIST_INTERVAL * 2 ** (self.hists_written // HISTS_PER_DOUBLING)
        if fresh or not self._recent:
            real, fake = fixed_scores(self._training)
        else:
            real = torch.cat([pair[0] for pair in self._recent])
            fake = torch.cat([pair[1] for pair in self._recent])
        counted = count_scores(real, fake, self._training.objective.facts.probability)
        self._write(
            Hist(
                space=counted.space,
                low=counted.low,
                high=counted.high,
                real=list(counted.real),
                fake=list(counted.fake),
                overlap=significant(counted.overlap),
            ).at(self._training.cursor)
        )
        self.hists_written += 1

    def forget(self) -> None:
        """Drop what was gathered but not written: after a roll-back it belongs to no history."""
        self._pending, self._losses, self._scores, self._updates = {}, {}, [], 0
        self._recent.clear()
        self.restart_clock()

    def _reduce(self) -> None:
        """Turn scores, (B,) per update, into one number per update and name."""
        for name, tensors in self._losses.items():
            self._pending.setdefault(name, []).append(torch.stack(tensors))
        for size in {len(fake) for _, fake, _ in self._scores}:  # a batch size may have changed in between
            self._reduce_scores([pair for pair in self._scores if len(pair[1]) == size])
        self._losses, self._scores = {}, []

    def _reduce_scores(self, scores: list[tuple[Tensor | None, Tensor, bool]]) -> None:
        for name, of_g in (("d_gz", True), (D_GZ_IN_D, False)):
            if chosen := [fake for _, fake, is_g in scores if is_g is of_g]:
                self._pending.setdefault(name, []).append(self._mean_d(torch.stack(chosen)))
        with_data = [(real, fake) for real, fake, _ in scores if real is not None]
        if with_data:
            real = torch.stack([pair[0] for pair in with_data])
            fake = torch.stack([pair[1] for pair in with_data])
            self._pending.setdefault("d_x", []).append(self._mean_d(real))
            if self._training.objective.facts.probability:
                self._pending.setdefault("value", []).append(value(real, fake))

    def _mean_d(self, scores: Tensor) -> Tensor:
        """Return the mean of D over the last dimension: of sigmoid(score) for a probability, of the score else."""
        if self._training.objective.facts.probability:
            scores = scores.sigmoid()
        return scores.mean(-1).reshape(-1)

    def _measure_speed(self, now: float) -> None:
        began, step = self._mark
        if now - began >= RATE_WINDOW or not self._rate:
            self._rate = (self._training.step - step) / max(now - began, 1e-9)
            self._mark = (now, self._training.step)

    def _speeds_and_rates(self) -> dict[str, float]:
        training, config = self._training, self._training.config
        return {
            "lr_d": training.opt_d.param_groups[0]["lr"],
            "lr_g": training.opt_g.param_groups[0]["lr"],
            "steps_per_s": self._rate,
            "samples_per_s": self._rate * config.batch_size * (1 if config.update == "simultaneous" else config.k),
        }


def count_scores(real: Tensor, fake: Tensor, probability: bool) -> Histogram:
    """Return the histogram of D's scores of data and samples, each (N,); non-finite ones are left out."""
    real, fake = (scores[scores.isfinite()] for scores in (real.float(), fake.float()))
    if probability:
        real, fake, low, high = real.sigmoid(), fake.sigmoid(), 0.0, 1.0
    else:
        largest = max((float(s.abs().max()) for s in (real, fake) if len(s)), default=1.0)
        high = histogram.score_range(largest)
        low = -high
    counts = [tuple(map(int, torch.histc(s.cpu(), BINS, low, high).tolist())) for s in (real, fake)]
    return Histogram("probability" if probability else "score", low, high, *counts)


@torch.no_grad()
def fixed_scores(training: Training) -> tuple[Tensor, Tensor]:
    """Return D's scores (N,) of fixed data and of G at the fixed latents, in evaluation mode: nothing moves.

    Under a condition samples have the labels of the data.
    """
    z = training.latents[: training.config.batch_size]
    first = torch.arange(min(len(z), training.data.count), device=training.device)
    rows = training.labels.rows[first] if training.labels else None
    real = in_evaluation_mode(training.d, *training.inputs_of_d(training.data.take(first), rows))
    return real, scores_of_samples(training, z if rows is None else z[: len(first)], rows)


def _statistics(pending: dict[str, list[Tensor]]) -> tuple[dict[str, tuple[float, float, float]], int]:
    """Return [mean, min, max] of the finite values by name, and how many were not finite. One transfer."""
    fetched = torch.cat([tensor for tensors in pending.values() for tensor in tensors]).cpu().numpy()
    ends = np.cumsum([sum(map(len, tensors)) for tensors in pending.values()])
    values, nonfinite = {}, 0
    for name, numbers in zip(pending, np.split(fetched, ends[:-1]), strict=True):
        finite = numbers[np.isfinite(numbers)]
        nonfinite += len(numbers) - len(finite)
        if len(finite):  # the mean in double precision: no sum of finite values overflows
            mean = finite.mean(dtype=np.float64)
            values[name] = (
                significant(float(mean)),
                significant(float(finite.min())),
                significant(float(finite.max())),
            )
    return values, nonfinite
