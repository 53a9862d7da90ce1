"""The line for what is wrong with the game now, or right; there only while there is something to say."""

from textual import events

from gantui.core import verdicts
from gantui.tui.draw.ink import MUTED, Ink, Lines, cell_width
from gantui.tui.draw.rows import Part, row
from gantui.tui.remedy import changes
from gantui.tui.widgets.drawing import Drawing

KEYS = (("remedy", "x", "Remedy"), ("dismiss_diagnosis", "X", "Dismiss"))


class DiagnosisLine(Drawing):
    """The gravest diagnosis that was not dismissed, and the keys for it."""

    DEFAULT_CSS = "DiagnosisLine { height: 1; display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self._spots: list[tuple[int, int, str]] = []  # first and last column of a key, and its action

    def news(self) -> None:
        """Come and go with what there is to say."""
        watch = self.dashboard.watching
        wanted = bool(watch and watch.ward.waiting(watch.view))
        if wanted != self.display:  # else nothing is laid out anew
            self.display = wanted
        self.redraw()

    def paint(self, width: int, height: int) -> Lines:
        """Name, evidence, keys."""
        watch = self.dashboard.watching
        waiting = watch.ward.waiting(watch.view) if watch else []
        self._spots = []
        if not watch or not waiting:
            return [row(width, [])] * height
        first = waiting[0]
        level = verdicts.level(first.name)
        more = f" +{len(waiting) - 1}" if len(waiting) > 1 else ""
        head: Part = [
            (" ● " if level == "good" else " ▲ ", Ink(level, bold=True)),
            (verdicts.title(first.name), Ink(level, bold=True)),
            (f"{more} since step {first.since:,}", MUTED),
        ]
        mends = watch.view.alive and changes(first, watch.view.controls.confirmed)
        keys = [key for key in KEYS if key[0] == "dismiss_diagnosis" or mends]
        right: list[Part] = [
            [(f" {key}", Ink("accent", bold=True)), (f" {label} ", Ink("text"))] for _, key, label in keys
        ]
        taken = sum(cell_width(text) for part in right for text, _ in part)
        room = width - taken - sum(cell_width(text) for text, _ in head) - 2
        treated = "remedy set; when it was found " if watch.view.alive and first.remedy and not mends else ""
        evidence: Part = [(f": {treated}{first.evidence or first.text}", Ink("text"))]
        line = row(width - taken, [[*head, *_cut(evidence, room)]])
        column = width - taken
        for name, key, label in keys:
            end = column + cell_width(f" {key} {label} ") - 1
            self._spots.append((column, end, name))
            column = end + 1
        return [[*line, *(segment for part in right for segment in part)]]

    async def on_click(self, event: events.Click) -> None:
        """A key was clicked; anywhere else the whole of it is shown."""
        for first, last, name in self._spots:
            if first <= event.x <= last:
                await self.screen.run_action(name)
                return
        await self.screen.run_action("show('events')")


def _cut(part: Part, room: int) -> Part:
    ((text, ink),) = part
    return [(text if cell_width(text) <= room else text[: max(0, room - 1)] + "…", ink)] if room > 3 else []
