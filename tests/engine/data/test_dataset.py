"""Scaling, ranges, facts, and the message for what is no data set."""

import numpy as np
import pytest
import torch

from gantui.core.data_sets import NAMED
from gantui.engine.data import memory


@pytest.fixture
def table(tmp_path):
    values = np.random.default_rng(0).normal([5, -3e4, 0], [2, 900, 1e-3], (500, 3))
    path = tmp_path / "t.npy"
    np.save(path, np.column_stack([values, np.full(500, 0.1)]))
    return path


@pytest.mark.parametrize("output", ["linear", "tanh", "sigmoid"])
def test_numbers_are_scaled_and_come_back(load_data, table, output):
    data = load_data(table, output=output)
    own = torch.from_numpy(np.load(table)).float()
    varying = data.x[:, :3]
    if output == "linear":
        assert torch.allclose(varying.mean(0), torch.zeros(3), atol=1e-5)
        assert torch.allclose(varying.std(0, correction=0), torch.ones(3), atol=1e-5)
        assert data.scale[3] == 1
        assert (data.x[:, 3] == 0).all()
    else:
        low = -1.0 if output == "tanh" else 0.0
        assert torch.allclose(varying.min(0)[0], torch.full((3,), low), atol=1e-6)
        assert torch.allclose(varying.max(0)[0], torch.ones(3), atol=1e-6)
    assert torch.isfinite(data.x).all()
    assert torch.allclose(data.to_own(data.x), own, rtol=1e-5, atol=1e-2)
    assert torch.allclose(data.to_own(data.x)[:, [0, 2, 3]], own[:, [0, 2, 3]], rtol=1e-4, atol=1e-6)
    taken = data.take(torch.tensor([4, 4, 0]))
    assert taken.dtype == torch.float32
    assert torch.equal(taken, data.x[[4, 4, 0]])


@pytest.mark.parametrize(("output", "low"), [("auto", -1), ("linear", -1), ("tanh", -1), ("sigmoid", 0)])
def test_images_are_scaled_and_come_back(load_data, output, low):
    data = load_data("digits", output=output)
    assert data.output == ("tanh" if output == "auto" else output)
    assert data.x.dtype == torch.uint8
    batch = data.take(torch.arange(1797))
    assert batch.dtype == torch.float32
    assert batch.min().item() == pytest.approx(low, abs=1e-6)
    assert batch.max().item() == pytest.approx(1, abs=1e-6)
    assert torch.allclose(data.to_own(batch), data.x / 16, atol=1e-6)
    assert data.to_own(torch.tensor([-9.0, 9.0])).tolist() == [0, 1]


def test_digits(load_data):
    from sklearn.datasets import load_digits

    data, reference = load_data("digits"), load_digits()
    assert (data.kind, data.shape, data.count, data.levels) == ("image", (1, 8, 8), 1797, 16)
    assert np.array_equal(data.x[:, 0].numpy(), reference.images)
    assert np.array_equal(data.labels.rows[:, 0].numpy(), reference.target)
    facts = data.facts
    assert (facts.name, facts.shape, facts.classes) == ("digits", [1, 8, 8], list("0123456789"))


def test_digits_resized(load_data):
    data = load_data("digits", image_size=16)
    assert (data.shape, data.levels, int(data.x.max())) == ((1, 16, 16), 255, 255)


def test_digits_without_scikit_learn(refusal, monkeypatch):
    monkeypatch.setattr("gantui.engine.data.sklearn_tables.find_spec", lambda _: None)
    assert "scikit-learn" in refusal("digits")


def test_names_have_a_line_each():
    assert {"ring", "grid", "digits", "mnist", "cifar10"} < set(NAMED)
    assert all(line and "\n" not in line for line in NAMED.values())


def test_an_unknown_set_names_the_nearest(refusal):
    message = refusal("rnig")
    assert "'rnig'" in message
    assert "did you mean 'ring'?" in message
    assert ".npy" in message


def test_progress_ends_at_one(tmp_path):
    from gantui.core.config import validate
    from gantui.engine.data import load

    seen = []
    load(validate({"data": "digits"}), torch.device("cpu"), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_room_is_a_share_of_what_is_available(monkeypatch, tmp_path):
    available = memory._host()
    assert available > 0
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "_CGROUP_LIMIT", limit)
    limit.write_text("1000\n")
    assert memory.room(torch.device("cpu")) == 400
    limit.write_text("max\n")
    assert memory.room(torch.device("cpu")) > 400
