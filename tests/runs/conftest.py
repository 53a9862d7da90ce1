"""Fixtures of the tests of run directories."""

from pathlib import Path

import pytest

from gantui.runs import layout
from gantui.runs.layout import RunDir


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    """A new run directory."""
    return layout.create(tmp_path / "runs", "one", "ring")
