"""The Parzen estimate of a generator: on which images it is taken, and with which samples."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from real_data import idx
from scipy.io import savemat
from torch import nn

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine import data, likelihood
from gantui.engine.data import Data
from gantui.engine.data.unseen import folds
from gantui.engine.sampling import EVALUATION_SEED, samples
from gantui.evaluation.parzen import SIGMAS, parzen

CPU = torch.device("cpu")
Make = Callable[..., Config]


def _images(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    """MNIST's files with 60 and 20 images of noise."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for split, count in (("train", 60), ("t10k", 20)):
        (raw / f"{split}-images-idx3-ubyte").write_bytes(idx(_images(count, count)))
        (raw / f"{split}-labels-idx1-ubyte").write_bytes(idx(np.arange(count) % 10))
    return tmp_path


def _own(of: Data) -> torch.Tensor:
    return of.to_own(of.take(torch.arange(of.count)))


def test_mnist_is_measured_on_its_test_set_and_chooses_by_what_was_held_out(config_of: Make, mnist: Path) -> None:
    config = config_of(data="mnist", data_root=str(mnist), holdout=10, output="sigmoid")
    loaded = data.load(config, CPU)
    ((fold,), what) = folds(config, loaded)
    assert loaded.count == 50
    assert np.array_equal(loaded.x[:, 0], _images(60, 60)[:50])
    assert torch.allclose(_own(fold.validation)[:, 0], torch.from_numpy(_images(60, 60)[50:] / 255).float())
    assert torch.allclose(_own(fold.test)[:, 0], torch.from_numpy(_images(20, 20) / 255).float())
    assert "20 images" in what and "10 of 10 held out" in what


def test_at_most_a_thousand_are_chosen_by(config_of: Make) -> None:
    config = config_of(data="digits", holdout=1500)
    ((fold,), what) = folds(config, data.load(config, CPU))
    assert (fold.validation.count, fold.test.count) == (750, 750)
    config = config_of(data="digits", holdout=1790)
    loaded = data.load(config, CPU)
    ((fold,), what) = folds(config, loaded)
    assert (fold.validation.count, fold.test.count) == (895, 895)
    assert torch.equal(torch.cat([fold.validation.x, fold.test.x]), loaded.held_out.x)
    assert "divided" in what


def test_without_anything_held_out_the_test_set_is_divided(config_of: Make, mnist: Path) -> None:
    config = config_of(data="mnist", data_root=str(mnist))
    ((fold,), what) = folds(config, data.load(config, CPU))
    assert (fold.validation.count, fold.test.count) == (10, 10) and "holdout = 0" in what
    for file in (mnist / "MNIST" / "raw").glob("t10k*"):
        file.write_bytes(b"")
    with pytest.raises(ConfigError, match="-s holdout="):
        folds(config, data.load(config, CPU))


def _grey(config: Config, level: float) -> nn.Module:
    """A generator of images of one grey, a little different each time."""
    g = nn.Sequential(nn.Linear(config.z_dim, 64), nn.Unflatten(1, (1, 8, 8)))
    nn.init.normal_(g[0].weight, std=0.01)
    nn.init.constant_(g[0].bias, 2 * level - 1)
    return g


def test_it_is_the_estimate_of_samples_in_own_units(config_of: Make) -> None:
    config = config_of(data="digits", holdout=400)
    loaded, g = data.load(config, CPU), _grey(config, 0.3)
    values, _ = likelihood.of_generator(config, loaded, g, 300)
    made = samples(config, loaded, g, 300, EVALUATION_SEED)
    held = _own(loaded.held_out)
    assert values == parzen(made, held[:200], held[200:])
    assert values["parzen_samples"] == 300 and values["parzen_examples"] == 200
    worse, _ = likelihood.of_generator(config, loaded, _grey(config, 0.9), 300)
    assert worse["parzen_ll"] < values["parzen_ll"]


def test_faces_have_a_sigma_for_each_fold(config_of: Make, tmp_path: Path) -> None:
    count = 100
    images = np.random.default_rng(0).integers(0, 256, (count, 8, 8), dtype=np.uint8)
    images[40:50] = 128  # of the second fold: near what is generated, so that it wants another sigma
    of_folds = np.zeros((count, 2), np.uint8)
    of_folds[20:70] = 1
    of_folds[20:30, 0], of_folds[30:40, 0] = 2, 3
    of_folds[40:50, 1], of_folds[50:70, 1] = 2, 3
    savemat(tmp_path / "faces.mat", {"images": images, "folds": of_folds})
    config = config_of(data=str(tmp_path / "faces.mat"))
    loaded, g = data.load(config, CPU), _grey(config, 0.5)
    values, what = likelihood.of_generator(config, loaded, g, 50)
    made = samples(config, loaded, g, 50, EVALUATION_SEED)
    x = torch.from_numpy(images / 255).float()
    each = [parzen(made, x[20:30], x[30:40]), parzen(made, x[40:50], x[50:70])]
    means = [one["parzen_ll"] for one in each]
    assert values["parzen_ll"] == pytest.approx(np.mean(means), rel=1e-6)
    assert values["parzen_se"] == pytest.approx(np.std(means, ddof=1) / np.sqrt(2), rel=1e-4)
    assert (
        values["parzen_sigma"] == {"1": each[0]["parzen_sigma"], "2": SIGMAS[0]} and SIGMAS[0] < each[0]["parzen_sigma"]
    )
    assert values["parzen_examples"] == 30 and "2 folds" in what


def test_what_has_no_likelihood(config_of: Make) -> None:
    config = config_of(data="ring")
    with pytest.raises(ConfigError, match="images"):
        likelihood.of_generator(config, data.load(config, CPU), nn.Linear(4, 2))
    config = config_of(data="digits", holdout=0.1)
    with pytest.raises(ConfigError, match="finite"):
        likelihood.of_generator(config, data.load(config, CPU), _grey(config, float("nan")), 10)
