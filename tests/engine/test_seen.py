"""What measures compare images by: pixels, a classifier of the data's labels, or features of the user's own."""

from collections.abc import Callable

import msgspec
import pytest
import torch

from gantui.core.errors import ConfigError
from gantui.engine import seen
from gantui.engine.sampling import evaluate, samples
from gantui.engine.training import Training, digest
from gantui.evaluation.frechet import frechet_distance

Make = Callable[..., Training]
Write = Callable[..., None]

QUARTERS = """
import torch
from torch.nn.functional import avg_pool2d

def quarters(x):
    assert x.min() >= 0 and x.max() <= 1 and not torch.is_grad_enabled()
    return avg_pool2d(x, 4).flatten(1)

module = torch.nn.Sequential(torch.nn.AvgPool2d(4), torch.nn.Dropout(0.9), torch.nn.Flatten())
"""


def _values(training: Training, features: str) -> dict[str, float]:
    config = msgspec.structs.replace(training.config, features=features)
    return evaluate(config, training.data, training.best_generator)[0]


@pytest.mark.parametrize("part", ["mine:quarters", "mine:module"])
def test_features_of_ones_own(make_training: Make, write_module: Write, part: str) -> None:
    write_module(QUARTERS)
    training = make_training(data="digits")
    values, pixels = _values(training, part), _values(training, "pixels")
    made = samples(training.config, training.data, training.best_generator, training.data.count, 0x6A17)
    pooled = [
        torch.nn.functional.avg_pool2d(x, 4).flatten(1)
        for x in (made, training.data.to_own(training.data.take(torch.arange(1797))))
    ]
    assert values["frechet_features"] == pytest.approx(frechet_distance(*pooled), rel=1e-4)
    assert values["frechet_pixels"] == pixels["frechet_pixels"] and "frechet_features" not in pixels
    assert values["nn_distance_data"] < 0.5 * pixels["nn_distance_data"]  # four numbers lie nearer than sixty-four


def test_what_a_classifier_sees_of_the_data_itself_is_near_and_of_noise_is_far(make_training: Make) -> None:
    training = make_training(data="digits")
    before = digest(training.snapshot())
    data = training.data
    assert data.labels is not None
    real = data.to_own(data.take(torch.arange(data.count)))
    look = seen.classifier_of(data, real, data.labels.rows, lambda: None).features
    half, other, noise = (
        look(x)
        for x in (real[::2], real[1::2], torch.rand(real[::2].shape, generator=torch.Generator().manual_seed(1)))
    )
    assert half.shape[1] == 128 and (half >= 0).all()
    assert frechet_distance(half, other) < 0.05 * frechet_distance(half, noise)
    assert _values(training, "classifier")["frechet_features"] > 10 * frechet_distance(half, other)
    assert digest(training.snapshot()) == before


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("quarters = 3", "must be a function or a module"),
        ("def quarters(x): return x", r"float32; must be floats of shape \(2, F\)"),
        ("def quarters(x): return x.flatten(1) / 0", "not finite"),
        ("def quarters(x): return x.flatten(1)[:1]", r"must be floats of shape \(2, F\)"),
        ("def quarters(x): raise ValueError('so')", r"raised ValueError: so \(mine.py, line 1\)"),
        ("", "has no quarters"),
    ],
)
def test_features_that_are_none(make_training: Make, write_module: Write, source: str, said: str) -> None:
    write_module(source)
    training = make_training(data="digits")
    with pytest.raises(ConfigError, match=f"features = 'mine:quarters'.*{said}"):
        seen.require(msgspec.structs.replace(training.config, features="mine:quarters"), training.data)


@pytest.mark.parametrize(
    ("features", "data", "said"), [("classifier", "ring", "is for images"), ("a:b", "wine", "is for images")]
)
def test_only_images_have_features(make_training: Make, features: str, data: str, said: str) -> None:
    training = make_training(data=data)
    with pytest.raises(ConfigError, match=f"features = {features}: {said}"):
        seen.require(msgspec.structs.replace(training.config, features=features), training.data)


def test_a_classifier_needs_labels(make_training: Make) -> None:
    training = make_training(data="digits", labels="none")
    with pytest.raises(ConfigError, match="needs labels"):
        seen.require(msgspec.structs.replace(training.config, features="classifier"), training.data)
