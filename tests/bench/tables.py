"""How well presets of tables do: `python tests/bench/tables.py PRESET [SEEDS] [key=value ...]`, one line for each seed.

Trains in this process, on one thread, and prints the measures of the averaged G and CPU seconds.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from real_data import write_cars, write_wine

from gantui.core import presets
from gantui.engine import data
from gantui.engine.algorithm import next_update
from gantui.engine.sampling import evaluate
from gantui.engine.training import Training

CPU = torch.device("cpu")
SHOWN = ("mean_error", "sd_error", "correlation_error", "share_error", "accuracy_real", "accuracy_synthetic", "copied")
NEAR = ("nn_distance", "nn_distance_data", "precision", "recall")


def main() -> None:
    name, seeds, *settings = sys.argv[1:]
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        values = presets.parse_overrides(settings)
        for key, write in (("cars", write_cars), ("wine13", write_wine)):
            if values.get("data") == key:
                values["data"] = str(write(Path(folder, f"{key}.csv")))
        for seed in range(int(seeds)):
            config = presets.load(name).config(values | {"seed": seed})
            began = time.process_time()
            training = Training(config, data.load(config, CPU), CPU)
            while training.step < config.max_steps:
                next_update(training)
            trained = time.process_time() - began
            found, _, seconds = evaluate(config, training.data, training.best_generator)
            shown = "  ".join(f"{key} {found[key]:.3f}" for key in SHOWN + NEAR if key in found)
            print(f"seed {seed}  {trained:.0f} s, eval {seconds:.1f} s  {shown}", flush=True)


if __name__ == "__main__":
    main()
