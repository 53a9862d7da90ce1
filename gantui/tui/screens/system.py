"""The trainer's host and process, and the run directory."""

import asyncio

from textual.app import ComposeResult
from textual.containers import Vertical

from gantui.tui.aside import Aside
from gantui.tui.screens.run_screen import RunScreen
from gantui.tui.widgets.host_curves import HostCurves
from gantui.tui.widgets.host_facts import HostFacts

WEIGH_EVERY = 10.0  # seconds between two looks at the disk
AGE_EVERY = 1.0  # seconds after which a heartbeat is older


class SystemScreen(RunScreen):
    """Curves above, facts below."""

    NAME = "system"
    AUTO_FOCUS = "HostFacts"

    def compose_body(self) -> ComposeResult:
        """Curves, facts."""
        with Vertical(id="system"):
            yield HostCurves()
            yield HostFacts()

    def on_mount(self) -> None:
        """Ask the disk now and again, while one looks."""
        self._disk = Aside("disk")
        self._weigh()
        self.set_interval(WEIGH_EVERY, self._weigh)
        self.set_interval(AGE_EVERY, lambda: self.query_one(HostFacts).redraw())

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._disk.close()

    def news(self, topics: set[str]) -> None:
        """The host has been measured, or there is another trainer."""
        super().news(topics)
        if "system" in topics:
            self.query_one(HostCurves).redraw()
        if topics & {"system", "state"}:
            self.query_one(HostFacts).redraw()

    def _weigh(self) -> None:
        if self.is_current:
            self.run_worker(self._look_at_disk(), exclusive=True)

    async def _look_at_disk(self) -> None:
        sizes = await asyncio.wrap_future(self._disk.submit(self.watching.source.sizes))
        facts = self.query_one(HostFacts)
        facts.sizes = sizes
        facts.redraw()
