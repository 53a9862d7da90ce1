"""Data that have changed since a run began: what its networks have no place for, or would take for something else."""

from collections.abc import Mapping
from typing import Any

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data.dataset import Data
from gantui.engine.data.labels import Attribute, listed
from gantui.engine.data.sheet import Column, Sheet


def require(form: Mapping[str, Any], data: Data, conditional: bool) -> None:
    """Refuse data of another kind than those a run began with; `form` is what its checkpoint keeps (`model.form`).

    Other examples of the same kind, or more of them, are no such change. Labels count where the run is `conditional`.

    Raises DataError: other symbols of a text, other columns or words of a table, another shape, other labels.
    """
    changed = _symbols(form, data) or _columns(form, data) or _shape(form, data)
    if changed := changed or (_labels(form, data) if conditional else ""):
        raise DataError(f"data = {neutralise(repr(data.name), 80)}: has changed since the run began: {changed}")


def _symbols(form: Mapping[str, Any], data: Data) -> str:
    before = form.get("alphabet", ())  # older checkpoints lack it, and below the codec
    unseen = [symbol for symbol in data.alphabet if symbol not in before]
    lost = [symbol for symbol in before if symbol not in data.alphabet]
    if not before or not (unseen or lost):
        return ""
    shown = neutralise(" ".join(unseen or lost), 60)
    return f"the run has no symbol for {shown}" if unseen else f"{shown} no longer occurs in it"


def _columns(form: Mapping[str, Any], data: Data) -> str:
    if not form.get("codec"):
        return ""
    before, now = Sheet.from_form(form["sheet"]).columns, data.sheet.columns if data.sheet else []
    names, names_now = [column.name for column in before], [column.name for column in now]
    if names != names_now:
        return f"its columns were {listed(names)}, now {listed(names_now) or 'it has none'}"
    for was, column in zip(before, now, strict=True):
        if (was.values, was.missing, was.is_number) != (column.values, column.missing, column.is_number):
            return f"column {was.name!r} held {_content(was)}, now {_content(column)}"
    return ""


def _content(column: Column) -> str:
    if column.constant is not None:
        return "one value"
    words = f"{listed(column.values)} (most frequent first)" if column.values else "numbers"
    return words + (" and empty cells" if column.missing else "")


def _shape(form: Mapping[str, Any], data: Data) -> str:
    before = tuple(form["shape"])
    if before == data.shape:
        return ""
    if data.alphabet:
        return f"its examples had {before[-1]} characters, now {data.shape[-1]}"
    return f"its examples were of shape {before}, now {data.shape}"


def _labels(form: Mapping[str, Any], data: Data) -> str:
    if not form.get("labels") or data.labels is None:  # what has none at all is refused by who needs them
        return ""
    before = [Attribute(name, tuple(values)) for name, values in form["labels"]["attributes"]]
    now = list(data.labels.attributes)
    return "" if before == now else f"its labels were {_named(before)}, now {_named(now)}"


def _named(attributes: list[Attribute]) -> str:
    return "; ".join(f"{neutralise(a.name, 80)} of {listed(a.values)}" for a in attributes)
