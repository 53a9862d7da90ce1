"""Samples beside data at a glance: a few numbers that cost little, for use while a training goes on."""

import torch
from torch import Tensor

from gantui.evaluation.cells import Cells

PAIRED = 256  # samples whose distances to each other are taken
DIRECTIONS = 16  # on which samples and data are projected
NEIGHBOURS = 128  # samples whose nearest example is looked for
_SEED = 0x5EED


class Reference:
    """Examples of the data, prepared once, that batches of samples are compared with. Distances are Euclidean, in
    the range of the model, of flattened examples.

    `distance`, a scalar, is the mean one between two examples.
    """

    def __init__(
        self, data: Tensor, samples: int, *, trained_on: Tensor | None = None, held_out: Tensor | None = None
    ) -> None:
        """Take `data` (M, *shape), M ≥ 2, to compare with `samples` samples at a time.

        `trained_on` (N, *shape) are all examples that are trained on, `held_out` some others, for `nearness`.
        """
        data = data.flatten(1).float()
        self.distance = _mean_distance(data[: 2 * PAIRED]).clamp_min(1e-6)
        self._cells = Cells(data, self.distance)
        generator = torch.Generator(data.device).manual_seed(_SEED)
        shape = (data.shape[1], min(DIRECTIONS, data.shape[1] ** 2))
        directions = torch.randn(shape, generator=generator, device=data.device)
        self._directions = directions / directions.norm(dim=0)
        projected = data @ self._directions
        self._deviation = (projected - projected.mean(0)).abs().mean().clamp_min(1e-6)
        places = (torch.arange(samples, device=data.device) + 0.5) / samples
        self._quantiles = projected.quantile(places, dim=0)
        self._trained_on = None if trained_on is None else trained_on.flatten(1).float()
        self._usual = None if self._trained_on is None else self._between_examples(self._trained_on, held_out)

    def compare(self, x: Tensor) -> dict[str, Tensor]:
        """Return scalars for samples x (N, *shape), N as announced.

        `spread`: mean distance between two samples over `distance`; 0 = all alike.
        `variety`: effective number of cells of the data that samples fill over the data's own (`Cells`).
        `gap`: W₁ between samples and data, the mean over fixed random directions (sliced Wasserstein distance, Bonneel
        et al. 2015), in mean deviations of the data; 512 perfect samples have about 0.05.
        """
        x = x.flatten(1)
        projected = (x @ self._directions).sort(0).values
        return {
            "spread": _mean_distance(x[:PAIRED]) / self.distance,
            "variety": self._cells.variety(x),
            "gap": (projected - self._quantiles).abs().mean() / self._deviation,
        }

    def nearness(self, x: Tensor) -> dict[str, Tensor]:
        """Return `nn_ratio`, if all examples are known: the median distance from a sample of x (N, *shape) to the
        nearest example that is trained on, over that from a held-out example, or from one of those to the next.

        About 1 where samples are new, near 0 where they are copies.
        """
        if self._trained_on is None or self._usual is None:
            return {}
        nearest = torch.cdist(x[:NEIGHBOURS].flatten(1), self._trained_on).amin(1)
        return {"nn_ratio": nearest.median() / self._usual}

    def _between_examples(self, trained_on: Tensor, held_out: Tensor | None) -> Tensor:
        if held_out is not None:
            distances = torch.cdist(held_out.flatten(1).float(), trained_on).amin(1)
        else:
            some = trained_on[:: max(1, len(trained_on) // (2 * PAIRED))]
            distances = torch.cdist(some, trained_on).topk(2, largest=False).values[:, 1]  # the first is itself
        return distances.median().clamp_min(1e-6)


def _mean_distance(x: Tensor) -> Tensor:
    """Return the mean distance between two different rows of x (N, d), a scalar."""
    return torch.pdist(x).mean()
