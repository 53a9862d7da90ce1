"""Write the recorded run in tests/runs/recorded: two branches, torn, foreign and future lines.

Run it again only when the format changes on purpose: the recording stands for logs already written.
"""

import json
import math
from pathlib import Path

from gantui.core import presets
from gantui.core.config import validate

HERE = Path(__file__).parent / "recorded"
T0 = 1_795_000_000.0


class Log:
    """Lines with seq, t and branch filled in, as the writer does it."""

    def __init__(self, branch: int, seq: int, t: float) -> None:
        self.branch, self.seq, self.t = branch, seq, t
        self.lines: list[str] = []

    def add(self, kind: str, update: int | None = None, **fields: object) -> None:
        """Append one record; with `update`, at that moment of a training with k = g_steps = 1."""
        head = {"kind": kind, "seq": self.seq, "t": round(self.t, 3), "branch": self.branch}
        if update is not None:
            d_updates = (update + 1) // 2
            head |= {"step": update // 2, "d_updates": d_updates, "g_updates": update // 2, "update": update}
        self.lines.append(json.dumps(head | fields, separators=(",", ":")))
        self.seq += 1
        self.t += 0.05


def train(log: Log, first: int, last: int) -> None:
    """What updates `first` to `last` leave in a log."""
    for update in range(first, last + 1, 2):
        loss = 1.386 + math.exp(-update / 60) * math.cos(update / 7 + log.branch)
        v = {name: [round(x, 4), round(x - 0.1, 4), round(x + 0.1, 4)] for name, x in
             {"loss_d": loss, "loss_g": 2.1 - loss / 2, "d_x": 0.5, "d_gz": 0.48}.items()}  # fmt: skip
        log.add("metrics", update, v=v, n=2, nonfinite=0, colour="of a later version")
        if update % 40 == 0:
            real = list(range(64))
            log.add(
                "hist",
                update,
                space="probability",
                low=0.0,
                high=1.0,
                real=real,
                fake=real[::-1],
                overlap=0.5,
            )
            log.add("preview", update, file=f"previews/u{update:09d}-b{log.branch}.npz", caption="raw")


def start(log: Log, update: int, config: dict[str, object], **more: object) -> None:
    """The first records of a segment."""
    objective = {"name": "non_saturating", "probability": True, "equilibrium": {"d_x": 0.5, "loss_d": 1.3863}}
    data = {"name": "ring", "kind": "points", "shape": [2], "count": 8192, "columns": ["x", "y"]}
    log.add("start", update, config_digest="c0ffee", config=config, objective=objective, data=data, **more)
    log.add("stage", stage="training", progress=0.0)


def main() -> None:
    """Write all files."""
    HERE.mkdir(exist_ok=True)
    config = validate({"data": "ring", "max_steps": 150})
    live = {"lr_d": 0.001, "max_steps": 150}
    (HERE / "config.toml").write_text(presets.to_toml(config))
    info = {
        "schema": 1, "id": "recorded", "gantui": "0.1.0", "torch": "2.9.0", "python": "3.11.7",
        "preset": "ring", "host": "elsewhere", "pid": 4242, "boot_id": "b007", "started": T0 + 100,
        "argv": ["run", "ring"], "threads": 1, "device": "cpu", "moon": "full",
    }  # fmt: skip
    (HERE / "run.json").write_text(json.dumps(info))

    first = Log(0, 0, T0)
    start(first, 0, live)
    train(first, 2, 100)
    command = {"id": "aaaa1111", "author": "ada", "what": "set"}
    first.add("received", 101, **command)
    first.add("applied", 101, **command, before={"lr_d": 0.001}, after={"lr_d": 0.0005}, note="")
    first.add("dream", 101, of="electric sheep")
    first.add("system", cpu=99.0, memory=650.0, host_cpu=50.0, host_memory=8000.0, moons=2)
    first.add("checkpoint", 120, file="checkpoints/u000000120-b0.pt", digest="d0")
    train(first, 122, 200)
    torn = first.lines.pop()
    whole = "\n".join(first.lines) + "\n" + "not json at all\n"
    (HERE / "events-0001.jsonl").write_text(whole + torn[: len(torn) // 2])

    second = Log(1, first.seq, T0 + 100)
    start(second, 120, live, parent=0, from_update=120)
    train(second, 122, 300)
    command = {"id": "bbbb2222", "author": "bob", "what": "step"}
    second.add("received", 300, **command)
    second.add("rejected", 300, **command, reason="stale")
    second.add("warning", 300, text="G's gradients are small")
    second.add("eval", 300, values={"modes": 7, "modes_total": 8, "reverse_kl": 0.12}, samples=2500, seconds=0.4)
    second.add("checkpoint", 300, file="checkpoints/u000000300-b1.pt", digest="d1")
    second.add("exit", 300, reason="finished", status=0, text="150 steps", digest="d1")
    (HERE / "events-0002.jsonl").write_text("\n".join(second.lines) + "\n")


if __name__ == "__main__":
    main()
