"""The two rows at the top: which run, how far, how fast; and the screens there are."""

from textual import events

from gantui.core.units import spell
from gantui.tui import actions
from gantui.tui.draw.ink import Ink, Lines, cell_width
from gantui.tui.draw.rows import Part, row
from gantui.tui.view import RunView
from gantui.tui.widgets.drawing import Drawing

STATE_INKS = {
    "running": Ink("good", bold=True),
    "starting": Ink("accent", bold=True),
    "paused": Ink("warning", bold=True),
    "finished": Ink("good", bold=True),
    "stopped": Ink("muted", bold=True),
    "interrupted": Ink("warning", bold=True),
}
BAD = Ink("error", bold=True)


class Header(Drawing):
    """State and speed of the run, and tabs."""

    DEFAULT_CSS = "Header { height: 2; }"

    def __init__(self, screen_name: str) -> None:
        super().__init__()
        self._screen_name = screen_name
        self._tabs: list[tuple[int, int, str]] = []  # first and last column of each tab, and its action

    def paint(self, width: int, height: int) -> Lines:
        """State and speed; tabs and device."""
        watch = self.dashboard.watching
        if watch is None:
            return [row(width, [])] * height
        view = watch.view
        return [self._state(view, width), self._tab_row(view, width)]

    def _state(self, view: RunView, width: int) -> list[tuple[str, Ink]]:
        text = Ink("text")
        state: Part = [("● ", STATE_INKS.get(view.state, BAD)), (view.state, STATE_INKS.get(view.state, BAD))]
        parts: list[Part] = [[(f" {view.run_id} ", Ink("title", bold=True))], [(" ", text), *state]]
        if view.loading or view.stage not in ("training", ""):
            progress = f" {view.progress:.0%}" if 0 < view.progress < 1 else ""
            if view.alive:
                parts.append([(f" · {view.stage or 'starting'}{progress}", Ink("muted"))])
        share = f" ({view.step / view.max_steps:.0%})" if view.max_steps else ""
        total = f"/{view.max_steps:,}" if view.max_steps else ""
        parts.append([(f"   step {view.step:,}{total}", text), (share, Ink("muted"))])
        if view.alive:
            parts.append([(f"   {rate(view.last('steps_per_s'))} it/s", text)])
            if view.eta is not None:
                parts.append([("   ETA ", Ink("muted")), (spell(view.eta), text)])
            parts.append([(f"   {rate(view.last('samples_per_s'))} samples/s", Ink("muted"))])
        elif view.reason:
            parts.append([(f"   {view.reason}", Ink("muted"))])
        return row(width, parts, bg="bar")

    def _tab_row(self, view: RunView, width: int) -> list[tuple[str, Ink]]:
        self._tabs = []
        parts: list[Part] = [[(" ", Ink())]]
        column = 1
        why_not = getattr(self.screen, "why_not", lambda action: "")
        for action in actions.of("run"):
            if action.group != "Screens" or action.name == "home" or why_not(action):
                continue
            here = action.call == f"show('{self._screen_name}')"
            label = f" {action.keys} {action.label} "
            parts.append([(label, Ink("title", "selected", bold=True) if here else Ink("muted"))])
            self._tabs.append((column, column + cell_width(label) - 1, action.call))
            column += cell_width(label)
        return row(width, parts, [[(fact, Ink("muted"))] for fact in _facts(view)])

    async def on_click(self, event: events.Click) -> None:
        """A tab was clicked."""
        for first, last, call in self._tabs:
            if event.y == 1 and first <= event.x <= last:
                await self.screen.run_action(call)


def _facts(view: RunView) -> list[str]:
    """Where it runs, the least important first."""
    facts = []
    if view.info:
        facts.append(f"{view.info.host}  ")
        threads = f" ×{view.info.threads}" if view.info.threads and view.info.device == "cpu" else ""
        facts.append(f"{view.info.device}{threads}  " if view.info.device else "")
    if view.system:
        facts.append(f"{view.system.memory:,.0f} MB ")
        if view.system.gpu_memory is not None:
            facts.append(f"GPU {view.system.gpu_memory:,.0f} MB ")
    return facts


def rate(value: float | None) -> str:
    """Return a number per second in at most six characters."""
    if value is None:
        return "–"
    if value >= 10_000:
        return f"{value / 1000:.0f}k"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
