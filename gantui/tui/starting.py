"""Starting a trainer from the dashboard, and what becomes of a start that fails."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gantui.core.errors import RunFailed, UserError
from gantui.runs import begin, launch
from gantui.tui.source import RunSource

if TYPE_CHECKING:
    from gantui.tui.app import Dashboard

CHECK_EVERY = 0.25  # seconds


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
