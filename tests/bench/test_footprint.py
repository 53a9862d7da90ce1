"""What a run costs beside its speed: time to the first step, memory, bytes of log. Figures for a person.

Run by hand: `pytest tests/bench -s`.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import torch

from gantui.core import events, presets
from gantui.engine import data, telemetry
from gantui.engine.algorithm import next_update
from gantui.engine.telemetry import Telemetry
from gantui.engine.training import Training
from gantui.runs.layout import RunDir
from gantui.runs.reader import RunReader

DAY = 86_400.0
BARE_LOOP = """
import torch
from torch import nn
from torch.nn.functional import softplus
torch.set_num_threads(1)
x = torch.randn(1797, 64)
g = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 64), nn.Tanh())
d = nn.Sequential(nn.Linear(64, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))
opt_g, opt_d = (torch.optim.Adam(n.parameters(), fused=True) for n in (g, d))
for _ in range(300):
    real = x[torch.randint(len(x), (128,))].requires_grad_()
    score = d(real)
    (slope,) = torch.autograd.grad(score.sum(), real, create_graph=True)
    loss = softplus(-score).mean() + softplus(d(g(torch.randn(128, 64)).detach())).mean() + slope.square().mean()
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    loss = softplus(-d(g(torch.randn(128, 64)))).mean()
    opt_g.zero_grad(); loss.backward(); opt_g.step()
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


def test_memory_and_first_step(tmp_path: Path) -> None:
    bare = int(subprocess.run([sys.executable, "-c", BARE_LOOP], capture_output=True, text=True).stdout) / 1024
    command = [sys.executable, "-m", "gantui", "run", "digits", "--headless", "--quiet", "--steps", "300"]
    began = time.time()
    process = subprocess.Popen([*command, "--name", "x", "--runs", str(tmp_path)], stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        try:
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
            peak = max(peak, int(found[1]) / 1024 if found else 0.0)
        except OSError:
            pass
        time.sleep(0.02)
    records = []
    reader = RunReader(RunDir(tmp_path / "x"))
    while not reader.exhausted:
        records += reader.poll()
    first = next(r for r in records if isinstance(r, events.Metrics))
    print(f"\nfirst step in the log {first.t - began:.2f} s after the command")
    print(f"peak memory: bare loop {bare:.0f} MiB, gantui {peak:.0f} MiB, difference {peak - bare:.0f} MiB")
    assert process.returncode == 0


def test_a_day_of_log(monkeypatch) -> None:
    """A day at full speed, on a clock that jumps from one record to the next."""
    clock = [0.0]
    monkeypatch.setattr(telemetry.time, "monotonic", lambda: clock[0])
    config = presets.load("digits").config({"batch_size": 16})
    torch.set_num_threads(1)
    training = Training(config, data.load(config, torch.device("cpu")), torch.device("cpu"))
    size = {"metrics": 0, "hist": 0}

    def write(record: events.Record) -> None:
        record.seq, record.t = sum(size.values()) // 500, 1.8e9 + round(clock[0], 3)
        size["hist" if isinstance(record, events.Hist) else "metrics"] += len(events.encode(record))

    log = Telemetry(training, write)
    training.set_pace()
    outcomes = [next_update(training, measure=True) for _ in range(10)]
    training.step = training.d_updates = training.g_updates = 10**8  # the widest numbers a day can bring
    while clock[0] < DAY:
        for outcome in outcomes[:2]:
            log.gather(outcome)
        if log.due():
            log.flush()
        if log.hist_due():
            log.write_histogram()
        clock[0] = max(clock[0] + 0.01, min(log._next_metrics, log._next_hist))
    others = 8640 * 160 + 43_200 * 170  # system every 10 s, a preview every 2 s
    total = sum(size.values()) + others
    print(
        f"\na day: {log.metrics_written} metrics {size['metrics'] / 2**20:.1f} MiB, {log.hists_written} hist ", end=""
    )
    print(f"{size['hist'] / 2**20:.1f} MiB, others {others / 2**20:.1f} MiB: {total / 2**20:.1f} MiB")
    assert total < 64 * 2**20
