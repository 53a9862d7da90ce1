"""The settings of a run before its start, a row each; the selected one's value is typed over its row."""

from textual import events
from textual.message import Message
from textual.widgets import Input
from textual.widgets.input import Selection

from gantui.core.config import FIELDS
from gantui.core.text import neutralise
from gantui.tui.draft import MAIN, NAME, NAME_HELP, Draft
from gantui.tui.draw.ink import MUTED, Ink, Line, Lines, cell_width
from gantui.tui.draw.rows import Part, row, title, wrapped
from gantui.tui.widgets.drawing import Drawing
from gantui.tui.widgets.list_pane import padded
from gantui.tui.widgets.scrolling import WHEEL, with_bar

LESS, MORE = " ◂ ", " ▸ "
_ARROWS = len(LESS + MORE)
_ABOUT = 3  # lines on the selected setting
_LABEL = max(map(cell_width, FIELDS)) + 1


class FormRows(Drawing):
    """First what most people change, then all by section; or what was searched for."""

    class Moved(Message):
        """Another setting is selected, or it moved to another row."""

    class Changed(Message):
        """A value was changed by mouse."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self.names: list[str] = []
        self.selected = NAME
        self.problems: dict[str, str] = {}
        self._rows: list[str] = []  # names, and headings as "# section"
        self._top = 0
        self.take(None)

    def take(self, names: list[str] | None) -> None:
        """Show these settings; None: all, in order of use."""
        if names is None:
            self._rows = [*MAIN]
            for section in dict.fromkeys(entry.about.section for entry in FIELDS.values()):
                rest = [name for name in FIELDS if FIELDS[name].about.section == section and name not in MAIN]
                self._rows += [f"# {section}", *rest]
        else:
            self._rows = names
        self.names = [name for name in self._rows if not name.startswith("#")]
        if self.names and self.selected not in self.names:
            self.selected = self.names[0]
        self.redraw()

    @property
    def spot(self) -> tuple[int, int, int, int]:
        """Column, row, width and most width of the selected setting's value; the row is −1 if it isn't in sight."""
        column, width = 1 + _LABEL + _ARROWS, self.size.width
        line = self._rows.index(self.selected) - self._top if self.selected in self._rows else -1
        shown = 0 <= line < self._room(self.size.height)
        return column, line + 1 if shown else -1, _value_width(width), max(width - column - 1, 1)

    @property
    def page(self) -> int:
        """How many settings a page has."""
        return self._room(self.size.height)

    def select(self, name: str) -> None:
        """Go to a setting."""
        self.selected = name
        self.redraw()
        self.post_message(self.Moved())

    def move(self, rows: int) -> None:
        """Go some settings up or down."""
        if self.names:
            index = self.names.index(self.selected) + rows
            self.select(self.names[min(max(index, 0), len(self.names) - 1)])

    def paint(self, width: int, height: int) -> Lines:
        """Title, settings, and lines on the selected one."""
        room = self._room(height)
        here = self._rows.index(self.selected) if self.selected in self._rows else 0
        self._top = max(min(self._top, here, len(self._rows) - room), here - room + 1, 0)
        changed = len(self._draft.changed)
        heading: Part = [(f"{changed} changed " if changed else "as the preset has them ", MUTED)]
        lines: Lines = [title(width, "Settings", [heading], [], focused=True)]
        shown = [self._line(name, width - 1) for name in self._rows[self._top : self._top + room]]
        if not shown:
            shown = [row(width - 1, [[("  no setting has these words", MUTED)]])]
        shown += [row(width - 1, [])] * (room - len(shown))
        lines += with_bar(shown, room, self._top, len(self._rows))
        return [*lines, *self._about(width)][:height]

    def _line(self, name: str, width: int) -> Line:
        if name.startswith("#"):
            return title(width, name[2:], [], [])
        here, problem = name == self.selected, self.problems.get(name)
        arrows = Ink("accent", bold=True)
        changed = name in self._draft.changed
        ink = Ink("error", bold=True) if problem else Ink("mark", bold=True) if changed else Ink("text")
        text = self._draft.text(name) or "(preset and time)"
        mark = "▸" if here else " "
        label: Part = [(mark, Ink("accent")), (padded(name, _LABEL), Ink("title" if here else "text", bold=here))]
        buttons: Part = [(LESS, arrows), (MORE, arrows)] if self._draft.can_nudge(name) else [(" " * _ARROWS, MUTED)]
        value: Part = [(padded(neutralise(text), _value_width(width + 1)) + "  ", ink)]
        if problem:
            note: Part = [(problem.partition(": ")[2] or problem, Ink("error"))]
        else:
            note = [(NAME_HELP if name == NAME else FIELDS[name].about.help, MUTED)]
        return row(width, [[*label, *buttons, *value, *note]], bg="selected" if here else None)

    def _about(self, width: int) -> Lines:
        name = self.selected
        if problem := self.problems.get(name):
            text, ink = problem, Ink("error", bold=True)
        elif name == NAME:
            text, ink = NAME_HELP, MUTED
        else:
            about = FIELDS[name].about
            unit = f" {about.unit}" if about.unit else ""
            when = "can be changed while the run trains" if about.live else "fixed from the start on"
            given = f"; the preset has {self._draft.given(name)}" if name in self._draft.changed else ""
            allowed = FIELDS[name].allowed
            what = about.help if allowed in about.help else f"{about.help}: {allowed}{unit}"
            text, ink = f"{what}; {when}{given}", MUTED
        lines = [row(width, [[(f" {line}", ink)]]) for line in wrapped(text, max(width - 2, 10))][:_ABOUT]
        return lines + [row(width, [])] * (_ABOUT - len(lines))

    def _room(self, height: int) -> int:
        return max(height - 1 - _ABOUT, 1)

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Select a setting; the arrows change it."""
        index = self._top + event.y - 1
        if event.y < 1 or index >= len(self._rows) or event.y > self._room(self.size.height):
            return
        name = self._rows[index]
        if name.startswith("#"):
            return
        column = event.x - 1 - _LABEL
        if 0 <= column < _ARROWS:
            self._draft.nudge(name, -1 if column < len(LESS) else 1, fine=event.shift)
            self.post_message(self.Changed())
        self.select(name)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Settings above."""
        event.stop()
        self.move(-WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Settings below."""
        event.stop()
        self.move(WHEEL)


class ValueBox(Input):
    """Where the selected setting's value is typed."""

    DEFAULT_CSS = "ValueBox { height: 1; }"

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)

    def hold(self, text: str) -> None:
        """Take a text that the next letter replaces; the cursor is at its beginning, which so is in sight."""
        if self.value != text:
            with self.prevent(self.Changed):
                self.value = text
        self.selection = Selection(len(text), 0)


def _value_width(width: int) -> int:
    return max(18, (width - _LABEL - _ARROWS) * 2 // 5)
