"""Images as cells: half blocks in full colour or in the 256 of xterm, a ramp of characters, or braille."""

from typing import TYPE_CHECKING, Literal, NamedTuple

from gantui.tui.draw.ink import PLAIN, Ink, Line, Lines

if TYPE_CHECKING:
    import numpy as np

Mode = Literal["half", "half256", "ascii", "braille"]


class _Look(NamedTuple):
    """How many pixels a cell shows, and below how many an image of more is not shrunk by default."""

    across: int
    down: int
    legible: int


LOOKS: dict[str, _Look] = {
    "half": _Look(1, 2, 14),
    "half256": _Look(1, 2, 14),
    "ascii": _Look(1, 2, 14),
    "braille": _Look(2, 4, 28),  # needs several dots for one grey
}
SCALES = (16, 12, 8, 6, 5, 4, 3, 2, 1, 3 / 4, 1 / 2, 3 / 8, 1 / 4, 3 / 16, 1 / 8, 3 / 32, 1 / 16, 1 / 32, 1 / 64)
GAP = 1  # cells between images
UNKNOWN = 0.5  # the grey of what is not finite
RAMP = " .:-=+*#%@"
CUBE = (0, 95, 135, 175, 215, 255)
GREYS = (0, *range(8, 239, 10), 255)
BAYER = ((0, 32, 8, 40), (48, 16, 56, 24), (12, 44, 4, 36), (60, 28, 52, 20))  # of 64: thresholds of a 4 × 4 dither


class Grid(NamedTuple):
    """`rows` × `columns` images, each of `cells` (width, height) cells that show `pixels` (width, height)."""

    rows: int
    columns: int
    cells: tuple[int, int]
    pixels: tuple[int, int]


def layout(count: int, h: int, w: int, width: int, height: int, mode: Mode = "half", zoom: int = 0) -> Grid:
    """Return how `count` images of `h` × `w` pixels are laid out in an area of cells.

    As large as all of them fit, but not smaller than is legible: then only the first are shown. `zoom` +1 is one
    size larger (and fewer), −1 one smaller. One image always fits; enlarging is by whole factors.
    """
    sizes = [_sized(scale, h, w, mode) for scale in SCALES]
    sizes = [size for size in sizes if size.cells[0] <= width and size.cells[1] <= height] or [
        _squeezed(h, w, width, height, mode)
    ]
    legible = [size for size in sizes if min(size.pixels) >= min(h, w, LOOKS[mode].legible)] or sizes[:1]
    grids = [_filled(size, count, width, height) for size in legible]
    fitting = next((i for i, grid in enumerate(grids) if grid.rows * grid.columns >= count), len(grids) - 1)
    return _filled(sizes[min(max(fitting - zoom, 0), len(sizes) - 1)], count, width, height)


