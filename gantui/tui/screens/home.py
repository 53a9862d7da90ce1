"""Home: what can be trained, and what was."""

import os
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import msgspec
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen

from gantui.core import presets
from gantui.core.errors import UserError
from gantui.core.text import neutralise
from gantui.runs import begin, status
from gantui.runs.layout import RunDir
from gantui.tui import actions, starting
from gantui.tui.actions import Action
from gantui.tui.draft import Draft
from gantui.tui.draw.ink import MUTED, Ink, Lines
from gantui.tui.draw.rows import Part, row
from gantui.tui.roll import Roll
from gantui.tui.source import RunSource
from gantui.tui.widgets.about_pane import AboutPane, of_preset, of_run
from gantui.tui.widgets.drawing import Drawing
from gantui.tui.widgets.keys import Keys
from gantui.tui.widgets.list_pane import ListPane
from gantui.tui.widgets.message_line import MessageLine
from gantui.tui.widgets.preset_list import PresetList
from gantui.tui.widgets.run_list import RunList

if TYPE_CHECKING:
    from gantui.tui.app import Dashboard

LOOK_EVERY = 0.1  # seconds between two looks whether a survey of the runs has come
WIDE = 110  # columns from which on what is selected is told beside the lists


class HomeBar(Drawing):
    """The row at the top."""

    DEFAULT_CSS = "HomeBar { height: 1; }"

    def paint(self, width: int, height: int) -> Lines:
        """Where one is."""
        where = f"runs in {neutralise(self.dashboard.runs_folder)} "
        name: Part = [(" gantui ", Ink("title", bold=True)), ("  train and steer GANs", MUTED)]
        return [row(width, [name], [[(where, MUTED)]], bg="bar")]


