"""Checkpoints: whole or refused, with the one before as the second choice, and never a program."""

import io
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from gantui.engine import checkpoints, model
from gantui.engine.algorithm import next_update
from gantui.engine.checkpoints import NoCheckpoint
from gantui.engine.training import Training, digest
from gantui.runs.layout import RunDir

Make = Callable[..., Training]


def _save(run: RunDir, training: Training, branch: int = 0) -> checkpoints.Saved:
    return checkpoints.save(run, training.snapshot(), model.form(training.data), branch, 11, 22)


@pytest.fixture
def saved(run: RunDir, make_training: Make) -> tuple[Training, list[checkpoints.Saved]]:
    """Five checkpoints, two updates apart, of which the last three stay."""
    training, saved = make_training(), []
    for _ in range(5):
        next_update(training)
        next_update(training)
        saved.append(_save(run, training))
    return training, saved


def test_what_is_saved_comes_back(run: RunDir, make_training: Make) -> None:
    training = make_training(k=2, norm_g="batch", optimizer_d="sgd")
    for _ in range(4):
        next_update(training)
    saved = _save(run, training, branch=3)
    loaded = checkpoints.load(run)
    assert loaded.saved == saved
    assert loaded.problems == []
    assert digest(loaded.state) == digest(training.snapshot()) == saved.digest
    assert (saved.file, saved.branch) == ("checkpoints/u000000004-b3.pt", 3)
    assert (saved.update, saved.step, saved.metrics_written, saved.hists_written) == (4, 1, 11, 22)
    assert loaded.form["shape"] == [2]
    fresh = make_training(k=2, norm_g="batch", optimizer_d="sgd")
    fresh.restore(loaded.state)
    for t in (training, fresh):
        for _ in range(5):
            next_update(t)
    assert digest(fresh.snapshot()) == digest(training.snapshot())


def test_the_last_three_stay_newest_first(run: RunDir, saved: tuple[Training, list[checkpoints.Saved]]) -> None:
    assert [item.update for item in checkpoints.read_index(run)] == [10, 8, 6]
    assert sorted(path.name for path in run.checkpoints.iterdir()) == [
        "latest.json",
        *(f"u00000000{u}-b0.pt" for u in (6, 8)),
        "u000000010-b0.pt",
    ]
    assert checkpoints.load(run).saved == saved[1][-1]


def test_saving_the_same_moment_twice_keeps_it_once(run: RunDir, make_training: Make) -> None:
    training = make_training()
    for _ in range(3):
        _save(run, training)
    assert len(checkpoints.read_index(run)) == 1
    assert checkpoints.load(run).problems == []


