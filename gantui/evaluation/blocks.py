"""Work on large sets of samples piece by piece: bounded memory, and a chance to interrupt in between."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

MAX_ROWS = 1000
MAX_NUMBERS = 4_000_000  # of float64 in one block: 32 MB

Check = Callable[[], None]


def no_check() -> None:
    """The default `check`, which never interrupts."""


def flatten(samples: Tensor) -> Tensor:
    """Return samples (N, ...) as a matrix (N, d); (N,) becomes (N, 1)."""
    return samples.detach().reshape(len(samples), -1) if samples.numel() else samples.new_zeros(0, 1)


def blocks(matrix: Tensor, check: Check = no_check) -> Iterator[tuple[slice, Tensor]]:
    """Yield (rows, matrix[rows] in float64) of a matrix (N, d) in turn, calling `check` before each."""
    rows = max(1, min(MAX_ROWS, MAX_NUMBERS // max(1, matrix.shape[1])))
    for start in range(0, len(matrix), rows):
        check()
        part = slice(start, min(start + rows, len(matrix)))
        yield part, matrix[part].to(torch.float64)


def column_means(matrix: Tensor, check: Check = no_check) -> Tensor:
    """Return the means (d,) of the columns of a matrix (N, d), summed in float64. N must be 1 or more."""
    total = matrix.new_zeros(matrix.shape[1], dtype=torch.float64)
    for _, block in blocks(matrix, check):
        total += block.sum(0)
    return total / len(matrix)


def rows(count: int) -> Iterator[slice]:
    """Yield slices that cut `count` rows into blocks."""
    for start in range(0, count, MAX_ROWS):
        yield slice(start, min(start + MAX_ROWS, count))


def products(
    a: Tensor, b: Tensor, centre_a: Tensor, centre_b: Tensor, check: Check = no_check
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the inner products (N, M) of the rows of two centred matrices, and the rows' squared norms (N,), (M,).

    All in float64. Takes a and b (N, d), (M, d) a few columns at a time, so that large ones need no copy, calling
    `check` before each.
    """
    found = a.new_zeros(len(a), len(b), dtype=torch.float64)
    squares_a, squares_b = (found.new_zeros(len(matrix)) for matrix in (a, b))
    width = max(1, MAX_NUMBERS // max(len(a), len(b), 1))
    for start in range(0, a.shape[1], width):
        check()
        part = slice(start, start + width)
        of_a, of_b = a[:, part] - centre_a[part], b[:, part] - centre_b[part]
        found.addmm_(of_a, of_b.T)
        squares_a += of_a.square().sum(1)
        squares_b += of_b.square().sum(1)
    return found, squares_a, squares_b
