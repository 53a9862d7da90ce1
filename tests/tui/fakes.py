"""A run that exists in memory only, and a dashboard that watches it without a terminal."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.pilot import Pilot

from gantui.core import commands, events
from gantui.core.commands import Command
from gantui.core.config import Config
from gantui.core.errors import NoAnswer
from gantui.core.events import AnyRecord, Hist, Metrics, ObjectiveFacts, Stage, Start
from gantui.runs.branches import lineage
from gantui.runs.info import RunInfo
from gantui.runs.layout import RunDir
from gantui.runs.live import Live
from gantui.runs.status import Status
from gantui.tui.app import Dashboard
from gantui.tui.source import News, Sizes

if TYPE_CHECKING:
    import numpy as np

NOON = 1_780_000_000.0  # Unix seconds, when fake runs start
FACTS = ObjectiveFacts(name="non_saturating", equilibrium={"loss_d": 1.3863, "loss_g": 0.6931})
CONFIG = {name: getattr(Config(), name) for name in Config.__struct_fields__}


class FakeSource:
    """Gives what the test put into it; keeps the commands that were sent."""

    network = False

    def __init__(self, records: Sequence[AnyRecord] = (), *, name: str = "r1", state: str = "running") -> None:
        self.run = RunDir(Path("/nowhere") / name)
        self.sent: list[Command] = []
        self.files: dict[str, dict[str, np.ndarray]] = {}
        self.why_not = ""  # why this viewer may not steer
        self.deaf = False  # whether commands can't be dropped
        self.obeys = False  # whether commands are carried out at once
        self.closed = False
        self.folder_sizes = Sizes(log=1 << 20, previews=2 << 20, checkpoints=3 << 20, free=4 << 30)
        self.bad_lines = 0
        self.closely = 0.0
        self.live_files: dict[str, np.ndarray] | None = None
        self._all: list[AnyRecord] = []
        self._waiting: list[AnyRecord] = []
        self._live: Live | None = None
        self._gone = False
        self._status: Status | None = Status(id=name, state=state)
        self._info: RunInfo | None = RunInfo(id=name, host="vm", pid=4711, device="cpu", threads=2, started=NOON)
        self.tell(*records)

    def tell(self, *records: AnyRecord) -> None:
        """Append records to the log."""
        for record in records:
            record.seq = len(self._all)
            record.t = record.t or NOON + record.seq
            self._all.append(record)
            self._waiting.append(record)

    def become(self, state: str, reason: str = "") -> None:
        """Let the run's state be seen as another."""
        self._status = Status(id=self.run.id, state=state, reason=reason)

    def know(self, *, live: Live | None = None, info: RunInfo | None = None) -> None:
        """Replace one of the run's small files."""
        self._live, self._info = live, info

    def vanish(self) -> None:
        """Delete the run directory."""
        self._gone = True

    def return_as(self, *records: AnyRecord) -> None:
        """Make another run in the place of the one that was deleted."""
        self._gone, self._all, self._waiting = False, [], []
        self.become("running")
        self.tell(*records)

    def answer(self, *, reject: str = "") -> None:
        """Confirm the last command, or refuse it with a reason, at the step of the last metrics."""
        command = self.sent[-1]
        last = next((r for r in reversed(self._all) if isinstance(r, Metrics)), Metrics(v={}))
        what: dict[str, Any] = {"id": command.id, "author": command.author, "what": command.what}
        if reject:
            self.tell(events.Rejected(reason=reject, **what).at(last.cursor))
            return
        after = command.args if command.what == "set" else {}
        before = {name: CONFIG[name] for name in after}
        self.tell(events.Applied(before=before, after=after, **what).at(last.cursor))

    def poll(self) -> News:
        """Return what is new."""
        news = News(self._waiting, True, self._live, self._status, self._info, self._gone)
        self._waiting, self._live, self._status, self._info = [], None, None, None
        return news

    def restart(self) -> None:
        """Read everything again."""
        self._waiting = list(self._all)

    def history(self) -> list[AnyRecord]:
        """Return the path to the newest branch."""
        return lineage(self._all)

    def obstacle(self) -> str:
        """Why one may not steer."""
        return self.why_not

    def send(self, what: str, args: dict[str, Any]) -> Command:
        """Keep a command."""
        if self.deaf:
            raise NoAnswer("the inbox is full")
        self.sent.append(commands.new(what, args, "someone@here"))
        if self.obeys:
            if what in ("pause", "resume"):
                self.become("paused" if what == "pause" else "running")
            self.answer()
        return self.sent[-1]

    def arrays(self, file: str) -> "dict[str, np.ndarray] | None":
        """Return the arrays of a preview."""
        return self.files.get(file)

    def watch_closely(self, rate_hz: float) -> None:
        """Keep how often live arrays are wanted."""
        self.closely = rate_hz

    def live_arrays(self) -> "dict[str, np.ndarray] | None":
        """Return the live arrays, once."""
        arrays, self.live_files = self.live_files, None
        return arrays

    def previews(self) -> frozenset[str] | None:
        """Return the files of the previews there are."""
        return frozenset(self.files)

    def sizes(self) -> Sizes:
        """Return what lies on the disk."""
        return self.folder_sizes

    def close(self) -> None:
        """Nobody looks any more."""
        self.closed = True


