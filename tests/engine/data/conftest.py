"""Shortcuts of the data tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gantui.core.config import validate
from gantui.core.errors import DataError
from gantui.engine.data import Data, load

CPU = torch.device("cpu")


@pytest.fixture
def load_data(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Data]:
    """Load a set on the CPU, with settings that differ from the defaults."""
    root = str(tmp_path_factory.mktemp("root"))

    def loaded(data: str | Path, memory: int | None = None, **settings: object) -> Data:
        return load(validate({"data": str(data), "data_root": root, "batch_size": 2} | settings), CPU, memory=memory)

    return loaded


@pytest.fixture
def refusal(load_data: Callable[..., Data]) -> Callable[..., str]:
    """Load a set that must be refused; return the message, which must be short and name the field."""

    def message(data: str | Path, **settings: object) -> str:
        with pytest.raises(DataError) as caught:
            load_data(data, **settings)
        text = str(caught.value)
        assert text.startswith("data = ")
        assert text.count("\n") <= 1
        assert all(character.isprintable() or character == "\n" for character in text)
        return text

    return message
