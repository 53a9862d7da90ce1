"""Watching a run where looking may take long."""

from threading import Event

from runs_helpers import wait_until
from tui.fakes import FakeSource, a_run, trained

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
    source = FarSource()
    far = Watch(source)
    far.load()
    source.may.clear()
    source.asked.clear()
    far.look()
    assert source.asked.wait(20)
    source.tell(trained(11))
    far.look()  # returns, although the server doesn't
    assert far.view.step == 10
    source.may.set()
    wait_until(lambda: "curves" in far.look() and far.view.step == 11)
    far.close()
    wait_until(lambda: source.closed)


def test_a_server_that_has_gone_does_not_hold_up_leaving() -> None:
    source = FarSource()
    far = Watch(source)
    far.load()
    source.may.clear()
    source.asked.clear()
    far.look()
    assert source.asked.wait(20)
    far.close()
    assert not source.closed  # nor does it wait for the lease to be given back
    source.may.set()
    wait_until(lambda: source.closed)
