"""The newest samples, drawn when they come."""

from gantui.runs.samples import Samples
from gantui.tui.album import REAL, Album
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.rows import Part, row, title, wrapped
from gantui.tui.pace import SOON, Pace
from gantui.tui.samples import MODE_NAMES, draw, look_of, no_preview
from gantui.tui.view import Preview
from gantui.tui.widgets.drawing import Drawing

BYTES_PER_SECOND = 2800  # beside 1 to 2 KiB a second of plots
FRUGAL = 200  # bytes per second with --low-bandwidth


class SamplesPane(Drawing):
    """The newest preview, as far as its bytes are affordable; at once while the run is paused."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("samples")
        self._album: Album | None = None
        self._pace: Pace | None = None
        self._shown: Preview | None = None
        self._samples: Samples | None = None
        self._waiting = False

    def on_mount(self) -> None:
        """Read the newest when the first frame is there."""
        if watch := self.dashboard.watching:
            self._album = Album(watch.source, lambda: self.call_later(self._arrived))
            self._pace = Pace(self.app._driver, FRUGAL if self.dashboard.low_bandwidth else BYTES_PER_SECOND)
            self.call_after_refresh(self.news)

    def news(self) -> None:
        """There may be a newer preview: have it read, now or when it is its turn."""
        newest = self._newest()
        if newest is None:
            self._shown = self._samples = None
            self.redraw()
        elif self._album and (self._shown is None or newest.file != self._shown.file):
            if self._may_draw():
                self._album.forget(newest.file)  # it may have been tried when it was not in sight yet
                self._album.want(newest.file, *self._real())
            else:
                self._try_again()

    def paint(self, width: int, height: int) -> Lines:
        """Title and samples."""
        watch = self.dashboard.watching
        if watch is None:
            return [row(width, [])] * height
        view = watch.view
        if self._shown is None or self._samples is None or height < 2:
            said = wrapped(no_preview(view), max(width - 2, 10)) if self._newest() is None else []
            lines = [title(width, "Samples", [], []), row(width, [])]
            lines += [row(width, [[(f" {line}", MUTED)]]) for line in said] + [row(width, [])] * height
            return lines[:height]
        network = "EMA " if self._samples.raw is not None else ""
        about: list[Part] = [[(network, Ink("fake", bold=True))], [("step ", MUTED), (f"{self._shown.step:,} ", TEXT)]]
        right: list[Part] = []
        if self._samples.kind == "images":
            right = [[(f" {MODE_NAMES[self.dashboard.picture_mode]} ", MUTED)]]
        look = look_of(view, self.dashboard.picture_mode, mono=self.app.no_color)
        real = self._album.get(REAL) if self._album else None
        drawn = draw(self._samples, self._samples.x, real.x if real else None, look, width, height - 1)
        return [title(width, "Samples", about, right), *drawn]

    def _arrived(self) -> None:
        newest = self._newest()
        if self._album is None or newest is None or not all(map(self._album.has, (newest.file, *self._real()))):
            return
        samples = self._album.get(newest.file)
        if samples is None:
            return  # not in sight yet, on a network file system; the next one will be
        if self._shown and self._shown.file == newest.file:
            return
        self._shown, self._samples = newest, samples
        if self._pace:
            self._pace.drawn(self.set_timer)
        self.redraw()

    def _newest(self) -> Preview | None:
        watch = self.dashboard.watching
        return watch.view.previews[-1] if watch and watch.view.previews else None

    def _real(self) -> tuple[str, ...]:
        """Data are drawn only where they lie beside the samples."""
        watch = self.dashboard.watching
        return () if watch is None or watch.view.data.kind in ("image", "text") else (REAL,)

    def _may_draw(self) -> bool:
        watch = self.dashboard.watching
        return self._pace is None or self._pace.ready() or (watch is not None and watch.view.state == "paused")

    def _try_again(self) -> None:
        def turn() -> None:
            self._waiting = False
            self.news()

        if not self._waiting:
            self._waiting = True
            self.set_timer(SOON, turn)
