"""Cells of the data, which tell whether samples fill all of it: of a mixture they are the modes, found unaided."""

import torch
from torch import Tensor

MOST_CELLS = 32
PER_CELL = 8  # examples at least
ROUNDS = 10
NEAR = 0.12  # mean distances of the data within which two centres are of one cell
_SEED = 0xCE11


class Cells:
    """Cells around centres (M, d) found by k-means (k-means++, Arthur & Vassilvitskii 2007; Lloyd's rounds).

    Of centres that lie close together only the heaviest stays, so that the fine structure of a narrow mode doesn't
    count as variety. Deterministic.
    """

    def __init__(self, data: Tensor, distance: Tensor) -> None:
        """`data` (N, d), finite; `distance`, a scalar, the mean one between two of them."""
        count = max(1, min(MOST_CELLS, len(data) // PER_CELL))
        centres = _seeded(data, count)
        for _ in range(ROUNDS):
            member = torch.cdist(data, centres).argmin(1)
            sums = torch.zeros_like(centres).index_add_(0, member, data)
            sizes = torch.bincount(member, minlength=count)
            centres = torch.where(sizes[:, None] > 0, sums / sizes.clamp_min(1)[:, None], centres)
        sizes = torch.bincount(torch.cdist(data, centres).argmin(1), minlength=count)
        self.centres = _apart(centres[sizes.argsort(descending=True, stable=True)], NEAR * distance)
        self.of_data = self.effective(data)

    def effective(self, x: Tensor) -> Tensor:
        """Return e to the entropy of the shares of x (N, d) in the cells, a scalar: 1 (all in one) to M (even)."""
        counts = torch.bincount(torch.cdist(x, self.centres).argmin(1), minlength=len(self.centres))
        shares = counts / len(x)
        number: Tensor = torch.special.entr(shares).sum().exp()
        return number

    def variety(self, samples: Tensor) -> Tensor:
        """Return the effective number of cells that samples (N, d) fill over that of the data, about 0 to 1."""
        return self.effective(samples) / self.of_data


def _seeded(data: Tensor, count: int) -> Tensor:
    """Return `count` rows of `data`, each chosen with a chance that grows with its squared distance from the others."""
    generator = torch.Generator(data.device).manual_seed(_SEED)
    chosen = [int(torch.randint(len(data), (1,), generator=generator, device=data.device))]
    squares = (data - data[chosen[0]]).square().sum(1)
    for _ in range(count - 1):
        if not float(squares.sum()) > 0:  # fewer different rows than cells
            break
        chosen.append(int(torch.multinomial(squares, 1, generator=generator)))
        squares = torch.minimum(squares, (data - data[chosen[-1]]).square().sum(1))
    centres = data[chosen]
    return torch.cat([centres, centres[:1].expand(count - len(chosen), -1)])


def _apart(centres: Tensor, near: Tensor) -> Tensor:
    """Return those centres that lie farther than `near` from all that were kept before them."""
    close = torch.cdist(centres, centres) <= near
    kept: list[int] = []
    for index, row in enumerate(close.tolist()):
        if not any(row[other] for other in kept):
            kept.append(index)
    return centres[kept]
