"""One picture of any mode as 8-bit grey or RGB, cut to a square."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin

GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N")
FLOAT_MODE = "F"
MAX_16_BITS = 65535

# Above 89 million pixels Pillow warns, above twice as many it refuses; the trainer says which pictures it leaves out.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def decode(path: Path, size: int, channels: int) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Return the first frame of the picture in `path` as uint8 (channels, size, size).

    It is turned as its EXIF orientation says, cropped to the middle square, laid on white where it is transparent,
    scaled from 16 bits to 8, and resized (bilinear with antialiasing). Raises what Pillow raises: nearly anything
    for a damaged file.
    """
    with Image.open(path) as opened:
        opened.draft(None, (2 * size, 2 * size))  # JPEG: decode no more than needed
        ImageOps.exif_transpose(opened, in_place=True)  # and no copy: a large picture is 300 MB
        negative = _is_negative(opened)
        picture = to_mode(middle(opened), "L" if channels == 1 else "RGB")
        if negative:
            picture = ImageOps.invert(picture)
        return as_array(picture.resize((size, size), Image.Resampling.BILINEAR))


def to_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Return the picture in mode `L` or `RGB`.

    Raises ValueError where the range of the pixels is unknown: floating-point ones, whole ones beyond 16 bits.
    """
    if picture.mode == FLOAT_MODE:
        raise ValueError("floating-point pixels")
    if picture.mode.startswith("I"):
        # Pillow would clip at 255. Mode I holds 16 bits in practice, such as a PGM with a maximum above 255.
        wide = np.asarray(picture)
        if wide.dtype != np.uint16 and (wide.min() < 0 or wide.max() > MAX_16_BITS):
            raise ValueError("pixels beyond 16 bits")
        narrow = (wide.astype(np.uint32) + 128) // 257
        picture = Image.fromarray(narrow.astype(np.uint8))
    elif picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture if picture.mode == mode else picture.convert(mode)


def _is_negative(picture: Image.Image) -> bool:
    """Whether 0 is white, in a TIFF of 16 bits; Pillow inverts those of 8."""
    tags = getattr(picture, "tag_v2", {})
    return picture.mode.startswith("I") and tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0


def middle(picture: Image.Image) -> Image.Image:
    """Return the middle square of the picture."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture if left == top == 0 else picture.crop((left, top, left + side, top + side))


def square(picture: Image.Image, size: int) -> Image.Image:
    """Return the middle square of the picture, `size` pixels wide."""
    # First cropped: resizing a box of the picture would blend in what lies beyond its edges.
    return middle(picture).resize((size, size), Image.Resampling.BILINEAR)


def as_array(picture: Image.Image) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Return a picture in mode L or RGB as uint8 (C, H, W)."""
    pixels = np.array(picture, dtype=np.uint8)  # a copy: torch wants memory it may write
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
