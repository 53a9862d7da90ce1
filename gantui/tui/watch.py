"""Watching one run: a source is looked at, its news go into a view, wishes go back."""

import time
from collections import Counter
from concurrent.futures import Future
from typing import Any

from gantui.core.changes import shown
from gantui.core.errors import UserError
from gantui.runs.filesystem import NETWORK_POLL
from gantui.tui.aside import Aside
from gantui.tui.remedy import Ward
from gantui.tui.source import News, Source
from gantui.tui.timeline import Looking
from gantui.tui.view import RunView

MOST_PREVIEWS = 1200  # known at a time; the trainer keeps 500 files at most


class Watch:
    """A run that is open in the dashboard. `look` is called twenty times a second.

    On a network file system a look may take as long as the server likes: there it happens in a thread, once
    a second, and the dashboard stays quick.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.view = RunView(source.run.id, self._send_set)
        self.looking = Looking()
        self.ward = Ward()
        self.count = 1  # updates that one key of a single step does
        self._seen: Counter[str] = Counter()
        self._thread = Aside("look") if source.network else None
        self._coming: Future[News] | None = None
        self._next_look = 0.0
        self._toggled = ""  # pause or resume, asked and not answered yet
        self._state = ""

    def load(self) -> None:
        """Read all there is, before the first frame."""
        while not self._take(self.source.poll()):
            pass
        self._rebuild_if_stale()
        self._state = self.view.state

    def look(self) -> set[str]:
        """Take what is new; return the topics of the view that have changed since the last look."""
        if self._thread is None:
            self._take(self.source.poll())
        elif self._coming is None:
            if time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + NETWORK_POLL
                self._coming = self._thread.submit(self.source.poll)
        elif self._coming.done():
            self._take(self._coming.result())
            self._coming = None
        self._rebuild_if_stale()
        if len(self.view.previews) > MOST_PREVIEWS:
            self.view.keep_previews(self.source.previews())
        changed = {topic for topic, version in self.view.versions.items() if version != self._seen[topic]}
        if self.view.state != self._state:
            self._state, self._toggled = self.view.state, ""
        if changed:
            self._seen = Counter(self.view.versions)
        return changed

    def ask(self, what: str, args: dict[str, Any] | None = None) -> bool:
        """Send a command; what prevents it is shown as a notice, and False returned."""
        if reason := self.obstacle():
            self.view.tell(f"{what}: {reason}", "error")
            return False
        try:
            self.source.send(what, args or {})
        except UserError as error:
            self.view.tell(str(error), "error")
            return False
        return True

    def toggle_pause(self) -> None:
        """Pause or go on; asked again before the answer is there, it asks for the contrary."""
        if self._toggled:
            what = "pause" if self._toggled == "resume" else "resume"
        else:
            what = "resume" if self.view.state == "paused" else "pause"
        if self.ask(what):
            self._toggled = what

    def want(self, name: str, value: Any) -> bool:
        """Ask for a setting's value; what prevents it is shown as a notice, and False returned."""
        if reason := self.obstacle():
            self.view.tell(f"{name}: {reason}", "error")
            return False
        if value == self.view.controls.value(name):
            self.view.tell(f"{name} is {shown(value)} already")
            return False
        try:
            self.view.controls.want(name, value)
        except UserError as error:
            self.view.tell(str(error), "error")
            return False
        self.view.versions["settings"] += 1
        return True

    def obstacle(self) -> str:
        """Why the run can't be steered from here, '' if it can."""
        return self.view.why_not_steer() or self.source.obstacle()

    def close(self) -> None:
        """Stop looking."""
        if self._thread:
            self._thread.submit(self.source.close)
            self._thread.close()
        else:
            self.source.close()

    def _take(self, news: News) -> bool:
        """Feed the view; return whether the log was read to its end."""
        self.view.feed(news.records)
        self.view.know(live=news.live, status=news.status, info=news.info)
        if news.gone:
            self.view.vanish()
        elif self.view.gone:  # there again: another run of that name, or a file system that was away
            self.view.stale = True
        return news.complete or news.gone

    def _rebuild_if_stale(self) -> None:
        """Where the log has left the path that the view is on, begin again from the path as it is now."""
        if not self.view.stale:
            return
        before = self._begin_anew()
        self.view.feed(self.source.history())
        self.view.stale = False
        self._carry_over(before)

    def complete(self) -> None:
        """Read what was left out of a long history so far: all numbers but those of the overview."""
        if self.view.skimmed:
            before = self._begin_anew()
            self._coming = None  # what a look on its way brings is read again
            self.source.restart()
            self.load()
            self._carry_over(before)

    def _begin_anew(self) -> RunView:
        before, self.view = self.view, RunView(self.source.run.id, self._send_set)
        return before

    def _carry_over(self, before: RunView) -> None:
        self.view.know(live=before.live, info=before.info)
        self.view.notice = before.notice
        self.view.controls.wishes = before.controls.wishes
        self._seen = Counter()

    def _send_set(self, args: dict[str, Any]) -> str:
        return self.source.send("set", args).id
