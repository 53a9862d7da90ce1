"""Controls: settings in reach, changed by key, by typing, by mouse; what is pending, confirmed or refused."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from gantui.core.changes import shown
from gantui.core.config import FIELDS
from gantui.tui import actions
from gantui.tui.controls import nudged
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Line, Lines, Sheet, cell_width
from gantui.tui.draw.rows import Part, row, title, wrapped
from gantui.tui.watch import Watch
from gantui.tui.widgets.drawing import Drawing

IN_REACH = ("k", "lr_d", "lr_g", "loss")
LESS, MORE = " ◂ ", " ▸ "


class ControlsPane(Drawing, can_focus=True):
    """A row a setting: name, value, what became of the last change. The selected one obeys the arrows."""

    PLACES: ClassVar[tuple[str, ...]] = ("controls",)
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("controls")

    def __init__(
        self, names: Sequence[str] = IN_REACH, *, heading: str = "Controls", about_rows: int = 1, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.names = list(names)
        self.selected = 0
        self._heading = heading
        self._about_rows = about_rows  # lines kept for what the selected setting means
        self._top = 0  # the first row shown, where there are more than fit
        self._rows = 0  # how many fit
        self._spots: list[tuple[int, int, int, int]] = []  # row, first and last column, direction

    def paint(self, width: int, height: int) -> Lines:
        """Title, rows, and a line on the selected setting."""
        watch = self.dashboard.watching
        if watch is None:
            return Sheet(width, height).lines()
        rows = max(1, height - (2 + self._about_rows if height > 6 else 2))
        self.selected = min(self.selected, max(0, len(self.names) - 1))
        self._top = min(max(self._top, self.selected - rows + 1), self.selected)
        self._rows = rows
        lines = [self._title(watch, width)]
        self._spots = []
        label_width = max((cell_width(name) for name in self.names), default=0) + 1
        for index, name in list(enumerate(self.names))[self._top : self._top + rows]:
            lines.append(self._row(watch, index, name, width, label_width, len(lines)))
        about = self._about(watch, width) if self.names else [row(width, [[("nothing like that", MUTED)]])]
        while len(lines) < height - len(about):
            lines.append(row(width, []))
        return (lines + about)[:height]

    def take(self, names: Sequence[str]) -> None:
        """Show other settings; what was selected stays so if it is among them."""
        before = self.names[self.selected] if self.names else ""
        self.names = list(names)
        self.selected = self.names.index(before) if before in self.names else 0
        self.redraw()

    def _title(self, watch: Watch, width: int) -> Line:
        reason = watch.obstacle()
        parts: list[Part] = [[("off ", Ink("warning"))]] if reason else []
        longer = len(self.names) > self._rows
        right: list[Part] = [[(f" {self.selected + 1} of {len(self.names)} ", MUTED)]] if longer else []
        return title(width, self._heading, parts, right, focused=self.has_focus)

    def _row(self, watch: Watch, index: int, name: str, width: int, label_width: int, line: int) -> Line:
        controls = watch.view.controls
        off = bool(watch.obstacle())
        wish = controls.wishes.get(name)
        confirmed = controls.confirmed.get(name)
        here = index == self.selected
        bg = "selected" if here and self.has_focus else None
        arrows = Ink("muted" if off else "accent", bold=not off)
        left: Part = [
            ("▸" if here else " ", Ink("accent")),
            (name.ljust(label_width), Ink("title" if here else "text")),
        ]
        if wish:
            value: Part = [(shown(confirmed), MUTED), (" → ", MUTED), (shown(wish.value), Ink("warning", bold=True))]
        else:
            value = [("–" if confirmed is None else shown(confirmed), MUTED if off else Ink("text", bold=True))]
        buttons: Part = [] if off else [(LESS, arrows), (MORE, arrows)]
        if buttons:
            first = 1 + label_width
            self._spots += [(line, first, first + 2, -1), (line, first + 3, first + 5, 1)]
        return row(width, [[*left, *buttons], [*value, (" ", TEXT)], *self._news(watch, name)], bg=bg)

    def _news(self, watch: Watch, name: str) -> list[Part]:
        controls = watch.view.controls
        if name in controls.wishes:
            return [[("pending", Ink("warning"))]]
        outcome = controls.outcomes.get(name)
        if outcome is None:
            effective = watch.view.last(name) if name in ("lr_d", "lr_g") else None
            return [[(f"now {effective:.3g}", MUTED)]] if effective is not None else []
        if outcome.confirmed:
            return [[("✓ ", Ink("good"))], [(f"at step {outcome.step:,}", MUTED)]]
        return [[("✗ ", Ink("error"))], [(outcome.text, Ink("error"))]]

    def _about(self, watch: Watch, width: int) -> Lines:
        """What the selected setting is and may be; or why nothing can be changed."""
        reason = watch.obstacle()
        if reason:
            return self._lines_about(reason, Ink("warning"), width)
        entry = FIELDS[self.names[self.selected]]
        outcome = watch.view.controls.outcomes.get(entry.name)
        if outcome and not outcome.confirmed:
            return self._lines_about(outcome.text, Ink("error"), width)
        unit = f" {entry.about.unit}" if entry.about.unit else ""
        effective = watch.view.last(entry.name) if entry.name in ("lr_d", "lr_g") else None
        now = f"now {effective:.3g} by the schedule; " if effective is not None else ""
        return self._lines_about(f"{now}{entry.about.help}: {entry.allowed}{unit}", MUTED, width)

    def _lines_about(self, text: str, ink: Ink, width: int) -> Lines:
        if self._about_rows == 1:
            return [row(width, [[(text, ink)]])]
        lines = wrapped(text, width)[: self._about_rows]
        return [row(width, [[(line, ink)]]) for line in lines + [""] * (self._about_rows - len(lines))]

    # Changing

    def action_select_up(self) -> None:
        """The control above."""
        self._select(self.selected - 1)

    def action_select_down(self) -> None:
        """The control below."""
        self._select(self.selected + 1)

    def action_value_up(self) -> None:
        """Raise the value."""
        self._nudge(self.selected, 1)

    def action_value_down(self) -> None:
        """Lower the value."""
        self._nudge(self.selected, -1)

    def action_finer_up(self) -> None:
        """Raise it by a little."""
        self._nudge(self.selected, 1, fine=True)

    def action_finer_down(self) -> None:
        """Lower it by a little."""
        self._nudge(self.selected, -1, fine=True)

    def action_type_value(self) -> None:
        """Ask for a value."""
        if self.names:
            self.dashboard.ask_value(self.names[self.selected])

    def _nudge(self, index: int, direction: int, *, fine: bool = False) -> None:
        watch = self.dashboard.watching
        if watch is None or not self.names:
            return
        self.selected = index
        name = self.names[index]
        controls = watch.view.controls
        value = controls.value(name)
        if value is not None:
            following = nudged(FIELDS[name], value, direction, fine=fine, own=controls.own.get(name))
            if following == value:
                watch.view.tell(f"{name} = {shown(value)} is as far as it goes: {FIELDS[name].allowed}")
            else:
                watch.want(name, following)
        self.redraw()

    def _select(self, index: int) -> None:
        self.selected = min(max(index, 0), max(0, len(self.names) - 1))
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Select a row; its arrows change the value; the value itself is typed."""
        index = self._top + event.y - 1
        if not 0 <= index < len(self.names) or not 1 <= event.y <= self._rows:
            return
        for line, first, last, direction in self._spots:
            if line == event.y and first <= event.x <= last:
                self._nudge(index, direction, fine=event.shift)
                return
        again = index == self.selected
        self._select(index)
        if again:
            self.action_type_value()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Another control."""
        event.stop()
        self._select(self.selected - 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Another control."""
        event.stop()
        self._select(self.selected + 1)
