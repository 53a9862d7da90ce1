"""A folder of images: found, looked at, and decoded into memory or while training."""

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from PIL import Image
from torch import Tensor

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import attribute_table, build, decoded, pictures
from gantui.engine.data.dataset import Data
from gantui.engine.data.image_files import ImageFiles
from gantui.engine.data.labels import Labels, of_classes

EXTENSIONS = frozenset([".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"])
DEFAULT_SIZE = 32
LARGEST_COMMON_SIZE = 128
_THREADS = min(8, 2 * (os.cpu_count() or 1))
_AT_ONCE = 1024
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class _Header:
    size: tuple[int, int]
    grey: bool
    animated: bool
    floating: bool
    stamp: decoded.Stamp


def load(request: build.Request, folder: Path) -> Data:
    """Return the images below `folder`, square, all grey or all RGB.

    Auto size: the side that all images share if they are square and 4 to 128 wide, else 32. They are grey if
    all are. An `attributes.csv` in the folder gives the labels; else the first-level subfolders are classes if all
    images lie in at least two of them.

    Raises:
        DataError: no images, or none or only one that can be read.
    """
    files = [path for path in _files(folder) if path != folder / attribute_table.NAME]
    candidates = [path for path in files if path.suffix.lower() in EXTENSIONS]
    if not candidates:
        raise DataError(f"{request.label}: no images in it ({', '.join(sorted(e[1:] for e in EXTENSIONS))})")
    found = zip(candidates, _parallel(_header, candidates, lambda p: request.progress(p / 2)), strict=True)
    known = {path: header for path, header in found if header}
    floating = [path for path, header in known.items() if header.floating]
    headers = {path: header for path, header in known.items() if not header.floating}
    paths, unreadable = list(headers), f"{request.label}: none of its {len(candidates)} images can be read"
    if floating:
        unreadable += f": {len(floating)} have floating-point pixels, of unknown range"
    if not paths:
        raise DataError(unreadable)
    channels = 1 if all(header.grey for header in headers.values()) else 3
    auto = request.config.image_size == "auto"
    size = _size(list(headers.values())) if auto else int(request.config.image_size)
    shape = (channels, size, size)
    held: Tensor | ImageFiles
    if build.fits(request, len(paths), shape):
        held, good = _decode_all(request, ImageFiles(paths, size, channels, request.label), len(paths), shape)
        paths = [path for path, is_good in zip(paths, good, strict=True) if is_good]
        if not paths:
            raise DataError(unreadable)
        streaming: list[str] = []
    else:
        kept, streaming = _kept(request, [header.stamp for header in headers.values()], shape)
        held = ImageFiles(paths, size, channels, request.label, kept)
    labels, warnings = _labels(request, folder, paths)
    return build.images(
        request,
        neutralise(folder.resolve().name, 80),
        shape,
        len(paths),
        held,
        labels=labels,
        warnings=[
            *_warnings(folder, files, paths, [path for path in paths if headers[path].animated], floating),
            *streaming,
            *warnings,
        ],
    )


def _kept(
    request: build.Request, stamps: list[decoded.Stamp], shape: tuple[int, int, int]
) -> tuple[decoded.Decoded | None, list[str]]:
    """Return where images that stream are kept decoded, if anywhere, and what is to be said of that."""
    try:
        return decoded.keep(Path(request.config.data_root).expanduser() / "decoded", stamps, len(stamps), shape), []
    except DataError as error:
        return None, [f"{error}; they are decoded anew in every epoch"]


def _files(folder: Path) -> Iterator[Path]:
    """Regular files below `folder` in natural order; hidden ones left out, each folder entered once."""
    entered = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        status = Path(place).stat()
        if (status.st_dev, status.st_ino) in entered:  # a symbolic link in a circle
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=natural)
        for name in sorted(names, key=natural):
            path = Path(place, name)
            if not name.startswith(".") and _is_regular(path):
                yield path


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)  # opening a named pipe would wait forever
    except OSError:
        return False


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key by which `2.png` comes before `10.png`."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts], name


def _header(path: Path) -> _Header | None:
    try:
        with Image.open(path) as image:
            grey = image.mode in pictures.GREY_MODES
            # Phones store a photo with a second view of it as MPO: no animation.
            animated = getattr(image, "is_animated", False) and image.format != "MPO"
            status = path.stat()
            stamp = (os.path.abspath(path), status.st_size, status.st_mtime_ns)  # noqa: PTH100, of links too
            return _Header(image.size, grey, animated, image.mode == pictures.FLOAT_MODE, stamp)
    except Exception:  # as in `decode`
        return None


def _size(headers: list[_Header]) -> int:
    width, height = headers[0].size
    common = all(header.size == (width, height) for header in headers)
    return width if common and width == height and 4 <= width <= LARGEST_COMMON_SIZE else DEFAULT_SIZE


def _parallel(
    function: Callable[[_Item], _Result], items: Sequence[_Item], progress: build.Progress
) -> Iterator[_Result]:
    """Apply a function in threads (Pillow lets go of the interpreter while it decodes), results in order."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(items), _AT_ONCE):  # a million at once would queue a million results
            yield from pool.map(function, items[start : start + _AT_ONCE])
            progress(min(start + _AT_ONCE, len(items)) / len(items))


def _decode_all(
    request: build.Request, source: ImageFiles, count: int, shape: tuple[int, ...]
) -> tuple[Tensor, list[bool]]:
    """Return the images that can be decoded, uint8 (N, C, H, W), and which of all those are."""
    x, kept, filled = torch.empty(count, *shape, dtype=torch.uint8), [], 0
    for image in _parallel(source.decode, range(count), lambda p: request.progress(0.5 + p / 2)):
        kept.append(image is not None)
        if image is not None:
            x[filled] = torch.from_numpy(image)
            filled += 1
    return x[:filled], kept


def _labels(request: build.Request, folder: Path, paths: list[Path]) -> tuple[Labels | None, list[str]]:
    if request.config.labels == "none":  # a broken table must not be in the way of who doesn't want it
        return None, []
    table = folder / attribute_table.NAME
    if not table.is_file():
        return _classes(folder, paths), []
    try:
        return attribute_table.read(table, [path.relative_to(folder).as_posix() for path in paths])
    except DataError as error:
        raise DataError(f"{request.label}: {attribute_table.NAME} {error}\nWithout it: -s labels=none") from None


def _classes(folder: Path, paths: list[Path]) -> Labels | None:
    first = [path.relative_to(folder).parts[:-1][:1] for path in paths]
    names = list(dict.fromkeys(part[0] for part in first if part))
    if len(names) < 2 or not all(first):
        return None
    index = {name: i for i, name in enumerate(names)}
    return of_classes([neutralise(name, 80) for name in names], torch.tensor([index[part[0]] for part in first]))


def _warnings(
    folder: Path, files: list[Path], used: list[Path], animated: list[Path], floating: list[Path]
) -> Iterator[str]:
    kept = {*used, *floating}
    left_out = [path for path in files if path not in kept]
    if left_out:
        share = f"{len(left_out)} of {len(files)} files"
        yield f"{share} are no readable images and were left out: {_some(folder, left_out)}"
    if floating:
        yield f"{len(floating)} images have floating-point pixels, of unknown range, and were left out: " + _some(
            folder, floating
        )
    if animated:
        yield f"{len(animated)} images are animated, only the first frame is used: {_some(folder, animated)}"


def _some(folder: Path, paths: list[Path]) -> str:
    names = ", ".join(neutralise(path.relative_to(folder), 80) for path in paths[:3])
    return names + (", …" if len(paths) > 3 else "")
