"""`infer` and `probe`: what the two networks of a run know."""

import json
import os
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gantui.engine import inference
from gantui.runs.layout import RunDir

Call = Callable[..., Any]


@pytest.fixture
def digits(trained_digits: RunDir, tmp_path: Path) -> RunDir:
    """A run of digits of one's own."""
    shutil.copytree(trained_digits.path, tmp_path / "mine")
    return RunDir(tmp_path / "mine")


def _digits_with(trained_digits: RunDir, tmp_path: Path, before: str, after: str) -> RunDir:
    run = RunDir(shutil.copytree(trained_digits.path, tmp_path / "other"))
    text = run.config_toml.read_text()
    assert before in text
    run.config_toml.write_text(text.replace(before, after))
    return run


def test_infer_trains_once_and_is_quick_the_second_time(
    call: Call, digits: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = call("infer", digits.path, "--steps", 300, "--json")
    assert first.status == 0 and first.out.count("\n") == 1
    result = json.loads(first.out)
    assert (result["id"], result["step"], result["encoder_steps"], result["seed"]) == ("mine", 40, 300, 0)
    values = result["values"]
    ratio = values["reconstruction_error"] / values["reconstruction_baseline"]
    assert values["reconstruction"] == pytest.approx(ratio, rel=1e-3) and 0 < ratio < 1
    assert values["reconstruction_samples"] < ratio
    assert 0 < values["z_error"] < 1.2
    with np.load(digits.inferred) as arrays:
        assert arrays["x"].shape == arrays["x_inferred"].shape == (64, 1, 8, 8)
    assert stat.S_IMODE(digits.inferred.stat().st_mode) == 0o600

    trained = []
    monkeypatch.setattr(inference, "train", lambda *arguments: trained.append(arguments))
    assert call("infer", digits.path, "--json").out == first.out
    text = call("infer", digits.path, "--steps", 300, "--seed", 0).out
    assert "step 40, an encoder of 300 steps" in text and "reconstruction" in text
    assert not trained


def test_other_steps_or_another_seed_train_another(call: Call, digits: RunDir) -> None:
    outs = [call("infer", digits.path, "--json", "--steps", *more) for more in ([10], [20], [20, "--seed", 1])]
    results = [json.loads(done.out) for done in outs]
    assert [(r["encoder_steps"], r["seed"]) for r in results] == [(10, 0), (20, 0), (20, 1)]
    assert len({r["values"]["reconstruction"] for r in results}) == 3


@pytest.mark.parametrize("which", ["trained_ring", "trained_condition"])
def test_infer_also_of_points_and_under_a_condition(
    call: Call, which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    run = RunDir(shutil.copytree(request.getfixturevalue(which).path, tmp_path / "mine"))
    done = call("infer", run.path, "--steps", 20, "--json")
    assert done.status == 0 and "reconstruction" in json.loads(done.out.splitlines()[-1])["values"]


def test_a_signal_ends_it_and_leaves_what_was_there(
    call: Call, digits: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("infer", digits.path, "--steps", 10).status == 0
    before = {path: path.read_bytes() for path in (digits.encoder, digits.inferred)}
    train = inference.train

    def struck(model: Any, steps: int, seed: int, progress: Callable[[int, float], None]) -> Any:
        def tell(step: int, cost: float) -> None:
            if step == 100:
                os.kill(os.getpid(), signal.SIGTERM)
            progress(step, cost)

        return train(model, steps, seed, tell)

    monkeypatch.setattr(inference, "train", struck)
    done = call("infer", digits.path, "--steps", 100_000)
    assert done.status == 75 and "SIGTERM" in done.err and "not kept" in done.err and not done.out
    assert {path: path.read_bytes() for path in before} == before
    assert not list(digits.path.rglob(".*.tmp"))
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_where_it_cannot_be_kept_the_numbers_are_printed_all_the_same(
    call: Call, digits: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(inference, "write_atomic", refuse)
    monkeypatch.setattr(inference, "write_npz", refuse)
    done = call("infer", digits.path, "--steps", 10)
    assert done.status == 0 and "reconstruction" in done.out
    assert done.err.count("Permission denied") == 2


def test_probe_prints_a_table(call: Call, trained_digits: RunDir) -> None:
    done = call("probe", trained_digits.path, "--labels", "10,1,10", "--draws", 2)
    assert done.status == 0 and "\x1b" not in done.out
    lines = done.out.splitlines()
    assert "class, 10 classes, 2 draws" in lines[0]
    assert [line.split()[0] for line in lines[-2:]] == ["1", "10"]
    assert all(line.count("±") == 3 for line in lines[-2:])
    assert max(map(len, lines)) <= 80


def test_probe_in_json(call: Call, trained_digits: RunDir) -> None:
    done = call("probe", trained_digits.path, "--labels", "2", "--draws", 3, "--json")
    result = json.loads(done.out)
    assert result["step"] == 40 and result["label"] == "class" and result["classes"] == 10
    assert result["features"] == {"d": 512, "untrained": 512, "pixels": 64}
    assert result["tested"] == {"2": 1777}
    by_kind = result["accuracy"]["2"]
    assert list(by_kind) == ["d", "untrained", "pixels"]
    for spread in by_kind.values():
        assert spread["mean"] == pytest.approx(np.mean(spread["draws"]), rel=1e-3) and len(spread["draws"]) == 3
        assert spread["sd"] == pytest.approx(np.std(spread["draws"], ddof=1), rel=1e-2)
        assert 0.3 < spread["mean"] < 0.9
    again = json.loads(call("probe", trained_digits.path, "--labels", "2", "--draws", 3, "--json").out)
    assert again == result


def test_probe_under_a_condition_is_of_the_first_attribute(call: Call, trained_condition: RunDir) -> None:
    result = json.loads(call("probe", trained_condition.path, "--labels", "1", "--draws", 2, "--json").out)
    assert (result["label"], result["classes"]) == ("class", 10)


@pytest.mark.parametrize("wrong", ["0", "1,,2", "-1", "1.5", "ten", "", "1,9999999999999"])
def test_labels_that_are_no_numbers(call: Call, trained_digits: RunDir, wrong: str) -> None:
    done = call("probe", trained_digits.path, "--labels", wrong)
    assert done.status == 2 and "--labels" in done.err and "1,5,10,50" in done.err


def test_more_labels_than_there_are(call: Call, trained_digits: RunDir) -> None:
    done = call("probe", trained_digits.path, "--labels", "5,180")
    assert done.status == 2 and "--labels 180" in done.err and "2 (177)" in done.err and "3 (183)" not in done.err
    assert done.err.count("\n") <= 2


def test_data_without_labels_cannot_be_probed(call: Call, trained_ring: RunDir, trained_digits: RunDir,
                                              tmp_path: Path) -> None:  # fmt: skip
    unlabelled = _digits_with(trained_digits, tmp_path, 'labels = "auto"', 'labels = "none"')
    done = call("probe", unlabelled.path)
    assert done.status == 2 and "has no labels" in done.err


@pytest.mark.parametrize("command", ["infer", "probe"])
def test_what_both_refuse(call: Call, trained_digits: RunDir, tmp_path: Path, command: str) -> None:
    assert call(command, "no-such-run").status == 3
    gone = _digits_with(trained_digits, tmp_path, 'data = "digits"', 'data = "/no/such/folder"')
    before = sorted(path.name for path in gone.path.rglob("*"))
    done = call(command, gone.path)
    assert done.status == 2 and "/no/such/folder" in done.err and "Traceback" not in done.err
    assert sorted(path.name for path in gone.path.rglob("*")) == before
    shutil.rmtree(gone.checkpoints)
    assert "no checkpoint" in call(command, gone.path).err
    own = gone.config_toml.read_text().replace('network = "mlp"', 'network = "evil.nets:Pair"')
    gone.config_toml.write_text(own)
    done = call(command, gone.path)
    assert done.status == 2 and f"gantui {command}" in done.err and "--trust" in done.err and "evil.nets" in done.err


def test_a_run_with_an_encoder_beside_g_needs_no_training(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ["-s", "encoder=true", "-s", "preview_every=0"]
    assert call("run", "digits", "--steps", 20, "--quiet", "--name", "one", *settings).status == 0
    monkeypatch.setattr(inference, "train", lambda *_: pytest.fail("trained"))
    done = call("infer", "one", "--json")
    values = json.loads(done.out)["values"]
    assert done.status == 0 and json.loads(done.out)["encoder_steps"] == 0
    assert not RunDir(tmp_path / "runs" / "one").encoder.exists()
    own = json.loads(call("status", "one", "--json").out)["last_eval"]
    assert own["reconstruction"] == pytest.approx(values["reconstruction"], rel=1e-3)
    own = json.loads(call("eval", "one", "--json").out)["values"]
    assert own["reconstruction"] == pytest.approx(values["reconstruction"], rel=1e-3)
