"""A grid of images is a PNG that shows each of them, whatever values they hold."""

import io

import numpy as np
import pytest
from PIL import Image

from gantui.runs.pictures import png_grid


def _opened(raw: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(raw))
    assert picture.format == "PNG"
    return np.asarray(picture)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grid_is_a_png_with_every_image_in_its_place(channels: int) -> None:
    images = np.linspace(0, 1, 5 * channels * 6, dtype=np.float32).reshape(5, channels, 2, 3)
    sheet = _opened(png_grid(images, columns=3, least=1))
    assert sheet.shape == (2 * 3 + 1, 3 * 4 + 1) + ((3,) if channels == 3 else ())
    for index, image in enumerate(images):
        top, left = 1 + 3 * (index // 3), 1 + 4 * (index % 3)
        seen = sheet[top : top + 2, left : left + 3]
        expected = np.rint(image * 255).transpose(1, 2, 0).reshape(seen.shape)
        assert np.abs(seen.astype(int) - expected).max() <= 1


def test_a_grid_is_enlarged_by_a_whole_factor_and_survives_bad_values() -> None:
    images = np.zeros((64, 1, 8, 8), dtype=np.float32)
    images[0, 0, 0, 0], images[0, 0, 0, 1], images[0, 0, 0, 2] = np.nan, np.inf, -5
    sheet = _opened(png_grid(images))
    assert sheet.shape == (73 * 7, 73 * 7)
    assert sheet[7:14, 7:14].max() == 0
    assert sheet[7:14, 14:21].min() == 255
    assert _opened(png_grid(images[:1], least=1)).shape == (10, 10)
