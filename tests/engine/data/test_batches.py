"""The order of the data, and batches out of memory and out of workers."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gantui.core.errors import DataError
from gantui.engine.data import Batches, Order
from gantui.engine.data.order import mix

COUNTS = st.integers(1, 40)
SEEDS = st.integers(0, 2**63 - 1)


@given(COUNTS, SEEDS, st.integers(0, 100))
def test_every_epoch_is_a_permutation(count, seed, epoch):
    indices = Order(count, seed).indices(epoch * count, count)
    assert indices.dtype == torch.int64
    assert sorted(indices.tolist()) == list(range(count))


@given(COUNTS, SEEDS, st.integers(0, 200), st.lists(st.integers(1, 70), max_size=8))
def test_slices_compose(count, seed, start, sizes):
    order, position, pieces = Order(count, seed), start, []
    for size in sizes:
        pieces += order.indices(position, size).tolist()
        position += size
    assert pieces == Order(count, seed).indices(start, position - start).tolist()


def test_epochs_and_seeds_differ():
    order = Order(100, 0)
    epochs = [tuple(order.indices(100 * e, 100).tolist()) for e in range(20)]
    epochs += [tuple(Order(100, s).indices(0, 100).tolist()) for s in (1, 2, 2**32, 2**63 - 1)]
    assert len(set(epochs)) == 24
    low_bits = {mix(seed, epoch) % 2**32 for seed in range(100) for epoch in range(-1, 99)}
    assert len(low_bits) == 10_000  # torch's CPU generator uses no more of a seed


def test_order_never_changes():
    """A resumed run must meet the same data: these numbers are part of the format of a checkpoint."""
    assert mix(0, 0) == 0xA706DD2F4D197E6F
    assert Order(8, 0).indices(5, 6).tolist() == [6, 4, 7, 3, 6, 4]


def test_order_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    Order(10, 0).indices(0, 25)
    assert torch.equal(torch.get_rng_state(), before)


def test_batches_of_changing_size_and_seek(load_data):
    data = load_data("digits")
    whole = Batches(data, seed=5).next(4000)
    batches = Batches(data, seed=5)
    parts = [batches.next(m) for m in (1, 7, 64, 1797, 2131)]
    assert batches.position == 4000
    assert torch.equal(torch.cat(parts), whole)
    batches.seek(1790)
    assert torch.equal(batches.next(20), whole[1790:1810])
    assert torch.equal(Batches(data, seed=5, position=3000).next(10), whole[3000:3010])


@pytest.fixture
def images(tmp_path):
    path = tmp_path / "images.npy"
    np.save(path, np.random.default_rng(0).integers(0, 256, (37, 6, 6, 3), dtype=np.uint8))
    return path


def test_a_stream_is_the_memory_at_every_position_and_size(load_data, images, monkeypatch):
    monkeypatch.setattr("gantui.engine.data.stream.MAX_CHUNK", 5)
    monkeypatch.setattr("gantui.engine.data.stream.MAX_WORKERS", 2)
    held, streamed = load_data(images), load_data(images, memory=0)
    assert held.x is not None
    assert streamed.x is None
    assert torch.equal(streamed.take(torch.tensor([3, 0, 36])), held.take(torch.tensor([3, 0, 36])))
    reader, memory = Batches(streamed, seed=1), Batches(held, seed=1)
    state = torch.get_rng_state()
    assert torch.equal(reader.next(9), memory.next(9))
    assert torch.equal(torch.get_rng_state(), state)  # training draws from it

    @settings(max_examples=15, deadline=None)
    @given(st.integers(0, 120), st.lists(st.integers(1, 50), min_size=1, max_size=4))
    def same(position, sizes):
        for batches in (reader, memory):
            batches.seek(position)
        for m in sizes:
            assert torch.equal(reader.next(m), memory.next(m))
            assert reader.position == memory.position

    try:
        same()
        workers = reader._reader._loader._iterator._workers
        for worker in workers:  # a signal to the group of the terminal is the trainer's business
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
                os.kill(worker.pid, number)
        for m in (30, 40):
            assert torch.equal(reader.next(m), memory.next(m))
        assert all(worker.is_alive() for worker in workers)
        for batches in (reader, memory):  # what was read ahead is dropped, the workers stay
            batches.seek(17)
        images.unlink()
        with pytest.raises(DataError, match="can't be read any more"):
            for _ in range(20):
                reader.next(37)
    finally:
        reader.close()
    for worker in workers:
        assert not worker.is_alive()
    reader.close()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()


ORPHAN = """
import torch
from gantui.core.config import validate
from gantui.engine.data import Batches, load, stream

if __name__ == "__main__":
    stream.MAX_WORKERS = 1
    batches = Batches(load(validate({"data": "digits"}), torch.device("cpu"), memory=0), seed=0)
    batches.next(10)
    print(batches._reader._loader._iterator._workers[0].pid)
    raise SystemExit(7)  # without close: workers that ignore SIGTERM must not keep it from ending
"""


def test_a_trainer_that_fails_ends_and_so_do_its_workers(tmp_path):
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    ended = subprocess.run([sys.executable, script], env=environment, capture_output=True, timeout=100)
    assert ended.returncode == 7, ended.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(ended.stdout), 0)
