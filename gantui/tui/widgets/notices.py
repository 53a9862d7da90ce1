"""The line for what a person should know now."""

import time

from gantui.tui.draw.ink import Ink, Lines
from gantui.tui.draw.rows import row
from gantui.tui.widgets.drawing import Drawing

INKS = {"information": Ink("muted"), "warning": Ink("warning"), "error": Ink("error", bold=True)}


class NoticeLine(Drawing):
    """The newest notice: an answer, a warning, a refusal."""

    DEFAULT_CSS = "NoticeLine { height: 1; }"

    def paint(self, width: int, height: int) -> Lines:
        """Time and text."""
        watch = self.dashboard.watching
        notice = watch.view.notice if watch else None
        if notice is None:
            return [row(width, [])]
        clock = time.strftime("%H:%M:%S ", time.localtime(notice.t)) if notice.t else ""
        return [row(width, [[(f" {clock}", Ink("muted")), (notice.text, INKS[notice.level])]])]
