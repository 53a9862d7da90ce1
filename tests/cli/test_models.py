"""`sample` and `eval`: the generator of a checkpoint, used."""

import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gantui.runs.layout import RunDir

Call = Callable[..., Any]


def _x(path: Path) -> np.ndarray:
    with np.load(path) as archive:
        return np.array(archive["x"])


def test_sample_writes_a_picture_or_numbers(call: Call, trained_digits: RunDir, tmp_path: Path) -> None:
    done = call("sample", trained_digits.path, "-n", 9)
    assert done.status == 0 and "one.png: 9 samples of step 40" in done.out
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.size[0] == picture.size[1] >= 24
    assert call("sample", trained_digits.path, "-n", 10, "-o", "x.npz").status == 0
    x = _x(tmp_path / "x.npz")
    assert x.shape == (10, 1, 8, 8) and x.dtype == np.float32 and 0 <= x.min() < x.max() <= 1


def test_the_seed_decides_and_the_average_is_another_generator(
    call: Call, trained_ring: RunDir, tmp_path: Path
) -> None:
    for name, options in {"a": [], "b": [], "c": ["--seed", 1], "d": ["--raw"]}.items():
        assert call("sample", trained_ring.path, "-n", 50, "-o", f"{name}.npz", *options).status == 0
    a, b, c, d = (_x(tmp_path / f"{name}.npz") for name in "abcd")
    assert a.shape == (50, 2)
    assert np.array_equal(a, b) and not np.array_equal(a, c) and not np.array_equal(a, d)


def test_what_sample_refuses(call: Call, trained_ring: RunDir, tmp_path: Path) -> None:
    wrong = call("sample", trained_ring.path, "-o", "grid.jpg")
    assert wrong.status == 2 and ".png, .csv, .txt or .npz" in wrong.err
    for suffix in (".png", ".txt"):
        points = call("sample", trained_ring.path, "-o", f"grid{suffix}")
        assert points.status == 2 and f"a {suffix} needs" in points.err and ".npz" in points.err
    seed = call("sample", trained_ring.path, "--seed", 2**63)
    assert seed.status == 2 and "--seed" in seed.err
    nowhere = call("sample", trained_ring.path, "-o", "no/such/x.npz")
    assert nowhere.status == 2 and "No such file" in nowhere.err
    device = call("sample", trained_ring.path, "--device", "tpu")
    assert device.status == 2 and "tpu" in device.err
    bare = tmp_path / "bare"
    bare.mkdir()
    shutil.copy(trained_ring.config_toml, bare)
    without = call("sample", bare)
    assert without.status == 2 and "no checkpoint" in without.err
    assert {path.name for path in tmp_path.iterdir()} == {"bare"}


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_samples_are_files_of_the_user(
    call: Call, trained_digits: RunDir, tmp_path: Path, umask: int, mode: int
) -> None:
    tmp_path.chmod(0o700)
    before = os.umask(umask)
    try:
        for name in ("x.npz", "x.png"):
            assert call("sample", trained_digits.path, "-n", 4, "-o", name, "--seed", 2**63 - 1).status == 0
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
    finally:
        os.umask(before)


def test_damaged_checkpoints_are_passed_over_with_a_warning_and_never_executed(
    call: Call, trained_digits: RunDir, tmp_path: Path
) -> None:
    copy = RunDir(tmp_path / "copy")
    shutil.copytree(trained_digits.path, copy.path)
    (newest,) = json.loads(copy.latest.read_bytes())["checkpoints"]
    with (copy.path / newest["file"]).open("r+b") as file:
        file.seek(2000)
        file.write(b"\xff" * 10)
    done = call("sample", copy.path)
    assert done.status == 2 and "damaged" in done.err and "Traceback" not in done.err


