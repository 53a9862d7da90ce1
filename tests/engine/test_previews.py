"""Previews: fixed latents, the data's own units, nothing moved, and never more than 500 files."""

from collections.abc import Callable
from itertools import pairwise
from math import isqrt
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from gantui.core.config import Config
from gantui.core.events import Cursor
from gantui.engine import previews
from gantui.engine.algorithm import next_update
from gantui.engine.data import Attribute, Data, Labels
from gantui.engine.previews import Gallery, take
from gantui.engine.training import PREVIEW_NUMBERS, Training, digest, fixed_latents
from gantui.runs.arrays import read_npz
from gantui.runs.layout import RunDir
from gantui.tui import album

Make = Callable[..., Training]
CPU = torch.device("cpu")


def test_images_come_in_0_to_1(make_training: Make) -> None:
    for output in ("tanh", "sigmoid", "linear"):
        arrays = take(make_training(data="digits", output=output, init_g="normal:2"))
        assert set(arrays) == {"x", "x_raw"}
        assert arrays["x"].shape == arrays["x_raw"].shape == (64, 1, 8, 8)
        assert arrays["x"].dtype == np.float32
        assert 0 <= arrays["x"].min() < 0.1
        assert 0.9 < arrays["x"].max() <= 1


def test_points_come_in_the_units_of_the_data(make_training: Make) -> None:
    training = make_training(data="gaussian")
    with torch.no_grad():  # G is constant 2 standardised units above the mean
        for p in training.g_parameters:
            p.zero_()
        training.g_parameters[-1].fill_(2.0)
    arrays = take(training)
    assert arrays["x"].shape == (1024, 1)
    assert arrays["x_raw"].mean() == pytest.approx(4 + 2 * 1.25, abs=0.05)


def test_without_an_average_there_is_one_set_of_samples(make_training: Make) -> None:
    training = make_training(ema_decay=0)
    assert not [name for name in take(training) if name.endswith("_raw")]
    assert take(training)["x"].shape == (1024, 2)


@pytest.mark.parametrize(
    "settings", [{"norm_g": "batch", "dropout_hidden": 0.5}, {"data": "gaussian", "norm_d": "batch"}]
)
def test_taking_one_moves_nothing(make_training: Make, settings: dict[str, Any]) -> None:
    training = make_training(**settings)
    for _ in range(5):
        next_update(training)
    before, chance = digest(training.snapshot()), torch.get_rng_state()
    first, second = take(training), take(training)
    assert digest(training.snapshot()) == before
    assert torch.equal(torch.get_rng_state(), chance)
    assert all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)
    assert training.g.training
    assert training.d.training


def test_latents_stay_the_same_from_start_to_resume(make_training: Make) -> None:
    training = make_training(seed=3)
    latents = training.latents.clone()
    for _ in range(5):
        next_update(training)
    assert torch.equal(training.latents, latents)
    assert torch.equal(make_training(seed=3).latents, latents)
    assert not torch.equal(make_training(seed=4).latents, latents)


@pytest.mark.parametrize("data", ["gaussian", "mixture"])
def test_on_a_line_the_densities_integrate_to_about_one(make_training: Make, data: str) -> None:
    training = make_training(data=data, init_g="default")
    with torch.no_grad():  # G(z) = its first latent: standard normal in the model's range
        training.ema = None
        training.g = torch.nn.Linear(4, 1)
        training.g.weight.copy_(torch.tensor([[1.0, 0.0, 0.0, 0.0]]))
        training.g.bias.zero_()
    arrays = take(training)
    grid, width = arrays["grid"], float(arrays["grid"][1] - arrays["grid"][0])
    assert {name: arrays[name].shape for name in ("grid", "p_data", "p_g", "d")} == dict.fromkeys(
        ("grid", "p_data", "p_g", "d"), (200,)
    )
    assert (np.diff(grid) > 0).all()
    assert arrays["p_data"].sum() * width == pytest.approx(1, abs=0.02)
    assert arrays["p_g"].sum() * width == pytest.approx(1, abs=0.02)
    # Means by each density, on the grid as given.
    assert (arrays["p_data"] * grid).sum() * width == pytest.approx(float(training.data.shift), abs=0.2)
    assert (arrays["p_g"] * grid).sum() * width == pytest.approx(float(training.data.shift), abs=0.2)
    assert 0 <= arrays["d"].min() <= arrays["d"].max() <= 1


def test_a_generator_of_nans_is_shown_as_nothing(make_training: Make) -> None:
    training = make_training(data="gaussian")
    with torch.no_grad():
        training.ema.network[0].weight.fill_(float("nan"))
    arrays = take(training)
    assert not arrays["p_g"].any()
    assert arrays["d"].shape == (200,)


