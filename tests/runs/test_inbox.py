import os
from collections.abc import Iterator

import pytest
from runs_helpers import wait_until

from gantui.core import commands
from gantui.core.commands import Command
from gantui.core.errors import ConfigError, NoAnswer
from gantui.core.events import Applied, Rejected
from gantui.runs.inbox import KEEP_REJECTED, BadCommand, Inbox, await_answer, send
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader
from gantui.runs.writer import EventWriter


@pytest.fixture
def inbox(run: RunDir) -> Iterator[Inbox]:
    box = Inbox(run)
    box.start()
    yield box
    box.stop()


def take(inbox: Inbox, count: int) -> list[Command | BadCommand]:
    taken: list[Command | BadCommand] = []

    def enough() -> bool:
        taken.extend(inbox.take())
        return len(taken) >= count

    wait_until(enough)
    return taken


def files(run: RunDir) -> list[str]:
    return [path.name for path in run.commands.iterdir() if path.is_file()]


def test_commands_are_taken_in_order_and_deleted(run: RunDir, inbox: Inbox) -> None:
    sent = [commands.new("set", {"lr_d": number}, "ada") for number in range(20)]
    for command in sent:
        send(run, command)
    assert take(inbox, 20) == sent
    assert files(run) == [] and inbox.take() == []


def test_waiting_ends_with_an_arrival(run: RunDir, inbox: Inbox) -> None:
    assert not inbox.wait(0.01)
    send(run, commands.new("resume"))
    assert inbox.wait(10) and inbox.wait(0)


def test_what_was_there_before_is_stale(run: RunDir) -> None:
    old = commands.new("pause", author="ada")
    send(run, old)
    (run.commands / "bad.json").write_text("{")
    box = Inbox(run)
    assert box.clear_stale() == [(old.id, "ada", "pause"), ("", "", "")]
    assert files(run) == [] and box.clear_stale() == []


BAD = {
    "empty": b"",
    "torn": b'{"id": "abc", "wh',
    "binary": bytes(range(256)),
    "deep": b"[" * 60_000,
    "huge": b" " * (1 << 20),
    "unknown": b'{"id": "abc", "author": "\x1b[31mada", "what": "explode"}'.replace(b"\x1b", b"\\u001b"),
    "arguments": b'{"id": "abc", "author": "ada", "what": "step", "args": {"count": 0}}',
    "id": b'{"id": "../../x", "what": "stop"}',
    "types": b'{"id": 5, "author": ["x"], "what": null}',
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_and_put_aside(name: str, run: RunDir, inbox: Inbox) -> None:
    hidden = run.commands / ".half.tmp"
    hidden.write_bytes(BAD[name])
    (run.commands / "x.json.part").write_bytes(BAD[name])
    hidden.rename(run.commands / "00000000000000000001-abc.json")
    send(run, commands.new("stop"))
    bad, good = take(inbox, 2)
    assert isinstance(bad, BadCommand) and bad.id == "abc" and bad.reason
    assert "\x1b" not in bad.author + bad.what + bad.reason
    assert isinstance(good, Command) and good.what == "stop"
    assert [path.read_bytes() for path in run.rejected.iterdir()] == [BAD[name]]


def test_things_that_are_no_files_are_put_aside_unread(run: RunDir, inbox: Inbox) -> None:
    os.mkfifo(run.commands / "1.json")
    (run.commands / "2.json").symlink_to("/etc/passwd")
    (run.commands / "3.json").mkdir()
    (run.commands / "3.json" / "inside").touch()
    (run.commands / ("4" * 250 + ".json")).touch()
    (run.commands / b"5\xff\x1b.json".decode(errors="surrogateescape")).touch()
    bad = take(inbox, 5)
    assert all(isinstance(one, BadCommand) and "\x1b" not in one.reason for one in bad)
    for one in bad:
        one.reason.encode()  # printable everywhere
    assert files(run) == [] and len(list(run.rejected.iterdir())) == 5


def test_the_refused_don_t_pile_up(run: RunDir) -> None:
    for number in range(KEEP_REJECTED + 30):
        (run.commands / f"{number:05d}.json").touch()
    (run.commands / "00001.json").unlink()
    (run.commands / "00001.json").mkdir()
    assert len(Inbox(run).clear_stale()) == KEEP_REJECTED + 30
    kept = sorted(path.name for path in run.rejected.iterdir())
    assert len(kept) == KEEP_REJECTED and kept[0].endswith("00030.json")


def test_a_command_that_can_t_be_removed_is_refused_once(
    run: RunDir, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(type(run.path), "unlink", refuse)
        send(run, commands.new("stop"))
        (bad,) = take(inbox, 1)
    assert isinstance(bad, BadCommand) and "can't be removed" in bad.reason
    send(run, commands.new("pause"))
    assert [one.what for one in take(inbox, 1)] == ["pause"]


def test_an_inbox_that_vanishes_does_not_end_the_watch(run: RunDir, inbox: Inbox) -> None:
    aside = run.commands.rename(run.path / "aside")
    with pytest.raises(NoAnswer, match="takes no commands"):
        send(run, commands.new("stop"))
    aside.rename(run.commands)
    send(run, commands.new("stop"))
    assert len(take(inbox, 1)) == 1


def test_a_command_too_large_is_not_sent(run: RunDir) -> None:
    with pytest.raises(ConfigError, match="too many"):
        send(run, commands.new("set", {"data": "x" * 70_000}))


def test_the_answer_is_found_and_no_other(run: RunDir) -> None:
    log = EventWriter(run, branch=0)
    log.write(Applied(id="a", what="pause"))
    log.flush(10)
    reader = RunReader.at_end(run)
    log.write(Rejected(id="b", reason="not yours"))
    log.write(Applied(id="a", what="pause", note="the new one"))
    log.close()
    answer = await_answer(run, reader, "a", 10, lambda: True)
    assert isinstance(answer, Applied) and answer.note == "the new one"


@pytest.mark.parametrize(
    ("alive", "timeout", "words"), [(True, 0.0, "no answer within"), (False, 30.0, "ended without")]
)
def test_no_answer_is_said(run: RunDir, alive: bool, timeout: float, words: str) -> None:
    with pytest.raises(NoAnswer, match=words):
        await_answer(run, RunReader.at_end(run), "a", timeout, lambda: alive)