def test_eval_measures_as_the_run_did(call: Call, trained_digits: RunDir) -> None:
    done = call("eval", trained_digits.path, "--json")
    result = json.loads(done.out)
    own = json.loads(call("status", trained_digits.path, "--json").out)["last_eval"]
    assert done.status == 0 and result["step"] == 40
    shares, own_shares = result["values"].pop("class_shares"), own.pop("class_shares")
    assert shares == pytest.approx(own_shares, abs=0.02)
    assert result["values"] == pytest.approx(own, rel=0.05, abs=0.02)
    some = json.loads(call("eval", trained_digits.path, "--json", "--metrics", "recall,precision").out)
    assert list(some["values"]) == ["recall", "precision"]
    wrong = call("eval", trained_digits.path, "--metrics", "recal")
    assert wrong.status == 2 and "did you mean 'recall'" in wrong.err
    none = call("eval", trained_digits.path, "--metrics", ",")
    assert none.status == 2 and "--metrics ',': names no measure" in none.err
    assert "precision" in call("eval", trained_digits.path).out


def test_eval_by_what_a_classifier_sees(call: Call, trained_digits: RunDir, trained_ring: RunDir) -> None:
    values = json.loads(call("eval", trained_digits.path, "--features", "classifier", "--json").out)["values"]
    assert values["frechet_features"] > 0 and "kernel_distance_features" in values
    points = call("eval", trained_ring.path, "--features", "classifier")
    assert points.status == 2 and "features = classifier: is for images" in points.err
    wrong = call("eval", trained_digits.path, "--features", "inception")
    assert wrong.status == 2 and "must be pixels, classifier, pkg.module:Name" in wrong.err
    nowhere = call("eval", trained_digits.path, "--features", "no_such:thing")
    assert nowhere.status == 2 and "features = 'no_such:thing': no module no_such" in nowhere.err


def test_text_is_printed_or_written_line_by_line(call: Call, trained_text: RunDir, tmp_path: Path) -> None:
    printed = call("sample", trained_text.path, "-n", 30, "--seed", 3)
    assert printed.status == 0 and not list(tmp_path.iterdir())
    lines = printed.out.removesuffix("\n").split("\n")
    assert len(lines) == 30 and set("".join(lines)) <= set("ab 0123456789é")
    assert call("sample", trained_text.path, "-n", 30, "--seed", 3, "-o", "t.txt").status == 0
    assert (tmp_path / "t.txt").read_bytes() == printed.out.encode()
    assert call("sample", trained_text.path, "-n", 30, "--seed", 3, "-o", "t.npz").status == 0
    with np.load(tmp_path / "t.npz") as archive:
        x, alphabet = archive["x"], archive["alphabet"]
    assert ["".join(alphabet[row]) for row in x] == lines
    picture = call("sample", trained_text.path, "-o", "t.png")
    assert picture.status == 2 and "this run makes text" in picture.err


def test_eval_of_text_and_of_one_that_has_changed_since(call: Call, trained_text: RunDir, tmp_path: Path) -> None:
    values = json.loads(call("eval", trained_text.path, "--json").out)["values"]
    assert {"distinct", "novel", "ngram_js_2", "ngram_js_2_floor"} <= set(values) and "valid" not in values
    assert values["ngram_js_2"] > values["ngram_js_2_floor"]
    copy, text = RunDir(tmp_path / "copy"), tmp_path / "t.txt"
    shutil.copytree(trained_text.path, copy.path)
    original = (trained_text.path.parent / "t.txt").read_text()
    settings = copy.config_toml.read_text()
    copy.config_toml.write_text(settings.replace(str(trained_text.path.parent / "t.txt"), str(text)))
    for changed, said in (
        (original + "żab\n", "has changed since the run began: the run has no symbol for ż"),
        (original.replace("é", "e").replace("e", ""), "é no longer occurs in it"),
        (original + "ab ab ab\n", "its examples had 6 characters, now 8"),
    ):
        text.write_text(changed)
        for command in (["eval", copy.path], ["run", "--headless", "--resume", copy.path, "--steps", "30"]):
            refused = call(*command)
            assert refused.status == 2 and said in refused.err and "Traceback" not in refused.err
    text.write_text(original)
    assert call("eval", copy.path).status == 0
    assert call("run", "--headless", "--resume", copy.path, "--steps", "30", "--quiet").status == 0


def _y(path: Path) -> np.ndarray:
    with np.load(path) as archive:
        return np.array(archive["y"])