def start(**fields: Any) -> Start:
    """A trainer begins."""
    return Start(**{"config": CONFIG, "objective": FACTS} | fields)


def started(**config: Any) -> list[AnyRecord]:
    """The first records of a run that trains."""
    return [start(config=CONFIG | config), Stage(stage="training", progress=1.0)]


def trained(step: int, update: int | None = None, **values: float) -> Metrics:
    """Metrics at a step: means, each 0.1 from its lowest and highest value; one update of each network a step."""
    shown = values or {"loss_d": 1.4, "loss_g": 0.7, "steps_per_s": 100.0}
    triples = {name: (value, value - 0.1, value + 0.1) for name, value in shown.items()}
    update = 2 * step if update is None else update
    return Metrics(v=triples, n=2, step=step, d_updates=update - step, g_updates=step, update=update)


def histogram(step: int, overlap: float = 0.48) -> Hist:
    """Two humps."""
    real, fake = ([round(200 * math.exp(-(((i - at) / 9) ** 2))) for i in range(64)] for at in (40, 26))
    return Hist(space="probability", low=0.0, high=1.0, real=real, fake=fake, overlap=overlap, step=step,
                d_updates=step, g_updates=step, update=2 * step)  # fmt: skip


def a_run(steps: int = 200) -> list[AnyRecord]:
    """The log of a run that has come so far."""
    records = started()
    for step in range(1, steps + 1):
        losses = {"loss_d": 1.4 - 0.1 * math.sin(step / 50), "loss_g": 0.7 + 0.1 * math.cos(step / 70)}
        records.append(trained(step, **losses, steps_per_s=250.0, samples_per_s=32_000.0))
    return [*records, histogram(steps)]


class Seat:
    """Somebody before a dashboard: sees the screen, presses keys, waits until something is so."""

    def __init__(self, app: Dashboard, pilot: "Pilot[str | None]") -> None:
        self.app, self.pilot = app, pilot

    @property
    def text(self) -> str:
        """The screen's text, row by row."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        """Return as soon as `condition()` holds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not condition():
            assert loop.time() < deadline, f"it never came to pass; the screen is\n{self.text}"
            await self.pilot.pause(0.01)

    async def sees(self, text: str) -> None:
        """Return as soon as `text` is on the screen."""
        await self.until(lambda: text in self.text)


def watch(
    source: FakeSource | None,
    story: Callable[[Seat], Awaitable[None]],
    *,
    size: tuple[int, int] = (120, 40),
    runs: Path = Path("/nowhere"),
) -> None:
    """Open a dashboard on a run (or at home) and do what `story` does."""

    async def play() -> None:
        app = Dashboard(source, runs)
        async with app.run_test(size=size) as pilot:
            await story(Seat(app, pilot))

    asyncio.run(play())
