"""The form before a start: one preset's settings, to be taken as they are or changed."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen

from gantui.core.config import FIELDS
from gantui.core.errors import UserError
from gantui.core.text import neutralise
from gantui.tui import actions, starting
from gantui.tui.draft import NAME, NAME_HELP, Draft, culprit
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines, cell_width
from gantui.tui.draw.rows import row
from gantui.tui.finding import described, found
from gantui.tui.widgets.drawing import Drawing
from gantui.tui.widgets.form_rows import FormRows, ValueBox
from gantui.tui.widgets.keys import Keys
from gantui.tui.widgets.message_line import MessageLine
from gantui.tui.widgets.search_box import SearchBox

if TYPE_CHECKING:
    from gantui.tui.app import Dashboard


class PresetBar(Drawing):
    """What is going to be started."""

    DEFAULT_CSS = "PresetBar { height: 2; }"

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._preset = draft.preset

    def paint(self, width: int, height: int) -> Lines:
        """Name and description, and what to expect."""
        preset = self._preset
        takes = f"   about {neutralise(preset.time)} " if preset.time else ""
        name = [(f" Start {neutralise(preset.name)} ", Ink("title", bold=True))]
        return [
            row(width, [name, [(f"  {neutralise(preset.description)}", TEXT)]], [[(takes, MUTED)]], bg="bar"),
            row(width, [[(f" Expect {neutralise(preset.expect)}", MUTED)]]),
        ]


class StartForm(Screen[None]):
    """Enter starts the run. What is typed is checked at once, and kept if one leaves."""

    PLACES: ClassVar[tuple[str, ...]] = ("start",)
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("start")
    AUTO_FOCUS = "ValueBox"

    def __init__(self, draft: Draft, problem: str = "") -> None:
        """`problem` is why the last start of this draft failed, if it did."""
        super().__init__()
        self._draft, self._problem = draft, problem
        self._message = MessageLine()

    @property
    def dashboard(self) -> "Dashboard":
        """The app, as what it is."""
        return cast("Dashboard", self.app)

    def compose(self) -> ComposeResult:
        """What is started, search, settings, messages, keys."""
        yield PresetBar(self._draft)
        yield SearchBox(ValueBox, "F3 searches all settings by name and meaning")
        with Container(id="form"):
            yield FormRows(self._draft)
            yield ValueBox()
        yield self._message
        yield Keys((), always="start")

    def on_mount(self) -> None:
        """Begin with what must be mended, if something must."""
        rows = self.query_one(FormRows)
        rows.problems = self._draft.problems()
        if self._problem:
            rows.problems |= {culprit(self._problem) or rows.selected: self._problem}
            self.tell("it did not start; nothing is left of it", "error")
        elif rows.problems:
            self.tell("this has to be set before the start", "warning")
        else:
            self.tell("Enter starts the run as it stands here")
        rows.selected = next(reversed(rows.problems), rows.selected)
        self._fill_box()
        self.call_after_refresh(self._follow)

    def tell(self, text: str, level: str = "information") -> None:
        """Show a message."""
        self._message.say(text, level)

    # The box over the selected row

    @on(FormRows.Moved)
    def _fill_box(self) -> None:
        """Take the selected value into the box, to be replaced, and the box to that value."""
        rows, box = self.query_one(FormRows), self.query_one(ValueBox)
        box.placeholder = self._draft.given(rows.selected) or "preset and time"
        box.hold(self._draft.text(rows.selected))
        self._follow()

    def _follow(self) -> None:
        rows, box = self.query_one(FormRows), self.query_one(ValueBox)
        column, line, width, most = rows.spot
        box.display = line >= 0
        box.styles.offset = (column, max(line, 0))
        box.styles.width = min(max(width, cell_width(box.value) + 2), most)

    def on_resize(self) -> None:
        """The rows have moved."""
        self.call_after_refresh(self._follow)

    @on(FormRows.Changed)
    def _check(self) -> None:
        rows = self.query_one(FormRows)
        rows.problems = self._draft.problems()
        rows.redraw()
        self.tell("")

    @on(ValueBox.Changed, "ValueBox")
    def _typed(self, event: ValueBox.Changed) -> None:
        self._draft.put(self.query_one(FormRows).selected, event.value)
        self._follow()
        self._check()

    @on(SearchBox.Changed, "SearchBox")
    def _search(self, event: SearchBox.Changed) -> None:
        every = {NAME: NAME_HELP} | described(FIELDS)
        self.query_one(FormRows).take(found(event.value, every) if event.value.strip() else None)
        self._fill_box()

    @on(ValueBox.Submitted)
    def _submitted(self, event: ValueBox.Submitted) -> None:
        event.stop()
        self.action_start_run()

    # Actions

    def action_start_run(self) -> None:
        """Start, unless something is wrong: then go there."""
        rows = self.query_one(FormRows)
        rows.problems = self._draft.problems()
        if rows.problems:
            name, problem = next(iter(rows.problems.items()))
            self._go_to(name)
            self.tell(problem, "error")
            return
        try:
            starting.start(self.dashboard, self._draft.plan(), self._mend)
        except UserError as error:
            self.tell(str(error), "error")

    def _mend(self, error: UserError) -> None:
        """The trainer objected: the form again, at what it objected to."""
        self.dashboard.push_screen(StartForm(self._draft, str(error)))

    def _go_to(self, name: str) -> None:
        rows = self.query_one(FormRows)
        if name not in rows.names:
            self._forget_search()
        rows.select(name)
        self._fill_box()
        self.query_one(ValueBox).focus()

    def action_next_field(self) -> None:
        """The setting below."""
        self._move(1)

    def action_previous_field(self) -> None:
        """The setting above."""
        self._move(-1)

    def action_fields_on(self) -> None:
        """A page down."""
        self._move(self.query_one(FormRows).page)

    def action_fields_back(self) -> None:
        """A page up."""
        self._move(-self.query_one(FormRows).page)

    def _move(self, rows: int) -> None:
        self.query_one(FormRows).move(rows)
        self._fill_box()
        self.query_one(ValueBox).focus()

    def action_raise(self) -> None:
        """The next value up."""
        self._nudge(1)

    def action_lower(self) -> None:
        """The next value down."""
        self._nudge(-1)

    def _nudge(self, direction: int) -> None:
        rows = self.query_one(FormRows)
        if self._draft.can_nudge(rows.selected):
            self._draft.nudge(rows.selected, direction)
            self._check()
            self._fill_box()
        else:
            self.tell(f"{rows.selected}: type a value", "warning")

    def action_preset_value(self) -> None:
        """What the preset says."""
        self._draft.put(self.query_one(FormRows).selected, "")
        self._check()
        self._fill_box()

    def action_find_field(self) -> None:
        """Type words to look for."""
        self.query_one(SearchBox).focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Enter means something else in the search."""
        if isinstance(event.widget, SearchBox):
            self.tell("Enter goes to what was found, Esc shows all again")

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Enter starts again."""
        if isinstance(event.widget, SearchBox):
            self.tell("")

    def _forget_search(self) -> None:
        search = self.query_one(SearchBox)
        with search.prevent(SearchBox.Changed):
            search.value = ""
        self.query_one(FormRows).take(None)
        self._fill_box()
        self.query_one(ValueBox).focus()

    def action_close_form(self) -> None:
        """Back; the search first."""
        if self.query_one(SearchBox).value:
            self._forget_search()
        else:
            self.dashboard.pop_screen()
