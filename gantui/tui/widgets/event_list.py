"""The story of a run, the newest first: what was asked for, what became of it, what else happened."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual import events

from gantui.tui.draw.ink import MUTED, TEXT, Ink, Line, Lines, cell_width
from gantui.tui.draw.rows import Part, row, title
from gantui.tui.view import Entry
from gantui.tui.widgets.list_pane import ListPane, padded

KINDS = {
    "All": ("command", "diagnosis", "warning", "checkpoint", "eval", "start", "exit"),
    "Commands": ("command",),
    "Diagnoses": ("diagnosis",),
    "Warnings": ("warning",),
    "Checkpoints": ("checkpoint",),
    "Evaluations": ("eval",),
    "Starts": ("start", "exit"),
}
SIGNS = {
    "received": ("… ", Ink("warning")),
    "applied": ("✓ ", Ink("good")),
    "rejected": ("✗ ", Ink("error")),
    "lost": ("? ", Ink("warning")),
    "warning": ("! ", Ink("warning", bold=True)),
    "over": ("△ ", MUTED),
    "checkpoint": ("▪ ", MUTED),
    "eval": ("◆ ", Ink("accent")),
    "start": ("▸ ", Ink("good")),
    "exit": ("■ ", Ink("warning")),
}
DIAGNOSIS = "▲ "
TIME, STEP = 13, 9  # cells


class EventList(ListPane):
    """A row for each event. `kind` and `words` say which are shown; the newest is on top and, if selected, stays so."""

    PLACES: ClassVar[tuple[str, ...]] = ("list",)

    def __init__(self) -> None:
        super().__init__()
        self.kind = "All"
        self.words = ""
        self._entries: dict[str, Entry] = {}
        self._counts = dict.fromkeys(KINDS, 0)  # events by name of kind
        self._spots: list[tuple[int, int, str]] = []  # first and last column of each kind's name

    @property
    def chosen(self) -> Entry | None:
        """The selected entry."""
        return self._entries.get(self.selected)

    def tell(self, entries: Sequence[Entry]) -> None:
        """Show these, which came in the order of the log, as far as they are wanted."""
        follows = self.index == 0
        counts = Counter(entry.kind for entry in entries)
        self._counts = {name: sum(counts[kind] for kind in kinds) for name, kinds in KINDS.items()}
        words = self.words.lower().split()
        wanted = [entry for entry in reversed(entries) if entry.kind in KINDS[self.kind] and _has(entry, words)]
        self._entries = {str(entry.seq): entry for entry in wanted}
        self.take(list(self._entries))
        if follows:
            self.select(0)

    def heading(self, width: int) -> Line:
        """The kinds there are, and how many of each."""
        self._spots = []
        parts: list[Part] = []
        column = cell_width("─ Events ")
        for name in KINDS:
            count = self._counts[name]
            text = f" {name} {count:,} " if width >= 100 else f" {name} "
            ink = Ink("title", "selected", bold=True) if name == self.kind else Ink("text" if count else "muted")
            parts.append([(text, ink)])
            self._spots.append((column, column + cell_width(text) - 1, name))
            column += cell_width(text)
        return title(width, "Events", parts, [], focused=self.has_focus)

    def columns(self, width: int) -> Line:
        """What the columns are."""
        return row(width, [[(f" {padded('time', TIME)}{'step':>{STEP}}    what", MUTED)]], [[("who ", MUTED)]])

    def entry(self, key: str, width: int, bg: str | None) -> Line:
        """One event."""
        entry = self._entries[key]
        here = key == self.selected
        sign = SIGNS.get(entry.outcome or entry.kind, ("  ", TEXT))
        if entry.kind == "diagnosis" and entry.outcome != "over":
            sign = (DIAGNOSIS, Ink(entry.outcome, bold=True))
        ink = {"rejected": Ink("error"), "received": Ink("warning")}.get(entry.outcome, TEXT)
        line: Part = [
            ("▸" if here else " ", Ink("accent")),
            (padded(clock(entry.t), TIME), MUTED),
            (f"{entry.step:>{STEP},}  ", Ink("title" if here else "text")),
            sign,
            (entry.text, Ink("warning") if entry.kind == "warning" else ink),
        ]
        return row(width, [line], [[(f"{entry.who} ", MUTED)]], bg=bg)

    def nothing(self, width: int) -> Lines:
        """Why the list is empty."""
        text = "nothing like that: Esc shows all" if self._counts["All"] else "nothing has happened yet"
        return [row(width, [[(f"  {text}", MUTED)]])]

    def on_click(self, event: events.Click) -> None:
        """A kind was clicked, or a row."""
        for first, last, name in self._spots:
            if event.y == 0 and first <= event.x <= last:
                self.call_later(self.screen.run_action, f"kind('{name}')")
                return
        super().on_click(event)


def clock(t: float) -> str:
    """Return the time of day, with the day if that is not today."""
    then = time.localtime(t)
    today = time.localtime()[:3] == then[:3]
    return time.strftime("%H:%M:%S" if today else "%d %b %H:%M", then)


def _has(entry: Entry, words: list[str]) -> bool:
    if not words:
        return True
    text = f"{entry.text} {entry.who} {entry.kind} {entry.outcome} {entry.id}".lower()
    return all(word in text for word in words)
