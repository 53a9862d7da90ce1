"""What may happen to the line: hang-ups, kills, terminals that don't read, a lost connection. The run never notices."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.harness import SMALL, Trainer, digest_of, settings, until
from feeding import FedRun, history
from terminal import GANTUI, Terminal

from gantui.runs.layout import RunDir
from gantui.runs.status import status

SOME = ("max_steps=6000", "dropout_hidden=0.3", "norm_g=batch", "ema_decay=0.99", *SMALL)  # all that has a memory
F2 = "\x1bOQ"
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
NOHUP = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"]


@pytest.fixture
def fed(tmp_path: Path) -> Iterator[FedRun]:
    """A run that trains, as far as a viewer can see."""
    with FedRun(tmp_path / "runs") as run:
        run.append([*run.opening(), *history(20, 100.0)])
        run.beat(2000)
        yield run


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of SOME, without anybody looking."""
    trainer = Trainer.fresh(tmp_path_factory.mktemp("alone"), "ring", *SOME)
    assert trainer.wait() == 0
    return digest_of(trainer.run)


def attach(run: RunDir, *, before: list[str] | None = None, controlling: bool = True) -> Terminal:
    return Terminal([*(before or []), GANTUI, "attach", str(run.path)], controlling=controlling)


def is_there(screen: str) -> bool:
    return "● running" in screen and "Leave" in screen


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def hang_up(terminal: Terminal) -> None:
    terminal.hang_up()


def send_hup(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGHUP)


