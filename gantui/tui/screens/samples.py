"""The samples of a run through its time: scrubbed, pinned, with data and with the other G beside them, saved."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from gantui.core.errors import UserError
from gantui.runs.samples import Samples
from gantui.tui import actions, themes
from gantui.tui.actions import Action
from gantui.tui.album import INFERRED, REAL
from gantui.tui.samples import look_of, no_preview, paired
from gantui.tui.screens.timeline_screen import TimelineScreen
from gantui.tui.timeline import NETWORKS
from gantui.tui.view import Preview
from gantui.tui.widgets.keys import Keys
from gantui.tui.widgets.samples_sheet import Panel, SamplesSheet
from gantui.tui.widgets.slider import Slider

if TYPE_CHECKING:
    import numpy as np


class SamplesScreen(TimelineScreen):
    """Samples as they are, one set or several."""

    NAME = "samples"
    PLACES: ClassVar[tuple[str, ...]] = ("run", "timeline", "samples")
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("samples")

    def compose_body(self) -> ComposeResult:
        """Samples, and where in time they are."""
        yield SamplesSheet()
        yield Slider()

    def why_not(self, action: Action) -> str:
        """Why an action is of no use now, '' if it is."""
        if reason := super().why_not(action):
            return reason
        if action.where == "samples":
            panel = next((panel for panel in self.query_one(SamplesSheet).panels if panel.samples), None)
            samples = panel.samples if panel else None
            if action.name == "networks" and samples and samples.raw is None:
                return "there is but one G: none is averaged (ema_decay is 0)"
            if action.name == "data_too" and samples and samples.kind in ("density", "table"):
                return "the data are in the drawing already"
            if action.name == "reconstructions" and not self._has_reconstructions:
                return "there is no encoder: train one with gantui infer, or beside G (encoder = true)"
            if action.name in ("larger", "smaller") and samples and samples.kind != "images":
                return "only images can be enlarged"
            if action.name == "save_picture" and samples is None:
                return "there is nothing to save yet"
        return ""

    @property
    def _has_reconstructions(self) -> bool:
        now = self._timeline.now
        samples = self._album.get(now.file) if now else None
        beside_g = samples is not None and samples.inferred is not None
        return beside_g or INFERRED in (self._album.files or ())

    # What is shown

    def _files(self) -> list[str]:
        looking = self._looking
        moments = [moment for moment in (looking.timeline.now, looking.pinned) if moment]
        needs_data = looking.with_data or looking.inferred or self.watching.view.data.kind not in ("image", "text")
        also = [REAL] * needs_data + [INFERRED] * (looking.inferred and INFERRED in (self._album.files or ()))
        return [moment.file for moment in moments] + also * bool(moments)

    def _show(self) -> None:
        files = self._files()
        if not all(map(self._album.has, files)):
            return  # what was there stays until all is there
        sheet = self.query_one(SamplesSheet)
        view, looking = self.watching.view, self._looking
        before = [panel.step for panel in sheet.panels]
        look = look_of(view, self.dashboard.picture_mode, mono=self.app.no_color, zoom=looking.zoom)
        panels = self._panels()
        sheet.take(panels, look, no_preview(view))
        self.query_one(Keys).redraw()
        if looking.timeline.following and before != [panel.step for panel in panels]:
            self._pace.drawn(self.set_timer)

    def _panels(self) -> list[Panel]:
        looking = self._looking
        now, pinned = looking.timeline.now, looking.pinned
        if now is None:
            return []
        if looking.inferred and (panels := self._reconstructions()):
            return panels
        panels = self._of(pinned, "Pinned") if pinned else []
        panels += self._of(now, "Now" if pinned else "Samples")
        samples = self._album.get(now.file)
        real = self._album.get(REAL)
        if looking.with_data and samples and samples.kind in ("images", "points", "text"):
            if real is None or real.kind != samples.kind:
                panels.append(Panel("Data"))
            else:
                x = real.x[:0] if samples.kind == "points" else real.x
                panels.append(Panel("Data", samples=real, x=x, real=real.x))
        return panels

    def _reconstructions(self) -> list[Panel]:
        """Data, and what G makes of them: by the encoder trained beside it, through time, else by the later one."""
        looking, real, later = self._looking, self._album.get(REAL), self._album.get(INFERRED)
        found = []
        for moment, name in ((looking.pinned, "Pinned"), (looking.timeline.now, "")):
            samples = self._album.get(moment.file) if moment else None
            if moment and samples and real:
                found += _reconstruction(name, moment.step, samples, real.x)
        return found or (_reconstruction("", later.step, later, later.x) if later else [])

    def _of(self, moment: Preview, name: str) -> list[Panel]:
        """The panels of a preview: of the averaged G, of G itself, or both."""
        samples, real = self._album.get(moment.file), self._album.get(REAL)
        if samples is None:
            return [Panel(name, moment.step)]
        data = real.x if real else None
        if samples.raw is None:
            return [Panel(name, moment.step, "", samples, samples.x, data)]
        arrays: dict[str, np.ndarray] = {"EMA": samples.x, "raw": samples.raw}
        wanted = {"ema": ["EMA"], "raw": ["raw"], "both": ["EMA", "raw"]}[self._looking.networks]
        return [Panel(name, moment.step, network, samples, arrays[network], data) for network in wanted]

    # What is beside it

    def action_pin(self) -> None:
        """Keep this one beside what follows, or take it away."""
        if self._allowed("pin"):
            self._looking.pinned = None if self._looking.pinned else self._timeline.now
            self._update()

    def action_networks(self) -> None:
        """The averaged G, G itself, both."""
        if self._allowed("networks"):
            index = NETWORKS.index(self._looking.networks)
            self._looking.networks = NETWORKS[(index + 1) % len(NETWORKS)]
            self._update()

    def action_data_too(self) -> None:
        """Real data beside them, or not."""
        if self._allowed("data_too"):
            self._looking.with_data = not self._looking.with_data
            self._update()

    def action_reconstructions(self) -> None:
        """Data and what G makes of them, or samples again."""
        if self._allowed("reconstructions"):
            self._looking.inferred = not self._looking.inferred
            self._album.forget(INFERRED)  # another encoder may have been trained
            self._update()

    def action_larger(self) -> None:
        """Fewer and larger images."""
        if self._allowed("larger"):
            self._zoom(1)

    def action_smaller(self) -> None:
        """More and smaller images."""
        if self._allowed("smaller"):
            self._zoom(-1)

    def _zoom(self, by: int) -> None:
        """One size on, unless there is none: then the next key back would seem to do nothing."""
        sheet = self.query_one(SamplesSheet)
        further = sheet.look._replace(zoom=sheet.look.zoom + by)
        grids = [[sheet.grid(panel, look) for panel in sheet.panels] for look in (sheet.look, further)]
        if grids[0] == grids[1]:
            self.tell(f"images are as {'large' if by > 0 else 'small'} as they get here")
        else:
            self._looking.zoom += by
            self._update()

    # On the disk

    def action_save_picture(self) -> None:
        """Save what is shown as a PNG in the current directory."""
        from gantui.tui import saving

        now = self._timeline.now
        if now is None or not self._allowed("save_picture"):
            return
        sheet = self.query_one(SamplesSheet)
        light = next(theme for theme in themes.THEMES if not theme.dark)
        painter = saving.Painter(sheet.look, themes.roles(light))
        pictures = [
            (panel.caption, painter.picture(panel.samples, panel.x, panel.real, sheet.grid(panel, sheet.look)))
            for panel in sheet.panels
            if panel.samples and panel.x is not None
        ]
        try:
            path = saving.save(painter.png(pictures), Path(), f"{self.watching.view.run_id}-u{now.update:09d}")
        except UserError as error:
            self.tell(str(error), "error")
        else:
            self.tell(f"saved {path.absolute()}")


def _reconstruction(name: str, step: int | None, samples: Samples, x: "np.ndarray") -> list[Panel]:
    """A panel of examples x and of `samples.inferred`, if they fit: images in pairs, other data in one drawing."""
    made = samples.inferred
    if made is None or made.shape[1:] != x.shape[1:]:
        return []
    if samples.kind == "images":
        return [Panel(f"{name} x | G(E(x))".strip(), step, "", samples, paired(x, made))]
    return [Panel(f"{name} x, G(E(x))".strip(), step, "", samples, made, x[: len(made)])]
