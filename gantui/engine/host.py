"""What the trainer's process and its host are busy with, for those who watch from elsewhere."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import psutil
import torch

from gantui.core.events import System
from gantui.engine.devices import cores

T = TypeVar("T")
MIB = 2**20


class Host:
    """Measures this process and its machine; `device` is what it trains on."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._process = psutil.Process()
        self._since, self._used = self._process.create_time(), 0.0
        psutil.cpu_percent()  # the first answer says nothing: it counts from here on
        self._gpu = _Gpu(device) if device.type == "cuda" else None

    def measure(self) -> System:
        """Return the facts of now; what can't be found out is None."""
        memory = psutil.virtual_memory()
        return System(
            cpu=self._cpu(),
            memory=round(self._process.memory_info().rss / MIB, 1),
            host_cpu=psutil.cpu_percent(),
            host_memory=memory.percent,
            host_memory_total=round(memory.total / MIB, 1),
            cores=cores(),
            device=str(self._device),
            **(self._gpu.facts() if self._gpu else {}),
        )

    def _cpu(self) -> float:
        """In % of one core since the last call, at first since the process began: a share is of some time."""
        times, now = self._process.cpu_times(), time.time()
        used = float(times.user + times.system)
        share: float = (used - self._used) / max(now - self._since, 0.01)  # the clock may have been set back
        self._since, self._used = now, used
        return round(100 * share, 1)


class _Gpu:
    """One CUDA device: its memory as CUDA tells it, the rest from NVML.

    NVML finds it by its UUID: the two count devices differently, by CUDA_VISIBLE_DEVICES and by speed.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._properties: Any = _ask(lambda: torch.cuda.get_device_properties(device))
        self._handle = _ask(self._find)

    def _find(self) -> Any:
        import pynvml

        pynvml.nvmlInit()
        return pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{self._properties.uuid}")

    def facts(self) -> dict[str, Any]:
        """The `gpu_` fields of the record. Never raises."""
        facts: dict[str, Any] = {"gpu_name": _ask(lambda: str(self._properties.name))}
        if memory := _ask(lambda: torch.cuda.mem_get_info(self._device)):
            free, total = memory
            facts |= {"gpu_memory": round((total - free) / MIB, 1), "gpu_memory_total": round(total / MIB, 1)}
        if self._handle is None:
            return facts
        import pynvml

        return facts | {
            "gpu_load": _ask(lambda: float(pynvml.nvmlDeviceGetUtilizationRates(self._handle).gpu)),
            "gpu_temperature": _ask(
                lambda: float(pynvml.nvmlDeviceGetTemperature(self._handle, pynvml.NVML_TEMPERATURE_GPU))
            ),
            "gpu_power": _ask(lambda: round(pynvml.nvmlDeviceGetPowerUsage(self._handle) / 1000, 1)),  # from mW
        }


def _ask(question: Callable[[], T]) -> T | None:
    """Return the answer; None without a driver, a counter that the card lacks, or the right to read it."""
    try:
        return question()
    except Exception:
        return None
