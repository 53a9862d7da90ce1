"""Facts of the trainer's host; a GPU is a stand-in, asked through NVML's and torch's real names."""

import os
from types import SimpleNamespace
from typing import Any

import psutil
import pynvml
import pytest
import torch

from gantui.core.events import decode, encode
from gantui.engine.host import Host

UUID = "0f3a1c2e-8d54-4b7a-9a55-6a1b2c3d4e5f"
GPU = ("gpu_name", "gpu_load", "gpu_memory", "gpu_memory_total", "gpu_temperature", "gpu_power")


def test_the_facts_of_a_host_without_a_gpu() -> None:
    facts = Host(torch.device("cpu")).measure()
    assert facts.device == "cpu" and 1 <= (facts.cores or 0) <= (os.cpu_count() or 1)
    assert facts.host_memory_total == pytest.approx(psutil.virtual_memory().total / 2**20, abs=0.1)
    assert 10 < facts.memory < facts.host_memory_total and 0 < facts.host_memory <= 100
    assert [getattr(facts, name) for name in GPU] == [None] * 6
    assert decode(encode(facts)) == facts


def test_cpu_is_the_share_of_the_time_since_the_last_look(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(torch.device("cpu"))
    clock, used = host._since, 0.0
    monkeypatch.setattr("gantui.engine.host.time.time", lambda: clock)
    monkeypatch.setattr(host._process, "cpu_times", lambda: SimpleNamespace(user=used, system=used / 4))
    shares = []
    for seconds, spent in ((4, 2), (10, 8), (10, 0), (-3600, 0)):
        clock, used = clock + seconds, used + spent / 1.25
        shares.append(host.measure().cpu)
    assert shares == [50, 80, 0, 0]


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The second of two cards, the only one this process may see: cuda:0."""
    handle = object()

    def by_uuid(uuid: str) -> object:
        if uuid != f"GPU-{UUID}":
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)
        return handle

    def of_handle(answer: Any) -> Any:
        def ask(asked: object, *_: object) -> Any:
            assert asked is handle
            return answer

        return ask

    properties = SimpleNamespace(name="NVIDIA H100", uuid=UUID)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: properties)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (2**30, 80 * 2**30))
    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByUUID", by_uuid)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetUtilizationRates", of_handle(SimpleNamespace(gpu=93, memory=40)))
    monkeypatch.setattr(pynvml, "nvmlDeviceGetTemperature", of_handle(61))
    monkeypatch.setattr(pynvml, "nvmlDeviceGetPowerUsage", of_handle(412_345))
    return monkeypatch


def facts_of_gpu() -> list[Any]:
    facts = Host(torch.device("cuda", 0)).measure()
    assert facts.device == "cuda:0" and facts.memory > 10
    return [getattr(facts, name) for name in GPU]


def test_a_gpu_is_found_by_its_uuid_and_asked(gpu: pytest.MonkeyPatch) -> None:
    assert facts_of_gpu() == ["NVIDIA H100", 93.0, 79 * 1024.0, 80 * 1024.0, 61.0, 412.3]


def failing(code: int) -> Any:
    def fail(*_: object) -> None:
        raise pynvml.NVMLError(code)

    return fail


def test_what_a_card_does_not_tell_is_not_known(gpu: pytest.MonkeyPatch) -> None:
    gpu.setattr(pynvml, "nvmlDeviceGetUtilizationRates", failing(pynvml.NVML_ERROR_NOT_SUPPORTED))
    gpu.setattr(pynvml, "nvmlDeviceGetPowerUsage", failing(pynvml.NVML_ERROR_NO_PERMISSION))
    assert facts_of_gpu() == ["NVIDIA H100", None, 79 * 1024.0, 80 * 1024.0, 61.0, None]


@pytest.mark.parametrize("step", ["nvmlInit", "nvmlDeviceGetHandleByUUID"])
def test_without_nvml_there_is_what_cuda_tells(gpu: pytest.MonkeyPatch, step: str) -> None:
    gpu.setattr(pynvml, step, failing(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND))
    assert facts_of_gpu() == ["NVIDIA H100", None, 79 * 1024.0, 80 * 1024.0, None, None]


def test_a_card_that_fell_off_the_bus_is_no_failure() -> None:
    """Here there is none at all, so that everything that is asked fails for real."""
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    assert facts_of_gpu() == [None] * 6
