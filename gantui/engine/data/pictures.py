"""One picture of any mode as 8-bit grey or RGB, cut to a square."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N")


def decode(path: Path, size: int, channels: int) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Return the first frame of the picture in `path` as uint8 (channels, size, size).

    It is turned as its EXIF orientation says, laid on white where it is transparent, scaled from 16 bits to
    8, cropped to the middle square and resized (bilinear with antialiasing). Raises what Pillow raises:
    nearly anything for a damaged file.
    """
    with Image.open(path) as opened:
        opened.draft(None, (2 * size, 2 * size))  # JPEG: decode no more than needed
        picture = to_mode(ImageOps.exif_transpose(opened), "L" if channels == 1 else "RGB")
    return as_array(square(picture, size))


def to_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Return the picture in mode `L` or `RGB`; ValueError for floating-point pixels, of unknown range."""
    if picture.mode == "F":
        raise ValueError("floating-point pixels")
    if picture.mode.startswith("I"):
        # Pillow would clip at 255. Mode I holds 16 bits in practice, such as a PGM with a maximum above 255.
        wide = np.asarray(picture).astype(np.int64).clip(0, 65535)
        return Image.fromarray(((wide + 128) // 257).astype(np.uint8)).convert(mode)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert(mode)


def square(picture: Image.Image, size: int) -> Image.Image:
    """Return the middle square of the picture, `size` pixels wide."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    # First cropped: resizing a box of the picture would blend in what lies beyond its edges.
    middle = picture.crop((left, top, left + side, top + side))
    return middle.resize((size, size), Image.Resampling.BILINEAR)


def as_array(picture: Image.Image) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Return a picture in mode L or RGB as uint8 (C, H, W)."""
    pixels = np.array(picture, dtype=np.uint8)  # a copy: torch wants memory it may write
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
