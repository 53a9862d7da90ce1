"""Data with one or two columns as textbooks draw them: through the run's time, and live at its end."""

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from gantui.runs.samples import Samples, decoded
from gantui.tui import actions
from gantui.tui.actions import Action
from gantui.tui.album import REAL
from gantui.tui.aside import Aside
from gantui.tui.samples import no_preview
from gantui.tui.screens.timeline_screen import TimelineScreen
from gantui.tui.widgets.distribution_sheet import DistributionSheet, Moment
from gantui.tui.widgets.keys import Keys
from gantui.tui.widgets.slider import Slider

LIVE_RATE = 2.0  # Hz that the trainer is asked for
LOOK_EVERY = 0.2  # seconds


class DistributionScreen(TimelineScreen):
    """One picture with layers. While one follows, the trainer is asked to compute it anew twice a second."""

    NAME = "distribution"
    SHORTEST = 0.9 / LIVE_RATE
    PLACES: ClassVar[tuple[str, ...]] = ("run", "timeline", "distribution")
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("distribution")

    def compose_body(self) -> ComposeResult:
        """The picture, and where in time it is."""
        yield DistributionSheet()
        yield Slider()

    def on_mount(self) -> None:
        """Look out for live arrays."""
        self._aside = Aside("live")
        self._live: Samples | None = None
        self._reading = False
        self._fresh = False  # whether live arrays wait to be shown
        self.set_interval(LOOK_EVERY, self._look)

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.watching.source.watch_closely(0.0)
        self._aside.close()

    def why_not(self, action: Action) -> str:
        """Why an action is of no use now, '' if it is."""
        if reason := super().why_not(action):
            return reason
        sheet = self.query_one(DistributionSheet)
        if action.where == "distribution" and sheet.moment:
            if action.name == "averaged" and sheet.moment.samples.raw is None:
                return "there is but one G: none is averaged (ema_decay is 0)"
            if action.name.startswith("layer_") and action.name.removeprefix("layer_") not in sheet.available:
                return "there is nothing of that here"
        return ""

    @property
    def _has_any(self) -> bool:
        return bool(self._timeline.previews or self._live)

    def _look(self) -> None:
        closely = self.is_current and self._timeline.following and self.watching.view.alive
        self.watching.source.watch_closely(LIVE_RATE if closely else 0.0)
        if closely and not self._reading:
            self._reading = True
            self.run_worker(self._read(), exclusive=True)

    async def _read(self) -> None:
        source = self.watching.source
        try:
            live = await asyncio.wrap_future(self._aside.submit(lambda: decoded(source.live_arrays())))
        finally:
            self._reading = False
        if live and live.update is not None:
            self._live, self._fresh = live, True
        if self._fresh and (self._pace.ready() or self.watching.view.state == "paused"):
            self._fresh = False
            self._update()

    def _comes_live(self) -> bool:
        """Whether one follows a trainer that computes what one looks at."""
        return self._live is not None and self._timeline.following and self.watching.view.alive

    def _is_live(self) -> bool:
        """Whether the live arrays are what there is to see: one follows, and no preview is newer."""
        if not self._comes_live() or self._live is None or self._live.update is None:
            return False
        now = self._timeline.now
        return now is None or self._live.update >= now.update

    def _files(self) -> list[str]:
        now = self._timeline.now
        return [REAL] if now is None or self._is_live() else [now.file, REAL]

    def _show(self) -> None:
        if not all(map(self._album.has, self._files())):
            return  # what was there stays until all is there
        sheet, now = self.query_one(DistributionSheet), self._timeline.now
        before = sheet.moment
        real = self._album.get(REAL)
        data = real.x if real else None
        moment = None
        if self._is_live() and self._live:
            moment = Moment(self._live, data, self._live.step or 0, live=True)
        elif now and (samples := self._album.get(now.file)):
            moment = Moment(samples, data, now.step, live=self._comes_live())
        damaged = "this preview can't be read: the file is damaged or gone"
        sheet.take(moment, no_preview(self.watching.view) if now is None else damaged)
        self.query_one(Keys).redraw()
        if self._timeline.following and (before is None or moment is None or before.step != moment.step):
            self._pace.drawn(self.set_timer)

    # What is shown

    def action_layer(self, name: str) -> None:
        """A layer more or less."""
        if self._allowed(f"layer_{name}"):
            self._looking.layers = self._looking.layers ^ {name}
            self._update()

    def action_averaged(self) -> None:
        """The averaged G, or G itself."""
        if self._allowed("averaged"):
            self._looking.averaged = not self._looking.averaged
            self._update()
