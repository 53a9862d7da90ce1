"""All live settings in one list that can be searched, over the screen of the run."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from gantui.core.config import live_fields
from gantui.tui import actions
from gantui.tui.finding import described, found
from gantui.tui.widgets.controls_pane import ControlsPane
from gantui.tui.widgets.keys import Keys
from gantui.tui.widgets.notices import NoticeLine
from gantui.tui.widgets.search_box import SearchBox


class SettingsScreen(ModalScreen[None]):
    """The list has the focus, so that arrows change settings at once; letters begin a search."""

    AUTO_FOCUS = "ControlsPane"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("settings")

    def __init__(self) -> None:
        super().__init__()
        self._searched = 0  # letters

    def compose(self) -> ComposeResult:
        """Search, list, notices, keys."""
        with Vertical(id="settings"):
            yield SearchBox(ControlsPane, "type to search by name or meaning")
            yield ControlsPane(live_fields(), heading="Live settings", about_rows=2)
            yield NoticeLine()
            yield Keys((), always="settings")

    def news(self, topics: set[str]) -> None:
        """Draw what has changed."""
        if topics & {"settings", "state", "curves"}:
            self.query_one(ControlsPane).redraw()
        if "notice" in topics:
            self.query_one(NoticeLine).redraw()

    def action_search_settings(self) -> None:
        """Type what to look for."""
        self.query_one(SearchBox).focus()

    def on_key(self, event: events.Key) -> None:
        """A letter that is no key of the list begins a search with it."""
        box = self.query_one(SearchBox)
        if self.focused is not box and event.character and event.character.isalpha():
            event.stop()
            event.prevent_default()
            box.focus()
            box.insert_text_at_cursor(event.character)

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        pane = self.query_one(ControlsPane)
        pane.take(found(event.value, described(live_fields())))
        if len(event.value) > self._searched:  # the best match, not one that happens to be selected and matches too
            pane.selected = 0
        self._searched = len(event.value)
