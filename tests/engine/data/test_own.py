"""A data set of the user's own: what a function may return, and what is said of anything else."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gantui.core.errors import UserError
from gantui.engine.data import Data

LoadData = Callable[..., Data]
Write = Callable[..., None]

NUMBERS = """
import numpy as np, torch

def table(config):
    return np.random.default_rng(config.seed).normal(5, 2, (100, 3))

def tensor(config):
    return torch.arange(10)
"""
IMAGES = """
import numpy as np

def _images(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)

def grey(config):
    return _images(20, 6, 6)

def colour(config):
    return _images(20, 6, 8, 3), [number % 4 for number in range(20)]

def attributes(config):
    return _images(20, 6, 6), {"glasses": [-1, 1] * 10, "mood": ["good"] * 5 + ["bad"] * 15}
"""


def test_numbers(load_data: LoadData, write_module: Write) -> None:
    write_module(NUMBERS)
    data = load_data("mine:table", seed=4)
    own = np.random.default_rng(4).normal(5, 2, (100, 3))
    assert (data.name, data.kind, data.shape, data.count, data.labels) == ("mine:table", "table", (3,), 100, None)
    assert np.allclose(data.to_own(data.take(torch.arange(100))), own, atol=1e-5)
    assert load_data("mine:tensor").shape == (1,)


def test_images_with_classes_and_attributes(load_data: LoadData, write_module: Write) -> None:
    write_module(IMAGES)
    grey, colour = load_data("mine:grey"), load_data("mine:colour", image_size=8)
    assert (grey.shape, colour.shape) == ((1, 6, 6), (3, 8, 8)) and grey.x is not None
    assert colour.classes == ("0", "1", "2", "3") and colour.labels is not None
    assert colour.labels.rows[:, 0].tolist() == [number % 4 for number in range(20)]
    labels = load_data("mine:attributes").labels
    assert labels and [(a.name, a.values) for a in labels.attributes] == [
        ("glasses", ("0", "1")),
        ("mood", ("bad", "good")),
    ]
    assert labels.rows[:6].tolist() == [[0, 1], [1, 1], [0, 1], [1, 1], [0, 1], [1, 0]]
    only = load_data("mine:attributes", labels="mood").labels
    assert only and [a.name for a in only.attributes] == ["mood"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("load = [[1.0], [2.0]]", "is list; must be callable: load(config) returns the examples"),
        ("def load(): ...", "loading it raised TypeError"),
        ("def load(config):\n    open('absent.bin')", "raised FileNotFoundError: [Errno 2]"),
        ("def load(config): ...", "returned NoneType; must be numbers of shape (N,) or (N, d), or images uint8"),
        ("def load(config):\n    return 'photos'", "returned str; must be numbers"),
        ("def load(config):\n    return [1.0]", "1 rows of 1 columns; at least 2 rows are needed"),
        ("def load(config):\n    return [[1.0], [float('nan')]]", "row 1, column 0 (from 0) is nan"),
        ("def load(config):\n    return [[1], [2, 3]]", "loading it raised ValueError"),
        (
            "import numpy as np\ndef load(config):\n    return np.zeros((5, 1, 8, 8))",
            "has shape (5, 1, 8, 8) of float64",
        ),
        ("import numpy as np\ndef load(config):\n    return np.zeros((5, 0, 8), np.uint8)", "holds no pixel"),
        ("import torch\ndef load(config):\n    return torch.ones(3, 1, requires_grad=True)", "raised RuntimeError"),
        ("def load(config):\n    return [1, 2, 3], [0, 1]", "label 'class' has shape (2,); must be (3,)"),
        ("def load(config):\n    return [1, 2, 3], {'a': [0, 1, 0.5]}", "label 'a': 0.5; labels are words or whole"),
        ("def load(config):\n    return [1, 2, 3], {'a': [' ', 'b', 'c']}", "example 0, label 'a': empty"),
    ],
)
def test_what_a_data_set_must_be(load_data: LoadData, write_module: Write, source: str, expected: str) -> None:
    write_module(source)
    with pytest.raises(UserError) as caught:
        load_data("mine:load")
    assert str(caught.value).startswith("data = 'mine:load': ") and expected in str(caught.value)


def test_a_file_of_such_a_name_is_written_as_a_path(load_data: LoadData, tmp_path: Any, write_module: Write) -> None:
    (tmp_path / "a:b").mkdir()
    with pytest.raises(UserError, match="no module a,"):
        load_data("a:b")
    with pytest.raises(UserError, match="no image"):
        load_data("./a:b")