def test_samples_are_of_the_labels_that_are_asked_for(call: Call, trained_condition: RunDir, tmp_path: Path) -> None:
    run = trained_condition.path
    asked = {
        "a": [],
        "b": ["--class", 7],
        "c": ["--attributes", "inverted=1"],
        "d": ["--class", 3, "--attributes", "inverted=no"],
    }
    for name, options in asked.items():
        assert call("sample", run, "-n", 300, "-o", f"{name}.npz", *options).status == 0
    a, b, c, d = (_y(tmp_path / f"{name}.npz") for name in "abcd")
    assert all(y.shape == (300, 2) and y.dtype == np.int64 for y in (a, b, c, d))
    assert len(np.unique(a, axis=0)) == 20  # as in the data
    assert set(b[:, 0]) == {7} and set(b[:, 1]) == {0, 1}
    assert len(set(c[:, 0])) == 10 and set(c[:, 1]) == {1}
    assert np.unique(d, axis=0).tolist() == [[3, 0]]
    xs = [_x(tmp_path / f"{name}.npz") for name in "abcd"]
    assert not any(np.array_equal(x, xs[0]) for x in xs[1:])  # latents are the same
    assert call("sample", run, "-n", 9, "--class", 7).status == 0
    assert (tmp_path / "one.png").is_file()


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--class", "10"], ["--class = '10'", "0, 1, 2", "9"]),
        (["--attributes", "invertd=1"], ["'inverted'?", "class, inverted"]),
        (["--attributes", "inverted=2"], ["inverted = '2'", "no, yes"]),
        (["--attributes", "inverted"], ["NAME=VALUE"]),
        (["--class", "1", "--attributes", "class=1"], ["given twice"]),
    ],
)
def test_labels_that_are_none(
    call: Call, trained_condition: RunDir, tmp_path: Path, options: list[str], parts: list[str]
) -> None:
    done = call("sample", trained_condition.path, *options)
    assert done.status == 2 and all(part in done.err for part in parts), done.err
    assert done.err.count("\n") <= 2 and not list(tmp_path.iterdir())


@pytest.mark.parametrize("options", [["--class", "7"], ["--attributes", "class=7"]])
def test_a_run_without_a_condition_refuses_labels(
    call: Call, trained_digits: RunDir, tmp_path: Path, options: list[str]
) -> None:
    done = call("sample", trained_digits.path, *options)
    assert done.status == 2 and options[0] in done.err and "condition = none" in done.err
    assert not list(tmp_path.iterdir())
    assert call("sample", trained_digits.path, "-o", "x.npz").status == 0
    with np.load(tmp_path / "x.npz") as archive:
        assert archive.files == ["x"]


def test_eval_judges_what_was_asked_for(call: Call, trained_condition: RunDir) -> None:
    values = json.loads(call("eval", trained_condition.path, "--json").out)["values"]
    assert values["class_accuracy_data"] > 0.95
    assert 0 <= values["class_accuracy_all"] <= values["class_accuracy"] <= 1
    assert set(values["attribute_accuracy"]) == set(values["attribute_accuracy_data"]) == {"class", "inverted"}
    assert len(values["diversity_by_class"]) == 20
    assert values["class_diversity"] == pytest.approx(np.mean(list(values["diversity_by_class"].values())), rel=1e-3)
    own = json.loads(call("status", trained_condition.path, "--json").out)["last_eval"]
    assert own["class_accuracy"] == pytest.approx(values["class_accuracy"], abs=0.05)
    assert "class_diversity" in call("eval", trained_condition.path).out


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory, train: Callable[..., RunDir]) -> RunDir:
    """A run of images that were not all trained on; not to be altered."""
    return train(tmp_path_factory.mktemp("held-out"), "digits", "--steps", "20", "-s", "holdout=300")


