"""Where one types what the lists at home shall show."""

from typing import TYPE_CHECKING, cast

from textual import on

from gantui.tui.widgets.preset_list import PresetList
from gantui.tui.widgets.search_box import SearchBox

if TYPE_CHECKING:
    from gantui.tui.screens.home import HomeScreen


class FilterBox(SearchBox):
    """Shows at once what has the words, and goes on to the list that has something."""

    def __init__(self) -> None:
        super().__init__(PresetList, "words to look for in presets and runs")

    @property
    def home(self) -> "HomeScreen":
        """The screen."""
        return cast("HomeScreen", self.screen)

    @on(SearchBox.Changed)
    def _search(self, event: SearchBox.Changed) -> None:
        event.stop()
        self.home.filter(event.value)

    def action_to_list(self) -> None:
        """The list takes the keys again."""
        self.home.leave_filter()
