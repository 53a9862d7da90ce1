"""`gantui report`: where the page goes, who may read it, and what is said where it can't be written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gantui.runs.layout import RunDir

Call = Callable[..., Any]


def test_the_page_is_written_where_one_stands_for_nobody_else_to_read(
    call: Call, trained_digits: RunDir, tmp_path: Path
) -> None:
    folder = trained_digits.path.parent
    done = call("report", "latest", "--runs", folder)
    page = tmp_path / "one-report.html"
    assert (done.status, done.err) == (0, "") and done.out.startswith("one-report.html: ")
    assert page.stat().st_mode & 0o777 == 0o600
    text = page.read_text("utf-8")
    assert text.startswith("<!doctype html>") and text.count('<figure class="frame') == 4 and "frechet_pixels" in text
    page.write_text("old")
    assert call("report", "one", "--runs", folder, "-o", page).status == 0 and page.read_text("utf-8") != "old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["one-report.html"]


def test_a_page_that_can_not_be_written_leaves_nothing_behind(
    call: Call, trained_digits: RunDir, tmp_path: Path
) -> None:
    folder = trained_digits.path.parent
    (tmp_path / "taken").mkdir()
    for target in ("taken", "no/such/folder.html"):
        done = call("report", "one", "--runs", folder, "-o", target)
        assert done.status == 2 and target in done.err and len(done.err.splitlines()) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]
    assert call("report", "two", "--runs", folder).status == 3


def test_points_of_a_real_run_have_their_curves(call: Call, trained_ring: RunDir, tmp_path: Path) -> None:
    assert call("report", trained_ring.path, "-o", "ring.html").status == 0
    text = (tmp_path / "ring.html").read_text("utf-8")
    assert all(heading in text for heading in ("Losses", "Gradients", "D&#x27;s output over time", "modes"))
