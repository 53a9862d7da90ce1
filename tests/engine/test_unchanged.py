"""Data that have changed since a run began are refused where its networks don't fit them, and otherwise not."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gantui.core.config import validate
from gantui.core.errors import DataError
from gantui.engine import data, model, unchanged
from gantui.engine.data import Data

Load = Callable[..., Data]
ROWS = "size,city\n1.5,Rome\n2.5,Oslo\n0.5,Rome\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def from_file(content: str, suffix: str = "csv", **settings: object) -> Data:
        path = tmp_path / f"d.{suffix}"
        path.write_text(content)
        return data.load(validate({"data": str(path), **settings}), torch.device("cpu"))

    return from_file


@pytest.mark.parametrize(
    ("before", "now", "settings", "said"),
    [
        (ROWS, "size\n1\n2\n", {}, "its columns were size, city, now size"),
        (ROWS, "a,b\n1,2\n2,1\n", {}, "its columns were size, city, now a, b"),
        (
            ROWS,
            ROWS + "9.5,Bern\n",
            {},
            "column 'city' held Rome, Oslo (most frequent first), now Rome, Bern, Oslo (most",
        ),
        (
            ROWS,
            ROWS + "1.5,Oslo\n1.5,Oslo\n",
            {},
            "column 'city' held Rome, Oslo (most frequent first), now Oslo, Rome",
        ),
        (ROWS, ROWS + ",Rome\n", {"missing": "model"}, "column 'size' held numbers, now numbers and empty cells"),
        (ROWS, "size,city\n1,Rome\n2,Rome\n", {}, "column 'city' held Rome, Oslo (most frequent first), now one value"),
        ("a,b\n1,2\n2,1\n", "a\n1\n2\n", {}, "its examples were of shape (2,), now (1,)"),
        ("a,b\n1,2\n2,1\n", ROWS, {}, "its examples were of shape (2,), now (3,)"),
        (
            ROWS,
            ROWS + "2,Bern\n",
            {"labels": "city"},
            "its labels were city of Oslo, Rome, now city of Bern, Oslo, Rome",
        ),
    ],
)
def test_other_columns_words_and_labels_are_refused(
    load: Load, before: str, now: str, settings: dict[str, str], said: str
) -> None:
    form = model.form(load(before, **settings))
    with pytest.raises(DataError) as refused:
        unchanged.require(form, load(now, **settings), conditional=True)
    assert f"data = 'd.csv': has changed since the run began: {said}" in str(refused.value)


@pytest.mark.parametrize(
    ("before", "now", "suffix", "settings"),
    [
        (ROWS, ROWS + "7.5,Rome\n", "csv", {}),
        ("a,b\n1,2\n2,1\n", "c,d\n5,2\n2,8\n3,4\n", "csv", {}),
        (ROWS, ROWS + "2.5,Bern\n", "csv", {"labels": "city"}),
        ("ab\nba\n", "ba\nba\nab\n", "txt", {}),
    ],
)
def test_other_examples_are_no_change_nor_are_labels_that_nothing_goes_by(
    load: Load, before: str, now: str, suffix: str, settings: dict[str, str]
) -> None:
    form = model.form(load(before, suffix, **settings))
    unchanged.require(form, load(now, suffix, **settings), conditional=False)
    del form["codec"], form["sheet"], form["alphabet"]  # as older checkpoints
    unchanged.require(form, load(now, suffix, **settings), conditional=False)
