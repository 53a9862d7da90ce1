import os
from pathlib import Path

import pytest

from gantui.core.errors import NoSuchRun
from gantui.runs.filesystem import is_network
from gantui.runs.index import list_runs, resolve, runs_folder
from gantui.runs.layout import RunDir


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three runs, ring-b the newest, among foreign things."""
    runs = tmp_path / "runs"
    for since, name in enumerate(["ring-a", "digits", "ring-b"]):
        (runs / name).mkdir(parents=True)
        (runs / name / "config.toml").touch()
        os.utime(runs / name / "config.toml", (since, since))
    (runs / "notes").mkdir()
    (runs / "file").touch()
    (runs / "broken").symlink_to("nowhere")
    return runs


def test_the_folder_of_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert runs_folder("/a", {"GANTUI_RUNS": "/b"}) == Path("/a")
    assert runs_folder(None, {"GANTUI_RUNS": "/b"}) == Path("/b")
    assert runs_folder(None, {}) == tmp_path / "runs"
    assert runs_folder("~no-such-user", {}) == tmp_path / "~no-such-user"


def test_runs_are_listed_newest_first_and_nothing_else(folder: Path) -> None:
    assert [run.id for run in list_runs(folder)] == ["ring-b", "digits", "ring-a"]
    (folder / "ring-a" / "run.json").touch()  # resumed
    assert [run.id for run in list_runs(folder)] == ["ring-a", "ring-b", "digits"]
    assert list_runs(folder / "none") == list_runs(folder / "file") == []


def test_a_run_has_several_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "digits")
    expected = RunDir(folder / "digits")
    for name in ("digits", "dig", "d", str(folder / "digits"), f"{folder}/digits/", ".", "../digits"):
        assert resolve(name, folder) == expected
    assert resolve("latest", folder).id == "ring-b"
    (folder / "ring").mkdir()
    (folder / "ring" / "run.json").touch()
    assert resolve("ring", folder).id == "ring"  # an id wins over a beginning


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ring", "beginning of 2 runs: ring-b, ring-a"),
        ("digist", "did you mean 'digits'"),
        ("notes", "no run 'notes'"),
        ("", "no run ''"),
        ("zzzzzz\x1b[2J\x00", "no run"),
        ("x" * 5000, "no run"),
        ("no/such", "no run at"),
        ("~no-such-user/x", "no run at"),
        ("a\x00/b", "no run at"),
    ],
)
def test_no_such_run_helps(name: str, words: str, folder: Path) -> None:
    with pytest.raises(NoSuchRun) as caught:
        resolve(name, folder)
    assert words in str(caught.value) and "\x1b" not in str(caught.value) and len(str(caught.value)) < 1000


def test_without_any_run(tmp_path: Path) -> None:
    for name in ("latest", "x"):
        with pytest.raises(NoSuchRun, match="there is no run in"):
            resolve(name, tmp_path / "none")


MOUNTS = """22 1 0:1 / / rw shared:1 - ext4 /dev/a rw
23 22 0:2 / {root}/net\\040work rw - nfs4 server:/x rw
24 23 0:3 / {root}/net\\040work/local rw - xfs /dev/b rw
25 22 0:4 / {root}/twice rw - ext4 /dev/c rw
26 22 0:5 / {root}/twice rw - fuse.sshfs host: rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "network"),
    [(".", False), ("net work", True), ("net work/a/b", True), ("net work/local/a", False), ("twice", True)],
)
def test_network_file_systems_are_known(path: str, network: bool, tmp_path: Path) -> None:
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text(MOUNTS.format(root=tmp_path))
    assert is_network(tmp_path / path, mountinfo) is network
    assert not is_network(tmp_path, tmp_path / "missing")
