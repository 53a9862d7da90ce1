"""Small dialogs: a question before something that can't be undone, and a value to type."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label

from gantui.core import presets
from gantui.core.config import Field
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.tui.draft import written


class Question(ModalScreen[bool]):
    """Asks before something is done; the harmless answer has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", show=False),
        Binding("n,escape,q", "dismiss(False)", show=False),
    ]

    def __init__(self, text: str, yes: str) -> None:
        super().__init__()
        self._text, self._yes = text, yes

    def compose(self) -> ComposeResult:
        """Text and two buttons."""
        with Vertical(classes="dialog"):
            yield Label(neutralise(self._text), markup=False)
            with Horizontal(classes="buttons"):
                yield Button("No (n)", id="no", compact=True)
                yield Button(f"{self._yes} (y)", id="yes", variant="error", compact=True)

    def on_mount(self) -> None:
        """Enter alone changes nothing."""
        self.query_one("#no").focus()

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class ValuePrompt(ModalScreen[tuple[str, Any] | None]):
    """Asks for the value of a setting; says at once what is wrong with what was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, field: Field, value: object) -> None:
        super().__init__()
        self._field, self._value = field, value

    def compose(self) -> ComposeResult:
        """Name, help, input, what is allowed."""
        unit = f" ({self._field.about.unit})" if self._field.about.unit else ""
        with Vertical(classes="dialog"):
            yield Label(f"{self._field.name}{unit}: {self._field.about.help}", markup=False)
            yield Input("" if self._value is None else written(self._value), compact=True)
            yield Label(f"{self._field.allowed}; Enter sets it, Esc leaves it", id="allowed", markup=False)

    def on_mount(self) -> None:
        """The present value is there to be replaced."""
        self.query_one(Input).focus()
        self.query_one(Input).action_select_all()

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            _, value = presets.parse_override(f"{self._field.name}={event.value}")
            self.dismiss((self._field.name, self._field.check(value)))
        except ConfigError as error:
            label = self.query_one("#allowed", Label)
            label.update(neutralise(error))
            label.add_class("wrong")