class HomeScreen(Screen[None]):
    """Presets and runs; what is selected is told in words."""

    PLACES: ClassVar[tuple[str, ...]] = ("home",)
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("home")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012, as Textual declares it
    AUTO_FOCUS = ""

    def __init__(self, selected: str = "") -> None:
        """`selected` is the run that one comes from, if any."""
        super().__init__()
        self._selected = selected
        self._message = MessageLine()
        self._drafts: dict[str, Draft] = {}
        self._settings: tuple[str, Mapping[str, Any]] = ("", {})  # of the run that was selected last

    @property
    def dashboard(self) -> "Dashboard":
        """The app, as what it is."""
        return cast("Dashboard", self.app)

    def compose(self) -> ComposeResult:
        """Lists, what is selected, messages, keys."""
        self._roll = Roll(self.dashboard.runs_folder)
        yield HomeBar()
        with Container(id="home"):
            with Vertical(id="lists"):
                yield PresetList()
                yield RunList(self._roll, self._selected)
            yield AboutPane()
        yield self._message
        yield Keys(self.PLACES)

    def on_mount(self) -> None:
        """Who has something to go back to begins there; others begin with the presets."""
        alive = any(now.alive for now in self._roll.statuses.values())
        self.query_one(RunList if self._selected or alive else PresetList).focus()
        self.set_interval(LOOK_EVERY, self._look)

    def on_unmount(self) -> None:
        """No more surveys."""
        self._roll.close()

    def tell(self, text: str, level: str = "information") -> None:
        """Show a message."""
        self._message.say(text, level)

    def why_not(self, action: Action) -> str:
        """Why an action is of no use now, '' if it is."""
        runs = self.query_one(RunList)
        if action.where == "runs" and runs.chosen is None:
            return "there is no run"
        if action.name in ("continue_run", "delete_run") and runs.status and runs.status.alive:
            return f"run '{neutralise(runs.selected)}' is being trained: Enter opens it, F8 stops it there"
        return ""

    def _look(self) -> None:
        runs = self.query_one(RunList)
        if self._roll.look({runs.selected, *runs.in_sight}):
            runs.news()
            self._show_selected()

    @on(ListPane.Moved)
    def _show_selected(self) -> None:
        presets_list, runs = self.query_one(PresetList), self.query_one(RunList)
        about = self.query_one(AboutPane)
        brief = about.size.height < 8
        run = None if presets_list.has_focus else runs.chosen
        preset = None if runs.has_focus else presets_list.chosen
        if run:
            about.tell(run.id, of_run(runs.status, self._settings_of(run), brief=brief))
        elif preset:
            about.tell(preset.name, of_preset(preset, brief=brief))
        else:
            about.tell("", [])
        self.query_one(Keys).redraw()

    def on_resize(self, _event: events.Resize) -> None:
        """How much is told depends on the room."""
        self.call_after_refresh(self._show_selected)

    def _settings_of(self, run: RunDir) -> Mapping[str, Any]:
        if self._settings[0] != run.id:
            try:
                values = msgspec.structs.asdict(presets.read(run.config_toml).config())
            except UserError:
                values = {}
            self._settings = (run.id, values)
        return self._settings[1]

    # Presets

    @on(ListPane.Opened)
    def _opened(self) -> None:
        if self.query_one(RunList).has_focus:
            self.action_open_run()
        else:
            self.action_open_preset()

    def action_open_preset(self) -> None:
        """The form before a start."""
        preset = self.query_one(PresetList).chosen
        if preset is None:
            return
        draft = self._drafts.setdefault(preset.name, Draft(preset, self.dashboard.runs_folder))
        self._show_form(draft)

    def _show_form(self, draft: Draft, problem: str = "") -> None:
        from gantui.tui.screens.start_form import StartForm

        self.dashboard.push_screen(StartForm(draft, problem))

    # Runs

    def _chosen_run(self) -> RunDir | None:
        run = self.query_one(RunList).chosen
        if run is None:
            self.tell("there is no run: choose a preset to start one", "warning")
        elif not run.path.exists():
            self.tell(f"run '{run.id}' is gone", "warning")
            self._roll.hurry()
            return None
        return run

    def action_open_run(self) -> None:
        """Watch and steer."""
        if run := self._chosen_run():
            self.dashboard.open_run(RunSource(run))

    def action_continue_run(self) -> None:
        """Go on with a run that has ended; one that did all its steps needs more of them."""
        if run := self._chosen_run():
            starting.go_on(self.dashboard, run)

    def action_delete_run(self) -> None:
        """Remove a run for good, after two questions."""
        run = self._chosen_run()
        if run is None:
            return
        if status.status(run).alive:
            self.tell(f"run '{run.id}' is being trained: stop it first (Enter opens it, F8 stops it there)", "warning")
        else:
            self.run_worker(self._delete(run), exclusive=True)

    async def _delete(self, run: RunDir) -> None:
        import asyncio

        from gantui.tui.screens.dialogs import Question

        held = await asyncio.wrap_future(self._roll.perform(partial(contents, run)))
        first = f"Delete run {run.id}? It holds {held}."
        if not await self.dashboard.push_screen_wait(Question(first, "Delete")):
            return
        second = f"Really? {run.id} can't be brought back: all its checkpoints, samples and its log go from the disk."
        if not await self.dashboard.push_screen_wait(Question(second, "Delete for good")):
            self.tell(f"run '{run.id}' is kept")
            return
        try:
            await asyncio.to_thread(begin.delete, run)  # Python waits for it, should one leave meanwhile
        except UserError as error:
            self.tell(str(error), "error")
        else:
            self.tell(f"run '{run.id}' is deleted")
        self._roll.hurry()

    # Lists

    def action_other_list(self) -> None:
        """From presets to runs, and back."""
        self.query_one(PresetList if self.query_one(RunList).has_focus else RunList).focus()

    async def action_show_all(self) -> None:
        """Forget the words of the filter."""
        self.filter("")
        box = self.query("FilterBox")
        if self.focused in list(box):
            self.leave_filter()
        await box.remove()

    def action_filter(self) -> None:
        """Type words; both lists show what has them."""
        from gantui.tui.widgets.filter_box import FilterBox

        if not self.query(FilterBox):
            self.query_one("#lists").mount(FilterBox(), before=0)
        self.query_one(FilterBox).focus()
        self.tell("Enter goes to what was found, Esc shows all again")

    def filter(self, text: str) -> None:
        """Show in both lists what has these words."""
        self.query_one(PresetList).search(text)
        self.query_one(RunList).search(text)
        self._show_selected()

    def leave_filter(self) -> None:
        """Go to a list that has something."""
        self.tell("")
        self.query_one(PresetList if self.query_one(PresetList).keys else RunList).focus()


def contents(run: RunDir) -> str:
    """Return what would be lost with a run: `3 checkpoints and 120 previews, 14.2 MB`. Never raises."""
    size, counts = 0, Counter[tuple[str, str]]()
    for folder, _, names in os.walk(run.path):  # folders that go meanwhile are passed over
        for path in (Path(folder, name) for name in names):
            counts[path.parent.name, path.suffix] += 1
            with suppress(OSError):
                size += path.lstat().st_size
    saved, previews = counts[run.checkpoints.name, ".pt"], counts[run.previews.name, ".npz"]
    return f"{saved} checkpoints and {previews} previews, {size / 1e6:,.1f} MB"
