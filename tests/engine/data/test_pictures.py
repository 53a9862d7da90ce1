"""Pictures of every format and mode, as real files, the extreme ones too."""

import importlib
import struct
import warnings
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from gantui.engine.data import pictures

COLOUR = np.array([200, 100, 50], dtype=np.uint8)
FLAT = np.broadcast_to(COLOUR, (12, 12, 3)).copy()
GREY = FLAT[..., 0]


def png_of_16_bits(path, pixels):
    """Write uint16 (H, W, C), C from 1 to 4: Pillow itself can't."""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(b)) + t + b + struct.pack(">I", zlib.crc32(t + b)) for t, b in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def wide(pixels):
    return pixels.astype(np.uint16) * 257


def decoded(path, channels=3, size=8):
    """The middle pixel, with every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = pictures.decode(path, size, channels)
    assert image.shape == (channels, size, size)
    assert image.dtype == np.uint8
    return image[:, size // 2, size // 2].tolist()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_of_16_bits(tmp_path, channels):
    full = np.dstack([FLAT, np.full_like(GREY, 255)]) if channels == 4 else FLAT[..., :channels].copy()
    if channels == 2:
        full[..., 1] = 255  # opaque
    png_of_16_bits(tmp_path / "x.png", wide(full))
    assert decoded(tmp_path / "x.png") == ([200, 100, 50] if channels > 2 else [200] * 3)


@pytest.mark.parametrize(
    ("pixels", "options", "expected"),
    [
        (wide(FLAT), {"photometric": "rgb"}, [200, 100, 50]),
        (wide(GREY), {}, [200, 200, 200]),
        (wide(GREY), {"photometric": "miniswhite"}, [55, 55, 55]),
        (GREY, {"photometric": "miniswhite"}, [55, 55, 55]),
        (wide(GREY).astype(np.int32), {}, [200, 200, 200]),
        (wide(GREY).astype(">u2"), {"byteorder": ">"}, [200, 200, 200]),
        (np.broadcast_to(np.array([135, 40, 50], np.uint8), (12, 12, 3)), {"photometric": "cielab"}, [199, 95, 39]),
    ],
    ids=["RGB 16", "grey 16", "white is 0, 16", "white is 0, 8", "grey 32", "big endian", "LAB"],
)
def test_tiff(tmp_path, pixels, options, expected):
    tifffile.imwrite(tmp_path / "x.tif", pixels, **options)
    assert np.allclose(decoded(tmp_path / "x.tif"), expected, atol=3)


@pytest.mark.parametrize(
    "pixels", [GREY.astype(np.float32) / 255, GREY.astype(np.uint32) * 16843009, -wide(GREY).astype(np.int32)]
)
def test_pixels_of_unknown_range_are_refused(tmp_path, pixels):
    tifffile.imwrite(tmp_path / "x.tif", pixels)
    with pytest.raises(ValueError, match="pixels"):
        decoded(tmp_path / "x.tif")


@pytest.mark.parametrize("name", ["x.jpg", "x.tif"])
def test_cmyk(tmp_path, name):
    Image.fromarray(FLAT).convert("CMYK").save(tmp_path / name)
    assert np.allclose(decoded(tmp_path / name), COLOUR, atol=3)


@pytest.mark.parametrize("transparency", [None, bytes([0] * 256), 0])
def test_a_palette_with_and_without_transparency(tmp_path, transparency):
    palette = Image.fromarray(np.zeros((12, 12), np.uint8), mode="P")
    palette.putpalette(COLOUR.tobytes())
    options = {} if transparency is None else {"transparency": transparency}
    palette.save(tmp_path / "x.png", **options)
    assert decoded(tmp_path / "x.png") == ([200, 100, 50] if transparency is None else [255, 255, 255])


def test_a_transparent_colour_without_a_palette(tmp_path):
    Image.fromarray(FLAT).save(tmp_path / "x.png", transparency=(200, 100, 50))
    Image.fromarray(GREY).save(tmp_path / "y.png", transparency=200)
    assert decoded(tmp_path / "x.png") == decoded(tmp_path / "y.png") == [255, 255, 255]


@pytest.mark.parametrize("name", ["x.gif", "x.webp", "x.png", "x.tif"])
def test_of_what_moves_the_first_frame(tmp_path, name):
    frames = [Image.fromarray(frame) for frame in (FLAT, 255 - FLAT, FLAT // 2)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    assert np.allclose(decoded(tmp_path / name), COLOUR, atol=3)


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.gif", "x.bmp", "x.webp", "x.tif"])
def test_a_single_pixel(tmp_path, name):
    Image.fromarray(FLAT[:1, :1]).save(tmp_path / name)
    assert np.allclose(decoded(tmp_path / name), COLOUR, atol=3)


@pytest.mark.parametrize("size", [(10_000, 1), (1, 10_000), (10_000, 3)])
@pytest.mark.parametrize("name", ["x.png", "x.jpg"])
def test_ten_thousand_pixels_in_a_row(tmp_path, name, size):
    Image.new("RGB", size, tuple(COLOUR.tolist())).save(tmp_path / name)
    assert np.allclose(decoded(tmp_path / name), COLOUR, atol=3)


def test_above_89_million_pixels_nothing_is_printed_and_above_twice_as_many_they_are_refused(tmp_path, monkeypatch):
    Image.new("RGB", (1000, 1000), (7, 7, 7)).save(tmp_path / "x.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 600_000)  # as if it were a hundred times as large
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        importlib.reload(pictures)
        assert pictures.decode(tmp_path / "x.png", 8, 3).max() == 7
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400_000)
    with pytest.raises(Image.DecompressionBombError):
        decoded(tmp_path / "x.png")


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp", "tif", "bmp", "ppm"])
@pytest.mark.parametrize("damage", ["cut", "empty", "zeros"])
def test_what_is_damaged_raises(tmp_path, suffix, damage):
    path = tmp_path / f"x.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "zeros": bytes(len(whole))}[damage])
    with pytest.raises(OSError, match=r"truncated|identify|decoder"):
        decoded(path)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.tif", "x.webp"])
def test_it_stands_upright(tmp_path, name, orientation):
    upright = np.zeros((16, 16), dtype=np.uint8)
    upright[:8, :8], upright[:8, 8:] = 250, 120
    turn = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: np.transpose,
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).T,
        8: lambda a: np.rot90(a, 3),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(turn(upright))).save(tmp_path / name, exif=exif)
    image = pictures.decode(tmp_path / name, 16, 1)[0]
    assert np.allclose([image[3, 3], image[3, 12], image[12, 3], image[12, 12]], [250, 120, 0, 0], atol=6)


def test_exif_that_is_no_exif(tmp_path):
    Image.fromarray(FLAT).save(tmp_path / "x.jpg", exif=b"Exif\0\0no more than this")
    assert np.allclose(pictures.decode(tmp_path / "x.jpg", 8, 3)[:, 4, 4], COLOUR, atol=3)
