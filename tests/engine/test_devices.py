"""Where to compute."""

import os
from collections.abc import Callable

import pytest
import torch

from gantui.core.config import Config
from gantui.core.errors import ConfigError
from gantui.engine import devices

Make = Callable[..., Config]


@pytest.fixture
def _cuda(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: request.param > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: request.param)


@pytest.mark.parametrize(
    ("_cuda", "name", "expected"),
    [
        (0, "auto", "cpu"),
        (0, "cpu", "cpu"),
        (2, "auto", "cuda:0"),
        (2, "cpu", "cpu"),
        (2, "cuda", "cuda:0"),
        (2, "cuda:1", "cuda:1"),
    ],
    indirect=["_cuda"],
)
@pytest.mark.usefixtures("_cuda")
def test_the_device_is_what_was_asked_for(name: str, expected: str) -> None:
    assert devices.choose(name) == torch.device(expected)


@pytest.mark.parametrize(
    ("_cuda", "name", "why"),
    [
        (0, "cuda:9", "torch finds no CUDA device here"),
        (0, "cuda", "torch finds no CUDA device here"),
        (2, "cuda:9", "there are 2 CUDA devices"),
    ],
    indirect=["_cuda"],
)
@pytest.mark.usefixtures("_cuda")
def test_a_device_that_is_not_there_is_refused(name: str, why: str) -> None:
    with pytest.raises(ConfigError, match=rf"^device = {name}: {why}; use auto or cpu$"):
        devices.choose(name)


def test_threads_are_as_set_else_one_for_tiny_perceptrons_else_all_at_hand(
    config_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3, 5, 8})
    assert devices.thread_count(config_of(threads=7), (2,)) == 7
    assert devices.thread_count(config_of(threads=7), (1, 28, 28)) == 7
    assert devices.thread_count(config_of(threads="auto"), (2,)) == 1
    assert devices.thread_count(config_of(threads="auto"), (1, 28, 28)) == 3
    assert devices.thread_count(config_of(threads="auto", g_widths=[1200, 1200], network="mlp"), (1, 28, 28)) == 3
    assert devices.thread_count(config_of(threads="auto", network="mine:pair", g_widths=[1200]), (2,)) == 1
    assert devices.thread_count(config_of(threads="auto", network="mine:pair"), (1, 28, 28)) == 3
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert devices.thread_count(config_of(threads="auto"), (1, 28, 28)) == 6
