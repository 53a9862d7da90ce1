"""How often previews are drawn by themselves."""

import pytest

from gantui.tui import pace


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


class Driver:
    bytes_sent = 0


def test_a_preview_waits_until_the_last_one_is_counted_and_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, driver = Clock(), Driver()
    monkeypatch.setattr(pace, "time", clock)
    one = pace.Pace(driver, 1000)
    assert one.ready()
    one.drawn()
    driver.bytes_sent += 5000
    clock.now += 2
    assert not one.ready(), "nobody knows yet what it cost"
    one.settle()
    clock.now += 4.9
    assert not one.ready()
    clock.now += 0.2
    assert one.ready()


def test_no_two_come_within_a_second_however_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    one = pace.Pace(object(), 1000)
    one.drawn()
    one.settle()
    clock.now += 0.9
    assert not one.ready()
    clock.now += 0.2
    assert one.ready()
