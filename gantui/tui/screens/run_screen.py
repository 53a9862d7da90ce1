"""What the screens of a run share: header, notices, keys, and how a run is steered."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from gantui.core import verdicts
from gantui.tui import actions
from gantui.tui.actions import Action
from gantui.tui.remedy import changes, spelt
from gantui.tui.watch import Watch
from gantui.tui.widgets.diagnosis_line import DiagnosisLine
from gantui.tui.widgets.header import Header
from gantui.tui.widgets.keys import Keys
from gantui.tui.widgets.notices import NoticeLine

if TYPE_CHECKING:
    from gantui.tui.app import Dashboard

COUNTS = (1, 10, 100, 1000)


class RunScreen(Screen[None]):
    """A screen of the open run. Below it, `NAME`, `PLACES` of its actions and `compose_body` are its own."""

    BLANK = True  # all of it is covered
    NAME: ClassVar[str] = ""
    PLACES: ClassVar[tuple[str, ...]] = ("run",)
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("run")

    @property
    def dashboard(self) -> "Dashboard":
        """The app, as what it is."""
        return cast("Dashboard", self.app)

    def __init__(self, watching: Watch) -> None:
        """Show this run, also what still comes of it while the screen goes and no run is open any more."""
        super().__init__()
        self.watching = watching

    def compose(self) -> ComposeResult:
        """Header, the screen's own, notices, keys."""
        yield Header(self.NAME)
        yield DiagnosisLine()
        yield from self.compose_body()
        yield NoticeLine()
        yield Keys(self.PLACES)

    def compose_body(self) -> ComposeResult:
        """What is between header and notices."""
        raise NotImplementedError

    def news(self, topics: set[str]) -> None:
        """Draw what has changed; screens add what they show."""
        if topics & {"state", "curves", "settings"}:
            self.query_one(Header).redraw()
        if topics & {"diagnoses", "settings", "state"}:
            self.query_one(DiagnosisLine).news()
        if "notice" in topics:
            self.query_one(NoticeLine).redraw()
        if topics & {"state", "settings"}:
            self.query_one(Keys).redraw()

    def on_screen_resume(self) -> None:
        """What came while another screen was shown."""
        if self.is_mounted:
            self.news(set(self.watching.view.versions))

    def on_descendant_focus(self) -> None:
        """What the keys do depends on the panel."""
        self.query_one(Keys).redraw()

    def why_not(self, action: Action) -> str:
        """Why an action is of no use now, '' if it is."""
        view = self.watching.view
        if action.steers and (reason := self.watching.obstacle()):
            return reason
        if action.paused and view.state != "paused":
            return "the run is not paused: press Space first"
        if action.name in ("remedy", "dismiss_diagnosis") and not self.watching.ward.waiting(view):
            return "nothing is diagnosed"
        if action.name == "resume_run" and (view.alive or view.gone):
            return "the run was deleted" if view.gone else "the run goes on already"
        if action.name == "show_distribution" and (view.data.kind != "points" or any(view.data.values)):
            loading = "the data are not loaded yet"
            return "it is for data with one or two columns of numbers" if view.data.kind else loading
        return ""

    def _allowed(self, name: str) -> bool:
        action = next(action for action in actions.ACTIONS if action.name == name)
        if reason := self.why_not(action):
            self.tell(f"{action.label}: {reason}", "warning")
            return False
        return True

    def tell(self, text: str, level: str = "information") -> None:
        """Show a notice now."""
        self.watching.view.tell(text, level)
        self.query_one(NoticeLine).redraw()

    # Actions

    def action_show(self, name: str) -> None:
        """Show another screen of the run."""
        if name != self.NAME and self._allowed(f"show_{name}"):
            self.dashboard.show(name)

    def action_home(self) -> None:
        """Presets and runs."""
        self.dashboard.go_home()

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self._allowed("pause"):
            self.watching.toggle_pause()

    def action_step(self, target: str) -> None:
        """Single updates of a paused run."""
        if self._allowed(f"step_{target}"):
            self.watching.ask("step", {"target": target, "count": self.watching.count})

    def action_count(self) -> None:
        """The next of the usual counts."""
        watch = self.watching
        watch.count = COUNTS[(COUNTS.index(watch.count) + 1) % len(COUNTS)]
        self.tell(f"d, g and b now do {watch.count} at a time")
        self.query_one(Keys).redraw()

    def action_preview(self) -> None:
        """Take samples now."""
        self.watching.ask("preview")

    def action_snapshot(self) -> None:
        """Write a checkpoint now."""
        self.watching.ask("snapshot")

    def action_evaluate(self) -> None:
        """Measure G now."""
        self.watching.ask("evaluate")

    def action_stop(self) -> None:
        """End the run, after a question."""
        from gantui.tui.screens.dialogs import Question

        if not self._allowed("stop"):
            return
        text = f"Stop run {self.watching.view.run_id}? It saves a checkpoint, evaluates once more, and ends."

        def answered(yes: bool | None) -> None:
            if yes:
                self.watching.ask("stop")

        self.dashboard.push_screen(Question(text, "Stop the run"), answered)

    def action_resume_run(self) -> None:
        """Continue a run that has ended, in a trainer of its own."""
        from gantui.tui import starting

        if self._allowed("resume_run"):
            starting.go_on(self.dashboard, self.watching.source.run)

    def action_remedy(self) -> None:
        """Set what mends the diagnosis that is shown, after a question."""
        from gantui.tui.screens.dialogs import Question

        if not self._allowed("remedy"):
            return
        confirmed, diagnosis = self.watching.view.controls.confirmed, self.watching.ward.waiting(self.watching.view)[0]
        title, wanted = verdicts.title(diagnosis.name), changes(diagnosis, confirmed)
        if not wanted:
            self.tell(f"{title}: " + ("it is set already" if diagnosis.remedy else "no setting is known to mend it"))
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.watching.ask("set", wanted)
            else:
                self.tell(f"{title}: nothing was set")

        text = f"{title} since step {diagnosis.since:,}: {diagnosis.evidence}. Set {spelt(wanted, confirmed)}?"
        self.dashboard.push_screen(Question(text, "Set them"), answered)

    def action_dismiss_diagnosis(self) -> None:
        """Show the diagnosis no more."""
        if self._allowed("dismiss_diagnosis"):
            self.watching.ward.dismiss(self.watching.ward.waiting(self.watching.view)[0])
            self.query_one(DiagnosisLine).news()

    def action_settings(self) -> None:
        """All live settings."""
        from gantui.tui.screens.settings import SettingsScreen

        self.dashboard.push_screen(SettingsScreen())

    def action_picture_mode(self) -> None:
        """The next way to draw samples."""
        self.dashboard.next_picture_mode()
