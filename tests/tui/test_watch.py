"""Watching a run where looking may take long."""

from pathlib import Path
from threading import Event

import pytest
from runs_helpers import wait_until
from tui.fakes import FakeSource, a_run, trained

from gantui.core import events
from gantui.runs.layout import RunDir
from gantui.tui import source
from gantui.tui.source import News
from gantui.tui.watch import Watch


class FarSource(FakeSource):
    """A run on a network file system, whose server answers only while it may."""

    network = True

    def __init__(self) -> None:
        super().__init__(a_run(10))
        self.may = Event()
        self.may.set()
        self.asked = Event()

    def poll(self) -> News:
        self.asked.set()
        assert self.may.wait(60)
        return super().poll()


def test_far_away_the_news_come_without_anybody_waiting_for_them() -> None:
    distant = FarSource()
    far = Watch(distant)
    far.load()
    distant.may.clear()
    distant.asked.clear()
    far.look()
    assert distant.asked.wait(20)
    distant.tell(trained(11))
    far.look()  # returns, although the server doesn't
    assert far.view.step == 10
    distant.may.set()
    wait_until(lambda: "curves" in far.look() and far.view.step == 11)
    far.close()
    wait_until(lambda: distant.closed)


def test_a_server_that_has_gone_does_not_hold_up_leaving() -> None:
    distant = FarSource()
    far = Watch(distant)
    far.load()
    distant.may.clear()
    distant.asked.clear()
    far.look()
    assert distant.asked.wait(20)
    far.close()
    assert not distant.closed  # nor does it wait for the lease to be given back
    distant.may.set()
    wait_until(lambda: distant.closed)


def test_of_a_long_history_the_rest_is_read_when_somebody_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LONG", 1000)
    run = RunDir(tmp_path / "long")
    run.path.mkdir()
    records = [*a_run(300), trained(300, d_x=0.4)]
    (run.path / "events-0001.jsonl").write_bytes(b"".join(map(events.encode, records)))
    watch = Watch(source.RunSource(run))
    watch.load()
    assert watch.view.skimmed and watch.view.step == 300 and "d_x" not in watch.view.curves
    with (run.path / "events-0001.jsonl").open("ab") as log:
        log.write(events.encode(trained(301, loss_d=1.0, d_x=0.7)))
    watch.look()
    assert watch.view.last("d_x") == 0.7 and watch.view.curves["loss_d"].span == (1, 301)
    watch.complete()
    assert not watch.view.skimmed and watch.view.curves["d_x"].span == (300, 301)
    assert watch.view.curves["loss_d"].span == (1, 301)
    watch.close()
