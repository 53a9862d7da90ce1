"""Which process trains, where, since when, with what; and what it has written."""

import shlex
import time
from collections.abc import Iterator

from gantui.core.text import neutralise
from gantui.core.units import spell
from gantui.tui.draw.ink import MUTED, TEXT, Ink, Lines
from gantui.tui.draw.rows import beside, row, title, wrapped
from gantui.tui.source import Sizes
from gantui.tui.view import RunView
from gantui.tui.watch import Watch
from gantui.tui.widgets.host_curves import mebibytes
from gantui.tui.widgets.list_pane import padded
from gantui.tui.widgets.scrolling import Scrolling

LABEL = 14  # cells
WIDE = 96  # cells from which on two blocks stand side by side
SILENT = 15.0  # seconds without a heartbeat that are worth a warning

Fact = tuple[str, str, Ink]


class HostFacts(Scrolling):
    """Facts in two blocks; `sizes` is None until the disk was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: Sizes | None = None

    def content(self, width: int) -> Lines:
        """The trainer's block, and that of the host and the disk."""
        watch = self.dashboard.watching
        if watch is None:
            return []
        blocks = [("Trainer", list(_trainer(watch.view))), ("Disk", list(_disk(watch, self.sizes)))]
        if gpu := list(_gpu(watch.view)):
            blocks.insert(1, ("GPU", gpu))
        if width < WIDE:
            return [line for name, facts in blocks for line in [*_block(name, facts, width), row(width, [])]]
        half = (width - 2) // 2
        left, right = _block(*blocks[0], half), [line for block in blocks[1:] for line in _block(*block, half)]
        height = max(len(left), len(right))
        filled = [lines + [row(half, [])] * (height - len(lines)) for lines in (left, right)]
        return [row(width, [line]) for line in beside(filled)]


def _block(name: str, facts: list[Fact], width: int) -> Lines:
    lines = [title(width, name, [], [])]
    for label, text, ink in facts:
        first, *more = wrapped(text, max(width - LABEL - 2, 10))
        lines.append(row(width, [[(f" {padded(label, LABEL)}", MUTED), (first, ink)]]))
        lines += [row(width, [[(" " * (LABEL + 1) + line, ink)]]) for line in more]
    return lines


def _trainer(view: RunView) -> Iterator[Fact]:
    info = view.info
    age = view.heartbeat_age
    if age is not None:
        late = view.alive and age > SILENT
        yield "sign of life", f"{spell(age)} ago", Ink("warning", bold=True) if late else TEXT
    if info is None:
        yield "process", "not known yet: run.json is not there", MUTED
        return
    yield "process", f"{info.pid} on {neutralise(info.host, 100)}", TEXT
    if info.started:
        began = time.strftime("%d %b %Y %H:%M:%S", time.localtime(info.started))
        yield "started", began, TEXT
    if view.live and view.live.elapsed:
        yield "up for", spell(view.live.elapsed), TEXT
    device = neutralise(info.device, 40)
    yield "device", device + (f", {info.threads} thread{'s' * (info.threads != 1)}" if info.threads else ""), TEXT
    versions = (("gantui", info.gantui), ("torch", info.torch), ("Python", info.python))
    yield "versions", ", ".join(f"{name} {neutralise(text, 40)}" for name, text in versions if text), TEXT
    if info.preset:
        yield "preset", neutralise(info.preset, 100), TEXT
    if info.argv:
        yield "command", neutralise(shlex.join(info.argv), 2000), TEXT


def _gpu(view: RunView) -> Iterator[Fact]:
    system = view.system
    if name := getattr(system, "gpu_name", None):
        yield "model", neutralise(name, 100), TEXT
    if (celsius := getattr(system, "gpu_temperature", None)) is not None:
        yield "temperature", f"{celsius:.0f} °C", TEXT
    if (watts := getattr(system, "gpu_power", None)) is not None:
        yield "power", f"{watts:.0f} W", TEXT


def _disk(watch: Watch, sizes: Sizes | None) -> Iterator[Fact]:
    yield "directory", neutralise(watch.source.run.path, 1000), TEXT
    if sizes is None:
        yield "sizes", "looking …", MUTED
    else:
        yield "log", _bytes(sizes.log), TEXT
        yield "previews", _bytes(sizes.previews), TEXT
        yield "checkpoints", _bytes(sizes.checkpoints), TEXT
        if sizes.free is not None:
            # A checkpoint is written beside the last ones before the oldest goes.
            scarce = sizes.free < max(sizes.checkpoints, 1 << 28)
            yield "free", _bytes(sizes.free), Ink("warning", bold=True) if scarce else TEXT
    bad = watch.source.bad_lines
    text = f"{bad:,} line{'s' * (bad != 1)} that can't be read were left out" if bad else "every line can be read"
    yield "log's state", text, Ink("warning") if bad else TEXT


def _bytes(count: int) -> str:
    if count < 1 << 20:
        return f"{count / 1024:,.0f} KiB"
    return mebibytes(count / (1 << 20))
