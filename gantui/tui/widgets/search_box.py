"""Where one types what a list shall show."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input


class SearchBox(Input):
    """One line above a list; the arrows and Enter go on into the list."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down,up,enter", "to_list", show=False)]

    def __init__(self, pane: type[Widget], hint: str) -> None:
        """`pane` is the list's class, of which the screen has one."""
        super().__init__(placeholder=hint, compact=True, select_on_focus=False)
        self._pane = pane

    def action_to_list(self) -> None:
        """The list takes the keys again."""
        self.screen.query_one(self._pane).focus()
