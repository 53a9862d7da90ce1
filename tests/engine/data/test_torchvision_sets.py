"""MNIST and CIFAR-10 in their real formats on disk, read by torchvision.

The files are small stand-ins; CIFAR-10's pickles hold str, as Python 2's do once read. torchvision checks
CIFAR-10's files by MD5, so its lists of sums are patched here.
"""

import gzip
import hashlib
import pickle
from urllib.error import URLError

import numpy as np
import pytest
from real_data import mnist_digits, write_mnist
from torchvision import datasets


@pytest.fixture(scope="module")
def digits():
    return mnist_digits()


@pytest.fixture
def mnist_root(tmp_path):
    return write_mnist(tmp_path)


def test_mnist(load_data, mnist_root, digits):
    data = load_data("mnist", data_root=str(mnist_root))
    assert (data.count, data.shape, data.classes) == (5000, (1, 28, 28), tuple("0123456789"))
    assert np.array_equal(data.x[:, 0].numpy(), digits[0])
    assert np.array_equal(data.labels.rows[:, 0].numpy(), digits[1])


def test_mnist_resized_and_streamed(load_data, mnist_root):
    held = load_data("mnist", data_root=str(mnist_root), image_size=16)
    streamed = load_data("mnist", data_root=str(mnist_root), image_size=16, memory=0)
    assert held.shape == (1, 16, 16)
    assert streamed.x is None
    some = held.labels.rows[:20, 0].argsort()
    assert (streamed.take(some) == held.take(some)).all()


def test_a_missing_set_says_where_it_looked_and_how_to_fetch_it(refusal, tmp_path):
    for name, folder in (("mnist", "MNIST"), ("cifar10", "cifar-10-batches-py")):
        message = refusal(name, data_root=str(tmp_path))
        assert str(tmp_path) in message
        assert folder in message
        assert "download=true" in message


@pytest.mark.parametrize("damage", ["cut", "gone", "empty", "garbage", "still packed"])
def test_damaged_mnist(refusal, mnist_root, damage):
    file = mnist_root / "MNIST" / "raw" / "train-images-idx3-ubyte"
    content = file.read_bytes()
    file.write_bytes({"cut": content[:5000], "empty": b"", "garbage": b"\xff" * 99}.get(damage, content))
    if damage in ("gone", "still packed"):
        file.unlink()
    if damage == "still packed":
        file.with_suffix(".gz").write_bytes(gzip.compress(content[:999]))
    message = refusal("mnist", data_root=str(mnist_root))
    assert "incomplete or damaged" in message


def test_no_network(refusal, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise URLError("no route to host")

    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", fail)
    monkeypatch.setattr("torchvision.datasets.cifar.download_and_extract_archive", fail)
    for name in ("mnist", "cifar10"):
        assert "no route to host" in refusal(name, data_root=str(tmp_path), download=True)


@pytest.fixture
def cifar(tmp_path, monkeypatch):
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    random = np.random.default_rng(0)
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    sums, pixels, labels = {}, [], []
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch", "batches.meta"]:
        content = {"label_names": names, "num_cases_per_batch": 20, "num_vis": 3072}
        if name != "batches.meta":
            batch = random.integers(0, 256, (20, 3072), dtype=np.uint8)
            batch_labels = random.integers(0, 10, 20).tolist()
            content = {
                "batch_label": name,
                "labels": batch_labels,
                "data": batch,
                "filenames": [],
            }
            if name != "test_batch":
                pixels.append(batch)
                labels += batch_labels
        raw = pickle.dumps(content, protocol=2)
        (folder / name).write_bytes(raw)
        sums[name] = hashlib.md5(raw).hexdigest()
    meta = sums.pop("batches.meta")
    test = [["test_batch", sums.pop("test_batch")]]
    monkeypatch.setattr(datasets.CIFAR10, "train_list", [list(item) for item in sums.items()])
    monkeypatch.setattr(datasets.CIFAR10, "test_list", test)
    monkeypatch.setattr(datasets.CIFAR10, "meta", datasets.CIFAR10.meta | {"md5": meta})
    return tmp_path, np.concatenate(pixels), labels


def test_cifar10(load_data, cifar):
    root, pixels, labels = cifar
    data = load_data("cifar10", data_root=str(root))
    assert (data.count, data.shape, data.classes[0]) == (100, (3, 32, 32), "airplane")
    assert np.array_equal(data.x.numpy(), pixels.reshape(-1, 3, 32, 32))
    assert data.labels.rows[:, 0].tolist() == labels


def test_damaged_cifar10_is_noticed_by_its_sum(refusal, cifar):
    (cifar[0] / "cifar-10-batches-py" / "data_batch_3").write_bytes(b"x")
    assert "incomplete or damaged" in refusal("cifar10", data_root=str(cifar[0]))
