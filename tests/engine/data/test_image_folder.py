"""Folders of pictures of every kind, good and bad, as real files."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from gantui.engine.data.image_folder import natural

RED, GREEN = (255, 0, 0), (0, 255, 0)


def save(path, size=(8, 8), colour=RED, mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)


def pixel(data, index=0):
    """The middle pixel of an image."""
    image = data.x[index]
    return image[:, image.shape[1] // 2, image.shape[2] // 2].tolist()


def test_files_come_in_natural_order(load_data, tmp_path):
    for i in (10, 2, 1, 33):
        save(tmp_path / f"img{i}.png", colour=(i, 0, 0))
    data = load_data(tmp_path)
    assert data.x[:, 0, 0, 0].tolist() == [1, 2, 10, 33]
    assert data.shape == (3, 8, 8)
    assert data.warnings == ()
    assert sorted(["b2", "b10", "a", "2", "10"], key=natural) == ["2", "10", "a", "b2", "b10"]


def test_subfolders_are_classes(load_data, tmp_path):
    for name in ("cat/1.png", "cat/deep/2.jpg", "dog/1.png"):
        save(tmp_path / name)
    data = load_data(tmp_path)
    assert data.classes == ("cat", "dog")
    assert data.labels.rows[:, 0].tolist() == [0, 0, 1]
    save(tmp_path / "loose.png")
    assert load_data(tmp_path).classes == ()


def test_size(load_data, tmp_path):
    save(tmp_path / "a.png", (64, 64))
    save(tmp_path / "b.png", (64, 64))
    assert load_data(tmp_path).shape == (3, 64, 64)
    save(tmp_path / "c.png", (64, 48))
    assert load_data(tmp_path).shape == (3, 32, 32)
    assert load_data(tmp_path, image_size=16).shape == (3, 16, 16)


def test_the_middle_square_is_cut_out(load_data, tmp_path):
    picture = Image.new("RGB", (90, 30), RED)
    picture.paste(GREEN, (30, 0, 60, 30))
    for name in ("a.png", "b.png"):
        picture.save(tmp_path / name)
    assert (load_data(tmp_path, image_size=10).x[0, 1] == 255).all()


def test_resizing_averages(load_data, tmp_path):
    stripes = np.tile(np.array([0, 255], np.uint8), (200, 100))
    for name in ("a.png", "b.png"):
        Image.fromarray(stripes).save(tmp_path / name)
    data = load_data(tmp_path, image_size=10)
    assert ((data.x.float() - 127.5).abs() < 8).all()


@pytest.mark.parametrize(
    ("name", "mode", "colour", "expected"),
    [
        ("x.jpg", "CMYK", (0, 255, 255, 0), [254, 0, 0]),
        ("x.png", "RGBA", (255, 0, 0, 0), [255, 255, 255]),
        ("x.png", "RGBA", (0, 0, 0, 128), [127, 127, 127]),
        ("x.gif", "P", 0, [0, 0, 0]),
        ("x.webp", "RGB", RED, [254, 0, 0]),
        ("x.bmp", "RGB", RED, [255, 0, 0]),
        ("x.ppm", "RGB", RED, [255, 0, 0]),
        ("x.TIF", "RGB", RED, [255, 0, 0]),
    ],
)
def test_colour_modes(load_data, tmp_path, name, mode, colour, expected):
    save(tmp_path / name, mode=mode, colour=colour)
    save(tmp_path / "z.png")
    data = load_data(tmp_path)
    assert data.shape[0] == 3
    assert np.allclose(pixel(data), expected, atol=3)


@pytest.mark.parametrize(
    ("name", "mode", "value", "expected"),
    [
        ("x.png", "L", 77, 77),
        ("x.png", "1", 1, 255),
        ("x.png", "I;16", 257 * 77, 77),
        ("x.tiff", "I;16", 65535, 255),
        ("x.pgm", "I;16", 257 * 9, 9),
        ("x.png", "LA", (50, 255), 50),
        ("x.png", "LA", (50, 0), 255),
    ],
)
def test_grey_modes(load_data, tmp_path, name, mode, value, expected):
    for file in (tmp_path / name, tmp_path / "a" / name):
        save(file, mode=mode, colour=value)
    data = load_data(tmp_path)
    assert data.shape == (1, 8, 8)
    assert pixel(data) == [expected]


def test_grey_among_colour_becomes_rgb(load_data, tmp_path):
    save(tmp_path / "a.png", mode="I;16", colour=257 * 40)
    save(tmp_path / "b.png")
    assert pixel(load_data(tmp_path)) == [40, 40, 40]


def test_exif_orientation_is_obeyed(load_data, tmp_path):
    picture = Image.new("RGB", (8, 8), RED)
    picture.paste(GREEN, (0, 0, 4, 8))  # left half
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise: left becomes top
    for name in ("a.png", "b.png"):
        picture.save(tmp_path / name, exif=exif)
    image = load_data(tmp_path).x[0]
    assert image[:, 0, 7].tolist() == list(GREEN)
    assert image[:, 7, 0].tolist() == list(RED)


def test_of_an_animation_the_first_frame(load_data, tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN, (0, 0, 255))]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    save(tmp_path / "b.png")
    data = load_data(tmp_path)
    assert pixel(data) == list(RED)
    assert data.warnings == ("1 images are animated, only the first frame is used: a.gif",)


def test_what_is_no_image_is_left_out_and_named(load_data, tmp_path, monkeypatch):
    for i in range(5):
        save(tmp_path / f"{i}.png")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "bro\x1b[31mken.png").write_bytes(b"no png")
    random = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(random).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:100])
    (tmp_path / "empty.jpg").touch()
    save(tmp_path / ".hidden.png")
    save(tmp_path / ".thumbs" / "1.png")
    os.mkfifo(tmp_path / "pipe.png")
    data = load_data(tmp_path)
    assert data.count == 5
    (warning,) = data.warnings
    assert warning == (
        "4 of 9 files are no readable images and were left out: bro\\x1b[31mken.png, cut.png, empty.jpg, …"
    )


@pytest.mark.parametrize("memory", [None, 0])
def test_floating_point_pixels_are_left_out_and_named(load_data, refusal, tmp_path, memory):
    for i in range(2):
        Image.fromarray(np.full((8, 8), 0.5, np.float32)).save(tmp_path / f"float{i}.tif")
    assert refusal(tmp_path).endswith("can be read: 2 have floating-point pixels, of unknown range")
    for i in range(3):
        save(tmp_path / f"{i}.png")
    (tmp_path / "broken.png").touch()
    data = load_data(tmp_path, memory=memory)
    assert data.count == 3
    assert data.warnings == (
        "1 of 6 files are no readable images and were left out: broken.png",
        "2 images have floating-point pixels, of unknown range, and were left out: float0.tif, float1.tif",
    )


def test_a_bomb_is_left_out(load_data, tmp_path, monkeypatch):
    for name in ("a.png", "b.png"):
        save(tmp_path / name)
    save(tmp_path / "bomb.png", (100, 100))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert load_data(tmp_path).count == 2


def test_links_in_a_circle_end(load_data, tmp_path):
    save(tmp_path / "a" / "1.png")
    save(tmp_path / "a" / "2.png")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "dangling.png").symlink_to(tmp_path / "nowhere")
    assert load_data(tmp_path).count == 2


def test_a_stream_is_the_memory_and_replaces_what_breaks(load_data, tmp_path):
    random = np.random.default_rng(0)
    for i in range(6):
        pixels = random.integers(0, 256, (20, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i}.jpg")
    held, streamed = load_data(tmp_path), load_data(tmp_path, memory=0)
    every = torch.arange(6)
    assert streamed.x is None
    assert (streamed.count, streamed.facts) == (held.count, held.facts)
    assert torch.equal(held.take(every), streamed.take(every))
    (tmp_path / "5.jpg").write_bytes(b"")
    streamed = load_data(tmp_path, memory=0)
    assert streamed.count == 5
    (tmp_path / "4.jpg").write_bytes(b"")
    assert torch.equal(streamed.take(torch.tensor([4])), held.take(torch.tensor([0])))


def test_refusals(refusal, tmp_path):
    assert "no images in it" in refusal(tmp_path)
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "b.png").write_bytes(b"")
    assert "none of its 2 images can be read" in refusal(tmp_path)
    save(tmp_path / "c.png")
    assert "at least 2" in refusal(tmp_path)
    assert "name the folder" in refusal(tmp_path / "c.png")


def test_all_images_cut_short(refusal, tmp_path):
    random = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    for name in ("a.png", "b.png"):
        Image.fromarray(random).save(tmp_path / name)
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:100])
    assert "none of its 2 images can be read" in refusal(tmp_path)


def test_few_examples_are_a_warning(load_data, tmp_path):
    for name in ("a.png", "b.png"):
        save(tmp_path / name)
    (warning,) = load_data(tmp_path, batch_size=64).warnings
    assert "2 examples are fewer than batch_size = 64" in warning
