"""How often previews are drawn by themselves."""

import pytest

from gantui.tui import pace


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


class Driver:
    bytes_sent = 0
    idle = True


class Timers(list):
    def __call__(self, seconds: float, call: object) -> None:
        self.append(call)

    def expire(self) -> None:
        calls = list(self)
        self.clear()
        for call in calls:
            call()


def test_a_preview_waits_until_the_last_one_is_counted_and_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, driver = Clock(), Driver()
    monkeypatch.setattr(pace, "time", clock)
    one, timers = pace.Pace(driver, 1000), Timers()
    assert one.ready()
    one.drawn(timers)
    driver.bytes_sent += 3000
    driver.idle = False
    clock.now += 2
    timers.expire()
    assert not one.ready(), "the terminal hasn't taken it all: nobody knows yet what it cost"
    driver.bytes_sent += 2000
    driver.idle = True
    timers.expire()
    assert not timers
    clock.now += 4.9
    assert not one.ready()
    clock.now += 0.2
    assert one.ready()


def test_no_two_come_within_a_second_however_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    one = pace.Pace(object(), 1000)
    one.drawn(lambda seconds, call: None)
    one.settle()
    clock.now += 0.9
    assert not one.ready()
    clock.now += 0.2
    assert one.ready()
