"""Samples as PNG files."""

import errno
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gantui.core.errors import UserError
from gantui.runs.samples import Samples
from gantui.tui import themes
from gantui.tui.draw.pictures import Grid
from gantui.tui.samples import Look
from gantui.tui.saving import Painter, save

ROLES = themes.roles(themes.THEMES[1])
RNG = np.random.default_rng(0)


def _colours(picture: Image.Image) -> set[str]:
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    return {"#{:02x}{:02x}{:02x}".format(*pixel) for pixel in np.unique(pixels, axis=0).tolist()}


def test_images_are_as_many_as_the_screen_shows() -> None:
    images = np.zeros((10, 1, 4, 4))
    images[6:] = 0.5  # beyond what is shown
    picture = Painter(Look(), ROLES).picture(Samples(images), images, None, Grid(2, 3, (4, 2), (4, 4)))
    factor = 512 // 16
    assert picture.size == ((3 * 5 + 1) * factor, (2 * 5 + 1) * factor)
    assert _colours(picture) == {"#000000", "#ffffff"}


def test_points_densities_and_tables_are_drawn_in_the_inks_of_data_and_samples() -> None:
    painter = Painter(Look(columns=["a\x1b[2J", "b", "c"]), ROLES)
    points, table = RNG.normal(size=(2, 100, 2)), RNG.normal(size=(2, 100, 3))
    grid = np.linspace(-3, 3, 50)
    line = RNG.normal(size=(100, 1))
    cases = [
        (Samples(points[0]), points[0], points[1]),
        (Samples(table[0]), table[0], table[1]),
        (Samples(line, None, grid, np.full(50, 0.3), np.exp(-(grid**2))), line, None),
    ]
    for samples, x, real in cases:
        assert {ROLES["real"], ROLES["fake"]} <= _colours(painter.picture(samples, x, real, None))


@pytest.mark.parametrize("shape", [(5, 2), (5, 3), (5, 1)])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30, 0.0])
def test_any_numbers_can_be_drawn(shape: tuple[int, int], value: float) -> None:
    x = np.full(shape, value, dtype=np.float32)
    one = shape[1] == 1
    samples = Samples(x, None, np.arange(9.0), np.full(9, value)) if one else Samples(x)
    assert Painter(Look(), ROLES).picture(samples, x, x, None).width > 100


def test_text_is_written_line_by_line() -> None:
    x = np.array([[1, 2], [0, 0], [2, 1]])
    painter = Painter(Look(alphabet=["", "a", "\x1b"]), ROLES)
    picture = painter.picture(Samples(x), x, None, None)
    rows = (np.asarray(picture.convert("L")) < 128).any(1)
    assert int((np.diff(rows.astype(int)) == 1).sum()) == 2  # an empty string leaves its line blank


def test_several_pictures_lie_beside_each_other() -> None:
    one = Image.new("RGB", (50, 40), "red")
    sheet = Image.open(io.BytesIO(Painter(Look(), ROLES).png([("Now  step 3", one), ("Data", one)])))
    assert sheet.width > 100 and sheet.height > 40
    alone = Image.open(io.BytesIO(Painter(Look(), ROLES).png([("Now", one)])))
    assert alone.size == (50, 40)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    paths = [save(bytes([n]), tmp_path, "r1-u000000007") for n in range(3)]
    assert [path.name for path in paths] == ["r1-u000000007.png", "r1-u000000007-2.png", "r1-u000000007-3.png"]
    assert [path.read_bytes() for path in paths] == [b"\0", b"\1", b"\2"]


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"can't save into .*/missing: No such file"):
        save(b"x", tmp_path / "missing", "r1")


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(path: Path, mode: str) -> Full:
        path.touch()
        return Full()

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(UserError, match="No space left"):
        save(b"x", tmp_path, "r1")
    assert not list(tmp_path.iterdir())
