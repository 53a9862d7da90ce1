"""Decoded images on the disk: what was kept is there, what wasn't is decoded, and nothing else is taken for it."""

import os
import pickle
import stat

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gantui.core.errors import DataError
from gantui.engine.data import decoded, pictures
from gantui.engine.data.decoded import Decoded, keep

SHAPE = (3, 4, 4)
STAMPS = [(f"/pictures/{i}.png", 100 + i, 10**18 + i) for i in range(4)]


def images(count=4, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *SHAPE), dtype=np.uint8)


def test_what_was_kept_is_there_for_everyone(tmp_path):
    first, pictures_ = keep(tmp_path / "kept", STAMPS, 4, SHAPE), images()
    pictures_[2] = 0  # black is no gap, and a gap is not black
    for index in (2, 0, 3):
        first.put(index, pictures_[index])
    worker, other_run = pickle.loads(pickle.dumps(first)), keep(tmp_path / "kept", STAMPS, 4, SHAPE)
    for reader in (first, worker, other_run):
        assert all(np.array_equal(reader.get(index), pictures_[index]) for index in (0, 2, 3))
        assert reader.get(1) is None
        assert reader.get(4) is None
    (file,) = (tmp_path / "kept").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@settings(deadline=None)
@given(st.data())
def test_what_is_torn_is_not_taken(tmp_path_factory, data):
    kept, whole = Decoded(tmp_path_factory.mktemp("torn") / "x", SHAPE), images(2)
    for index in range(2):
        kept.put(index, whole[index])
    content = bytearray(kept._path.read_bytes())
    start = data.draw(st.integers(0, 51))
    end = data.draw(st.integers(start + 1, 52))
    before = bytes(content[start:end])
    content[start:end] = bytes(end - start)  # zeros, as a crash of the machine leaves them
    kept._path.write_bytes(content)
    assert (kept.get(0) is None) == any(before)
    assert np.array_equal(kept.get(1), whole[1])
    kept._path.write_bytes(content[: 52 + start])
    assert kept.get(1) is None


def test_files_that_have_changed_are_other_images(tmp_path):
    names = {keep(tmp_path, STAMPS, 4, SHAPE)._path}
    changed = [("/pictures/x.png", 100, 10**18), ("/pictures/0.png", 101, 10**18), ("/pictures/0.png", 100, 10**18 + 1)]
    names |= {keep(tmp_path, [stamp, *STAMPS[1:]], 4, SHAPE)._path for stamp in changed}
    names |= {keep(tmp_path, STAMPS[::-1], 4, SHAPE)._path, keep(tmp_path, STAMPS[:3], 3, SHAPE)._path}
    names |= {keep(tmp_path, STAMPS, 4, shape)._path for shape in ((1, 4, 4), (3, 5, 5))}
    assert len(names) == 8


def test_what_was_used_longest_ago_makes_room(tmp_path, monkeypatch):
    monkeypatch.setattr(decoded, "MOST_BYTES", 3 * 4 * 52)
    sets = []
    for number in range(3):
        sets.append(keep(tmp_path, [(f"/{number}", 1, 1)], 4, SHAPE))
        for index, image in enumerate(images()):
            sets[-1].put(index, image)
        os.utime(sets[-1]._path, (number, number))
    keep(tmp_path, [("/0", 1, 1)], 4, SHAPE)  # used again
    keep(tmp_path, [("/3", 1, 1)], 4, SHAPE)
    assert [kept._path.exists() for kept in sets] == [True, False, True]
    assert sets[1].get(0) is not None  # a run that has it open doesn't notice
    late = Decoded(sets[1]._path, SHAPE)
    late.put(1, images()[1])  # nor does a worker that comes late
    assert late.get(0) is None
    assert np.array_equal(late.get(1), images()[1])


def test_too_many_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(decoded, "MOST_BYTES", 4 * 52 - 1)
    assert keep(tmp_path, STAMPS, 4, SHAPE) is None
    assert keep(tmp_path, STAMPS[:3], 3, SHAPE) is not None
    monkeypatch.setattr(decoded, "SHARE", 0.0)
    assert keep(tmp_path, STAMPS[:2], 2, SHAPE) is None


def test_a_full_disk_is_no_error(tmp_path, monkeypatch):
    kept, tried = keep(tmp_path, STAMPS, 4, SHAPE), []

    def full(*arguments):
        tried.append(arguments)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    for index, image in enumerate(images()):
        kept.put(index, image)
        assert kept.get(index) is None
    assert len(tried) == 1


def test_a_link_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    path = keep(tmp_path / "kept", STAMPS, 4, SHAPE)._path
    path.unlink()
    path.symlink_to(victim)
    with pytest.raises(DataError, match=r"^decoded images can't be kept in .*kept: "):
        keep(tmp_path / "kept", STAMPS, 4, SHAPE)
    kept = Decoded(path, SHAPE)
    kept.put(0, images()[0])
    assert kept.get(0) is None
    assert victim.read_bytes() == b"precious"


class TestAFolderThatStreams:
    @pytest.fixture
    def folder(self, tmp_path):
        folder = tmp_path / "pictures"
        folder.mkdir()
        for index, image in enumerate(images(6)):
            Image.fromarray(image.transpose(1, 2, 0)).save(folder / f"{index}.png")
        return folder

    @pytest.fixture
    def decodings(self, monkeypatch):
        seen, real = [], pictures.decode

        def decode(path, size, channels):
            seen.append(path.name)
            return real(path, size, channels)

        monkeypatch.setattr(pictures, "decode", decode)
        return seen

    def test_each_is_decoded_once(self, load_data, folder, decodings):
        every = torch.arange(6)
        expected = load_data(folder).take(every)
        decodings.clear()
        streamed = load_data(folder, memory=0)
        assert not decodings  # starting waits for none
        for _ in range(2):
            assert torch.equal(streamed.take(every), expected)
        assert torch.equal(load_data(folder, memory=0).take(every), expected)
        assert sorted(decodings) == [f"{i}.png" for i in range(6)]
        Image.new("RGB", (4, 4), (255, 255, 255)).save(folder / "3.png")
        assert load_data(folder, memory=0).take(torch.tensor([3])).min() == pytest.approx(1)
        assert decodings[6:] == ["3.png"]

    def test_where_nothing_can_be_kept_that_is_said(self, load_data, folder, decodings, tmp_path):
        (tmp_path / "file").touch()
        streamed = load_data(folder, memory=0, data_root=str(tmp_path / "file"))
        (warning,) = streamed.warnings
        assert warning.startswith("decoded images can't be kept in ")
        assert warning.endswith("Not a directory; they are decoded anew in every epoch")
        every = torch.arange(6)
        assert torch.equal(streamed.take(every), streamed.take(every))
        assert len(decodings) == 12

    def test_in_memory_nothing_is_kept(self, load_data, folder, tmp_path):
        load_data(folder, data_root=str(tmp_path / "root"))
        assert not (tmp_path / "root").exists()
