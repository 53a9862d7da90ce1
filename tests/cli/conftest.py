"""The command line called within the test's own process: the whole of it, but for a new interpreter."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gantui.cli.app import perform
from gantui.runs.layout import RunDir


@dataclass(frozen=True)
class Done:
    """What a command left: exit status, stdout, stderr."""

    status: int
    out: str
    err: str


Call = Callable[..., Done]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """`gantui ARGUMENTS` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GANTUI_RUNS", raising=False)

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["gantui", *map(str, arguments)])
        status = perform()
        shown = capsys.readouterr()
        return Done(status, shown.out, shown.err)

    return run


def _train(folder: Path, *arguments: str) -> RunDir:
    before, sys.argv = sys.argv, ["gantui", "run", *arguments, "--quiet", "--name", "one", "--runs", str(folder)]
    try:
        assert perform() == 0
    finally:
        sys.argv = before
    return RunDir(folder / "one")


@pytest.fixture(scope="session")
def train() -> Callable[..., RunDir]:
    """Train with `gantui run ARGUMENTS` below a folder."""
    return _train


@pytest.fixture(scope="session")
def trained_digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDir]:
    """A run of images that has ended; not to be altered."""
    yield _train(tmp_path_factory.mktemp("digits"), "digits", "--steps", "40", "-s", "preview_every=10")


@pytest.fixture(scope="session")
def trained_ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDir]:
    """A run of points that has ended; not to be altered."""
    yield _train(tmp_path_factory.mktemp("ring"), "ring", "--steps", "40")


@pytest.fixture(scope="session")
def trained_condition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDir]:
    """A run of images with two attributes that has ended; not to be altered."""
    settings = ["-s", "data=digits_inverted", "-s", "condition=concat", "-s", "preview_every=10"]
    yield _train(tmp_path_factory.mktemp("condition"), "digits", "--steps", "40", *settings)


@pytest.fixture(scope="session")
def trained_text(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDir]:
    """A run of text that has ended, and beside it its text; not to be altered."""
    folder = tmp_path_factory.mktemp("text")
    (folder / "t.txt").write_text("".join(f"{word} {n}é\n" for word in ("ab", "ba", "bb") for n in range(40)))
    small = {
        "data": folder / "t.txt",
        "holdout": 20,
        "batch_size": 16,
        "g_widths": [16],
        "d_widths": [16],
        "threads": 1,
    }
    settings = [word for key, value in small.items() for word in ("-s", f"{key}={value}")]
    yield _train(folder, "ring", "--steps", "20", *settings)
