"""The trainer's host: measured, told with units, and what lies on the disk."""

from pathlib import Path

import msgspec
import pytest
from tui.fakes import NOON, FakeSource, Seat, a_run, watch

from gantui.core.events import System
from gantui.core.series import Series
from gantui.runs import layout
from gantui.runs.info import RunInfo
from gantui.tui.screens.system import SystemScreen
from gantui.tui.source import RunSource, Sizes
from gantui.tui.widgets.host_curves import value_text
from gantui.tui.widgets.host_facts import HostFacts

ON_GPU = System(
    cpu=98.0, memory=1500.0, host_cpu=45.0, host_memory=43.0, host_memory_total=64 * 1024.0, cores=16, device="cuda:0",
    gpu_name="Fast 9000", gpu_load=87.0, gpu_memory=12_000.0, gpu_memory_total=80 * 1024.0, gpu_temperature=61.0,
    gpu_power=412.0,
)  # fmt: skip


async def _open(seat: Seat) -> SystemScreen:
    await seat.sees("1 Overview")
    await seat.press("5")
    await seat.until(lambda: isinstance(seat.app.screen, SystemScreen))
    await seat.sees("Trainer ")
    assert isinstance(seat.app.screen, SystemScreen)
    return seat.app.screen


def test_values_say_of_how_much_they_are() -> None:
    curve = Series(16)
    assert value_text("cpu", ON_GPU, curve) == "98% of a core"
    assert value_text("memory", ON_GPU, curve) == "1.5 GiB"
    assert value_text("host_cpu", ON_GPU, curve) == "45% · 16 cores for the trainer"
    assert value_text("host_memory", ON_GPU, curve) == "43% of 64.0 GiB"
    assert value_text("gpu_load", ON_GPU, curve) == "87%"
    assert value_text("gpu_memory", ON_GPU, curve) == "11.7 GiB of 80.0 GiB"
    assert value_text("host_memory", System(host_memory=43.0), curve) == "43%"


def test_a_gpu_has_its_curves_and_facts_and_a_cpu_has_none() -> None:
    source = FakeSource(a_run(20))

    async def story(seat: Seat) -> None:
        await _open(seat)
        await seat.sees("no measurement yet")
        source.tell(System(cpu=98.0, memory=512.0, host_cpu=45.0, host_memory=43.0, t=NOON + 10))
        await seat.sees("512 MiB")
        assert "GPU" not in seat.text
        source.tell(msgspec.structs.replace(ON_GPU, t=NOON + 80))
        await seat.sees("Fast 9000")
        for text in ("87%", "11.7 GiB of 80.0 GiB", "61 °C", "412 W", "98% of a core", "1 min 10 s"):
            await seat.sees(text)

    watch(source, story, size=(160, 50))


def test_process_versions_and_command_are_told() -> None:
    source = FakeSource(a_run(20))
    source.know(
        info=RunInfo(
            host="node7", pid=1234, gantui="9.8.7", torch="2.9.1", python="3.12.1", device="cuda:0", threads=1,
            preset="ring", started=NOON, argv=["gantui", "run", "a b.toml", "\x1b[2J"],
        )
    )  # fmt: skip

    async def story(seat: Seat) -> None:
        await _open(seat)
        for text in ("1234 on node7", "gantui 9.8.7, torch 2.9.1, Python 3.12.1", "cuda:0, 1 thread", "'a b.toml'"):
            await seat.sees(text)
        assert "\x1b" not in seat.text and "\\x1b[2J" in seat.text

    watch(source, story)


def test_the_disk_is_asked_while_one_looks() -> None:
    source = FakeSource(a_run(20))
    source.folder_sizes = Sizes(log=5 << 20, previews=1234 << 10, checkpoints=3 << 30, free=1 << 20)
    source.bad_lines = 3

    async def story(seat: Seat) -> None:
        screen = await _open(seat)
        for text in ("5 MiB", "1 MiB", "3.0 GiB", "3 lines that can't be read"):
            await seat.sees(text)
        facts = screen.query_one(HostFacts)
        warned = [segment for line in facts._lines for segment in line if segment[1].fg == "warning"]
        assert [text for text, _ in warned][:1] == ["1 MiB"], "there is no room for another checkpoint"

    watch(source, story)


def test_a_small_terminal_scrolls_to_the_rest() -> None:
    async def story(seat: Seat) -> None:
        await _open(seat)
        assert "every line can be read" not in seat.text
        await seat.press("end")
        await seat.sees("every line can be read")

    watch(FakeSource([*a_run(20), System(cpu=1.0, memory=1.0)]), story, size=(80, 20))


@pytest.mark.parametrize("size", [(1, 1), (20, 6), (80, 24), (120, 40), (200, 60)])
def test_any_size_holds(size: tuple[int, int]) -> None:
    async def story(seat: Seat) -> None:
        await seat.until(lambda: seat.app.screen.is_mounted)
        await seat.press("5")
        await seat.until(lambda: isinstance(seat.app.screen, SystemScreen) and seat.app.screen.query(HostFacts))
        for other in ((90, 30), size):
            await seat.pilot.resize_terminal(*other)
            await seat.until(lambda: [len(line) for line in seat.text.split("\n")] == [other[0]] * other[1])  # noqa: B023

    watch(FakeSource([*a_run(20), msgspec.structs.replace(ON_GPU)]), story, size=size)


def test_sizes_of_a_real_directory(tmp_path: Path) -> None:
    run = layout.create(tmp_path, "r", "ring")
    run.segment(1).write_bytes(b"x" * 1000)
    run.segment(2).write_bytes(b"x" * 500)
    (run.previews / "u1.npz").write_bytes(b"x" * 70)
    (run.checkpoints / "u1.pt").write_bytes(b"x" * 9)
    sizes = RunSource(run).sizes()
    assert (sizes.log, sizes.previews, sizes.checkpoints) == (1500, 70, 9)
    assert sizes.free and sizes.free > 0
    gone = RunSource(layout.RunDir(tmp_path / "no-such-run")).sizes()
    assert gone == Sizes()