WAYS: dict[str, tuple[list[str], bool, Callable[[Terminal], None]]] = {
    "SIGHUP": ([], True, send_hup),
    "closed with SIGHUP": ([], True, hang_up),
    "closed, SIGHUP ignored": (NOHUP, True, hang_up),
    "closed, nobody sends SIGHUP": ([], False, hang_up),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_terminal_that_is_gone_ends_the_dashboard(fed: FedRun, way: str, capsys: pytest.CaptureFixture[str]) -> None:
    before, controlling, lose = WAYS[way]
    with attach(fed.run, before=before, controlling=controlling) as terminal:
        terminal.until(is_there)
        pid = terminal.process.pid
        used, began = cpu_seconds(pid), time.monotonic()
        lose(terminal)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # ended, and still there to be asked
        seconds, used = time.monotonic() - began, cpu_seconds(pid) - used
        with capsys.disabled():
            print(f"\n  {way}: gone after {seconds:.2f} s, {used:.2f} s of a core")
        assert used < 0.5  # by the processor's clock, which a busy machine doesn't bend: it didn't spin
        assert seconds < 5
    if way.startswith("closed, "):  # it could say that nobody looks any more; after SIGHUP its lease runs out
        assert not list(fed.run.watch.glob("*.json"))


def test_however_viewers_are_lost_the_run_ends_in_the_same_state(
    tmp_path: Path, undisturbed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = Trainer.fresh(tmp_path, "ring", *SOME)
    try:
        trainer.until_step(1)
        assert trainer.ask("pause").returncode == 0  # until all of them are there
        viewers = [attach(trainer.run, before=before, controlling=tty) for before, tty, _ in WAYS.values()]
        viewers.append(attach(trainer.run))
        ends = [*(lose for _, _, lose in WAYS.values()), lambda terminal: terminal.process.kill()]
        for terminal in viewers:
            terminal.until(lambda screen: "paused" in screen.splitlines()[0] and "Leave" in screen, patience=60)
        step = trainer.status().step
        assert trainer.ask("resume").returncode == 0
        for terminal, end in zip(viewers, ends, strict=True):
            end(terminal)
            terminal.process.wait(30)
        left = trainer.status().step
        assert left < 6000
        assert trainer.wait() == 0
        with capsys.disabled():
            print(f"\n  five viewers lost between steps {step} and {left}")
        assert digest_of(trainer.run) == undisturbed
        with attach(trainer.run) as terminal:
            terminal.until(lambda screen: "● finished" in screen and "step 6,000/6,000" in screen)
    finally:
        trainer.end()


def test_a_terminal_that_stops_reading_is_current_as_soon_as_it_reads_again(
    fed: FedRun, capsys: pytest.CaptureFixture[str]
) -> None:
    news = history(1000, 100.0)
    with attach(fed.run) as terminal:
        terminal.until(is_there)
        terminal.reading.clear()
        step = 0
        for number in range(60):
            if number % 4 == 0:
                terminal.send(F2)  # a theme is a whole new screen: soon there are more than the kernel keeps
            record = next(news)
            step = record.step = 10_000 + number  # type: ignore[union-attr]
            fed.write(record)
            time.sleep(0.05)
        fed.flush()
        until(lambda: terminal.is_full, "nothing more can be written")
        terminal.reading.set()
        read_again = time.monotonic()
        seconds = terminal.until(lambda screen: f"step {step:,}" in screen) - read_again
        with capsys.disabled():
            print(f"\n  unread for 3 s, then current after {seconds:.3f} s")
        assert seconds < 2
        behind = sum(size for moment, size in terminal.chunks if moment > read_again)
        assert behind < 200_000  # what had been dropped didn't come late


def test_leaving_while_the_terminal_does_not_read(fed: FedRun, capsys: pytest.CaptureFixture[str]) -> None:
    with attach(fed.run) as terminal:
        terminal.until(is_there)
        terminal.reading.clear()
        while not terminal.is_full:
            terminal.send(F2)
            time.sleep(0.1)
        began = terminal.send("q")
        os.waitid(os.P_PID, terminal.process.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.monotonic() - began
        with capsys.disabled():
            print(f"\n  q while unread: gone after {seconds:.2f} s")
        assert seconds < 10
        terminal.reading.set()
        assert terminal.until_ended() == 0


# A connection that is lost


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[tuple[list[str], Callable[[], None]]]:
    """An SSH server of our own on loopback; what to call to log in, and what kills it with all its sessions."""
    if not SSHD or not shutil.which("ssh"):
        pytest.skip("needs ssh and sshd (Debian: openssh-server) to lose a real connection")
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    (folder / "authorized").write_bytes((folder / "user.pub").read_bytes())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nStrictModes no\n"
        f"AuthorizedKeysFile {folder}/authorized\nPermitRootLogin prohibit-password\nUsePAM no\n"
        "KbdInteractiveAuthentication no\nPasswordAuthentication no\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where Debian's sshd, as root, wants to shut itself in
    log = folder / "log"
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "config"], stderr=log.open("wb"))

    def kill() -> None:
        for pid in (*_children(server.pid), server.pid):
            os.kill(pid, signal.SIGKILL)
        server.wait()

    login = ["ssh", "-tt", "-F", "none", "-p", str(port), "-i", str(folder / "user"), "-o", "StrictHostKeyChecking=no"]
    login += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "127.0.0.1"]
    try:
        until(lambda: b"listening on" in log.read_bytes() or server.poll() is not None, "sshd listens")
        if subprocess.run([*login[:1], *login[2:], "true"], stdin=subprocess.DEVNULL, capture_output=True).returncode:
            pytest.skip(f"no login by sshd here: {log.read_text()[-500:]}")
        yield login, kill
    finally:
        if server.poll() is None:
            kill()


def _children(pid: int) -> list[int]:
    """The processes below `pid` that are sshd's own, not what was started by those who logged in."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if "sshd" in Path(f"/proc/{child}/comm").read_text():
            found += [*_children(int(child)), int(child)]
    return found


def test_a_run_started_over_ssh_survives_the_loss_of_the_connection(
    tmp_path: Path, sshd: tuple[list[str], Callable[[], None]], undisturbed: str
) -> None:
    login, kill = sshd
    folder = tmp_path / "runs"
    run = RunDir(folder / "one")
    arguments = ["run", "ring", "--name", "one", "--runs", str(folder), *settings(*SOME)]
    command = " ".join(f"'{part}'" for part in (sys.executable, "-m", "gantui", *arguments))
    with Terminal([*login, command]) as terminal:
        terminal.until(is_there, patience=90)
        kill()
        terminal.process.wait(30)
    assert status(run).alive
    until(lambda: status(run).state == "finished", "the run ends as if nothing had happened", 120)
    assert digest_of(run) == undisturbed
    with attach(run) as terminal:
        terminal.until(lambda screen: "● finished" in screen and "step 6,000/6,000" in screen)
