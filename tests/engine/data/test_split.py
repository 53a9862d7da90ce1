"""What is held out is not trained on, whole, and the same each time."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gantui.core.errors import DataError
from gantui.engine.data.batches import Batches
from gantui.engine.data.split import Part, split


class Numbered:
    """Images (1, 1, 1) that hold their number; those in `broken` can't be read, the next one stands in."""

    def __init__(self, count, broken=()):
        self.count, self.broken = count, set(broken)

    def read(self, indices):
        places = []
        for index in indices:
            while index in self.broken:
                index = (index + 1) % self.count
            places.append(index)
        return torch.tensor(places, dtype=torch.uint8).view(-1, 1, 1, 1), places


@pytest.mark.parametrize(("holdout", "held"), [(0.25, 449), (100, 100)])
def test_a_share_or_a_number_is_held_out(load_data, holdout, held):
    whole, data = load_data("digits"), load_data("digits", holdout=holdout)
    assert (data.count, data.held_out.count) == (1797 - held, held)
    assert len(data.x) == len(data.labels.rows) == data.count
    both = torch.cat([data.x, data.held_out.x])
    assert sorted(map(bytes, both.numpy())) == sorted(map(bytes, whole.x.numpy()))
    assert torch.equal(load_data("digits", holdout=holdout, seed=3).held_out.x, data.held_out.x)
    # mixed: a class that stands at the end isn't gone
    assert len(data.held_out.labels.rows.unique()) == 10


def test_labels_go_with_their_examples(load_data):
    data = load_data("digits", holdout=0.5)
    whole = load_data("digits")
    label = {bytes(x): int(y) for x, y in zip(whole.x.numpy(), whole.labels.rows[:, 0], strict=True)}
    for part in (data, data.held_out):
        assert [label[bytes(x)] for x in part.x.numpy()] == part.labels.rows[:, 0].tolist()


def test_published_splits_end_with_what_is_held_out(load_data):
    whole = load_data("digits")
    data = split(whole, 797, "data", ordered=True)
    assert torch.equal(data.x, whole.x[:1000])
    assert torch.equal(data.held_out.x, whole.x[1000:])


@pytest.mark.parametrize("holdout", [1, 1796, 5000, 0.0001, 0.9999])
def test_too_few_on_either_side_are_refused(load_data, holdout):
    with pytest.raises(DataError, match=r"data = 'digits': holdout = .* of its 1797 examples"):
        load_data("digits", holdout=holdout)


@given(st.data())
def test_a_stand_in_is_of_the_same_part(draw):
    count = draw.draw(st.integers(4, 20))
    broken = draw.draw(st.sets(st.integers(0, count - 1), max_size=count - 1))
    places = sorted(draw.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    part = Part(Numbered(count, broken), places)
    if set(places) <= broken:
        with pytest.raises(DataError, match="none of the images"):
            part.read(range(len(places)))
        return
    images, read = part.read(range(len(places)))
    assert [places[index] for index in read] == images.flatten().tolist()
    assert not {places[index] for index in read} & broken
    assert all(index == asked for asked, index in enumerate(read) if places[asked] not in broken)


def test_a_streamed_set_is_split_alike(load_data, tmp_path, monkeypatch):
    import numpy as np

    images = np.random.default_rng(0).integers(0, 255, (40, 8, 8), dtype=np.uint8)
    np.save(tmp_path / "x.npy", images)
    held, streamed = (load_data(tmp_path / "x.npy", memory=memory, holdout=0.3) for memory in (None, 100))
    assert streamed.x is None
    monkeypatch.setattr("gantui.engine.data.stream.MAX_WORKERS", 1)
    batches = [Batches(data, 0) for data in (held, streamed)]
    try:
        assert torch.equal(batches[0].next(50), batches[1].next(50))
    finally:
        batches[1].close()
    everything = torch.arange(streamed.held_out.count)
    assert torch.equal(held.held_out.take(everything), streamed.held_out.take(everything))
