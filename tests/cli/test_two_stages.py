"""Faces in two stages, as in 2014: a run whose G goes on from that of another."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.io import savemat

from gantui.core import presets
from gantui.engine import checkpoints
from gantui.runs.layout import RunDir

Call = Callable[..., Any]
FEW = ["-s", "d_widths=[8]", "-s", "batch_size=5", "-s", "threads=1", "--headless", "--quiet"]
FIRST = ["run", "goodfellow-tfd", "--name", "first", "-s", "g_widths=[12,9]", "--steps", 3, *FEW]
SECOND = ["run", "goodfellow-tfd-2", "-s", "g_widths=[7,100,12,9]", *FEW]


@pytest.fixture
def faces(call: Call, tmp_path: Path) -> list[str]:
    """The option that names 40 small faces, in the folder where `call` is."""
    folds = np.zeros((40, 5), np.uint8)
    folds[30:35], folds[35:] = 2, 3
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)
    savemat(tmp_path / "faces.mat", {"images": images, "folds": folds})
    return ["-s", "data=faces.mat", "-s", "image_size=8"]


def _weights(run: Path) -> dict[str, torch.Tensor]:
    return checkpoints.load(RunDir(run)).state["g"]


def test_the_second_stage_goes_on_from_the_first_and_then_from_itself(
    call: Call, faces: list[str], tmp_path: Path
) -> None:
    assert call(*FIRST, *faces).status == 0
    # At a rate of 0 nothing moves, so that what it began with is seen; the bias' norm keeps columns as they are.
    still = ["--steps", 1, "-s", "lr_g=0", "-s", "lr_schedule=constant"]
    done = call(*SECOND, *faces, "--name", "second", "-s", "pretrained=first", *still)
    assert done.status == 0, done.err
    first, second = _weights(tmp_path / "runs" / "first"), _weights(tmp_path / "runs" / "second")
    for name, weight in first.items():
        assert torch.allclose(second[f"pretrained.{name}"], weight, rtol=1e-5), name
    stored = presets.read(tmp_path / "runs" / "second" / "config.toml").config()
    assert stored.pretrained == str(tmp_path / "runs" / "first")

    (tmp_path / "runs" / "first").rename(tmp_path / "gone")  # it is needed at the start only
    assert call("run", "--resume", "second", "--headless", "--quiet", "--steps", 4, "-s", "lr_g=0.05").status == 0
    assert call("sample", "second", "-o", "faces.npz").status == 0
    assert call("eval", "second", "--metrics", "parzen", "--samples", 20).status == 0


def test_what_it_needs_is_said(call: Call, faces: list[str], tmp_path: Path) -> None:
    nothing = call(*SECOND, *faces)
    assert nothing.status == 2 and "-s pretrained=RUN" in nothing.err
    nowhere = call(*SECOND, *faces, "-s", "pretrained=first")
    assert nowhere.status == 3 and "first" in nowhere.err
    assert call(*FIRST, *faces).status == 0
    others = call(*SECOND, *faces, "-s", "pretrained=first", "-s", "g_widths=[7,100,12,10]")
    assert others.status == 2 and "doesn't fit" in others.err and "g_widths = [12, 10]" in others.err
    plain = call("run", "digits", "--name", "plain", "--steps", 1, "--headless", "--quiet")
    assert plain.status == 0
    wrong = call(*SECOND, *faces, "-s", "pretrained=plain")
    assert wrong.status == 2 and "is a run of network = mlp, must be goodfellow_tfd" in wrong.err
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"first", "plain"}
