"""How long the Parzen estimate takes and how exact it is: `python tests/bench/parzen.py`, in a quiet moment.

10,000 examples and 10,000 samples of 784 numbers, all ten σ of the grid from one matrix of distances.
"""

import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent))
from real_data import mnist_digits

from gantui.evaluation.parzen import SIGMAS, log_densities, parzen

EXACT = 200  # examples whose distances are also taken by differences


def main() -> None:
    """Print times and the largest relative error."""
    generator = torch.Generator().manual_seed(0)
    digits = torch.from_numpy(mnist_digits()[0].copy()).flatten(1) / 255
    digits = digits[torch.randperm(len(digits), generator=generator)].repeat(2, 1)
    samples = (digits + 0.1 * torch.randn(digits.shape, generator=generator)).clamp(0, 1)
    for threads in (1, 2):
        torch.set_num_threads(threads)
        cpu, began = time.process_time(), time.perf_counter()
        found = log_densities(digits, samples, SIGMAS)
        middle = time.perf_counter()
        print(
            f"{threads} threads: ten sigmas {middle - began:.2f} s ({time.process_time() - cpu:.2f} s of CPU)", end=""
        )
        parzen(samples, digits[:1000], digits)
        print(f", sigma by 1,000 and one for all {time.perf_counter() - middle:.2f} s")
    few, centres = digits[:EXACT].double(), samples.double()
    squares = torch.cdist(few, centres, compute_mode="donot_use_mm_for_euclid_dist").square()
    for row, sigma in zip(found, SIGMAS, strict=True):
        constant = 784 * torch.tensor(sigma * (2 * torch.pi) ** 0.5, dtype=torch.float64).log()
        exact = (squares / (-2 * sigma**2)).logsumexp(1) - torch.tensor(float(len(centres))).double().log() - constant
        print(f"sigma {sigma:.3f}: mean {float(row.mean()):10.2f}, relative error", end=" ")
        print(f"{float((row[:EXACT] / exact - 1).abs().max()):.1e}")


if __name__ == "__main__":
    main()
