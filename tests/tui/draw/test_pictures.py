"""Images as cells: the right colours in the right places, as many as stay legible, at any size."""

import numpy as np
import pytest
from drawings import assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from gantui.tui.draw.ink import PLAIN, Ink, plain
from gantui.tui.draw.pictures import CUBE, GREYS, LOOKS, Mode, layout, picture_grid

modes = st.sampled_from(list(LOOKS))
stacks = array_shapes(min_dims=3, max_dims=3, min_side=0, max_side=12).flatmap(
    lambda shape: st.sampled_from([1, 3]).flatmap(
        lambda channels: arrays(np.float32, (shape[0], channels, *shape[1:]), elements=st.floats(width=32))
    )
)


@settings(max_examples=60, deadline=None)
@given(stacks, st.integers(1, 60), st.integers(1, 20), modes, st.integers(-20, 20))
def test_any_images_fill_exactly_any_area(images: np.ndarray, width: int, height: int, mode: Mode, zoom: int) -> None:
    assert_whole(picture_grid(images, width, height, mode, zoom), width, height)


@given(
    st.integers(1, 300),
    st.integers(1, 200),
    st.integers(1, 200),
    st.integers(1, 200),
    st.integers(1, 60),
    modes,
    st.integers(-20, 20),
)
def test_every_layout_fits_its_area(count: int, h: int, w: int, width: int, height: int, mode: Mode, zoom: int) -> None:
    grid = layout(count, h, w, width, height, mode, zoom)
    assert grid.rows >= 1 and grid.columns >= 1
    assert grid.columns * (grid.cells[0] + 1) - 1 <= width
    assert grid.rows * (grid.cells[1] + 1) - 1 <= height
    assert (grid.rows - 1) * grid.columns < count


def test_small_images_stay_as_they_are_and_larger_ones_legible() -> None:
    assert layout(64, 8, 8, 120, 40).pixels == (8, 8)
    assert layout(64, 28, 28, 120, 40) == (5, 8, (14, 7), (14, 14))
    assert layout(64, 28, 28, 50, 10).pixels == (14, 14)
    assert layout(64, 28, 28, 120, 40, "braille") == (5, 8, (14, 7), (28, 28))


def test_few_images_use_the_room() -> None:
    assert layout(1, 8, 8, 120, 40).pixels == (64, 64)
    assert layout(4, 28, 28, 120, 40).pixels == (28, 28)


def test_zooming_in_shows_fewer_and_larger_ones() -> None:
    sizes = [layout(64, 28, 28, 120, 40, zoom=zoom) for zoom in (-1, 0, 1, 2)]
    widths, numbers = [size.pixels[0] for size in sizes], [size.rows * size.columns for size in sizes]
    assert widths == sorted(set(widths))
    assert numbers == sorted(numbers, reverse=True) and numbers[0] > numbers[-1]


def test_a_half_block_is_the_upper_pixel_on_the_lower() -> None:
    image = np.array([[[[1.0, 0.5], [0.0, 0.2]]]] * 1)
    colour = np.stack([image[0, 0], image[0, 0] * 0, image[0, 0]])[None]
    assert picture_grid(image, 2, 1) == [[("▀", Ink(0xFFFFFF, 0x000000)), ("▀", Ink(0x808080, 0x333333))]]
    assert picture_grid(colour, 2, 1) == [[("▀", Ink(0xFF00FF, 0x000000)), ("▀", Ink(0x800080, 0x330033))]]


def test_an_odd_row_leaves_the_ground_and_a_gap_lies_between_images() -> None:
    lines = picture_grid(np.ones((2, 1, 1, 1)), 3, 1)
    assert lines == [[("▀", Ink(0xFFFFFF)), (" ", PLAIN), ("▀", Ink(0xFFFFFF))]]


def test_shrinking_takes_the_mean_of_what_a_pixel_covers() -> None:
    board = np.indices((28, 28)).sum(axis=0)[None, None] % 2
    inks = {ink for line in picture_grid(board.astype(float), 14, 7) for _, ink in line}
    assert inks == {Ink(0x808080, 0x808080)}


def test_what_is_not_finite_is_grey_and_what_is_beyond_is_clamped() -> None:
    image = np.array([[[[np.nan, np.inf, 7.0], [-np.inf, -3.0, 1e30]]]])
    texts = picture_grid(image, 3, 1)
    assert texts == [[("▀", Ink(0x808080, 0x808080)), ("▀", Ink(0x808080, 0)), ("▀", Ink(0xFFFFFF, 0xFFFFFF))]]


@settings(deadline=None)
@given(arrays(np.float32, (1, 3, 8, 9), elements=st.floats(0, 1, width=32)))
def test_256_colours_are_xterms_and_the_nearest(images: np.ndarray) -> None:
    palette = np.array([(r, g, b) for r in CUBE for g in CUBE for b in CUBE] + [(grey,) * 3 for grey in GREYS])
    lines = picture_grid(images, 9, 4, "half256")
    shown = [(ink.fg, ink.bg) for line in lines for text, ink in line for _ in text]
    pixels = images[0].transpose(1, 2, 0) * 255
    for (top, bottom), y, x in zip(shown, np.repeat(range(4), 9), np.tile(range(9), 4), strict=True):
        for colour, pixel in ((top, pixels[2 * y, x]), (bottom, pixels[2 * y + 1, x])):
            rgb = np.array([colour >> 16, colour >> 8 & 255, colour & 255])
            assert rgb.tolist() in palette.tolist()
            assert ((rgb - pixel) ** 2).sum() <= ((palette - pixel) ** 2).sum(axis=1).min() + 1e-2


def test_greys_in_256_colours_are_at_most_26() -> None:
    ramp = np.linspace(0, 1, 256).reshape(1, 1, 4, 64)
    lines = picture_grid(ramp, 64, 2, "half256")
    assert len({colour for line in lines for _, ink in line for colour in (ink.fg, ink.bg)}) == 26


def test_the_ramp_of_characters_goes_from_dark_to_light() -> None:
    ramp = np.repeat(np.linspace(0, 1, 10)[None], 2, axis=0)[None, None]
    assert plain(picture_grid(ramp, 10, 1, "ascii")) == [" .:-=+*#%@"]


@pytest.mark.parametrize("grey", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_dots_of_braille_are_as_many_as_the_image_is_light(grey: float) -> None:
    lines = plain(picture_grid(np.full((1, 1, 32, 32), grey), 16, 8, "braille"))
    dots = sum((ord(char) - 0x2800).bit_count() for char in "".join(lines) if char != " ")
    assert dots == pytest.approx(32 * 32 * grey, abs=1)


def test_no_images_are_an_empty_area() -> None:
    assert_whole(picture_grid(np.zeros((0, 1, 8, 8)), 7, 3), 7, 3)


def test_a_line_for_each_label_keeps_its_label() -> None:
    """Nine images, three to a label, brighter by label: whatever fits, no line mixes them."""
    images = np.repeat(np.array([0.1, 0.5, 0.9], dtype=np.float32), 3)[:, None, None, None] * np.ones((1, 1, 8, 8))
    for width, height in ((80, 24), (26, 14), (17, 9), (9, 4)):
        lines = picture_grid(images, width, height, "half", 0, 3)
        shades = [{ink.fg for text, ink in line if ink.fg is not None} for line in lines]
        assert all(len(shade) <= 2 for shade in shades)  # the images' and the gap's
        assert sum(bool(shade) for shade in shades) >= 4
