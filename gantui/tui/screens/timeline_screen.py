"""What the screens have in common that show a run's previews: which one, and how one goes through time."""

from typing import ClassVar

from textual import events, on
from textual.binding import BindingType

from gantui.tui import actions
from gantui.tui.actions import Action
from gantui.tui.album import Album
from gantui.tui.pace import SHORTEST, SOON, Pace
from gantui.tui.screens.run_screen import RunScreen
from gantui.tui.timeline import Looking, Timeline
from gantui.tui.widgets.samples_pane import FRUGAL
from gantui.tui.widgets.slider import Slider

BYTES_PER_SECOND = 16 << 10  # whoever is here came for the samples
MANY = 10  # previews


class TimelineScreen(RunScreen):
    """What is looked at changes at once with a key; new previews are followed as often as their bytes are paid for.

    Below it, `_files` says what must have been read, and `_show` shows it. There is a `Slider`.
    """

    SHORTEST: ClassVar[float] = SHORTEST  # seconds between two pictures that come by themselves
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("timeline")

    def on_mount(self) -> None:
        """Look where one looked last."""
        self._album = Album(self.watching.source, lambda: self.call_later(self._arrived))
        rate = FRUGAL if self.dashboard.low_bandwidth else BYTES_PER_SECOND
        self._pace = Pace(self.app._driver, rate, self.SHORTEST)
        self._seen: frozenset[str] | None = None  # of the previews' folder
        self._waiting = False
        self._album.look_around()
        self._have()

    def news(self, topics: set[str]) -> None:
        """New previews: while following, when it is their turn."""
        super().news(topics)
        if "previews" in topics:
            self._follow()
        elif topics & {"settings", "state"} and not self._timeline.previews:
            self._update()
        elif "settings" in topics:
            self.query_one(Slider).redraw()

    def why_not(self, action: Action) -> str:
        """Nothing can be done with samples before there are some."""
        if action.where in ("timeline", self.NAME) and not self._has_any:
            return "there are no samples yet"
        return super().why_not(action)

    @property
    def _has_any(self) -> bool:
        return bool(self._timeline.previews)

    @property
    def _looking(self) -> Looking:
        return self.watching.looking

    @property
    def _timeline(self) -> Timeline:
        return self.watching.looking.timeline

    def _files(self) -> list[str]:
        """The arrays that are needed, the most important first."""
        raise NotImplementedError

    def _show(self) -> None:
        """Show what is looked at, if it has been read."""
        raise NotImplementedError

    def _follow(self) -> None:
        """Take the newest in, unless the last one isn't paid for: then later."""
        if not self._timeline.following or self._pace.ready() or self.watching.view.state == "paused":
            self._album.look_around()
            self._have()
        elif not self._waiting:
            self._waiting = True
            self.set_timer(SOON, self._turn)

    def _turn(self) -> None:
        self._waiting = False
        self._follow()

    def _have(self) -> None:
        previews = self.watching.view.previews
        files = self._album.files
        if files is not None and previews:
            files |= {previews[-1].file}  # newer than what was seen of the folder
        self._timeline.take(previews, files)
        now = self._timeline.now
        if now and self._album.get(now.file) is None:
            self._album.forget(now.file)  # it may not have been in sight yet
        self._update()

    def _update(self) -> None:
        """The present preview or what is beside it has changed: show it when its arrays are there."""
        self.query_one(Slider).redraw()
        self._album.want(*self._files())
        self._show()

    def _arrived(self) -> None:
        if self._album.files is not self._seen:
            self._seen = self._album.files
            self._have()
        else:
            self._show()

    # Through time

    def action_earlier(self) -> None:
        """The one before."""
        self._move(-1)

    def action_later(self) -> None:
        """The next one."""
        self._move(1)

    def action_much_earlier(self) -> None:
        """Some back."""
        self._move(-MANY)

    def action_much_later(self) -> None:
        """Some on."""
        self._move(MANY)

    def action_oldest(self) -> None:
        """The first one."""
        self._move(-len(self._timeline.previews))

    def action_newest(self) -> None:
        """The newest one, and what comes."""
        self._move(len(self._timeline.previews))

    @on(Slider.Moved)
    def _slide(self, event: Slider.Moved) -> None:
        event.stop()
        self._timeline.move_to(event.x)
        self._update()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back in time."""
        event.stop()
        self._move(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On in time."""
        event.stop()
        self._move(1)

    def _move(self, count: int) -> None:
        self._timeline.move(count)
        if self._timeline.following:
            self._have()  # and what has come meanwhile
        else:
            self._update()
