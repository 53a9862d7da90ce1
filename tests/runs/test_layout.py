import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gantui.core.errors import ConfigError
from gantui.runs import layout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    "name",
    ["", "../x", "a/b", ".", "..", "-x", ".hidden", "a\x1b[2J", "a b", "é", "x" * 101, "x\n", "latest"],
)
def test_bad_names_are_refused_and_shown_harmlessly(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        layout.create(tmp_path, name, "ring")
    assert "name = " in str(caught.value) and "\x1b" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_exactly_the_directory_and_taken_once(tmp_path: Path) -> None:
    run = layout.create(tmp_path / "new" / "runs", "a.b-1", "ring")
    assert run.path == tmp_path / "new" / "runs" / "a.b-1" and run.id == "a.b-1"
    with pytest.raises(ConfigError, match=r"'a\.b-1' exists"):
        layout.create(tmp_path / "new" / "runs", "a.b-1", "ring")


def test_clashing_times_get_a_suffix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout.time, "strftime", lambda _: "20261122-101500")
    names = [layout.create(tmp_path, None, "ring").id for _ in range(3)]
    assert names == ["ring-20261122-101500", "ring-20261122-101500-2", "ring-20261122-101500-3"]


@given(st.text(max_size=200))
def test_any_preset_makes_a_good_name(preset: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        layout.check_name(layout.create(Path(folder), None, preset).id)


@pytest.mark.parametrize(
    ("share", "whole", "watch", "commands"),
    [(None, 0o700, 0o700, 0o700), ("group", 0o2750, 0o2770, 0o2750), ("group-steer", 0o2770, 0o2770, 0o2770)],
)
def test_modes_don_t_depend_on_the_umask(
    share: str | None, whole: int, watch: int, commands: int, tmp_path: Path
) -> None:
    before = os.umask(0o077)
    try:
        run = layout.create(tmp_path, "one", "ring", share)
    finally:
        os.umask(before)
    assert [mode(path) for path in (run.path, run.watch, run.commands)] == [whole, watch, commands]


def test_a_runs_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(ConfigError, match="can't make a run in"):
        layout.create(tmp_path / "runs", None, "ring")


def test_segments_are_in_order_of_number(run: layout.RunDir) -> None:
    for number in (10, 2, 1, 12345):
        run.segment(number).touch()
    for name in ("events-1.jsonl", "events-0003.jsonl.bak", "events-00x1.jsonl"):
        (run.path / name).touch()
    assert [layout.number_of(path) for path in run.segments()] == [1, 2, 10, 12345]
    assert layout.RunDir(run.path / "nowhere").segments() == []