def test_parzen_on_request(call: Call, held_out: RunDir) -> None:
    done = call("eval", held_out.path, "--metrics", "parzen", "--samples", 500)
    assert done.status == 0
    assert re.search(r"parzen_ll -?[0-9.e+]+ ± [0-9.]+   parzen_sigma [0-9.]+   parzen_samples 500", done.out)
    assert "parzen_examples 150" in done.out
    assert "Theis et al. 2016" in done.err and "sigma by the first 150 images" in done.err
    found = json.loads(call("eval", held_out.path, "--metrics", "precision,parzen", "--json").out)["values"]
    assert set(found) == {"precision", *(f"parzen_{name}" for name in ("ll", "se", "sigma", "samples", "examples"))}
    assert found["parzen_samples"] == 10_000
    assert "parzen" not in call("eval", held_out.path).out


def test_what_parzen_refuses(call: Call, trained_digits: RunDir, trained_ring: RunDir, held_out: RunDir) -> None:
    everything = call("eval", trained_digits.path, "--metrics", "parzen")
    assert everything.status == 2 and "holdout=0.1" in everything.err and not everything.out
    points = call("eval", trained_ring.path, "--metrics", "parzen")
    assert points.status == 2 and "images" in points.err
    others = call("eval", held_out.path, "--samples", 10)
    assert others.status == 2 and "--metrics parzen" in others.err
    misspelt = call("eval", held_out.path, "--metrics", "parzon")
    assert misspelt.status == 2 and "parzen" in misspelt.err


def test_the_figure_with_neighbours(call: Call, held_out: RunDir, tmp_path: Path) -> None:
    assert call("sample", held_out.path, "--nearest", "-o", "figure.png").status == 0
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.width / picture.height == pytest.approx((6 * 9 + 1) / (4 * 9 + 1), rel=0.01)
    done = call("sample", held_out.path, "--nearest", "-n", 2, "-o", "figure.npz")
    assert "10 samples of step 20; column 6" in done.out
    with np.load(tmp_path / "figure.npz") as figure:
        assert figure["x"].shape == (10, 1, 8, 8) and figure["nearest"].shape == (2, 1, 8, 8)
        distance = np.linalg.norm((figure["x"][4::5] - figure["nearest"]).reshape(2, -1), axis=1)
        assert np.allclose(distance, figure["nearest_distance"], rtol=1e-5) and (figure["nearest_index"] < 1497).all()


def test_the_figure_of_lines_keeps_a_label_in_each_row(call: Call, trained_condition: RunDir, tmp_path: Path) -> None:
    done = call("sample", trained_condition.path, "--interpolate", "--attributes", "class=7", "-o", "lines.npz")
    assert done.status == 0 and "40 samples" in done.out
    with np.load(tmp_path / "lines.npz") as figure:
        assert figure["z"].shape == (40, 64) and figure["x"].shape == (40, 1, 8, 8)
        assert figure["y"].shape == (4, 2) and (figure["y"][:, 0] == 7).all()
    assert call("sample", trained_condition.path, "--interpolate", "-o", "lines.png").status == 0
    with Image.open(tmp_path / "lines.png") as picture:
        assert picture.width / picture.height == pytest.approx((10 * 9 + 1) / (4 * 9 + 1), rel=0.01)


def test_ways_through_z_are_for_all_kinds_of_data(
    call: Call, trained_ring: RunDir, trained_text: RunDir, trained_digits: RunDir, tmp_path: Path
) -> None:
    assert call("sample", trained_ring.path, "--interpolate", "--path", "spherical", "-n", 2).status == 0
    with np.load(tmp_path / "one.npz") as rows:
        assert rows["x"].shape == (20, 2) and rows["z"].shape[0] == 20
    assert call("sample", trained_ring.path, "--sweep", 0, "--truncation", 0.7, "-n", 3, "-o", "rows.csv").status == 0
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 31
    text = call("sample", trained_text.path, "--interpolate", "-n", 2)
    assert text.status == 0 and len(text.out.rstrip("\n").split("\n")) == 21 and text.out.split("\n")[10] == ""
    images = call("sample", trained_digits.path, "--sweep", 63, "-n", 2)
    assert "20 samples of step 40; along each row z[63] goes from -2 to 2" in images.out
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.width / picture.height == pytest.approx((10 * 9 + 1) / (2 * 9 + 1), rel=0.01)


