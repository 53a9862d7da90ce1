"""Faces in a .mat file, good and bad. (The layout of the real set is in `test_goodfellow`.)"""

import numpy as np
import pytest
from scipy.io import savemat

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 12, 10), dtype=np.uint8)
FOLDS = np.zeros((30, 2), np.uint8)
FOLDS[20:24], FOLDS[24:27], FOLDS[27:] = 1, 2, 3


@pytest.fixture
def write(tmp_path):
    def written(**variables):
        savemat(tmp_path / "faces.mat", variables)
        return tmp_path / "faces.mat"

    return written


def test_folds_say_what_is_trained_on(load_data, write):
    data = load_data(write(images=IMAGES, folds=FOLDS), image_size=10)
    assert (data.name, data.kind, data.count, data.shape) == ("faces", "image", 20, (1, 10, 10))
    assert np.array_equal(data.x[:, 0].numpy(), IMAGES[:20, 1:11])  # the middle square
    assert np.array_equal(data.held_out.x[:, 0].numpy(), IMAGES[24:27, 1:11])


def test_without_folds_all_are_trained_on_but_those_held_out(load_data, write):
    path = write(images=IMAGES)
    assert (load_data(path).count, load_data(path).held_out) == (30, None)
    parted = load_data(path, holdout=0.2)
    assert (parted.count, parted.held_out.count) == (24, 6)


def test_streamed_it_is_the_same(load_data, write):
    path = write(images=IMAGES, folds=FOLDS)
    held, streamed = load_data(path), load_data(path, memory=0)
    assert streamed.x is None
    assert (streamed.take(np_order := held.x[:, 0, 0, 0].argsort()) == held.take(np_order)).all()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"faces": IMAGES}, "`images` must be uint8 (N, H, W), not nothing"),
        ({"images": IMAGES.astype(float)}, "not float64 (30, 12, 10)"),
        ({"images": IMAGES[0]}, "not uint8 (12, 10)"),
        ({"images": IMAGES, "folds": FOLDS[:9]}, "`folds` must be (30, folds)"),
        ({"images": IMAGES, "folds": FOLDS + 2}, "0 unlabelled, 1 training, 2 validation and 3 test"),
        ({"images": IMAGES, "folds": np.ones_like(FOLDS)}, "leave 0 images to train on"),
        ({"images": IMAGES, "folds": np.zeros_like(FOLDS)}, "0 for validation"),
    ],
)
def test_other_layouts_are_named(refusal, write, variables, said):
    assert said in refusal(write(**variables))


def test_files_that_are_none(refusal, write, tmp_path):
    path = write(images=IMAGES, folds=FOLDS)
    assert "leave holdout = 0" in refusal(path, holdout=0.5)
    path.write_bytes(path.read_bytes()[:700])
    assert "no readable .mat file" in refusal(path)
    path.write_bytes(b"")
    assert "no readable .mat file" in refusal(path)
    path.write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM" + bytes(400))
    assert "save it with -v7" in refusal(path)
