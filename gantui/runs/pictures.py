"""Grids of images as PNG: those beside the previews, and whatever is saved to look at."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # whoever only reads a run pays for neither numpy nor Pillow
    import numpy as np


def png_grid(images: "np.ndarray", columns: int | None = None, least: int = 512) -> bytes:
    """Return a PNG of images as a grid, row by row, with a white line around each.

    Args:
        images: (N, C, H, W) in 0–1, N at least 1, C 1 or 3; values beyond are clipped, NaN is black.
        columns: images in a row; by default the grid is about as wide as high.
        least: the grid is enlarged by a whole factor, up to so many pixels on its longer side.
    """
    import numpy as np
    from PIL import Image

    count, channels, height, width = images.shape
    columns = columns or int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    sheet = np.ones((channels, rows * (height + 1) + 1, columns * (width + 1) + 1), dtype=np.float32)
    for index, image in enumerate(images):
        top, left = (height + 1) * (index // columns) + 1, (width + 1) * (index % columns) + 1
        sheet[:, top : top + height, left : left + width] = image
    pixels = (np.nan_to_num(sheet).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    picture = Image.fromarray(pixels[0] if channels == 1 else pixels.transpose(1, 2, 0))
    factor = max(1, least // max(picture.size))
    picture = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
