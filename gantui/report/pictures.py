"""Samples that are images, as one small sheet: a data URI of a PNG, or of a JPEG where a PNG would be large."""

import base64
import io
from typing import TYPE_CHECKING

from gantui.report.markup import Markup, element

if TYPE_CHECKING:
    import numpy as np

MOST_PIXELS = 400  # of a sheet's longer side; larger images are shown smaller, or fewer of them
LEAST_SIDE = 48  # pixels to which an image may be reduced to make room for others
LARGE = 24 << 10  # bytes of a PNG from which on it becomes a JPEG
GAP = 1
CRISP = 300  # pixels of a sheet below which its pixels are shown as squares


def sheet(x: "np.ndarray", per_line: int = 0, alt: str = "") -> Markup:
    """Return images (N, C, H, W) in 0–1, C 1 or 3, as an element; `per_line` of them in a line if that is given."""
    import numpy as np
    from PIL import Image

    side = max(x.shape[2:])
    shown = min(side, LEAST_SIDE) if side > LEAST_SIDE else side
    most = max(1, (MOST_PIXELS - GAP) // (shown + GAP))
    across = min(per_line or int(np.ceil(np.sqrt(len(x)))), most)
    chosen = x[: across * most] if not per_line else np.concatenate(
        [x[line : line + across] for line in range(0, min(len(x), per_line * most), per_line)]
    )  # fmt: skip
    pixels = (np.nan_to_num(chosen, posinf=1.0).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    rows = -(-len(pixels) // across)
    height, width = (max(1, round(size * shown / side)) for size in x.shape[2:])
    colours = "L" if x.shape[1] == 1 else "RGB"
    whole = Image.new(colours, (across * (width + GAP) - GAP, rows * (height + GAP) - GAP), "white")
    for index, image in enumerate(pixels):
        one = Image.fromarray(image[0] if colours == "L" else image.transpose(1, 2, 0), colours)
        if one.size != (width, height):
            one = one.resize((width, height), Image.Resampling.BOX)
        whole.paste(one, ((index % across) * (width + GAP), (index // across) * (height + GAP)))
    crisp = "crisp" if max(whole.size) < CRISP else None
    return element("img", src=_uri(whole), width=whole.width, height=whole.height, alt=alt, class_=crisp)


def png_uri(png: bytes) -> Markup:
    """Return a PNG as a data URI."""
    return Markup(f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}")


def _uri(picture: "object") -> Markup:
    from PIL.Image import Image

    assert isinstance(picture, Image)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    if buffer.tell() <= LARGE:
        return png_uri(buffer.getvalue())
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return Markup(f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}")