def test_latest_json_names_complete_files_only(
    run: RunDir, make_training: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever the disk fails, what was there before still holds."""
    training = make_training()
    _save(run, training)
    write, calls = checkpoints.write_atomic, 0
    for failing in (1, 2):
        next_update(training)
        calls = 0

        def fail(path: Path, data: Any, *, durable: bool = False, failing: int = failing) -> None:
            nonlocal calls
            calls += 1
            assert durable
            if calls == failing:
                raise OSError("no space left")
            write(path, data, durable=durable)

        monkeypatch.setattr(checkpoints, "write_atomic", fail)
        with pytest.raises(OSError, match="no space"):
            _save(run, training)
        assert checkpoints.load(run).saved.update == 0
        assert checkpoints.load(run).problems == []


def _spoil(path: Path, how: str) -> None:
    raw = path.read_bytes()
    match how:
        case "cut":
            path.write_bytes(raw[: len(raw) // 2])
        case "garbage":
            path.write_bytes(os.urandom(1000))
        case "one bit":
            path.write_bytes(raw[:500] + bytes([raw[500] ^ 1]) + raw[501:])
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
        case "a directory":
            path.unlink()
            path.mkdir()


DAMAGES = ["cut", "garbage", "one bit", "empty", "gone", "a directory"]


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_newest_one_is_named_and_the_one_before_taken(
    run: RunDir, saved: tuple[Training, list[checkpoints.Saved]], how: str
) -> None:
    _spoil(run.checkpoints / "u000000010-b0.pt", how)
    loaded = checkpoints.load(run)
    assert loaded.saved == saved[1][-2]
    (problem,) = loaded.problems
    assert problem.startswith("checkpoints/u000000010-b0.pt: ")
    assert "\n" not in problem


@pytest.mark.parametrize("how", DAMAGES)
def test_if_all_are_damaged_there_is_none_and_the_message_says_why(
    run: RunDir, saved: tuple[Training, list[checkpoints.Saved]], how: str
) -> None:
    for path in run.checkpoints.glob("*.pt"):
        _spoil(path, how)
    with pytest.raises(NoCheckpoint, match=r"run one has no checkpoint \(checkpoints/u000000010-b0.pt: ") as caught:
        checkpoints.load(run)
    assert all(f"u00000000{update}-b0" in str(caught.value) for update in (6, 8))


def test_a_new_run_has_none(run: RunDir) -> None:
    with pytest.raises(NoCheckpoint, match=r"run one has no checkpoint$"):
        checkpoints.load(run)


def _plant(run: RunDir, raw: bytes, file: str = "checkpoints/u000000010-b0.pt") -> None:
    """Put a file into the run whose SHA-256 in latest.json is right."""
    import hashlib

    target = run.path / file
    target.write_bytes(raw)
    index = json.loads(run.latest.read_bytes())
    index["checkpoints"][0] |= {"file": file, "sha256": hashlib.sha256(raw).hexdigest()}
    run.latest.write_bytes(msgspec.json.encode(index))


class _Bomb:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("form", ["torch", "legacy", "pickle"])
def test_a_program_in_a_checkpoint_is_never_run(
    run: RunDir, saved: tuple[Training, list[checkpoints.Saved]], tmp_path: Path, form: str
) -> None:
    fuse, buffer = tmp_path / "executed", io.BytesIO()
    content = {"schema": 1, "state": _Bomb(fuse), "form": {}}
    if form == "pickle":
        pickle.dump(content, buffer)
    else:
        torch.save(content, buffer, _use_new_zipfile_serialization=form == "torch")
    _plant(run, buffer.getvalue())
    loaded = checkpoints.load(run)
    assert not fuse.exists()
    assert loaded.saved == saved[1][-2]
    assert "not a checkpoint" in loaded.problems[0]
    pickle.loads(pickle.dumps(_Bomb(fuse)))  # it would have worked
    assert fuse.exists()


@pytest.mark.parametrize("content", [{"schema": 2}, {"schema": 1}, {}, [1, 2], torch.ones(3), "text", None], ids=repr)
def test_another_content_is_refused_like_damage(
    run: RunDir, saved: tuple[Training, list[checkpoints.Saved]], content: object
) -> None:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    _plant(run, buffer.getvalue())
    loaded = checkpoints.load(run)
    assert loaded.saved == saved[1][-2]
    assert "not a checkpoint" in loaded.problems[0]


@pytest.mark.parametrize(
    "file",
    [
        "../stolen.pt",
        "checkpoints/../stolen.pt",
        "stolen.pt",
        "checkpoints/../../stolen.pt",
        "checkpoints/u000000001-b0.pt\n",
        "checkpoints/latest.json",
        "{absolute}",
    ],
)
def test_a_file_outside_the_checkpoints_is_neither_read_nor_removed(
    run: RunDir, saved: tuple[Training, list[checkpoints.Saved]], tmp_path: Path, file: str
) -> None:
    file = file.format(absolute=tmp_path / "stolen.pt")
    raw = (run.checkpoints / "u000000010-b0.pt").read_bytes()
    (tmp_path / "stolen.pt").write_bytes(raw)
    for place in (0, -1):  # read first, or the next to be removed
        index = json.loads(msgspec.json.encode(checkpoints.Latest(checkpoints=saved[1][:1:-1])))
        index["checkpoints"][place]["file"] = file
        (run.path / file).write_bytes(raw) if file != "checkpoints/latest.json" else None
        run.latest.write_bytes(msgspec.json.encode(index))
        with pytest.raises(NoCheckpoint, match=r"latest\.json can't be read"):
            checkpoints.load(run)
        _save(run, saved[0])
        assert (run.path / file).exists()
        assert checkpoints.load(run).saved == saved[1][-1]


def test_a_link_is_no_checkpoint(run: RunDir, saved: tuple[Training, list[checkpoints.Saved]], tmp_path: Path) -> None:
    newest = run.checkpoints / "u000000010-b0.pt"
    newest.rename(tmp_path / "elsewhere.pt")
    newest.symlink_to(tmp_path / "elsewhere.pt")
    loaded = checkpoints.load(run)
    assert loaded.saved == saved[1][-2] and "u000000010-b0.pt" in loaded.problems[0]
    newest.unlink()
    os.mkfifo(newest)
    assert checkpoints.load(run).saved == saved[1][-2]


UNREADABLE = [b"", b"{", b"[]", b'{"checkpoints": [{"file": 3}]}', b"\xff" * 100, b"[" * 60_000,
              b'{"x": ' + b"[" * 60_000]  # fmt: skip


@pytest.mark.parametrize("raw", UNREADABLE)
def test_an_index_that_cannot_be_read_is_no_leave_to_start_anew(run: RunDir, raw: bytes) -> None:
    assert checkpoints.read_index(run) == []
    run.latest.write_bytes(raw)
    for read in (checkpoints.read_index, checkpoints.load):
        with pytest.raises(NoCheckpoint, match=r"latest\.json can't be read"):
            read(run)
