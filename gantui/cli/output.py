"""What commands print: results on stdout, as text or as JSON."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import typer

from gantui.core.text import neutralise
from gantui.core.units import spell

RunsOption = Annotated[
    str | None, typer.Option("--runs", metavar="DIR", help="Folder of runs (else $GANTUI_RUNS, else ./runs).")
]
TrustOption = Annotated[bool, typer.Option("--trust", help="Run code of your own that the run directory names.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout, nothing else.")]
LowBandwidthOption = Annotated[
    bool, typer.Option("--low-bandwidth", help="The dashboard on a slow line: fewer colours, fewer frames.")
]


def print_json(value: object) -> None:
    """Print a value, a msgspec Struct or plain data, as one line of JSON."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def say(text: str, limit: int = 2000) -> None:
    """Print a result, made safe for a terminal line by line, each cut to `limit`."""
    for line in text.splitlines():
        print(neutralise(line, limit))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as aligned columns under their headings."""
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [headings, *rows]
    ]
    return "\n".join(lines)


def number(value: object) -> str:
    """Return a number with four significant digits, yes or no for a truth, anything else as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def measures(values: Mapping[str, Any]) -> str:
    """Return the measures of an evaluation in lines of text."""
    errors = {name: f"{name.removesuffix('_ll')}_se" for name in values if name.endswith("_ll")}
    plain = [
        f"{name} {number(value)}" + (f" ± {number(values[errors[name]])}" if errors.get(name) in values else "")
        for name, value in values.items()
        if not isinstance(value, Mapping) and name not in errors.values()
    ]
    nested = [
        f"{name}: " + "  ".join(f"{key} {number(part)}" for key, part in value.items())
        for name, value in values.items()
        if isinstance(value, Mapping)
    ]
    return "\n".join(["   ".join(plain), *nested])


def ago(moment: float) -> str:
    """Return how long ago a Unix time was, as people say it."""
    return spell(max(0.0, time.time() - moment)) if moment else "-"
