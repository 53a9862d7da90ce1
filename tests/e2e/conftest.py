"""Fixtures of the end-to-end tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.harness import Trainer


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Trainer]]:
    """Start `gantui run PRESET -s ...` processes, gone at the end of the test whatever happens."""
    trainers: list[Trainer] = []

    def start_one(preset: str, *pairs: str, **options: Any) -> Trainer:
        trainers.append(Trainer.fresh(tmp_path, preset, *pairs, **options))
        return trainers[-1]

    start_one.again = lambda *arguments, **options: (  # type: ignore[attr-defined]
        trainers.append(Trainer(tmp_path, *arguments, **options)) or trainers[-1]
    )
    yield start_one
    for trainer in trainers:
        trainer.end()
