"""Global contrast normalisation, there and back."""

import numpy as np
import pytest
import torch

from gantui.engine.data.contrast import normalised


def test_mean_0_and_norm_55_of_each_image():
    x = torch.randint(0, 256, (5, 3, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    seen = normalised(x).flatten(1)
    assert torch.allclose(seen.mean(1), torch.zeros(5), atol=1e-5) and torch.allclose(
        seen.norm(dim=1), torch.tensor(55.0)
    )
    assert torch.allclose(
        normalised(x.float() / 7 + 3), normalised(x), atol=1e-3
    )  # whatever its brightness and contrast


def test_an_image_of_one_colour_is_zero():
    assert not normalised(torch.full((2, 1, 4, 4), 9, dtype=torch.uint8)).any()


@pytest.fixture
def photos(tmp_path):
    chance = np.random.default_rng(0)
    images = (chance.integers(60, 90, (40, 1, 1, 1)) + chance.integers(0, 100, (40, 8, 8, 3))).astype(np.uint8)
    np.save(tmp_path / "photos.npy", images)
    return tmp_path / "photos.npy"


def test_shown_it_has_the_mean_brightness_and_contrast_of_the_set(load_data, photos):
    plain, data = load_data(photos), load_data(photos, preprocess="gcn", holdout=10)
    assert (data.output, data.count) == ("linear", 30)
    places = torch.arange(data.count)
    shown = data.to_own(data.take(places)).flatten(1).double()
    own = plain.to_own(plain.take(torch.arange(40))).flatten(1).double()
    assert torch.allclose(shown.mean(1), own.mean().expand(30), atol=1e-4)
    norms = (own - own.mean(1, keepdim=True)).norm(dim=1)
    assert torch.allclose((shown - shown.mean(1, keepdim=True)).norm(dim=1), norms.mean().expand(30), rtol=1e-4)
    assert data.held_out.contrast and data.held_out.scale == data.scale


def test_streamed_it_is_the_same(load_data, photos):
    held, streamed = load_data(photos, preprocess="gcn"), load_data(photos, preprocess="gcn", memory=0)
    some = torch.tensor([3, 1, 30])
    assert streamed.x is None and torch.equal(held.take(some), streamed.take(some)) and held.scale == streamed.scale


def test_numbers_have_no_contrast(refusal):
    assert "preprocess = gcn is for images, not for points" in refusal("ring", preprocess="gcn")
