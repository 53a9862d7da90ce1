"""What users get wrong, as they get it wrong: one clear line each, exit status 2 or 3, and nothing left behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Call = Callable[..., Any]
SMALL = ("--steps", "2", "-s", "g_widths=[8]", "-s", "d_widths=[8]")


def _settings(*pairs: str) -> list[str]:
    return [part for pair in pairs for part in ("-s", pair)]


@pytest.fixture
def litter(tmp_path: Path) -> Path:
    """A folder full of the wrong files."""
    (tmp_path / "binary.toml").write_bytes(bytes(range(128, 256)) * 4)
    (tmp_path / "directory.toml").mkdir()
    (tmp_path / "folder_without_images").mkdir()
    (tmp_path / "folder_without_images" / "notes.txt").write_text("none")
    with (tmp_path / "huge.toml").open("wb") as huge:
        huge.truncate(100 << 20)
    (tmp_path / "syntax.toml").write_text('data = "ring"\nk = 2\nlr_d = = 3\n')
    (tmp_path / "unknown.toml").write_text("learning_rate = 3\n")
    (tmp_path / "twice.toml").write_text("k = 1\nk = 2\n")
    (tmp_path / "type.toml").write_text('k = "many"\n')
    (tmp_path / "table.toml").write_text("[optimiser]\nlr_d = 1\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "binary.npy").write_bytes(b"\x00\xff" * 300)
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}, None], dtype=object))
    np.save(tmp_path / "nothing.npy", np.zeros((0, 3)))
    np.save(tmp_path / "nan.npy", np.full((50, 3), np.nan))
    (tmp_path / "words.csv").write_text("a,b\n" + "".join(f"word {number},red\n" for number in range(300)))
    (tmp_path / "mixed.csv").write_text("a,name\n1,2\n2,x\n3,4\n")
    (tmp_path / "holes.csv").write_text("a,b\n1,2\n3,4\n5,\n7,8\n")
    (tmp_path / "one.csv").write_text("a,b\n1,2\n")
    (tmp_path / "bad_images").mkdir()
    for number in range(3):
        (tmp_path / "bad_images" / f"{number}.png").write_bytes(b"\x89PNG not really")
    (tmp_path / "photos").mkdir()
    return tmp_path


RUN: list[tuple[list[str], int, list[str]]] = [
    # presets
    (["run", "rign"], 2, ["'rign'", "did you mean 'ring'"]),
    (["run", "nothing.toml"], 2, ["nothing.toml", "No such file"]),
    (["run", "binary.toml"], 2, ["binary.toml", "UTF-8"]),
    (["run", "directory.toml"], 2, ["directory.toml", "directory"]),
    (["run", "huge.toml"], 2, ["huge.toml", "too big", "65536"]),
    (["run", "syntax.toml"], 2, ["syntax.toml", "line 3"]),
    (["run", "unknown.toml"], 2, ["unknown.toml", "learning_rate"]),
    (["run", "twice.toml"], 2, ["twice.toml", "line 2"]),
    (["run", "type.toml"], 2, ["type.toml", "k = 'many'", "0 to 100"]),
    (["run", "table.toml"], 2, ["table.toml", "optimiser"]),
    (["run"], 2, ["preset"]),
    (["presets", "validate", "syntax.toml"], 2, ["line 3"]),
    (["presets", "show", "rign"], 2, ["did you mean 'ring'"]),
    (["presets", "copy", "ring", "twice.toml"], 2, ["twice.toml", "exists"]),
    (["presets", "copy", "ring", "no/such/folder.toml"], 2, ["No such file"]),
    # overrides
    (["run", "ring", *_settings("lr_d")], 2, ["'lr_d'", "key=value"]),
    (["run", "ring", *_settings("lr_dd=1")], 2, ["'lr_dd'", "did you mean 'lr_d'"]),
    (["run", "ring", *_settings("g_widths=[64, ")], 2, ["g_widths", "list of numbers"]),
    (["run", "ring", *_settings("g_widths=[]")], 2, ["g_widths = []"]),
    (["run", "ring", *_settings("lr_d=-1")], 2, ["lr_d = -1", "0 to 100"]),
    (["run", "ring", *_settings("lr_d=nan")], 2, ["lr_d = nan", "0 to 100"]),
    (["run", "ring", *_settings("lr_d=inf")], 2, ["lr_d = inf"]),
    (["run", "ring", *_settings("loss=minmax")], 2, ["loss = 'minmax'", "minimax"]),
    (["run", "ring", *_settings("k=0", "g_steps=0")], 2, ["k = 0", "g_steps = 0"]),
    (["run", "ring", *_settings("k=1.5")], 2, ["k = 1.5", "whole number"]),
    (["run", "ring", *_settings("batch_size=" + "9" * 5000)], 2, ["batch_size"]),
    (["run", "ring", *_settings("\x1b[31mk=1")], 2, ["\\x1b[31mk"]),
    (["run", "ring", *_settings("network=conv")], 2, ["conv"]),
    (["run", "ring", "--steps", "0"], 2, ["max_steps = 0", "from 1"]),
    (["run", "ring", "--steps", "many"], 2, ["max_steps = 'many'", "whole number"]),
    (["run", "ring", "--time", "5x"], 2, ["max_time = '5x'", "30m"]),
    (["run", "ring", "--seed", "-1"], 2, ["seed = -1"]),
    (["run", "ring", "--device", "cuda:7"], 2, ["cuda:7"]),
    (["run", "ring", "--device", "tpu"], 2, ["device = 'tpu'", "cuda:N"]),
    (["run", "ring", "--share", "world"], 2, ["world", "group-steer"]),
    (["run", "ring", "--bogus"], 2, ["--bogus"]),
    # names
    (["run", "ring", "--name", "../x"], 2, ["'../x'", "letters"]),
    (["run", "ring", "--name", ""], 2, ["''", "letters"]),
    (["run", "ring", "--name", "latest"], 2, ["latest"]),
    (["run", "ring", "--name", "\x1b]0;x\x07"], 2, ["\\x1b]0;x"]),
    (["run", "ring", "--name", "n" * 200], 2, ["at most 100"]),
    (["run", "ring", "--runs", "syntax.toml"], 2, ["syntax.toml"]),
    (["run", "ring", "--runs", "/proc/runs"], 2, ["/proc/runs"]),
    # data
    (["run", "images", *_settings("data=photo")], 2, ["photo"]),
    (["run", "ring", *_settings("data=rnig")], 2, ["rnig", "ring"]),
    (["run", "images", *_settings("data=folder_without_images")], 2, ["folder_without_images", "image"]),
    (["run", "images", *_settings("data=bad_images")], 2, ["bad_images"]),
    (["run", "table", *_settings("data=empty.csv")], 2, ["empty.csv", "empty"]),
    (["run", "table", *_settings("data=binary.npy")], 2, ["binary.npy"]),
    (["run", "table", *_settings("data=objects.npy")], 2, ["objects.npy"]),
    (["run", "table", *_settings("data=nothing.npy")], 2, ["nothing.npy"]),
    (["run", "table", *_settings("data=nan.npy")], 2, ["nan.npy"]),
    (["run", "table", *_settings("data=words.csv")], 2, ["words.csv", "'a'", "different"]),
    (["run", "table", *_settings("data=mixed.csv")], 2, ["mixed.csv", "line 3", "'name'", "'x'"]),
    (["run", "table", *_settings("data=holes.csv")], 2, ["holes.csv", "line 4", "'b'"]),
    (["run", "table", *_settings("data=one.csv")], 2, ["one.csv"]),
    (["run", "table"], 2, ["table.csv"]),
    (["run", "mnist", "--data-root", "nowhere"], 2, ["nowhere", "data_root", "download=true"]),
    # runs
    (["run", "--resume", "nobody"], 3, ["nobody"]),
    (["run", "ring", "--resume", "auto"], 2, ["--name"]),
    (["run", "ring", "--resume", "auto", "--name", "a/b"], 2, ["a/b"]),
    (["status", "nobody"], 3, ["nobody"]),
    (["status", "../x"], 3, ["../x"]),
    (["status", "\x1b[2J"], 3, ["\\x1b[2J"]),
    (["set", "nobody", "k=2"], 3, ["nobody"]),
    (["set", "nobody", "seed=2"], 2, ["seed is fixed", "live are"]),
    (["set", "nobody", "k=101"], 2, ["k = 101", "0 to 100"]),
    (["set", "nobody", "kk=1"], 2, ["'kk'"]),
    (["set", "nobody", "lr_d=nan"], 2, ["lr_d = nan"]),
    (["set", "nobody"], 2, ["KEY=VALUE"]),
    (["step", "nobody", "e"], 2, ["'e'", "d, g, both"]),
    (["step", "nobody", "d", "-n", "0"], 2, ["-n", "greater than or equal to 1"]),
    (["sample", "nobody", "-o", "grid.png"], 3, ["nobody"]),
    (["sample", "nobody", "-o", "grid.jpg"], 2, ["grid.jpg", ".png"]),
    (["nonsense"], 2, ["nonsense"]),
]


@pytest.mark.parametrize(("arguments", "status", "said"), RUN, ids=[" ".join(a)[:60] or "nothing" for a, _, _ in RUN])
def test_a_mistake_is_named_and_leaves_nothing(
    call: Call, litter: Path, arguments: list[str], status: int, said: list[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in litter.rglob("*")}
    done = call(*arguments)
    assert done.status == status, done.err
    message = done.err
    assert message.startswith("gantui: ") and len(message.splitlines()) <= 2
    assert "Traceback" not in done.err and done.out == "" and not set("\x1b\x07") & set(done.err)
    for words in said:
        assert words in message
    runs = litter / "runs"
    left = {path for path in litter.rglob("*") if path not in before}
    assert left <= {runs}, "half a run is left"
    assert all(path.stat().st_mtime_ns == before[path] for path in before if path.is_file())


def test_a_name_that_is_taken_keeps_its_run(call: Call) -> None:
    assert call("run", "ring", *SMALL, "--name", "one", "--quiet").status == 0
    done = call("run", "ring", *SMALL, "--name", "one")
    assert done.status == 2 and "'one' exists" in done.err and "--resume" in done.err
    assert call("status", "one").status == 0
    again = call("run", "--resume", "one")
    assert again.status == 2 and "finished at step 2" in again.err
    fixed = call("run", "--resume", "one", "--steps", "4", "-s", "z_dim=3")
    assert fixed.status == 2 and "z_dim = 3: fixed" in fixed.err


def test_a_busy_run_is_refused_and_stays(call: Call, tmp_path: Path) -> None:
    assert call("run", "ring", *SMALL, "--name", "one", "--quiet").status == 0
    from gantui.runs.layout import RunDir
    from gantui.runs.lock import RunLock

    lock = RunLock(RunDir(tmp_path / "runs" / "one"))
    lock.acquire()
    try:
        done = call("run", "--resume", "one", "--steps", "4")
    finally:
        lock.release()
    assert done.status == 2 and "already being trained" in done.err
    assert (tmp_path / "runs" / "one" / "checkpoints" / "latest.json").exists()


WARNED: list[tuple[str, Callable[[Path], None], list[str], list[str]]] = [
    (
        "few rows",
        lambda at: np.save(at / "t.npy", np.random.default_rng(0).normal(size=(20, 3))),
        _settings("data=t.npy", "batch_size=64"),
        ["20", "64"],
    ),
    ("bad image", lambda at: _photos(at), _settings("data=p", "image_size=8", "batch_size=4"), ["bad.png"]),
]


def _photos(at: Path) -> None:
    (at / "p").mkdir()
    for number in range(8):
        Image.new("RGB", (16, 16), (number * 30, 10, 99)).save(at / "p" / f"{number}.png")
    (at / "p" / "bad.png").write_bytes(b"\x89PNG not really")


@pytest.mark.parametrize(("make", "arguments", "said"), [w[1:] for w in WARNED], ids=[w[0] for w in WARNED])
def test_what_can_be_lived_with_is_a_warning(
    call: Call, tmp_path: Path, make: Callable[[Path], None], arguments: list[str], said: list[str]
) -> None:
    make(tmp_path)
    preset = "images" if "data=p" in arguments else "table"
    done = call("run", preset, "--steps", "2", *arguments, "-s", "g_widths=[8]", "-s", "d_widths=[8]")
    assert done.status == 0, done.err
    warnings = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    assert warnings and "Traceback" not in done.err
    for words in said:
        assert any(words in line for line in warnings)
