"""Tables of numbers and categories: rows as vectors in which distances and correlations mean something, and shares.

Rows hold numbers, indices of categories, and NaN where a cell is empty; `sizes` says of each column how many
categories it has, 0 for numbers.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from gantui.evaluation.blocks import Check, no_check


def vectors(rows: Tensor, real: Tensor, sizes: Sequence[int]) -> Tensor:
    """Return rows (N, d) as vectors (N, D), finite where the rows are finite or NaN.

    A column of numbers stays one, with the mean of `real` (M, d) in empty cells, and 1 or 0 behind it for an empty
    cell if `real` has some. A category becomes one column for each value, and one for an empty cell likewise.
    """
    parts: list[Tensor] = []
    for column, size in enumerate(sizes):
        given, data = rows[:, column], real[:, column]
        empty, holes = given.isnan(), bool(data.isnan().any())
        if size:
            parts += [(given == value).to(rows.dtype) for value in range(size)]
        else:
            mean = data.nanmean() if not data.isnan().all() else data.new_zeros(())
            parts.append(torch.where(empty, mean.to(rows.dtype), given))
        if holes:
            parts.append(empty.to(rows.dtype))
    return torch.stack(parts, 1) if parts else rows.new_zeros(len(rows), 0)


def comparable(rows: Tensor, real: Tensor, sizes: Sequence[int]) -> Tensor:
    """Return `vectors` for distances, float64: numbers standardised by `real`, two different categories √2 apart."""
    own, data = vectors(rows, real, sizes).double(), vectors(real, real, sizes).double()
    numbers = []
    for column, size in enumerate(sizes):
        numbers += ([False] * size if size else [True]) + [False] * bool(real[:, column].isnan().any())
    is_number = torch.tensor(numbers, device=own.device) & (data.amin(0) < data.amax(0))
    mean, sd = data.mean(0), data.std(0)
    return torch.where(is_number, (own - mean) / sd.masked_fill(~is_number, 1), own)


def share_error(generated: Tensor, real: Tensor, sizes: Sequence[int]) -> float:
    """Return the largest difference, in points of a hundred, between shares of a category, or of empty cells.

    Both (N, d) and (M, d), N, M ≥ 1. 0 where there is neither.
    """
    largest = 0.0
    for column, size in enumerate(sizes):
        shares = [_shares(rows[:, column], size) for rows in (generated, real)]
        largest = max(largest, float((shares[0] - shares[1]).abs().max()))
    return 100 * largest


def _shares(cells: Tensor, size: int) -> Tensor:
    """The shares of the categories, and of empty cells."""
    counts = [(cells == value).double().mean() for value in range(size)]
    return torch.stack([*counts, cells.isnan().double().mean()])


def copied(generated: Tensor, real: Tensor, check: Check = no_check) -> float:
    """Return the share, 0 to 1, of generated rows (N, d) that are equal to one of the data (M, d), N ≥ 1."""
    check()
    known = {row.tobytes() for row in _comparable(real)}
    return sum(row.tobytes() in known for row in _comparable(generated)) / len(generated)


def _comparable(rows: Tensor):  # type: ignore[no-untyped-def]
    """Rows as arrays of which the bytes are equal if the rows are: no −0, and one NaN."""
    plain = rows.detach().float().cpu() + 0.0
    return plain.masked_fill(plain.isnan(), torch.nan).numpy()


def worst_moments(generated: Tensor, real: Tensor, sizes: Sequence[int]) -> dict[str, float]:
    """Return `mean_error` and `sd_error` as `moments.table_fidelity` has them, over numbers that are there.

    Columns of categories and those that are constant in the data are left out.
    """
    means, sds = [0.0], [0.0]
    for column, size in enumerate(sizes):
        data, made = (rows[:, column][~rows[:, column].isnan()].double() for rows in (real, generated))
        if size or len(data) < 2 or data.min() == data.max():
            continue
        if len(made) < 2:
            return {"mean_error": float("inf"), "sd_error": 1.0}
        sd = data.std()
        means.append(float((made.mean() - data.mean()).abs() / sd))
        sds.append(float((made.std() / sd - 1).abs()))
    return {"mean_error": max(means), "sd_error": max(sds)}
