"""The dashboard on a real terminal and on real trainers: steering, two at once, coming back, ends of every kind."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from e2e.harness import ENDLESS, Trainer, of, settings, until
from feeding import FedRun, history
from terminal import GANTUI, Terminal

from gantui.core.events import Applied, Exit
from gantui.runs.layout import RunDir
from gantui.runs.status import status

Start = Callable[..., Trainer]
DOWN, LEFT, RIGHT = "\x1b[B", "\x1b[D", "\x1b[C"
F8 = "\x1b[19~"
BRAILLE = re.compile("[⠁-⣿]")
WITHOUT_PRIVILEGE = (  # root writes where it may not, unless the kernel is told that it is root no more
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


def attach(run: RunDir, *options: str, **more: int) -> Terminal:
    return Terminal([GANTUI, "attach", str(run.path), *options], **more)


def state_is(state: str) -> Callable[[str], bool]:
    """Whether the header says so."""
    return lambda screen: f"● {state}" in screen.splitlines()[0]


def step_of(screen: str) -> int:
    found = re.search(r"step ([\d,]+)", screen.splitlines()[0])
    return int(found[1].replace(",", "")) if found else -1


def losses(screen: str) -> list[str]:
    """The rows of the plot of losses, axes included; none as long as only a part of the screen is there."""
    rows = screen.splitlines()
    edges = [number for number, row in enumerate(rows) if "─ Losses" in row or "─ Scores" in row]
    if len(edges) != 2 or "Leave" not in rows[-1]:
        return []
    width = rows[edges[0]].find("─ Samples")
    return [row[:width] for row in rows[edges[0] + 1 : edges[1]]]


def curves_drawn(screen: str) -> bool:
    return any(BRAILLE.search(row) for row in losses(screen))


def applied(trainer: Trainer, what: str) -> list[Applied]:
    return [record for record in of(trainer.records(), Applied) if record.what == what]


def test_a_session_at_the_keyboard(start: Start) -> None:
    trainer = start("ring", *ENDLESS).until_step(20)
    with attach(trainer.run) as terminal:
        terminal.until(state_is("running"))
        terminal.until(curves_drawn, "losses")
        step = step_of(terminal.catch_up())
        terminal.until(lambda screen: step_of(screen) > step, "the step grows")

        terminal.send(DOWN)
        terminal.until_shows("▸lr_d")
        terminal.send(LEFT)
        terminal.until(lambda screen: re.search(r"▸lr_d +◂ +▸ +0.001 +✓ +at step", screen), "confirmed")
        (changed,) = applied(trainer, "set")
        assert (changed.before, changed.after) == ({"lr_d": 0.002}, {"lr_d": 0.001}) and "@" in changed.author

        terminal.send(" ")
        terminal.until(state_is("paused"))
        terminal.send("b")  # the rest of the iteration that the pause fell into, or a whole one
        after = _single_step(trainer, terminal, 1)
        for number, (key, moves) in enumerate((("d", (1, 0, 0)), ("g", (0, 1, 0)), ("b", (1, 1, 1))), start=2):
            before = after
            terminal.send(key)
            after = _single_step(trainer, terminal, number)
            assert _moved(before, after) == moves
        terminal.until(lambda screen: step_of(screen) == after.step, "the single step in the header")
        terminal.send("nd")
        terminal.until(lambda screen: f"→ {after.update + 10}" in screen, "ten updates of D")

        terminal.resize(80, 24)
        terminal.until(lambda screen: "Leave" in screen.splitlines()[-1] and "paused" in screen.splitlines()[0])
        terminal.resize(120, 40)
        terminal.until(lambda screen: "Leave" in screen.splitlines()[-1] and curves_drawn(screen))

        terminal.send(" ")
        terminal.until(state_is("running"))
        terminal.until(lambda screen: step_of(screen) > after.step, "training goes on")
        terminal.send("q")
        assert terminal.until_ended() == 0 and terminal.is_restored
        assert said(terminal) == f"run one goes on training\r\ncome back with: gantui attach {trainer.run.path}\r\n"
    last = trainer.last_step()
    trainer.until(lambda: trainer.last_step() > last, "the run goes on without a viewer")


def _single_step(trainer: Trainer, terminal: Terminal, number: int) -> Applied:
    """The confirmation of the `number`-th single step, once log and screen have it."""
    trainer.until(lambda: len(applied(trainer, "step")) >= number, f"single step {number}")
    after = applied(trainer, "step")[number - 1]
    terminal.until_shows(f"→ {after.update}")
    return after


def _moved(before: Applied, after: Applied) -> tuple[int, int, int]:
    return after.d_updates - before.d_updates, after.g_updates - before.g_updates, after.step - before.step


def said(terminal: Terminal) -> str:
    """What was written after the dashboard had left the screen."""
    return bytes(terminal.received).rpartition(b"\x1b[?1006l")[2].decode()


def test_two_at_once_and_a_third_that_comes_back_see_the_same_until_the_trainer_is_killed(start: Start) -> None:
    trainer = start("ring", *ENDLESS).until_step(20)
    with attach(trainer.run) as first, attach(trainer.run) as second:
        for terminal in (first, second):
            terminal.until(state_is("running"))
        first.send(RIGHT)
        for terminal in (first, second):  # k is the first control
            terminal.until(lambda screen: re.search(r"k +◂ +▸ +2 +✓ +at step", screen), "k = 2, confirmed")
        step = step_of(second.catch_up())
        second.until(lambda screen: step_of(screen) > step + 100, "some history")
        second.send(" ")
        for terminal in (first, second):
            terminal.until(state_is("paused"))
        with attach(trainer.run) as third:
            for terminal in (first, second, third):
                terminal.until(lambda screen: curves_drawn(screen) and state_is("paused")(screen))
            shown = losses(third.catch_up())
            for terminal in (first, second):
                terminal.until(lambda screen: losses(screen) == shown, "the same curves as from the beginning")
            third.send("q")
            assert third.until_ended() == 0
        first.process.kill()
        first.process.wait()
        trainer.process.kill()
        second.until(state_is("crashed"))
        second.until_shows("the run is crashed: nobody is there to obey")
        second.send(" ")
        second.until_shows("Pause: the run is crashed")
        second.send("q")
        assert second.until_ended() == 0 and "gantui run --resume" in said(second)


def test_a_run_started_from_a_terminal_is_opened_goes_on_and_can_be_stopped(tmp_path: Path) -> None:
    runs = {"GANTUI_RUNS": str(tmp_path / "runs")}
    run = RunDir(tmp_path / "runs" / "one")
    trainer = Trainer.__new__(Trainer)
    trainer.run = run
    with Terminal([GANTUI, "run", "ring", "--name", "one", *settings(*ENDLESS)], **runs) as terminal:
        terminal.until(state_is("starting"))
        terminal.until(state_is("running"))
        pid = status(run).pid
        assert pid and os.getsid(pid) == pid != terminal.process.pid
        terminal.send("q")
        assert terminal.until_ended() == 0 and "come back with: gantui attach one" in said(terminal)
    last = trainer.last_step()
    until(lambda: trainer.last_step() > last, "training goes on")
    with Terminal([GANTUI, "attach", "one"], **runs) as terminal:
        terminal.until(state_is("running"))
        terminal.send(F8)
        terminal.until_shows("Stop run one?")
        terminal.send("\r")  # the harmless answer has the focus
        terminal.until(lambda screen: "Stop run one?" not in screen)
        assert status(run).alive
        terminal.send(F8)
        terminal.until_shows("Stop run one?")
        terminal.send("y")
        terminal.until(state_is("stopped"))
        terminal.send("q")
        assert terminal.until_ended() == 0 and "run one stopped at step" in said(terminal)
    with Terminal([GANTUI, "attach", "one"], **runs) as terminal:  # and it is open for reading
        terminal.until(lambda screen: state_is("stopped")(screen) and curves_drawn(screen))


def test_a_mistake_in_the_settings_is_one_line_and_no_dashboard(tmp_path: Path) -> None:
    with Terminal([GANTUI, "run", "ring", "-s", "lr_d=fast"], cwd=tmp_path) as terminal:
        assert terminal.until_ended() == 2
        (line,) = bytes(terminal.received).decode().splitlines()
        assert "lr_d" in line and "fast" in line and "\x1b" not in line
    assert not (tmp_path / "runs").exists()


def test_a_run_that_ends_while_watched(tmp_path: Path) -> None:
    for reason, exit_status in (("finished", 0), ("failed", 1), ("interrupted", 75)):
        fed = FedRun(tmp_path, name=reason)
        fed.append([*fed.opening(), *history(20, 100.0)])
        fed.beat(2000)
        with attach(fed.run) as terminal:
            terminal.until(lambda screen: state_is("running")(screen) and curves_drawn(screen))
            fed.write(Exit(reason=reason, status=exit_status, text=f"because of {reason}", step=2000, update=4000))
            fed.close()
            terminal.until(state_is(reason))
            terminal.until_shows(f"the run is {reason}: nobody is there to obey")
            terminal.send("q")
            assert terminal.until_ended() == 0 and terminal.is_restored
            assert f"run {reason} {reason} at step 2000: because of {reason}" in said(terminal)
            assert ("gantui run --resume" in said(terminal)) is (reason != "finished")


def test_a_run_that_is_deleted_while_watched(tmp_path: Path) -> None:
    fed = FedRun(tmp_path)
    fed.append([*fed.opening(), *history(20, 100.0)])
    fed.beat(2000)
    with attach(fed.run) as terminal:
        terminal.until(lambda screen: state_is("running")(screen) and curves_drawn(screen))
        fed.close()
        shutil.rmtree(fed.run.path)
        terminal.until(state_is("deleted"))
        terminal.until_shows("the run directory was deleted")
        assert curves_drawn(terminal.catch_up())  # what was read is still there to look at
        terminal.send("q")
        assert terminal.until_ended() == 0 and "run fed was deleted" in said(terminal)
    assert not fed.run.path.exists()  # and no lease has brought it back


def test_a_run_that_one_may_only_read_can_be_watched(tmp_path: Path) -> None:
    with FedRun(tmp_path) as fed:
        fed.append([*fed.opening(), *history(20, 100.0)])
        fed.beat(2000)
        for folder in (fed.run.commands, fed.run.watch):
            folder.chmod(0o500)
        with Terminal([sys.executable, "-c", WITHOUT_PRIVILEGE, GANTUI, "attach", str(fed.run.path)]) as terminal:
            terminal.until(lambda screen: state_is("running")(screen) and curves_drawn(screen))
            terminal.until_shows("you may watch this run but not steer it")
            terminal.send(RIGHT)
            terminal.until_shows("k: you may watch this run but not steer it")
            fed.write(next(iter(history(0.05, 100_000.0))))
            terminal.until(lambda screen: step_of(screen) == 5000, "the log is followed")
            terminal.send("q")
            assert terminal.until_ended() == 0
        assert not list(fed.run.commands.glob("*.json"))
