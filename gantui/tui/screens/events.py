"""The ledger: who changed what, when, from what to what, what became of it; and what else happened."""

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from gantui.tui import actions
from gantui.tui.draw.ink import MUTED, TEXT, Ink
from gantui.tui.screens.run_screen import RunScreen
from gantui.tui.view import Entry
from gantui.tui.widgets.about_pane import AboutPane
from gantui.tui.widgets.event_list import KINDS, EventList
from gantui.tui.widgets.list_pane import ListPane
from gantui.tui.widgets.search_box import SearchBox

NAMES = {
    "command": "Command",
    "warning": "Warning",
    "diagnosis": "Diagnosis",
    "checkpoint": "Checkpoint",
    "eval": "Evaluation",
    "start": "Start",
    "exit": "End",
}
OUTCOMES = {
    "received": ("received; it takes effect between two updates", Ink("warning")),
    "applied": ("confirmed at step {step:,}", Ink("good")),
    "lost": ("never answered: its trainer ended before", Ink("warning")),
    "rejected": ("refused at step {step:,}; nothing changed", Ink("error")),
}


class EventsScreen(RunScreen):
    """A list, and the whole of what is selected in it."""

    NAME = "events"
    AUTO_FOCUS = "EventList"
    PLACES: ClassVar[tuple[str, ...]] = ("run", "events")
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("events")

    def compose_body(self) -> ComposeResult:
        """Search, list, what is selected."""
        with Vertical(id="events"):
            yield SearchBox(EventList, "words to look for; Enter goes to the list, Esc shows all")
            yield EventList()
            yield AboutPane()

    def on_mount(self) -> None:
        """The box is there when it is wanted."""
        self.query_one(SearchBox).display = False
        self._fill()

    def news(self, topics: set[str]) -> None:
        """More has happened, or a command was answered."""
        super().news(topics)
        if "entries" in topics:
            self._fill()

    def _fill(self) -> None:
        self.query_one(EventList).tell(self.watching.view.entries)
        self._show_selected()

    @on(ListPane.Moved)
    def _show_selected(self) -> None:
        entry = self.query_one(EventList).chosen
        self.query_one(AboutPane).tell(NAMES[entry.kind] if entry else "", paragraphs(entry) if entry else [])

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(EventList).words = event.value
        self._fill()

    def action_kind(self, name: str = "") -> None:
        """Show one kind only: the one named, else the next."""
        pane = self.query_one(EventList)
        names = list(KINDS)
        pane.kind = name or names[(names.index(pane.kind) + 1) % len(names)]
        self._fill()

    def action_search_events(self) -> None:
        """Type words."""
        box = self.query_one(SearchBox)
        box.display = True
        box.focus()

    def action_all_events(self) -> None:
        """Forget kind and words."""
        box, pane = self.query_one(SearchBox), self.query_one(EventList)
        pane.focus()
        box.display = False
        box.value = pane.words = ""
        self.action_kind("All")


def paragraphs(entry: Entry) -> list[tuple[str, Ink]]:
    """Return all that is known of an event."""
    when = time.strftime("%d %b %Y %H:%M:%S", time.localtime(entry.t))
    who = f" · {entry.who}" if entry.who else ""
    command = f" · command {entry.id}" if entry.id else ""
    said = [(entry.text, TEXT), (f"{when} · step {entry.step:,}{who}{command}", MUTED)]
    if entry.outcome in OUTCOMES:
        text, ink = OUTCOMES[entry.outcome]
        said.insert(1, (text.format(step=entry.step), ink))
    return said
