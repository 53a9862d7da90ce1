"""Where in a run's previews one is: a line from the first to the newest, to be clicked and dragged."""

from textual import events
from textual.message import Message

from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines, Sheet, cell_width
from gantui.tui.draw.rows import Part, row
from gantui.tui.timeline import Looking, Timeline
from gantui.tui.view import Mark
from gantui.tui.widgets.drawing import Drawing

TRACK, DONE, MARK, PIN, NOW = "─", "━", "┿", "◆", "●"


class Slider(Drawing):
    """A track with marks where commands were applied; below it, which preview it is."""

    DEFAULT_CSS = "Slider { height: 2; }"

    class Moved(Message):
        """Somebody wants the preview nearest to `x`."""

        def __init__(self, x: float) -> None:
            super().__init__()
            self.x = x

    def __init__(self) -> None:
        super().__init__()
        self._track = (0, 0)  # its first column and its number of columns
        self._dragging = False

    def paint(self, width: int, height: int) -> Lines:
        """Track and words."""
        watch = self.dashboard.watching
        if watch is None or not watch.looking.timeline.previews:
            self._track = (0, 0)
            return [row(width, [])] * height
        looking, marks = watch.looking, watch.view.marks
        return [self._line(looking, marks, width), self._words(looking, marks, width)][:height]

    def _line(self, looking: Looking, marks: list[Mark], width: int) -> list[tuple[str, Ink]]:
        timeline = looking.timeline
        ends = [f" {timeline.previews[0].step:,} ", f" {timeline.previews[-1].step:,} "]
        start = cell_width(ends[0])
        self._track = (start, max(width - start - cell_width(ends[1]), 1))
        sheet = Sheet(width, 1)
        sheet.put(0, 0, ends[0], MUTED)
        sheet.put(width - cell_width(ends[1]), 0, ends[1], MUTED)
        here = self._column(timeline, timeline.now.x if timeline.now else 0.0)
        for column in range(start, start + self._track[1]):
            done = column < here
            sheet.put(column, 0, DONE if done else TRACK, Ink("accent" if done else "muted"))
        low, high = timeline.span
        for mark in marks:
            if low <= mark.x <= high:
                sheet.put(self._column(timeline, mark.x), 0, MARK, Ink("mark"))
        if looking.pinned and low <= looking.pinned.x <= high:
            sheet.put(self._column(timeline, looking.pinned.x), 0, PIN, Ink("warning", bold=True))
        sheet.put(here, 0, NOW, Ink("cursor", bold=True))
        return sheet.lines()[0]

    def _words(self, looking: Looking, marks: list[Mark], width: int) -> list[tuple[str, Ink]]:
        timeline = looking.timeline
        newest = timeline.following
        place: Part = [
            (f" preview {timeline.place:,} of {len(timeline.previews):,} ", TEXT),
            ("newest " if newest else "End: newest ", Ink("good") if newest else MUTED),
        ]
        label = self._mark_here(timeline, marks)
        return row(width, [place, [(f" {MARK} {label} ", Ink("mark"))]] if label else [place])

    def _mark_here(self, timeline: Timeline, marks: list[Mark]) -> str:
        """The last command that was applied where the thumb is."""
        if timeline.now is None:
            return ""
        here = self._column(timeline, timeline.now.x)
        low, high = timeline.span
        return next(
            (f"{mark.label} at step {int(mark.x):,}" for mark in reversed(marks)
             if low <= mark.x <= high and abs(self._column(timeline, mark.x) - here) <= 1), ""
        )  # fmt: skip

    def _column(self, timeline: Timeline, x: float) -> int:
        low, high = timeline.span
        first, columns = self._track
        share = (x - low) / (high - low) if high > low else 1.0
        return first + round(share * (columns - 1))

    # By mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go there, and on from there."""
        if event.y == 0:
            self._dragging = True
            self.capture_mouse()
            self._move(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go along."""
        if self._dragging:
            self._move(event.x)

    def on_mouse_up(self) -> None:
        """Stay."""
        self._dragging = False
        self.release_mouse()

    def _move(self, column: int) -> None:
        watch = self.dashboard.watching
        first, columns = self._track
        if watch and columns:
            low, high = watch.looking.timeline.span
            share = (column - first) / max(columns - 1, 1)
            self.post_message(self.Moved(low + min(max(share, 0.0), 1.0) * (high - low)))
