"""Work in slices: never beside whoever advances it, whole at the end, and gone when it isn't wanted."""

import threading

import pytest
import torch

from gantui.engine.slices import Slices


def test_it_works_only_while_somebody_waits():
    seen = []
    owner = threading.current_thread()
    advancing = threading.Event()

    def work(check):
        assert threading.current_thread() is not owner
        for number in range(5):
            assert advancing.is_set()
            seen.append(number)
            check()
        return sum(seen)

    slices = Slices(work)
    turns = 0
    while not slices.done:
        assert len(seen) == turns
        advancing.set()
        slices.advance(0.0)
        advancing.clear()
        turns += 1
    assert turns == 6  # one for each number, and the end
    assert slices.result() == 10
    assert slices.advance(1.0)
    assert slices.spent > 0


def test_a_slice_goes_on_until_its_time_is_over():
    checks = []

    def work(check):
        for _ in range(1000):
            checks.append(1)
            check()

    slices = Slices(work)
    assert slices.advance(60.0)
    assert len(checks) == 1000


def test_what_goes_wrong_comes_out_where_the_result_would():
    def work(check):
        check()
        raise ValueError("broken")

    slices = Slices(work)
    while not slices.advance(0.0):
        pass
    with pytest.raises(ValueError, match="broken"):
        slices.result()


@pytest.mark.parametrize("begun", [False, True])
def test_abandoned_work_ends_at_its_next_check(begun):
    ended = []

    def work(check):
        try:
            while True:
                try:
                    check()
                except Exception:
                    ended.append("swallowed")
        finally:
            ended.append("ended")

    before = threading.active_count()
    slices = Slices(work)
    if begun:
        slices.advance(0.0)
    slices.abandon()
    slices._thread.join(10)
    assert ended == ["ended"]
    assert threading.active_count() == before


def test_threads_of_torch_are_those_of_whoever_works():
    before = torch.get_num_threads()
    during = []

    def work(check):
        torch.set_num_threads(1)
        for _ in range(3):
            check()
            during.append(torch.get_num_threads())

    torch.set_num_threads(2)
    try:
        slices = Slices(work)
        while not slices.advance(0.0):
            assert torch.get_num_threads() == 2
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert during == [1, 1, 1]
