"""What is known of each example beside the data: one class, or several attributes at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from gantui.core.errors import ConfigError
from gantui.core.text import nearest, neutralise

CLASS = "class"
MOST_VALUES = 1000  # of one attribute: as many as ImageNet has classes
_SHOWN = 12


@dataclass(frozen=True)
class Attribute:
    """A property with two or more values, by name."""

    name: str
    values: tuple[str, ...]

    @property
    def binary(self) -> bool:
        """Whether it has two values: the second one is the one that holds, the 1."""
        return len(self.values) == 2

    @property
    def width(self) -> int:
        """Columns in a condition vector: 1 if binary, else one for each value."""
        return 1 if self.binary else len(self.values)

    def value(self, text: str, where: str) -> int:
        """Return the index of the value written as `text`; binary ones may also be written 0 and 1.

        Raises ConfigError that begins with `where`.
        """
        plain = text.strip()
        if plain in self.values:
            return self.values.index(plain)
        folded = [value.casefold() for value in self.values]
        if folded.count(plain.casefold()) == 1:
            return folded.index(plain.casefold())
        if self.binary and plain in ("0", "1"):
            return int(plain)
        raise ConfigError(
            f"{where} = {neutralise(repr(plain), 80)}{nearest(plain, self.values)}; "
            f"values of {neutralise(self.name, 80)} are {listed(self.values)}"
        )


@dataclass(frozen=True, eq=False)
class Labels:
    """The attributes of a data set and their values for each of its N examples.

    A *row* holds the index of the value of each attribute, int64 (A,). In a *condition vector*, float32
    (width,), a binary attribute is one column with 0 or 1, one with K ≥ 3 values K columns, one-hot.

    Attributes:
        attributes: A of them, names unique.
        rows: int64 (N, A), on the data's device.
    """

    attributes: tuple[Attribute, ...]
    rows: Tensor

    @property
    def width(self) -> int:
        """Columns of a condition vector."""
        return sum(attribute.width for attribute in self.attributes)

    @cached_property
    def _columns(self) -> tuple[Tensor, Tensor]:
        """For each column of a condition vector the attribute, and the value that makes it 1."""
        pairs = [
            (number, value)
            for number, attribute in enumerate(self.attributes)
            for value in ([1] if attribute.binary else range(len(attribute.values)))
        ]
        attribute, value = torch.tensor(pairs, dtype=torch.int64, device=self.rows.device).T.contiguous()
        return attribute, value

    def encode(self, rows: Tensor) -> Tensor:
        """Return the condition vectors (B, width), float32, of rows (B, A) on the same device."""
        attribute, value = self._columns
        return (rows.index_select(1, attribute) == value).to(torch.float32)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Return the rows (count, A) of examples drawn uniformly: the joint distribution of the data."""
        chosen = torch.randint(len(self.rows), (count,), generator=generator, device=generator.device)
        return self.rows.index_select(0, chosen.to(self.rows.device))

    def draw_like(self, wanted: Mapping[int, int], count: int, generator: torch.Generator) -> Tensor:
        """Return rows (count, A) that have the value `wanted` of some attributes, both by index.

        The other attributes are drawn from the examples that have those values too; where there are none, from
        all examples.
        """
        fits = torch.ones(len(self.rows), dtype=torch.bool, device=self.rows.device)
        for attribute, value in wanted.items():
            fits &= self.rows[:, attribute] == value
        like = Labels(self.attributes, self.rows[fits]) if fits.any() else self
        rows = like.draw(count, generator)
        for attribute, value in wanted.items():
            rows[:, attribute] = value
        return rows

    def parse(self, class_: str | None = None, attributes: str | None = None) -> dict[int, int]:
        """Return which value of which attribute is meant, by index, as `draw_like` takes it.

        Args:
            class_: a value of the only attribute, or of the one called `class`: `7`.
            attributes: `glasses=1,smiling=0`.

        Raises:
            ConfigError: naming the option, what is wrong and what is allowed.
        """
        names = [attribute.name for attribute in self.attributes]
        wanted = {}
        if class_ is not None:
            if len(names) > 1 and CLASS not in names:
                raise ConfigError(
                    f"--class {neutralise(class_, 80)}: there are several attributes, {listed(names)}: "
                    "use --attributes NAME=VALUE,..."
                )
            number = names.index(CLASS) if CLASS in names else 0
            wanted[number] = self.attributes[number].value(class_, "--class")
        for part in attributes.split(",") if attributes is not None else ():
            name, equals, value = part.partition("=")
            shown = f"--attributes {neutralise(part.strip(), 80)}"
            if not equals:
                raise ConfigError(f"{shown}: must be NAME=VALUE,... with names {listed(names)}")
            if name.strip() not in names:
                raise ConfigError(
                    f"{shown}: no such attribute{nearest(name.strip(), names)}; there are {listed(names)}"
                )
            number = names.index(name.strip())
            if number in wanted:
                raise ConfigError(f"{shown}: {neutralise(names[number], 80)} is given twice")
            wanted[number] = self.attributes[number].value(value, f"--attributes {neutralise(names[number], 80)}")
        return wanted

    def only(self, names: Sequence[str]) -> "Labels":
        """Return the labels with these attributes alone, in this order."""
        places = [[attribute.name for attribute in self.attributes].index(name) for name in names]
        return Labels(tuple(self.attributes[place] for place in places), self.rows[:, places])

    def describe(self, row: Sequence[int]) -> str:
        """Return a row in words: `7`, or `glasses=1 smiling=0` where there are several attributes."""
        words = [attribute.values[value] for attribute, value in zip(self.attributes, row, strict=True)]
        if len(words) == 1:
            return words[0]
        return " ".join(f"{a.name}={word}" for a, word in zip(self.attributes, words, strict=True))

    def to(self, device: torch.device) -> "Labels":
        """Return the same labels with their rows on `device`."""
        return Labels(self.attributes, self.rows.to(device))

    def form(self) -> dict[str, Any]:
        """Return the labels as plain values and a small tensor, for a checkpoint."""
        named = [[attribute.name, list(attribute.values)] for attribute in self.attributes]
        return {"attributes": named, "rows": self.rows.to("cpu", torch.int16)}

    @staticmethod
    def from_form(form: Mapping[str, Any], device: torch.device) -> "Labels":
        """Return the labels that `form` was made of."""
        attributes = tuple(Attribute(name, tuple(values)) for name, values in form["attributes"])
        return Labels(attributes, form["rows"].to(device, torch.int64))


def of_classes(values: Sequence[str], indices: Tensor, name: str = CLASS) -> Labels:
    """Return labels of a single attribute from the index (N,) of each example's class."""
    return Labels((Attribute(name, tuple(values)),), indices.to(torch.int64)[:, None])


def listed(names: Sequence[str]) -> str:
    """Return the first names, for a message."""
    return neutralise(", ".join(names[:_SHOWN]) + (f", … ({len(names)})" if len(names) > _SHOWN else ""), 400)
