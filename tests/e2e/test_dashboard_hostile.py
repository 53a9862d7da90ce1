"""Text from outside that would take the terminal over, wherever the dashboard shows text: it is shown neutralised."""

import re
import shutil
from pathlib import Path

import pytest
import tomli_w
from feeding import FedRun, history
from terminal import GANTUI, Terminal

from gantui.core import events
from gantui.core.events import DataFacts
from gantui.runs import info
from gantui.runs.layout import RunDir

CLEAR, TITLE, C1 = "\x1b[2J\x1b[H", "\x1b]0;PWNED\x07", "\x9b31m"
EVIL = f"{CLEAR}{TITLE}{C1}\u202eevil[bold red]markup[/][@click=app.leave]x[/]"
LONG = "Z" * 10_000
SCREENS = "12345"
F1, ESCAPE = "\x1bOP", "\x1b"


def check(terminal: Terminal, what: str) -> None:
    """Nothing of it has been obeyed, nor sent."""
    sent = bytes(terminal.received)
    assert "PWNED" not in terminal.screen.title and b"PWNED\x07" not in sent, what
    for forbidden in (TITLE, C1, CLEAR + "\x1b", "\u202e"):
        assert forbidden.encode() not in sent, f"{forbidden!r} at {what}"
    assert not re.search(rb"\x1b\](?!22;\w+[\x07\x1b])", sent), f"more than the pointer's shape at {what}"
    assert LONG[:200].encode() not in sent, f"a line of any length at {what}"


@pytest.fixture
def hostile(tmp_path: Path) -> FedRun:
    """A run that carries such text wherever a record or a file has room for text."""
    fed = FedRun(tmp_path / "runs")
    about = info.here(fed.run, preset=EVIL, argv=[EVIL, LONG], device=EVIL, threads=1)
    about.host, about.torch, about.python = EVIL, EVIL, EVIL
    info.write(fed.run, about)
    settings = {"data": EVIL, "network": EVIL, "loss": EVIL, EVIL: EVIL, "init": LONG}
    facts = DataFacts(name=EVIL, kind="image", shape=[1, 4, 4], classes=[EVIL, LONG], columns=[EVIL])
    opening = fed.opening(facts)
    assert isinstance(opening[0], events.Start)
    opening[0].config = opening[0].config | settings
    opening[0].objective = events.ObjectiveFacts(name=EVIL, equilibrium={EVIL: 1.0, "loss_d": 1.0})
    at = {"step": 1000, "update": 2000}
    command = {"id": "a", "author": EVIL, "what": EVIL}
    last = next(history(0.05, 20_000.0))
    assert isinstance(last, events.Metrics)
    last.v |= {EVIL: [1.0, 1.0, 1.0], LONG: [1.0, 1.0, 1.0]}
    fed.append([
        *opening,
        *history(5, 200.0),
        last,
        events.Preview(file=f"previews/{EVIL}", caption=EVIL, **at),
        events.Preview(file="previews/u000002000-b0.npz", caption=LONG, **at),
        events.Eval(values={EVIL: EVIL, LONG: LONG, "frechet_pixels": 1.0}, **at),
        events.Received(**command, **at),
        events.Applied(**command, before={EVIL: EVIL}, after={EVIL: LONG}, note=EVIL, **at),
        events.Applied(id="b", author=LONG, what="set", before={EVIL: EVIL}, after={EVIL: LONG}, note=LONG, **at),
        events.Rejected(id="c", author=EVIL, what=LONG, reason=EVIL, **at),
        events.Checkpoint(file=EVIL, digest=EVIL, **at),
        events.System(device=EVIL, gpu_name=EVIL, gpu_memory=1.0, gpu_memory_total=2.0),
        events.Warning_(text=LONG, **at),
        events.Stage(stage=EVIL, progress=0.5),
        events.Warning_(text=EVIL, **at),
    ])  # fmt: skip
    return fed


def _tab_is_bold(terminal: Terminal, key: str) -> bool:
    x = terminal.screen.display[1].find(f" {key} ") + 1
    return x > 0 and terminal.screen.buffer[1][x].bold


def test_a_hostile_run_on_every_screen(hostile: FedRun) -> None:
    with hostile, Terminal([GANTUI, "attach", str(hostile.run.path)]) as terminal:
        hostile.beat(1000)
        terminal.until_shows("Leave")
        terminal.until_shows("\\x1b[2J")
        assert "[bold red]markup" in terminal.catch_up().replace("\n", "")  # no markup, but what was written
        for key in SCREENS:
            terminal.send(key)
            terminal.until(lambda _, key=key: _tab_is_bold(terminal, key), f"screen {key}")
            check(terminal, f"screen {key}")
        for key, shows in (("c", "Live settings"), (F1, "What you see"), ("\x10", "Search for commands")):
            terminal.send(key)
            terminal.until_shows(shows)
            check(terminal, shows)
            terminal.send(ESCAPE)
            terminal.until(lambda screen, shows=shows: shows not in screen, f"{shows} closed")
        terminal.send("q")
        assert terminal.until_ended() == 0 and terminal.is_restored
        check(terminal, "the farewell")


def test_hostile_names_of_runs_at_home_and_after_leaving(hostile: FedRun, tmp_path: Path) -> None:
    hostile.close()
    name = EVIL.replace("/", "|")[:200]
    evil = RunDir(shutil.copytree(hostile.run.path, tmp_path / "runs" / name))
    config = {"data": EVIL, "init": EVIL}
    evil.config_toml.write_text(tomli_w.dumps(config))
    with Terminal([GANTUI], GANTUI_RUNS=str(tmp_path / "runs"), cwd=tmp_path) as terminal:
        terminal.until_shows("\\x1b[2J")
        check(terminal, "home")
        terminal.send("q")
        assert terminal.until_ended() == 0
    with Terminal([GANTUI, "attach", str(evil.path)]) as terminal:
        terminal.until(lambda screen: "\\x1b[2J" in screen.splitlines()[0], "the name in the header")
        terminal.send("q")
        assert terminal.until_ended() == 0 and terminal.is_restored
        assert "\\x1b[2J" in terminal.catch_up()
        check(terminal, "a hostile name")
