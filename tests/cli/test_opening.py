"""What opens the dashboard, on which run, and what is left when it closes. The dashboard itself is a stand-in."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from runs_helpers import wait_until

from gantui.cli import commands, dashboard
from gantui.runs.layout import RunDir
from gantui.runs.status import status

Call = Callable[..., Any]
Opened = list[tuple[RunDir | None, Path, bool]]
RING = ("run", "ring", "--name", "one", "-s", "g_widths=[8]", "-s", "d_widths=[8]")


@pytest.fixture
def while_open(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[RunDir], object]]:
    """What happens while the dashboard on a run is open."""
    return []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, while_open: list[Callable[[RunDir], object]]) -> Opened:
    """There is a terminal; how the dashboard was opened."""
    calls: Opened = []

    def open_dashboard(run: RunDir | None, runs_folder: Path, *, low_bandwidth: bool = False) -> str:
        calls.append((run, runs_folder, low_bandwidth))
        for happen in while_open:
            assert run
            happen(run)
        return f"\x1b[1mcome back\ngantui attach {run.id}" if run else ""

    stand_in = ModuleType("gantui.tui.app")
    stand_in.open_dashboard = open_dashboard  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gantui.tui.app", stand_in)
    monkeypatch.setattr(dashboard, "is_possible", lambda: True)
    return calls


FAREWELL = "\\x1b[1mcome back\ngantui attach one\n"


def test_attach_opens_on_the_run_and_says_how_to_come_back(call: Call, opened: Opened, trained_ring: RunDir) -> None:
    folder = trained_ring.path.parent
    for arguments in (["one", "--runs", folder], ["one", "--low-bandwidth", "--runs", folder], [trained_ring.path]):
        done = call("attach", *arguments)
        assert (done.status, done.out, done.err) == (0, FAREWELL, "")
    assert [run for run, *_ in opened] == [trained_ring] * 3
    assert [folder for _, folder, _ in opened[:2]] == [folder] * 2
    assert [low for *_, low in opened] == [False, True, False]


def test_the_plain_ways_in_do_not_wait_for_typer(
    call: Call, opened: Opened, trained_ring: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "obey", lambda _: pytest.fail("through Typer"))
    folder = trained_ring.path.parent
    monkeypatch.setenv("GANTUI_RUNS", str(folder))
    assert call().status == call("attach", "latest").status == call("attach", "one", "--low-bandwidth").status == 0
    assert opened == [(None, folder, False), (trained_ring, folder, False), (trained_ring, folder, True)]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["nope"], 3, "no run 'nope'"),
        (["\x1b[2Jnope", "--runs", "."], 3, "\\x1b[2Jnope"),
        ([], 2, "RUN"),
        (["one", "two"], 2, "two"),
        (["one", "--low"], 2, "--low"),
        (["--low-bandwidth"], 2, "RUN"),
    ],
)
def test_a_mistake_opens_nothing(call: Call, opened: Opened, arguments: list[str], status: int, said: str) -> None:
    done = call("attach", *arguments)
    assert done.status == status and said in done.err and len(done.err.splitlines()) <= 2
    assert opened == []


def test_attach_has_help(call: Call, opened: Opened) -> None:
    done = call("attach", "--help")
    assert done.status == 0 and "--low-bandwidth" in done.out and opened == []


def test_without_a_terminal_attach_points_to_status(call: Call, trained_ring: RunDir) -> None:
    for arguments in ([trained_ring.path], [trained_ring.path, "--runs", "."]):
        done = call("attach", *arguments)
        assert done.status == 2 and f"gantui status {trained_ring.path}" in done.err


def test_alone_gantui_is_home_or_without_a_terminal_the_lists(call: Call, opened: Opened, tmp_path: Path) -> None:
    assert call().status == 0
    assert opened == [(None, tmp_path / "runs", False)]


def test_alone_without_a_terminal_gantui_lists(call: Call) -> None:
    done = call()
    assert done.status == 0 and "ring" in done.out and "no runs in" in done.out


def test_closed_streams_are_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert not dashboard.is_possible()


def test_a_run_is_watched_from_its_start_and_goes_on_after_leaving(
    call: Call, opened: Opened, tmp_path: Path, while_open: list[Any]
) -> None:
    seen = []
    while_open.append(lambda run: seen.append(status(run)))
    done = call(*RING, "--steps", "20")
    run = RunDir(tmp_path / "runs" / "one")
    assert (done.status, done.out) == (0, FAREWELL), done.err
    assert opened == [(run, tmp_path / "runs", False)] and seen[0].step == 0  # it didn't wait for the loading
    wait_until(lambda: status(run).state == "finished", 60)
    while_open[:] = [lambda run: wait_until(lambda: status(run).step == 30 and not status(run).alive, 60)]
    done = call("run", "--resume", run.path, "--steps", "30", "--runs", tmp_path / "other")
    assert (done.status, done.out) == (0, FAREWELL) and opened[1] == (run, tmp_path / "runs", False)


def test_a_start_that_fails_is_told_after_leaving_and_leaves_nothing(
    call: Call, opened: Opened, tmp_path: Path, while_open: list[Any]
) -> None:
    while_open.append(lambda run: wait_until(lambda: status(run).state == "failed", 60))
    done = call("run", "images", "--name", "one", "-s", "data=/no/such/folder")
    assert done.status == 2 and "/no/such/folder" in done.err and done.out == ""
    assert opened and list((tmp_path / "runs").iterdir()) == []


def test_a_job_that_its_limit_of_time_ends_while_watched_says_so(
    call: Call, opened: Opened, while_open: list[Any]
) -> None:
    while_open.append(lambda run: wait_until(lambda: status(run).state == "interrupted", 60))
    done = call(*RING, "--steps", "100000000", "--time", "1s")
    assert (done.status, done.out) == (75, FAREWELL), done.err


@pytest.mark.parametrize("option", ["--headless", "--json"])
def test_what_asks_for_no_screen_gets_none(call: Call, opened: Opened, tmp_path: Path, option: str) -> None:
    done = call(*RING, "--steps", "4", option)
    assert done.status == 0 and opened == []
    wait_until(lambda: status(RunDir(tmp_path / "runs" / "one")).state == "finished", 60)
