"""The dashboard: one Textual app, a home screen and the screens of one run."""

import asyncio
import gc
import os
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

os.environ.setdefault("TEXTUAL_FPS", "120")  # read at the import: halves the time from key to screen

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.driver import Driver
from textual.screen import Screen

from gantui.core.config import FIELDS, live_fields
from gantui.runs.index import runs_folder
from gantui.runs.layout import RunDir
from gantui.tui import actions, themes
from gantui.tui.draw.pictures import Mode
from gantui.tui.in_turn import InTurn
from gantui.tui.source import RunSource, Source
from gantui.tui.watch import Watch
from gantui.tui.widgets.drawing import Drawing, Inks
from gantui.tui.wire.colours import Depth, colour_depth
from gantui.tui.wire.driver import driver

LOOK_EVERY = 0.05  # seconds between two looks at the run
DRAW_EVERY, DRAW_SELDOM = 0.25, 1.0  # seconds between two drawings of curves; on a slow line
PACED = {"curves", "evals", "entries", "system", "hist"}  # what may come too often to be drawn each time
PICTURE_MODES: dict[Depth, tuple[Mode, ...]] = {
    "true": ("half", "half256", "ascii", "braille"),
    "256": ("half256", "ascii", "braille"),
    "16": ("ascii", "braille", "half256"),
    "none": ("ascii", "braille"),
}


def _palette() -> type[Provider]:
    from gantui.tui.palette import Actions

    return Actions


