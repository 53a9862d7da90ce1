import os
import stat
from pathlib import Path

import numpy as np
import pytest

from gantui.runs import files
from gantui.runs.arrays import read_npz, write_npz


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a"
    files.write_atomic(target, b"old", durable=True)

    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(os, "write", full)
        files.write_atomic(target, b"new")
    assert target.read_bytes() == b"old" and list(tmp_path.iterdir()) == [target]


def test_half_a_checkpoint_of_a_killed_trainer_is_swept_away(tmp_path: Path) -> None:
    for name in (".0a1b.tmp", "kept.pt", ".kept"):
        (tmp_path / name).touch()
    files.sweep(tmp_path)
    files.sweep(tmp_path / "missing")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".kept", "kept.pt"]


@pytest.mark.parametrize(("directory", "expected"), [(0o700, 0o600), (0o2750, 0o640), (0o2770, 0o660)])
def test_modes_follow_the_directory(directory: int, expected: int, tmp_path: Path) -> None:
    tmp_path.chmod(directory)
    files.write_atomic(tmp_path / ("n" * 255), b"")
    assert stat.S_IMODE((tmp_path / ("n" * 255)).stat().st_mode) == expected


def test_only_small_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 11)
    (tmp_path / "link").symlink_to(tmp_path / "big")
    os.mkfifo(tmp_path / "pipe")
    for name in ("big", "link", "pipe", "missing", "."):
        with pytest.raises(OSError):
            files.read_bounded(tmp_path / name, 10)
    assert files.read_bounded(tmp_path / "big", 11) == b"x" * 11


def test_arrays_come_back_and_rubbish_doesn_t(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_npz(path, {"x": np.arange(6).reshape(2, 3)})
    back = read_npz(path)
    assert back is not None and back["x"].tolist() == [[0, 1, 2], [3, 4, 5]]
    whole = path.read_bytes()
    for damaged in (b"", b"PK", b"\x93NUMPY", whole[:50], whole[:-30], os.urandom(500)):
        path.write_bytes(damaged)
        assert read_npz(path) is None
    np.savez(path, x=np.array([{"a": 1}], dtype=object))
    assert read_npz(path) is None


def test_any_flipped_byte_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_npz(path, {"x": np.arange(6)})
    whole = path.read_bytes()
    for index in range(len(whole)):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 0xFF]) + whole[index + 1 :])
        read_npz(path)
