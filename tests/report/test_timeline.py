"""Samples of all kinds as pictures of bounded size, evenly chosen, those of left branches not among them."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from report.logs import at, made, metrics, preview, start, write
from report.reading import Node, read

from gantui.core import events
from gantui.core.events import DataFacts
from gantui.report import columns, pictures, plots, story, timeline
from gantui.runs.arrays import write_npz
from gantui.runs.layout import RunDir


def shown(run: RunDir) -> Node:
    return read(timeline.section(run, story.read(run)))


def picture(node: Node) -> Image.Image:
    kind, _, data = (node.attributes["src"] or "").partition(",")
    assert kind in ("data:image/png;base64", "data:image/jpeg;base64")
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_frames_are_few_even_and_hold_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(tmp_path)
    write(run, [start(), *(preview(run, step, x=np.zeros((4, 1, 8, 8))) for step in range(301))])
    root = shown(run)
    steps = [int(figure.one("figcaption").text.removeprefix("step ")) for figure in root.all("figure", "frame")]
    assert len(steps) == timeline.MOST_FRAMES and (steps[0], steps[-1]) == (0, 300)
    assert set(np.diff(steps)) <= {5, 6} and "60 of 301 previews" in root.text
    monkeypatch.setattr(timeline, "BUDGET", 2000)
    assert 2 <= len(list(shown(run).all("figure", "frame"))) < 10


def test_frames_of_a_branch_that_was_left_are_not_among_them(tmp_path: Path) -> None:
    run = made(tmp_path)
    x = np.zeros((4, 2))
    write(run, [start(), *(preview(run, step, x=x) for step in (5, 10, 20)), metrics(25)])
    fork = start(parent=0, from_update=20, **at(10, 1))
    write(run, [fork, preview(run, 15, 1, x=x)], number=2)
    captions = [figure.one("figcaption").text for figure in shown(run).all("figure", "frame")]
    assert captions == ["step 5", "step 10", "step 15"]


def test_images_stand_beside_data_in_their_own_pixels(tmp_path: Path) -> None:
    run = made(tmp_path)
    x = np.zeros((4, 1, 8, 8))
    x[3] = 1.0
    write_npz(run.previews / "real.npz", {"x": x})
    write(run, [start(data=DataFacts(kind="image", shape=[1, 8, 8])), preview(run, 1, x=x)])
    root = shown(run)
    image = picture(root.one("figure", "frame").one("img"))
    assert image.size == (17, 17) and image.getpixel((16, 16)) == 255 and image.getpixel((0, 0)) == 0
    assert root.one("figure", "data").one("img").attributes["class"] == "crisp"


@pytest.mark.parametrize(
    ("side", "count", "per_line"), [(64, 64, 0), (512, 64, 0), (1000, 3, 0), (8, 100, 10), (8, 4000, 0)]
)
def test_a_sheet_is_small_whatever_the_images_are(side: int, count: int, per_line: int) -> None:
    rng = np.random.default_rng(0)
    x = np.broadcast_to(rng.random((1, 3, side, side), dtype=np.float32), (count, 3, side, side))
    element = pictures.sheet(x, per_line)
    image = picture(read(element).one("img"))
    assert max(image.size) <= pictures.MOST_PIXELS and len(element) < 200_000
    if per_line:
        assert image.width == per_line * 9 - 1


def test_points_that_are_far_away_or_nowhere_leave_the_others_in_place() -> None:
    x = np.array([[0.0, 0.0], [1e30, 0.0], [np.nan, 1.0], [1.0, 1.0]])
    (dots,) = read(plots.points(x, None, (-1.0, 1.0, -1.0, 1.0))).all("path", "dots")
    assert (dots.attributes["d"] or "").count("M") == 2
    assert (dots.attributes["d"] or "").startswith(f"M{plots.SIDE / 2:.1f},{plots.SIDE / 2:.1f}")


def test_a_density_has_data_samples_and_d_on_a_scale_of_its_own(tmp_path: Path) -> None:
    run = made(tmp_path)
    grid = np.linspace(-4, 4, 200)
    arrays = {"x": np.random.default_rng(0).normal(size=(500, 1)), "grid": grid, "d": np.full(200, 0.5),
              "p_data": np.exp(-(grid**2) / 2) / 2.5066}  # fmt: skip
    write(run, [start(data=DataFacts(kind="points", shape=[1])), preview(run, 1, **arrays)])
    frame = shown(run).one("figure", "frame")
    assert {(path.attributes["class"] or "") for path in frame.all("path")} >= {
        "mean fake",
        "mean real",
        "mean d dashed",
    }
    assert "0.5" in [text.text for text in frame.all("text", "d")]


def test_columns_of_a_table_are_numbers_or_shares_of_words() -> None:
    data = DataFacts(kind="table", columns=["age", "<town>"], values=[[], ["Rome", "Oslo"]])
    x = np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 1.0], [np.nan, np.nan]])
    root = read(columns.table(x, x[:2], data))
    assert [heading.text for heading in root.all("h4")] == ["age", "<town>"]
    assert [key.text for key in root.all("span", "key")] == ["2 ± 1", "3 ± 1.63"]
    assert [b.text for b in root.all("b")] == ["100 / 50 %", "0 / 25 %"]
    wide = read(columns.table(np.zeros((3, 500)), None, DataFacts()))
    assert len(list(wide.all("h4"))) == columns.MOST_COLUMNS and "476 more columns" in wide.text


def test_text_is_lines_of_symbols() -> None:
    lines = read(columns.lines(np.array([[0, 1, 2, 2], [1, 9, -1, 0]]), ["a", "<", " "])).all("span")
    assert [line.text for line in lines] == ["a<", "<\ufffd\ufffda"]


def test_a_run_without_readable_previews_says_so(tmp_path: Path) -> None:
    gone = events.Preview(file="previews/u000000002-b0.npz", **at(1))
    assert "taken no samples" in shown(made(tmp_path, [start(), gone])).text