def picture_grid(
    images: "np.ndarray", width: int, height: int, mode: Mode = "half", zoom: int = 0, per_line: int = 0
) -> Lines:
    """Return the first of `images` (N, C, H, W), 0 to 1, C = 1 or 3, from the left top as `layout` says.

    With `per_line` so many belong into a line: of what doesn't fit, the ends of lines and the last lines are left
    out. Values beyond 0 to 1 are clamped; those not finite are grey.
    """
    import numpy as np

    count, _, h, w = images.shape
    if not count or not h or not w:
        return [[(" " * width, PLAIN)] for _ in range(height)]
    grid = layout(count, h, w, width, height, mode, zoom)
    if per_line and count % per_line == 0:
        grid = grid._replace(rows=min(grid.rows, count // per_line), columns=min(grid.columns, per_line))
        images = images.reshape(-1, per_line, *images.shape[1:])[: grid.rows, : grid.columns].reshape(
            -1, *images.shape[1:]
        )
    shown = np.asarray(images[: grid.rows * grid.columns], dtype=np.float32)
    shown = np.where(np.isfinite(shown), shown, np.float32(UNKNOWN)).clip(0, 1)
    sheet = _tiled(_resized(shown, *grid.pixels), grid, width, height, mode)
    if mode == "ascii":
        return _ascii(sheet)
    if mode == "braille":
        return _braille(sheet)
    return _half(_palette(sheet) if mode == "half256" else _full(sheet))


def _sized(scale: float, h: int, w: int, mode: Mode) -> Grid:
    look = LOOKS[mode]
    pixels = (max(round(w * scale), 1), max(round(h * scale), 1))
    return Grid(1, 1, (-(-pixels[0] // look.across), -(-pixels[1] // look.down)), pixels)


def _squeezed(h: int, w: int, width: int, height: int, mode: Mode) -> Grid:
    """One image as large as fits, however small that is."""
    look = LOOKS[mode]
    size = _sized(min(width * look.across / w, height * look.down / h), h, w, mode)
    pixels = (min(size.pixels[0], width * look.across), min(size.pixels[1], height * look.down))
    return size._replace(pixels=pixels, cells=(-(-pixels[0] // look.across), -(-pixels[1] // look.down)))


def _filled(size: Grid, count: int, width: int, height: int) -> Grid:
    across, down = ((area + GAP) // (cells + GAP) for area, cells in zip((width, height), size.cells, strict=True))
    columns = max(min(across, count), 1)
    return size._replace(columns=columns, rows=max(min(down, -(-count // columns)), 1))


def _resized(images: "np.ndarray", width: int, height: int) -> "np.ndarray":
    """Return the images in that size: each pixel the mean of the area it covers."""
    down, across = (_areas(old, new) for old, new in zip(images.shape[2:], (height, width), strict=True))
    if down is not None:
        images = down @ images
    return images if across is None else images @ across.T


def _areas(old: int, new: int) -> "np.ndarray | None":
    """The matrix (new, old) of what share of a new pixel each old one covers; None for the identity."""
    import numpy as np

    if old == new:
        return None
    edges = np.linspace(0, old, new + 1)
    pixel = np.arange(old)
    covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return (covered.clip(0) * (new / old)).astype(np.float32)


def _tiled(images: "np.ndarray", grid: Grid, width: int, height: int, mode: Mode) -> "np.ndarray":
    """Return the area's pixels (C, height, width), NaN where there is no image."""
    import numpy as np

    count, channels, h, w = images.shape
    across, down = LOOKS[mode].across, LOOKS[mode].down
    step = ((grid.cells[0] + GAP) * across, (grid.cells[1] + GAP) * down)
    places = np.full((grid.rows * grid.columns, channels, step[1], step[0]), np.nan, dtype=np.float32)
    places[:count, :, :h, :w] = images
    by_row = places.reshape(grid.rows, grid.columns, channels, step[1], step[0]).transpose(2, 0, 3, 1, 4)
    tiles = by_row.reshape(channels, grid.rows * step[1], grid.columns * step[0])
    sheet = np.full((channels, height * down, width * across), np.nan, dtype=np.float32)
    used = tiles[:, : sheet.shape[1], : sheet.shape[2]]  # without the gaps behind the last images
    sheet[:, : used.shape[1], : used.shape[2]] = used
    return sheet


def _full(sheet: "np.ndarray") -> "np.ndarray":
    """Return 0xRRGGBB by pixel, −1 where there is no image."""
    import numpy as np

    known = np.isfinite(sheet[0])
    levels = (np.nan_to_num(sheet) * 255 + 0.5).astype(np.int64)
    red, green, blue = levels[[0, 0, 0]] if len(sheet) == 1 else levels[:3]
    return np.where(known, red << 16 | green << 8 | blue, -1)


def _palette(sheet: "np.ndarray") -> "np.ndarray":
    """As `_full`, but each pixel the nearest of xterm's cube of 216 colours and 26 greys."""
    import numpy as np

    known = np.isfinite(sheet[0])
    levels = np.nan_to_num(sheet[:3]) * 255
    greys, cube = np.array(GREYS), np.array(CUBE)
    grey = greys[_nearest(greys, levels.mean(axis=0))]
    if len(levels) == 1:
        return np.where(known, grey * 0x010101, -1)
    colour = cube[_nearest(cube, levels)]
    is_grey = ((levels - grey) ** 2).sum(axis=0) <= ((levels - colour) ** 2).sum(axis=0)
    return np.where(known, np.where(is_grey, grey * 0x010101, colour[0] << 16 | colour[1] << 8 | colour[2]), -1)


def _nearest(levels: "np.ndarray", values: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.searchsorted((levels[1:] + levels[:-1]) / 2, values)


def _half(colours: "np.ndarray") -> Lines:
    """Return cells of which the upper half is the text's colour and the lower one the ground's."""
    import numpy as np

    upper, lower = colours[::2], colours[1::2]
    changes = (np.diff(upper, axis=1) != 0) | (np.diff(lower, axis=1) != 0)
    lines: Lines = []
    for tops, bottoms, changed in zip(upper, lower, changes, strict=True):
        starts = np.concatenate(([0], np.flatnonzero(changed) + 1))
        lengths = np.diff(starts, append=len(tops)).tolist()
        line: Line = []
        for top, bottom, length in zip(tops[starts].tolist(), bottoms[starts].tolist(), lengths, strict=True):
            if top < 0:
                line.append((" " * length, PLAIN))
            else:
                line.append(("▀" * length, Ink(top, bottom if bottom >= 0 else None)))
        lines.append(line)
    return lines


def _ascii(sheet: "np.ndarray") -> Lines:
    import numpy as np

    grey = sheet.mean(axis=0)
    known = np.isfinite(grey)
    grey, weight = (np.nan_to_num(x).reshape(len(x) // 2, 2, -1).sum(axis=1) for x in (grey, known.astype(np.float32)))
    index = (grey / np.maximum(weight, 1) * (len(RAMP) - 1) + 0.5).astype(int)
    return [[(text, PLAIN)] for text in _texts(np.array([ord(char) for char in RAMP])[index])]


def _braille(sheet: "np.ndarray") -> Lines:
    """Return dots by ordered dithering: a dot where the pixel is lighter than its place's threshold."""
    import numpy as np

    grey = sheet.mean(axis=0)
    rows, columns = grey.shape
    thresholds = (np.array(BAYER) + 2) / 64
    tiled = np.tile(thresholds, (rows // 4, -(-columns // 4)))[:, :columns]
    dots = (grey > tiled).reshape(rows // 4, 4, columns // 2, 2)  # never where there is no image: NaN
    bits = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
    codes = (dots * bits[:, None, :]).sum(axis=(1, 3))
    return [[(text, PLAIN)] for text in _texts(np.where(codes, 0x2800 + codes, ord(" ")))]


def _texts(codes: "np.ndarray") -> list[str]:
    return ["".join(map(chr, row)) for row in codes.tolist()]
