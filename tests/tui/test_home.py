"""Home and the form before a start, as somebody sees and uses them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from runs_helpers import process_holding
from tui.fakes import Seat, watch
from tui.test_roll import ended

from gantui.core import presets
from gantui.core.errors import ConfigError
from gantui.core.events import Exit
from gantui.runs import begin, index, launch, layout
from gantui.runs.layout import RunDir
from gantui.runs.writer import EventWriter
from gantui.tui.screens.home import HomeScreen, contents
from gantui.tui.screens.start_form import StartForm
from gantui.tui.widgets.form_rows import FormRows, ValueBox
from gantui.tui.widgets.list_pane import ListPane
from gantui.tui.widgets.preset_list import PresetList
from gantui.tui.widgets.run_list import RunList

SMALL, USUAL, LARGE = (80, 24), (120, 40), (200, 60)


class Trainers:
    """Stands in for the launching of trainers: processes that do nothing, or fail at once."""

    def __init__(self) -> None:
        self.launched: list[tuple[list[str], RunDir]] = []
        self.objection = ""  # what the next one objects to
        self.waits_for = Path("/")  # what must be there before it ends so
        self._processes: list[subprocess.Popen[bytes]] = []

    def launch(self, argv: list[str], run: RunDir) -> "subprocess.Popen[bytes]":
        self.launched.append((argv, run))
        if self.objection:
            writer = EventWriter(run, branch=0)
            writer.write(Exit(reason="failed", status=2, text=self.objection))
            assert writer.close()
        objecting = ["sh", "-c", f"until [ -e {self.waits_for} ]; do sleep 0.05; done; exit 2"]
        command = objecting if self.objection else ["cat"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        self._processes.append(process)
        return process

    def end(self) -> None:
        for process in self._processes:
            process.communicate()


@pytest.fixture
def trainers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainers]:
    made = Trainers()
    monkeypatch.setattr(launch, "launch", made.launch)
    yield made
    made.end()


def pane(seat: Seat, kind: type[ListPane]) -> ListPane:
    return seat.app.screen.query_one(kind)


@pytest.mark.parametrize("size", [SMALL, USUAL, LARGE])
def test_a_newcomer_starts_ring_with_three_keys(tmp_path: Path, trainers: Trainers, size: tuple[int, int]) -> None:
    folder = tmp_path / "runs"

    async def story(seat: Seat) -> None:
        await seat.sees("no runs yet: choose a preset and press Enter")
        await seat.sees("Enter Start")
        await seat.press("down", "enter")
        await seat.sees("Start ring")
        await seat.press("enter")
        await seat.sees("1 Overview")
        await seat.sees("starting")

    watch(None, story, size=size, runs=folder)
    [(argv, run)] = trainers.launched
    assert run == index.list_runs(folder)[0] and "--resume" in argv
    assert presets.read(run.config_toml).config() == presets.load("ring").config()


def test_a_preset_is_told_in_words_beside_the_lists_or_below_them(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        await seat.press("down")
        await seat.sees("8 of 8 modes")
        await seat.sees("ring" if seat.app.size.width < 110 else "max_steps: 8000")

    for size in (SMALL, USUAL):
        watch(None, story, size=size, runs=tmp_path)


def test_what_is_typed_in_the_form_is_checked_at_once_and_started(tmp_path: Path, trainers: Trainers) -> None:
    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press(*"mine", "down", "down", *"many")
        await seat.sees("must be a whole number from 1 to 1e+12")
        await seat.press("enter")
        await seat.pilot.pause()
        assert isinstance(seat.app.screen, StartForm) and not trainers.launched
        await seat.press("ctrl+u", *"77", "down", "shift+up")
        await seat.sees("3 changed")
        await seat.press("enter")
        await seat.sees("1 Overview")

    watch(None, story, runs=tmp_path)
    config = presets.read(tmp_path / "mine" / "config.toml").config()
    assert (config.max_steps, config.seed) == (77, 1)


def test_the_form_keeps_what_was_typed_and_forgets_it_on_request(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press(*"mine", "escape")
        await seat.sees("Enter Start")
        assert isinstance(seat.app.screen, HomeScreen)
        await seat.press("enter")
        await seat.sees("1 changed")
        await seat.press("f4")
        await seat.sees("as the preset has them")

    watch(None, story, runs=tmp_path)


def test_settings_are_searched(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press("f3", *"spectral")
        await seat.sees("Enter goes to what was found")
        rows = seat.app.screen.query_one(FormRows)
        await seat.until(lambda: rows.names == ["spectral_norm"])
        await seat.press("enter", "shift+up")
        await seat.sees("1 changed")
        assert seat.app.screen.query_one(ValueBox).value == "true"
        await seat.press("escape")
        await seat.until(lambda: len(rows.names) > 20)
        assert rows.selected == "spectral_norm"

    watch(None, story, runs=tmp_path)


def test_the_typing_is_over_the_row_it_belongs_to_at_any_size(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        rows, box = seat.app.screen.query_one(FormRows), seat.app.screen.query_one(ValueBox)

        def is_over_it() -> bool:
            line = seat.text.splitlines()[box.region.y]
            return f"▸{rows.selected} " in line and rows.region.contains_region(box.region)

        for keys in (["pagedown"], ["pagedown"], ["down"] * 5, ["pageup"], ["up"] * 3):
            await seat.press(*keys)
            await seat.until(is_over_it)
        await seat.pilot.resize_terminal(80, 24)
        await seat.until(is_over_it)

    watch(None, story, runs=tmp_path)


def test_a_long_value_is_typed_and_read_from_its_first_letter_on(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press(*"my-first-run-with-gantui")
        await seat.sees("my-first-run-with-gantui")
        await seat.press("down", "up")
        await seat.sees("my-first-run-with-gantui")
        await seat.press("right", "2")  # the arrow goes behind what is there; a letter alone would replace it
        await seat.sees("my-first-run-with-gantui2")
        await seat.press("f4", *["x"] * 60, "down", "up")
        await seat.until(lambda: f" {'x' * 50}" in seat.text)

    watch(None, story, size=SMALL, runs=tmp_path)


def test_what_is_allowed_is_said_once(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press(*["down"] * 4)
        await seat.sees(" auto, cpu, cuda or cuda:N; fixed from the start on")

    watch(None, story, runs=tmp_path)


def test_the_mouse_chooses_nudges_and_opens(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        await seat.pilot.click(PresetList, offset=(5, 3))
        assert pane(seat, PresetList).selected == "wine"
        await seat.pilot.click(PresetList, offset=(5, 2), times=2)
        await seat.sees("Start ring")
        more = seat.text.splitlines()[7].index("▸")
        await seat.pilot.click(offset=(more, 7))
        await seat.sees("1 changed")
        assert seat.app.screen.query_one(FormRows).selected == "seed"

    watch(None, story, runs=tmp_path)


def test_a_start_the_trainer_objects_to_leads_back_to_the_form(tmp_path: Path, trainers: Trainers) -> None:
    trainers.objection = "data = 'gaussian': it is not there any more"

    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press(*"mine", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, StartForm))
        await seat.sees("it is not there any more")
        assert seat.app.screen.query_one(FormRows).selected == "data"
        assert not (tmp_path / "mine").exists()
        trainers.objection = ""
        await seat.press("enter")
        await seat.sees("1 Overview")

    watch(None, story, runs=tmp_path)


def test_a_process_that_can_t_be_started_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(argv: list[str], run: RunDir) -> None:
        raise ConfigError("can't start the trainer: no memory")

    monkeypatch.setattr(launch, "launch", refuse)

    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press("enter")
        await seat.sees("can't start the trainer: no memory")

    watch(None, story, runs=tmp_path)
    assert index.list_runs(tmp_path) == []


def test_runs_are_listed_filtered_and_opened(tmp_path: Path) -> None:
    for name, reason in (("one", "finished"), ("two", "stopped"), ("three", "stopped")):
        ended(tmp_path, name, reason)

    async def story(seat: Seat) -> None:
        await seat.sees("● finished")
        await seat.press("slash", *"stop")
        await seat.until(lambda: sorted(pane(seat, RunList).keys) == ["three", "two"])
        await seat.sees("no preset has these words")
        await seat.press("space", *"two", "enter")
        await seat.sees("r Resume")
        assert pane(seat, RunList).keys == ["two"]
        await seat.press("escape")
        await seat.until(lambda: len(pane(seat, RunList).keys) == 3 and len(pane(seat, PresetList).keys) > 5)
        await seat.press("enter")
        await seat.sees("two  ● stopped")
        await seat.press("h")
        await seat.sees("Presets")
        assert pane(seat, RunList).selected == "two" and pane(seat, RunList).has_focus

    watch(None, story, runs=tmp_path)


def test_arrows_lead_from_presets_to_runs_and_back(tmp_path: Path) -> None:
    ended(tmp_path, "one")

    async def story(seat: Seat) -> None:
        await seat.press("end", "down")
        await seat.sees("r Resume")
        assert pane(seat, RunList).has_focus
        await seat.press("up")
        await seat.until(lambda: pane(seat, PresetList).has_focus)
        await seat.press("tab")
        await seat.until(lambda: pane(seat, RunList).has_focus)

    watch(None, story, runs=tmp_path)


def test_deleting_asks_twice_and_any_other_answer_keeps_the_run(tmp_path: Path) -> None:
    ended(tmp_path, "one")
    ended(tmp_path, "two")

    async def story(seat: Seat) -> None:
        await seat.press("tab", "x")
        await seat.sees("Delete run two? It holds 0 checkpoints")
        await seat.press("y")
        await seat.sees("Really? two can't be brought back")
        await seat.press("enter")
        await seat.sees("is kept")
        assert (tmp_path / "two").exists()
        await seat.press("x")
        await seat.sees("Delete run two?")
        await seat.press("y")
        await seat.sees("Really?")
        await seat.press("y")
        await seat.sees("run 'two' is deleted")
        await seat.until(lambda: pane(seat, RunList).keys == ["one"] and pane(seat, RunList).selected == "one")

    watch(None, story, runs=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_what_a_run_holds_is_counted_as_far_as_it_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = layout.create(tmp_path, "one", "ring")
    (run.checkpoints / "a.pt").write_bytes(b"x" * 2_000_000)
    for name in ("a.npz", "a.png"):
        (run.previews / name).write_bytes(b"x" * 500_000)
    assert contents(run) == "1 checkpoints and 1 previews, 3.0 MB"
    scan = os.scandir

    def going(path: str) -> object:
        if Path(path) == run.previews:
            raise FileNotFoundError(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", going)
    assert contents(run) == "1 checkpoints and 0 previews, 2.0 MB"


def test_a_run_that_trains_is_where_one_begins_and_is_not_deleted(tmp_path: Path) -> None:
    ended(tmp_path, "old")
    plan = begin.fresh(presets.load("ring"), {}, tmp_path, "busy")

    async def story(seat: Seat) -> None:
        await seat.sees("● 1 training")
        assert pane(seat, RunList).has_focus and pane(seat, RunList).selected == "busy"
        assert "x Delete" not in seat.text and "r Resume" not in seat.text
        await seat.press("x")
        await seat.sees("run 'busy' is being trained: stop it first")
        await seat.press("r")
        await seat.sees("goes on already")

    with process_holding(plan.run):
        watch(None, story, runs=tmp_path)


def test_a_run_that_was_stopped_goes_on_with_its_own_settings(tmp_path: Path, trainers: Trainers) -> None:
    plan = begin.fresh(presets.load("ring"), {"max_steps": 77}, tmp_path, "one")
    finish(plan.run, "stopped")

    async def story(seat: Seat) -> None:
        await seat.press("tab", "r")
        await seat.sees("1 Overview")

    watch(None, story, runs=tmp_path)
    [(argv, run)] = trainers.launched
    assert run == plan.run and not any(part.startswith("max_steps") for part in argv)


def test_a_finished_run_goes_on_with_more_steps_only(tmp_path: Path, trainers: Trainers) -> None:
    plan = begin.fresh(presets.load("ring"), {}, tmp_path, "one")
    finish(plan.run, "finished")

    async def story(seat: Seat) -> None:
        await seat.press("tab", "r")
        await seat.sees("max_steps (steps)")
        await seat.press(*"5", "enter")
        await seat.sees("the run is at step 7 already")
        await seat.press("r")
        await seat.sees("max_steps (steps)")
        await seat.press(*"50", "enter")
        await seat.sees("1 Overview")

    watch(None, story, runs=tmp_path)
    [(argv, _)] = trainers.launched
    assert "max_steps=50" in argv


def finish(run: RunDir, reason: str) -> None:
    writer = EventWriter(run, branch=0)
    writer.write(Exit(reason=reason, status=0, step=7, update=14))
    assert writer.close()


def test_hostile_names_are_shown_harmless_and_in_their_columns(tmp_path: Path) -> None:
    names = ["\x1b[31mred\x1b]0;hi\x07", "[bold]markup", "\u202ereversed", "日本語", "x" * 200]
    ended(tmp_path, "plain")
    for name in names:
        shutil.copytree(tmp_path / "plain", tmp_path / name)

    async def story(seat: Seat) -> None:
        await seat.sees("[bold]markup")
        await seat.press("tab")
        for _ in names:
            await seat.press("down")
            await seat.pilot.pause()
        assert "\x1b" not in seat.text and "\u202e" not in seat.text and "\\x1b[31mred" in seat.text
        rows = [strip for strip in seat.app.screen._compositor.render_strips() if "● finished" in strip.text]
        assert len(rows) == len(names) + 1 and {strip.cell_length for strip in rows} == {seat.app.size.width}

    watch(None, story, runs=tmp_path)


def test_a_folder_that_can_t_be_read_says_why(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    async def story(seat: Seat) -> None:
        await seat.sees("Not a directory")
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press("enter")
        await seat.sees("can't make a run in")

    watch(None, story, runs=file)


def test_a_run_deleted_under_the_cursor_is_not_opened(tmp_path: Path) -> None:
    ended(tmp_path, "one")

    async def story(seat: Seat) -> None:
        await seat.press("tab")
        await seat.sees("r Resume")
        shutil.rmtree(tmp_path / "one")
        await seat.press("enter")
        await seat.until(lambda: pane(seat, RunList).keys == [])
        assert isinstance(seat.app.screen, HomeScreen)
        await seat.press("enter", "x", "r")
        await seat.sees("no runs yet")

    watch(None, story, runs=tmp_path)


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (1, 1)])
def test_a_tiny_terminal_breaks_nothing(tmp_path: Path, size: tuple[int, int]) -> None:
    ended(tmp_path, "one")

    async def story(seat: Seat) -> None:
        await seat.press("end", "tab", "end", "tab", "home", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, StartForm))
        await seat.press("down", "pagedown", "f3", "x", "escape")
        await seat.pilot.resize_terminal(120, 40)
        await seat.sees("Start gaussian")

    watch(None, story, size=size, runs=tmp_path)


def test_a_start_that_fails_while_one_looks_elsewhere_is_told_there(tmp_path: Path, trainers: Trainers) -> None:
    ended(tmp_path, "old")
    release = tmp_path / "release"

    async def story(seat: Seat) -> None:
        await seat.press("enter")
        await seat.sees("Start gaussian")
        await seat.press(*"mine", "enter")
        await seat.sees("1 Overview")
        await seat.press("h")
        await seat.sees("Presets")
        release.touch()
        await seat.sees("run 'mine' did not start")
        assert isinstance(seat.app.screen, HomeScreen)
        await seat.until(lambda: pane(seat, RunList).keys == ["old"])

    trainers.objection = "data = 'gaussian': it is not there any more"
    trainers.waits_for = release
    watch(None, story, runs=tmp_path)


def test_a_run_that_can_t_be_continued_says_so_and_stays(tmp_path: Path, trainers: Trainers) -> None:
    plan = begin.fresh(presets.load("ring"), {}, tmp_path, "one")
    finish(plan.run, "stopped")
    trainers.objection = "data = 'ring': it is not there any more"

    async def story(seat: Seat) -> None:
        await seat.press("tab", "r")
        await seat.sees("run 'one' did not start: data = 'ring'")
        await seat.sees("1 Overview")

    watch(None, story, runs=tmp_path)
    assert plan.run.path.exists()
