"""The runs of the folder, the latest started first."""

import time
from typing import ClassVar

from textual.binding import BindingType

from gantui.core.text import neutralise
from gantui.runs.layout import RunDir
from gantui.runs.status import Status
from gantui.tui import actions
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Line, Lines, cell_width
from gantui.tui.draw.rows import Part, row, title, wrapped
from gantui.tui.roll import Roll, age
from gantui.tui.widgets.header import BAD, STATE_INKS, rate
from gantui.tui.widgets.list_pane import ListPane, padded

_STATE, _STEP, _RATE, _AGE = 14, 17, 8, 8  # cells
_LEAST_NAME = 14


class RunList(ListPane):
    """Name, state, step, speed, age."""

    PLACES: ClassVar[tuple[str, ...]] = ("list", "runs")
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("runs")

    def __init__(self, roll: Roll, selected: str = "") -> None:
        super().__init__()
        self._roll = roll
        self._words: list[str] = []
        self.news()
        self.selected = selected if selected in self.keys else self.keys[0] if self.keys else ""

    @property
    def chosen(self) -> RunDir | None:
        """The selected run."""
        return next((run for run in self._roll.runs if run.id == self.selected), None)

    @property
    def status(self) -> Status | None:
        """The selected run's state, as far as known."""
        return self._roll.statuses.get(self.selected)

    def search(self, text: str) -> None:
        """Show those that have all words of `text` in name, preset or state."""
        self._words = text.lower().split()
        self.news()

    def news(self) -> None:
        """Show what the roll says now."""
        keys = [run.id for run in self._roll.runs if self._is_found(run.id)]
        self._longest = max((cell_width(neutralise(key)) for key in keys), default=0) + 1
        self.take(keys)

    def _is_found(self, key: str) -> bool:
        now = self._roll.statuses.get(key)
        about = f"{key} {now.state} {now.preset}".lower() if now else key.lower()
        return all(word in about for word in self._words)

    def heading(self, width: int) -> Line:
        """How many there are, and how many of them train."""
        total = len(self._roll.runs)
        alive = sum(now.alive for now in self._roll.statuses.values())
        some = f"{len(self.keys)} of {total}" if self._words else f"{total}"
        parts: list[Part] = [[(f"{some} ", MUTED)]] if total else []
        parts += [[(f"● {alive} training ", Ink("good", bold=True))]] if alive else []
        return title(width, "Runs", parts, [], focused=self.has_focus)

    def columns(self, width: int) -> Line | None:
        """What the columns are."""
        return self._line(width, "", "  run", ("  state", MUTED), "step", "it/s", "started", None, MUTED)

    def entry(self, key: str, width: int, bg: str | None) -> Line:
        """One run."""
        here = key == self.selected
        now = self._roll.statuses.get(key)
        name = Ink("title" if here else "text", bold=here)
        mark = "▸" if here else " "
        if now is None:
            return self._line(width, mark, key, ("…", MUTED), "", "", "", bg, name)
        ink = STATE_INKS.get(now.state, BAD)
        total = f"/{now.max_steps:,}" if now.max_steps else ""
        speed = rate(now.steps_per_s) if now.state == "running" else ""
        state = (f"● {now.state}", ink)
        since = age(now.started, time.time())
        return self._line(width, mark, key, state, f"{now.step:,}{total}", speed, since, bg, name)

    def _line(
        self, width: int, mark: str, name: str, state: tuple[str, Ink], step: str, speed: str, since: str,
        bg: str | None, ink: Ink,
    ) -> Line:  # fmt: skip
        rest = [(step, _STEP), (speed, _RATE), (since, _AGE)]
        while len(rest) > 1 and width - 2 - _STATE - sum(cells for _, cells in rest) < _LEAST_NAME:
            rest.pop(1 if len(rest) == 3 else 0)
        room = max(width - 2 - _STATE - sum(cells for _, cells in rest), 1)
        room = min(room, max(_LEAST_NAME, self._longest))
        parts: list[Part] = [
            [(mark, Ink("accent")), (padded(neutralise(name), room) + " ", ink), (padded(state[0], _STATE), state[1])],
            *[[(f"{text:>{cells}}", TEXT if ink is not MUTED else MUTED)] for text, cells in rest],
        ]
        return row(width, parts, bg=bg)

    def nothing(self, width: int) -> Lines:
        """What to do."""
        if self._roll.problem:
            text, ink = self._roll.problem, Ink("error", bold=True)
        elif self._words and self._roll.runs:
            text, ink = "no run has these words: Esc shows all", MUTED
        else:
            text = "no runs yet: choose a preset and press Enter; runs will lie in " + neutralise(self._roll.folder)
            ink = MUTED
        return [row(width, [[(f"  {line}", ink)]]) for line in wrapped(text, max(width - 4, 10))]

    def action_list_up(self) -> None:
        """The row above; above the first one lie the presets."""
        if self.index > 0:
            super().action_list_up()
        else:
            self.screen.focus_previous(ListPane)