class Dashboard(InTurn):
    """Shows a run, or home; steers by dropping commands into the run's inbox. It never trains."""

    CSS_PATH = "dashboard.tcss"
    COMMANDS: ClassVar[set[Any]] = {_palette}  # imported when it is opened
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("everywhere")

    def __init__(
        self,
        source: Source | None,
        runs_folder: Path,
        *,
        low_bandwidth: bool = False,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.runs_folder = runs_folder
        self.low_bandwidth = low_bandwidth
        self.watching: Watch | None = None
        self.picture_mode = self.picture_modes[0]
        self._source = source
        self._next_drawing = 0.0
        self._waiting: set[str] = set()  # topics that have changed and are drawn at the slow pace
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.THEMES[0].name
        self.inks = Inks(themes.roles(themes.THEMES[0]))

    # Life

    def on_mount(self) -> None:
        """Open on the run that was asked for, else at home; from then on, look."""
        self.theme_changed_signal.subscribe(self, self._take_theme)
        if not self.is_headless:  # asked to go by a system that shuts down: leave the terminal as it was
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: self.exit(""))
        if self._source:
            self.open_run(self._source)
        else:
            self.go_home()
        self.set_interval(LOOK_EVERY, self._tick)
        self.call_after_refresh(_collect_from_now_on)

    def open_run(self, source: Source) -> None:
        """Show a run from its beginning until now, and follow it."""
        self.close_run()
        self.watching = Watch(source)
        self.watching.load()
        self.show("overview")

    def close_run(self) -> None:
        """Stop following; the run itself doesn't notice."""
        if self.watching:
            self.watching.close()
            self.watching = None

    def show(self, name: str) -> None:
        """Show one of the screens of the run that is open."""
        from gantui.tui.screens import by_name

        assert self.watching is not None
        self._go_to(by_name(name, self.watching))

    def go_home(self) -> None:
        """Show presets and runs."""
        from gantui.tui.screens.home import HomeScreen

        before = self.watching.source.run.id if self.watching else ""
        self.close_run()
        self._go_to(HomeScreen(before))

    def tell(self, text: str, level: str = "information") -> None:
        """Show a notice wherever the user is: in the open run, or at home."""
        if self.watching:
            self.watching.view.tell(text, level)
            return
        for screen in self.screen_stack:
            tell = getattr(screen, "tell", None)
            if tell:
                tell(text, level)

    def _go_to(self, screen: Screen[None]) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if len(self.screen_stack) == 2:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def _tick(self) -> None:
        if self.watching is None or not self.is_running:  # while shutting down, screens lose their widgets
            return
        self._waiting |= self.watching.look()
        if not self._waiting:
            return
        now = time.monotonic()
        drawing = now >= self._next_drawing
        topics = self._waiting if drawing else self._waiting - PACED
        if drawing:
            self._next_drawing = now + (DRAW_SELDOM if self.low_bandwidth else DRAW_EVERY)
        self._waiting = self._waiting - topics
        if topics:
            self.show_news(topics)

    def show_news(self, topics: set[str]) -> None:
        """Let the visible screens draw what has changed."""
        with self.batch_update():
            for screen in reversed(self.screen_stack):
                news = getattr(screen, "news", None)
                if news and screen.is_mounted:
                    news(topics)
                if not screen.is_modal:  # what is below isn't seen
                    return

    @property
    def picture_modes(self) -> tuple[Mode, ...]:
        """The ways to draw images that this terminal can show, the best one first."""
        depth: Depth = "none" if self.no_color else getattr(self.driver_class, "colours", "true")
        return PICTURE_MODES[depth]

    def next_picture_mode(self) -> None:
        """Draw images in another way."""
        modes = self.picture_modes
        self.picture_mode = modes[(modes.index(self.picture_mode) + 1) % len(modes)]
        for screen in self.screen_stack:
            for drawing in screen.query(".samples").results(Drawing):
                drawing.redraw()

    # Actions

    def action_help(self) -> None:
        """Show all keys."""
        from gantui.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def action_theme(self) -> None:
        """Take the next theme."""
        names = [theme.name for theme in themes.THEMES]
        following = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[following % len(names)]
        self.tell(f"theme: {self.theme.removeprefix('gantui-')}")

    async def action_quit(self) -> None:
        """Leave, also by Textual's own key."""
        await self.action_leave()

    def action_help_quit(self) -> None:
        """Someone has pressed ^c: say what leaves, and that it ends nothing."""
        self.notify("q leaves the dashboard; a run goes on without it", markup=False)

    async def action_leave(self) -> None:
        """Leave the dashboard; the run goes on."""
        message = farewell(self.watching) if self.watching else ""
        self.exit(message)  # first: without a run the panels would be painted blank once more
        self.close_run()

    def get_system_commands(self, screen: Screen[object]) -> Iterator[SystemCommand]:
        """The command palette: everything in the table that is of use here and now, and every live setting."""
        namespaces: dict[str, DOMNode] = {"everywhere": self} | dict.fromkeys(getattr(screen, "PLACES", ()), screen)
        for widget in screen.query("*"):
            for place in getattr(widget, "PLACES", ()):
                namespaces.setdefault(place, widget)
        why_not = getattr(screen, "why_not", lambda action: "")
        for action in actions.of(*namespaces):
            if action.name != "command_palette" and not why_not(action):
                perform: Any = partial(self.run_action, action.action, default_namespace=namespaces[action.where])
                yield SystemCommand(f"{action.label}  ({actions.key_name(action.keys)})", action.help, perform)
        if self.watching and not self.watching.obstacle():
            for name in live_fields():
                perform = partial(self.ask_value, name)
                yield SystemCommand(f"Set {name}", FIELDS[name].about.help, perform)

    def ask_value(self, name: str) -> None:
        """Ask for the value of a live setting, and send it."""
        from gantui.tui.screens.dialogs import ValuePrompt

        watching = self.watching
        if watching is None:
            return
        if reason := watching.obstacle():
            watching.view.tell(f"{name}: {reason}", "error")
            return

        def typed(answer: tuple[str, object] | None) -> None:
            if answer:
                watching.want(*answer)

        self.push_screen(ValuePrompt(FIELDS[name], watching.view.controls.value(name)), typed)

    def _take_theme(self, theme: object) -> None:
        self.inks = Inks(themes.roles(self.current_theme))
        for screen in self.screen_stack:
            for drawing in screen.query("Drawing"):
                drawing.notify_style_update()
                drawing.refresh()


def _collect_from_now_on() -> None:
    """What the history was made into stays; only what comes is looked through for garbage."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def farewell(watch: Watch) -> str:
    """Return what to print after leaving: what becomes of the run, and how to come back."""
    view, run = watch.view, watch.source.run
    name = shlex.quote(run.id if run.path.parent == runs_folder() else str(run.path))
    if view.gone:
        return f"run {run.id} was deleted"
    if view.alive:
        what = "stays paused" if view.state == "paused" else "goes on training"
        return f"run {run.id} {what}\ncome back with: gantui attach {name}"
    again = "" if view.state == "finished" else f"\ncontinue with: gantui run --resume {name}"
    why = f": {view.reason}" if view.reason else ""
    return f"run {run.id} {view.state} at step {view.step}{why}{again}"


def open_dashboard(run: RunDir | None, runs_folder: Path, *, low_bandwidth: bool = False) -> str:
    """Show a run, or home, until the user leaves; return what to print then."""
    gc.disable()  # a long history is read before the first frame: none of it is garbage
    depth: Depth = "16" if low_bandwidth else colour_depth(os.environ)
    source = RunSource(run) if run else None
    app = Dashboard(source, runs_folder, low_bandwidth=low_bandwidth, driver_class=driver(depth))
    try:
        return app.run() or ""
    finally:
        with suppress(Exception):
            app.close_run()
