"""Starting a trainer from the dashboard, afresh or to go on, and what becomes of a start that fails."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gantui.core.config import FIELDS
from gantui.core.errors import RunFailed, UserError
from gantui.runs import begin, launch, status
from gantui.runs.layout import RunDir
from gantui.tui.source import RunSource

if TYPE_CHECKING:
    from gantui.tui.app import Dashboard

CHECK_EVERY = 0.25  # seconds


def go_on(dashboard: "Dashboard", run: RunDir) -> None:
    """Continue a run that has ended; one that did all its steps needs more of them, which is asked."""
    from gantui.tui.screens.dialogs import ValuePrompt

    now = status.status(run)
    if now.alive:
        dashboard.tell(f"run '{run.id}' goes on already", "warning")
        return

    def with_settings(settings: dict[str, Any]) -> None:
        try:
            start(dashboard, begin.continuation(run, settings))
        except UserError as error:
            dashboard.tell(str(error), "error")
        else:
            dashboard.tell("the trainer starts, and goes on from the last checkpoint")

    def typed(answer: tuple[str, Any] | None) -> None:
        if answer and answer[1] <= now.step:
            dashboard.tell(f"max_steps = {answer[1]}: the run is at step {now.step} already", "warning")
        elif answer:
            with_settings(dict([answer]))

    if now.state == "finished":
        dashboard.push_screen(ValuePrompt(FIELDS["max_steps"], 2 * max(now.step, 1)), typed)
    else:
        with_settings({})


def start(dashboard: "Dashboard", plan: begin.Plan, mend: Callable[[UserError], None] | None = None) -> None:
    """Start the trainer of a plan and open its run at once. Raises ConfigError: no process can be started.

    What the trainer objects to, such as data that isn't there, is told wherever the user is by then. If that
    is the run itself, and it was a fresh one, which is gone now, home is shown and `mend` called.
    """
    trainer = begin.launch_trainer(plan)
    dashboard.open_run(RunSource(plan.run))
    if dashboard.watching and (warning := launch.logout_warning()):
        dashboard.watching.view.tell(warning, "warning")

    def check() -> None:
        if trainer.poll() is None:
            return
        timer.stop()
        try:
            begin.check_start(plan, trainer)
        except RunFailed:
            return  # it ended in the middle of training: the run's own screens say why
        except UserError as error:
            watching = dashboard.watching
            if mend and watching and watching.source.run == plan.run:
                dashboard.go_home()
                mend(error)
            else:
                dashboard.tell(f"run '{plan.run.id}' did not start: {error}", "error")

    timer = dashboard.set_interval(CHECK_EVERY, check)
