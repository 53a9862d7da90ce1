"""Where one types what the lists at home shall show."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

if TYPE_CHECKING:
    from gantui.tui.screens.home import HomeScreen


class FilterBox(Input):
    """Shows at once what has the words; the arrows go on into the lists, Esc shows all again."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down,up,enter,tab", "to_lists", show=False)]

    def __init__(self) -> None:
        super().__init__(placeholder="words to look for; Enter goes to the list, Esc shows all", compact=True)

    @property
    def home(self) -> "HomeScreen":
        """The screen."""
        return cast("HomeScreen", self.screen)

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self.home.filter(event.value)

    def action_to_lists(self) -> None:
        """The list takes the keys again."""
        self.home.leave_filter()
