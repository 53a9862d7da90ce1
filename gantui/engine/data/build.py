"""From numbers or images as read to a `Data`: the output's range, the scaling, the place in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantui.core.config import Config
from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data.dataset import Data, Mixture, Source
from gantui.engine.data.labels import Labels

Progress = Callable[[float], None]
MAX_FLOAT32 = 3e38
_CHUNK = 1024


@dataclass(frozen=True)
class Request:
    """What to load, and where to: every loader gets it. `memory` is the most bytes a set may hold."""

    config: Config
    device: torch.device
    memory: int
    progress: Progress

    @property
    def label(self) -> str:
        """How messages name the field at fault."""
        return f"data = {neutralise(repr(self.config.data), 200)}"


def numbers(
    request: Request,
    name: str,
    values: "np.ndarray[Any, Any]",
    columns: tuple[str, ...] = (),
    mixture: Mixture | None = None,
    labels: Labels | None = None,
    warnings: Sequence[str] = (),
) -> Data:
    """Return a data set of the finite numbers `values` (N, d), scaled for the model.

    Each column is standardised for a linear output, its minimum and maximum mapped to the ends of the range
    for tanh and sigmoid. A constant column becomes 0, or the lower end.

    Raises:
        DataError: fewer than two rows, no column, or numbers too large for float32.
    """
    count, width = values.shape
    if count < 2 or width < 1:
        raise DataError(f"{request.label}: {count} rows of {width} columns; at least 2 rows are needed")
    output, values = output_of(request), values.astype(np.float64)
    check_size(request, values)
    x, scale, shift = scaled(values, output)
    if not columns:
        columns = ("x", "y")[:width] if width <= 2 else tuple(f"column {i + 1}" for i in range(width))
    return vectors(
        request,
        name,
        torch.from_numpy(x),
        torch.from_numpy(scale),
        torch.from_numpy(shift),
        output,
        kind="points" if width <= 2 else "table",
        columns=columns,
        mixture=mixture,
        labels=labels,
        warnings=warnings,
    )


def output_of(request: Request) -> str:
    """Return the output activation for numbers: as configured, else linear."""
    return "linear" if request.config.output == "auto" else request.config.output


def check_size(request: Request, values: "np.ndarray[Any, Any]") -> None:
    """Refuse numbers that are too large for float32. Raises DataError."""
    if values.size and max(abs(values.min()), abs(values.max())) > MAX_FLOAT32:
        raise DataError(f"{request.label}: holds numbers beyond ±{MAX_FLOAT32:g}, too large for float32")


def scaled(
    values: "np.ndarray[Any, Any]", output: str
) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Return columns (N, d) of float64, N ≥ 1, in the range of an output, as float32; scale (d,) and shift (d,)."""
    low, high = values.min(0), values.max(0)
    constant = low == high
    if output == "linear":
        shift, scale = np.where(constant, low, values.mean(0)), np.where(constant, 1, values.std(0))
    elif output == "sigmoid":
        shift, scale = low, np.where(constant, 1, high - low)
    else:
        scale = np.where(constant, 1, (high - low) / 2)
        shift = low + scale
    values = (values - shift) / scale
    return values.astype(np.float32), scale.astype(np.float32), shift.astype(np.float32)


def vectors(
    request: Request,
    name: str,
    x: Tensor,
    scale: Tensor,
    shift: Tensor,
    output: str,
    *,
    kind: str = "table",
    labels: Labels | None = None,
    warnings: Sequence[str] = (),
    **more: Any,
) -> Data:
    """Return a data set of vectors x (N, d) that are in the range of the output; `more` as in `Data`."""
    return Data(
        name=name,
        kind=kind,
        shape=tuple(x.shape[1:]),
        count=len(x),
        output=output,
        device=request.device,
        x=x.to(request.device),
        scale=scale.to(request.device),
        shift=shift.to(request.device),
        labels=labels and labels.to(request.device),
        warnings=tuple(warnings),
        **more,
    )


def fits(request: Request, count: int, shape: tuple[int, ...]) -> bool:
    """Whether so many images, one byte per value, may be held in memory."""
    return count * int(np.prod(shape)) <= request.memory


def images(
    request: Request,
    name: str,
    shape: tuple[int, ...],
    count: int,
    held: Tensor | Source,
    labels: Labels | None = None,
    levels: int = 255,
    warnings: Sequence[str] = (),
) -> Data:
    """Return a data set of `count` images of `shape` (C, H, W).

    `held` is a uint8 tensor (N, C, H, W), or a source: that is read into memory if it fits, else it streams.
    Raises DataError for fewer than two images.
    """
    if count < 2:
        raise DataError(f"{request.label}: {count} image; at least 2 are needed")
    by_default = "linear" if request.config.preprocess == "gcn" else "tanh"
    output = by_default if request.config.output == "auto" else request.config.output
    if not isinstance(held, Tensor) and fits(request, count, shape):
        held = _read_all(held, count, shape, request.progress)
    in_memory = isinstance(held, Tensor)
    return Data(
        name=name,
        kind="image",
        shape=shape,
        count=count,
        output=output,
        device=request.device,
        x=held.to(request.device) if isinstance(held, Tensor) else None,
        source=None if in_memory else held,  # type: ignore[arg-type]
        scale=torch.tensor(1.0 if output == "sigmoid" else 0.5, device=request.device),
        shift=torch.tensor(0.0 if output == "sigmoid" else 0.5, device=request.device),
        labels=labels and labels.to(request.device),
        levels=levels,
        warnings=tuple(warnings),
    )


def _read_all(source: Source, count: int, shape: tuple[int, ...], progress: Progress) -> Tensor:
    x = torch.empty(count, *shape, dtype=torch.uint8)
    for start in range(0, count, _CHUNK):
        end = min(start + _CHUNK, count)
        x[start:end], _ = source.read(range(start, end))
        progress(end / count)
    return x