def test_truncated_samples_lie_nearer_to_each_other(call: Call, trained_ring: RunDir, tmp_path: Path) -> None:
    for name, options in {"all": [], "near": ["--truncation", 0.3]}.items():
        assert call("sample", trained_ring.path, "-n", 500, "-o", f"{name}.npz", *options).status == 0
    everything, near = (_x(tmp_path / f"{name}.npz") for name in ("all", "near"))
    assert near.shape == everything.shape and near.std(0).max() < 0.6 * everything.std(0).max()


def test_what_figures_refuse(call: Call, trained_ring: RunDir, held_out: RunDir) -> None:
    points = call("sample", trained_ring.path, "--nearest", "-o", "figure.npz")
    assert points.status == 2 and "--nearest" in points.err and "images" in points.err
    both = call("sample", held_out.path, "--nearest", "--interpolate")
    assert both.status == 2 and "one at a time" in both.err
    for options, said in (
        (("--path", "spherical"), "is for --interpolate"),
        (("--interpolate", "--path", "round"), "linear or spherical"),
        (("--sweep", 99), "z has the dimensions 0 to "),
        (("--sweep=-1",), "z has the dimensions 0 to "),
        (("--truncation", 0), "must be above 0"),
        (("--truncation", "nan"), "must be above 0"),
        (("--sweep", 0, "-n", 200_000), "at most 100,000 rows"),
        (("--sweep", 0, "--interpolate"), "one at a time"),
    ):
        wrong = call("sample", trained_ring.path, *options)
        assert wrong.status == 2 and said in wrong.err and wrong.err.count("\n") <= 2, (options, wrong.err)


NAMES, SMOKES = ("ann", "bob", "cy"), ("", "yes", "no")
PEOPLE = "name;born;height;smokes\n" + "".join(
    f"{NAMES[row % 3]};19{50 + row % 40}-0{1 + row % 9}-11;{160 + row % 37}.5;{SMOKES[row % 3]}\n" for row in range(90)
)


@pytest.fixture(scope="module")
def trained_people(train: Callable[..., RunDir], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDir]:
    """A run of a mixed table that has ended, and whose data are gone."""
    folder = tmp_path_factory.mktemp("people")
    (folder / "people.csv").write_text(PEOPLE)
    settings = ["-s", f"data={folder / 'people.csv'}", "-s", "missing=model", "-s", "g_widths=[16]"]
    yield train(folder, "table", "--steps", "30", *settings)


def test_a_table_is_written_as_it_came(call: Call, trained_people: RunDir, tmp_path: Path) -> None:
    assert call("eval", trained_people.path).status == 0
    (trained_people.path.parent / "people.csv").unlink()
    done = call("sample", trained_people.path, "-n", 200, "-o", "rows.csv")
    assert done.status == 0 and "rows.csv: 200 samples of step 30" in done.out
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert len(lines) == 201 and lines[0] == "name;born;height;smokes"
    for name, born, height, smokes in (line.split(";") for line in lines[1:]):
        assert name in ("ann", "bob", "cy") and smokes in ("", "yes", "no")
        assert "1950-01-11" <= born <= "1989-09-11" and date.fromisoformat(born)
        assert 160 <= float(height) <= 197 and re.fullmatch(r"\d{3}\.\d", height)
    assert call("sample", trained_people.path, "-n", 200, "-o", "again.csv").status == 0
    assert (tmp_path / "again.csv").read_text() == (tmp_path / "rows.csv").read_text()


def test_only_numbers_go_into_a_csv(call: Call, trained_digits: RunDir, trained_ring: RunDir, tmp_path: Path) -> None:
    wrong = call("sample", trained_digits.path, "-o", "x.csv")
    assert wrong.status == 2 and "a .csv needs numbers" in wrong.err
    assert not (tmp_path / "x.csv").exists()
    assert call("sample", trained_ring.path, "-n", 5, "-o", "x.csv").status == 0
    rows = (tmp_path / "x.csv").read_text().splitlines()
    assert rows[0] == "x,y" and len(rows) == 6 and all(len(row.split(",")) == 2 for row in rows)
