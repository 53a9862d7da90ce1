"""Failing and healthy runs by real training: are they named, when, and does the remedy help?

Run by hand, from the checkout: `PYTHONPATH=. python tests/bench/doctor.py --seeds 0 1 --out a.jsonl`. Each run is a
whole trainer with one thread. Beside what the doctor sees, a truth is measured of which it knows nothing: modes and
good samples by the mixture, Fréchet and energy distance, how often D is right on fresh examples (auc), its slopes, the
way to the nearest example. An onset is the first step from which the truth of the kind held for a tenth of the run; a
failing kind is named in time if one of its names begins within a tenth of the run after that. A healthy one is left in
peace if nothing but good is said. `--remedies` trains a copy from the step at which it was named, with the remedy.
`--out` keeps logs and truths, and `--replay` judges those with the present thresholds, without training.
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch
from doctor_kinds import CPU, FAILING, HEALTHY, Kind, Truth, config_of, own_data, truth

from gantui.core import verdicts
from gantui.core.config import change
from gantui.core.diagnosis import diagnose, length
from gantui.core.events import Applied, Diagnosis, Metrics, Record, Start, decode
from gantui.engine import data
from gantui.engine.signals import Signals
from gantui.engine.trainer import Trainer
from gantui.engine.training import Training
from gantui.runs import layout
from gantui.runs.inbox import Inbox
from gantui.runs.writer import EventWriter

TENTH = 0.1


@dataclass
class Ran:
    """A run as it went."""

    kind: str
    seed: int
    config: dict[str, Any]
    max_steps: int
    records: list[dict[str, Any]]
    truths: list[tuple[int, Truth]]
    said: list[dict[str, Any]]
    seconds: float
    remedied: Truth = field(default_factory=dict)
    remedy: dict[str, Any] = field(default_factory=dict)
    remedied_at: int = 0


def run(name: str, kind: Kind, seed: int, own: dict[str, str], remedies: bool) -> Ran:
    """Train to the end as a whole trainer does; where asked and something was named, a second time with the remedy."""
    torch.set_num_threads(1)
    config = config_of(kind, seed, own)
    training = Training(config, data.load(config, CPU), CPU)
    training.set_pace()
    heard: list[Record] = []
    with tempfile.TemporaryDirectory() as folder:
        place = layout.create(Path(folder), None, "bench")
        writer, inbox = EventWriter(place, branch=0, on_record=heard.append), Inbox(place)
        trainer = Trainer(place, training, writer, inbox, Signals(place.trainer_log))
        trainer.write_start()
        kept: dict[str, Any] = {}
        truths, seconds = [], 0.0
        next_truth, changes = 0, dict(kind.changes)
        while training.step < config.max_steps:
            began = time.process_time()
            trainer.turn()
            seconds += time.process_time() - began
            if training.remaining:
                continue
            if training.step in changes:
                training.adopt(change(training.config, changes.pop(training.step)))
            if training.step >= next_truth:
                next_truth = training.step + 2 * length(training.step, config.max_steps)
                truths.append((training.step, truth(training)))
            right = [d for d in trainer.doctor.present if d.name in kind.names and d.remedy]
            if right and not kept and not changes:
                kept = {"snapshot": training.snapshot(), "step": training.step, "remedy": right[0].remedy}
        remedied: Truth = {}
        if remedies and kept:
            truths.append((training.step, truth(training)))
            training.restore(kept["snapshot"])
            training.adopt(change(training.config, kept["remedy"]))
            while training.step < config.max_steps:
                trainer.turn()
            remedied = truth(training)
        inbox.stop()
        writer.close()
        trainer._keeper.close()
    said = [msgspec.to_builtins(r) for r in heard if isinstance(r, Diagnosis)]
    records = [msgspec.to_builtins(r) for r in heard if isinstance(r, Metrics | Start | Applied)]
    return Ran(name, seed, records[0]["config"], config.max_steps, records, truths, said, seconds, remedied,
               kept.get("remedy", {}), kept.get("step", 0))  # fmt: skip


def onset(ran: Ran, kind: Kind) -> int | None:
    """The step from which the truth held for a tenth of the run; of values that are not finite, that of the change."""
    changed = max(kind.changes, default=0)
    if not kind.truth:
        return changed
    held, least = 0, max(2, round(TENTH * len(ran.truths)))
    for index, (step, found) in enumerate(ran.truths):
        held = held + 1 if step >= changed and kind.truth(found) else 0
        if held == least:
            return ran.truths[index - least + 1][0]
    return None


def judge(ran: Ran) -> list[str]:
    """Return the cells of a row: what was said when, and whether it is right."""
    kind = (FAILING | HEALTHY)[ran.kind]
    log = [decode(json.dumps(record).encode()) for record in ran.records + ran.said]
    log.sort(key=lambda record: record.seq)  # type: ignore[union-attr]
    said = list(diagnose([record for record in log if record is not None]))
    story = " ".join(f"{'' if d.state == 'begun' else '−'}{d.name}@{d.step}" for d in said)
    begun = [d for d in said if d.state == "begun" and verdicts.level(d.name) != "good"]
    cells = [ran.kind, str(ran.seed), f"{ran.seconds:.0f} s"]
    if not kind.names:
        return [*cells, f"FALSE ALARM: {begun[0].name}" if begun else "in peace", story]
    changed, began = max(kind.changes, default=0), onset(ran, kind)
    first = next((d.step for d in begun if d.name in kind.names and d.step >= changed), None)
    if began is None:
        verdict = "never failed"
    elif first is None:
        verdict = "NEVER NAMED"
    else:
        late = (first - began) / ran.max_steps
        verdict = f"{first} ({late:+.0%}{'' if late <= TENTH else ' LATE'})"
    return [
        *cells,
        kind.shown_by,
        str(began),
        verdict,
        *(_healed(ran, name) for name in (kind.measure, "-energy")),
        story,
    ]


def _healed(ran: Ran, measure: str) -> str:
    """Return a measure at the end, of the run as it went and of its copy with the remedy."""
    if not ran.remedied:
        return "no remedy"
    name, sign = measure.lstrip("-"), -1 if measure[0] == "-" else 1
    without, treated = ran.truths[-1][1][name], ran.remedied[name]
    better = "better" if sign * (treated - without) > 0 else "NOT better"
    return f"{name} {without:.3g} → {treated:.3g} {better}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--kinds", nargs="+", default=[], help="names, or beginnings of such; default: all")
    parser.add_argument("--remedies", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--replay", type=Path)
    asked = parser.parse_args()
    if asked.replay:
        for line in asked.replay.read_text().splitlines():
            ran = Ran(**json.loads(line))
            if ran.kind in FAILING | HEALTHY:
                print("| " + " | ".join(judge(ran)) + " |")
        return
    with tempfile.TemporaryDirectory() as folder:
        own = own_data(Path(folder))
        for seed in asked.seeds:
            for name, kind in (FAILING | HEALTHY).items():
                if not asked.kinds or any(name.startswith(start) for start in asked.kinds):
                    ran = run(name, kind, seed, own, asked.remedies)
                    if asked.out:
                        with asked.out.open("a") as file:
                            file.write(json.dumps(ran.__dict__) + "\n")
                    print("| " + " | ".join(judge(ran)) + " |", flush=True)


if __name__ == "__main__":
    main()
