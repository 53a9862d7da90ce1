"""Presets of text, measured while they train: one line each tenth of the seconds of the CPU that they may take.

Run by hand, from the checkout: `PYTHONPATH=. python tests/bench/text.py text-grammar 300 -s seed=1`. The steps of the
preset stay as they are, for the schedules; it ends with the seconds or with the steps. Times are those of updates.
"""

import argparse
import time

import torch

from gantui.core import presets
from gantui.core.text import neutralise, spelled
from gantui.engine import data
from gantui.engine.algorithm import next_update
from gantui.engine.sampling import evaluate, samples
from gantui.engine.training import Training

LINES = 10
SHOWN = ("valid", "distinct", "novel")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset")
    parser.add_argument("seconds", type=float)
    parser.add_argument("-s", "--set", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    config = presets.load(asked.preset).config({"threads": 1} | presets.parse_overrides(asked.set))
    torch.set_flush_denormal(True)
    torch.set_num_threads(int(config.threads))
    cpu = torch.device("cpu")
    training = Training(config, data.load(config, cpu), cpu)
    training.set_pace()
    print(" ".join([asked.preset, *asked.set]), training.data.shape, training.data.count, flush=True)
    spent, due = 0.0, asked.seconds / LINES
    while spent < asked.seconds and training.step < config.max_steps:
        began, step = time.process_time(), training.step
        while training.step < min(step + 10, config.max_steps):
            next_update(training)
        spent += time.process_time() - began
        if spent >= due or training.step == config.max_steps:
            due += asked.seconds / LINES
            values, _, _ = evaluate(config, training.data, training.best_generator)
            shares = [f"{name} {values[name]:.3f}" for name in SHOWN if name in values]
            ngrams = [f"{values[f'ngram_js_{n}']:.4f}/{values[f'ngram_js_{n}_floor']:.4f}" for n in (1, 2, 3, 4)]
            print(f"{spent:4.0f} s, step {training.step:5}  {'  '.join([*shares, 'n-grams', *ngrams])}", flush=True)
    for string in samples(config, training.data, training.best_generator, 16, 1).tolist():
        print(neutralise(spelled(string, training.data.alphabet)))


if __name__ == "__main__":
    main()