class TestLargeImages:
    """Every preview is kept as a file, and some of them in the dashboard's memory."""

    @pytest.mark.parametrize(
        ("channels", "side", "expected"),
        [
            (1, 8, 8),
            (3, 32, 8),
            (1, 64, 8),
            (3, 64, 8),
            (3, 65, 7),
            (1, 128, 6),
            (3, 128, 4),
            (3, 256, 2),
            (3, 1024, 2),
        ],
    )
    def test_fewer_are_shown(self, config_of: Callable[..., Config], channels: int, side: int, expected: int) -> None:
        data = _images(channels, side)
        z, rows = fixed_latents(config_of(z_dim=5), data, CPU)
        assert z.shape == (expected**2, 5)
        assert rows is None
        assert expected == 2 or z.shape[0] * channels * side**2 <= PREVIEW_NUMBERS
        small, _ = fixed_latents(config_of(z_dim=5), _images(1, 8), CPU)
        assert torch.equal(z, small[: len(z)])  # the same as ever, as far as they go

    @pytest.mark.parametrize("side", [8, 32, 64, 65, 100, 128, 256])
    @pytest.mark.parametrize("kinds", [2, 3, 5, 10, 16, 40])
    def test_sheets_by_label_stay_square_with_one_label_a_line(
        self, config_of: Callable[..., Config], kinds: int, side: int
    ) -> None:
        rows = torch.arange(kinds).repeat(3)[:, None]
        labels = Labels((Attribute("class", tuple(map(str, range(kinds)))),), rows)
        z, shown = fixed_latents(config_of(condition="concat", labels="class"), _images(3, side, labels), CPU)
        line = isqrt(len(z))
        assert line**2 == len(z) == len(shown)
        assert 2 <= line <= 16
        assert line == 2 or len(z) * 3 * side**2 <= PREVIEW_NUMBERS
        sheet, different = shown.view(line, line), min(kinds, 16, line)
        assert (sheet == sheet[:, :1]).all()
        assert len(sheet.unique()) == different
        of_each = z.view(different, -1, z.shape[1])
        assert (of_each == of_each[:1]).all()

    def test_the_dashboard_has_room_for_one_and_that_of_g_beside_its_average(self) -> None:
        assert 2 * 4 * PREVIEW_NUMBERS <= album.MOST_BYTES


def _images(channels: int, side: int, labels: Labels | None = None) -> Data:
    scale = torch.tensor(0.5)
    return Data(
        name="any",
        kind="image",
        shape=(channels, side, side),
        count=9,
        output="tanh",
        device=CPU,
        x=None,
        scale=scale,
        shift=scale,
        labels=labels,
    )


def _names(run: RunDir, suffix: str = "npz") -> list[int]:
    return sorted(int(path.stem[1:10]) for path in run.previews.glob(f"u*.{suffix}"))


def _show(gallery: Gallery, update: int, branch: int = 0, images: bool = False) -> None:
    x = np.zeros((2, 1, 4, 4) if images else (2, 1), dtype=np.float32)
    gallery.keep(gallery.name(Cursor(update=update), branch), {"x": x})


@pytest.mark.parametrize("images", [False, True])
def test_a_gallery_is_thinned_evenly_and_keeps_the_newest(
    run: RunDir, monkeypatch: pytest.MonkeyPatch, images: bool
) -> None:
    monkeypatch.setattr(previews, "MOST_KEPT", 10)
    gallery = Gallery(run)
    for index in range(100):
        _show(gallery, 7 * index, images=images)
        kept = _names(run)
        assert len(kept) <= 10
        assert kept[-1] == 7 * index
        assert kept[0] == 0
        gaps = {b - a for a, b in pairwise(kept[:-1])}
        assert len(gaps) <= 1, kept
        assert not images or _names(run, "png") == kept
    assert len(_names(run)) > 5


def test_the_same_moment_shown_twice_is_one_file(run: RunDir) -> None:
    gallery = Gallery(run)
    for _ in range(3):
        _show(gallery, 5)
    assert _names(run) == [5]


def test_a_resumed_run_counts_what_is_there(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST_KEPT", 10)
    first = Gallery(run)
    for index in range(9):
        _show(first, index)
    (run.previews / "real.npz").write_bytes(b"not one of them")
    again = Gallery(run)
    for index in range(9, 60):
        _show(again, index, branch=1)
        assert len(_names(run)) <= 10
    assert _names(run)[-1] == 59
    assert (run.previews / "real.npz").exists()


def test_five_hundred_is_the_limit() -> None:
    assert previews.MOST_KEPT == 500


def test_the_first_examples_are_written_for_comparison(run: RunDir, make_training: Make) -> None:
    previews.write_real(run, make_training(data="digits"))
    arrays = read_npz(run.previews / "real.npz")
    assert arrays is not None
    assert set(arrays) == {"x"}
    assert arrays["x"].shape == (64, 1, 8, 8)
    assert (arrays["x"].min(), arrays["x"].max()) == (0, 1)
    assert Image.open(run.previews / "real.png").mode == "L"


@pytest.mark.parametrize("data", ["digits", "digits_inverted"])
def test_under_a_condition_data_and_samples_are_sheets_alike(run: RunDir, make_training: Make, data: str) -> None:
    training = make_training(data=data, condition="concat")
    assert training.labels is not None
    previews.write_real(run, training)
    arrays = read_npz(run.previews / "real.npz")
    assert arrays is not None
    assert (arrays["y"] == training.preview_rows.numpy()).all()
    examples = training.data.to_own(training.data.take(torch.arange(training.data.count))).numpy()
    found = {x.tobytes(): row for x, row in zip(examples, training.labels.rows.tolist(), strict=True)}
    assert [found[x.tobytes()] for x in arrays["x"]] == arrays["y"].tolist()
    assert len(np.unique(arrays["x"], axis=0)) > 0.8 * len(arrays["x"])
