"""`gantui presets`: list, show, copy and validate presets; list the data sets."""

from pathlib import Path
from typing import Annotated

import typer

from gantui.cli.completion import complete_preset
from gantui.cli.output import JsonOption, print_json, say, table
from gantui.core import data_sets, presets
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise

NameArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", autocompletion=complete_preset)]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    group = typer.Typer(
        help="Presets: experiments as TOML files.",
        epilog="Example:  gantui presets copy mnist mine.toml, edit it, then: gantui run mine.toml",
        rich_markup_mode=None,
        invoke_without_command=True,
    )
    group.callback()(_list_by_default)
    group.command("ls", epilog="Example:  gantui presets ls --json")(ls)
    group.command("show", epilog="Example:  gantui presets show digits")(show)
    group.command("copy", epilog="Example:  gantui presets copy digits mine.toml")(copy)
    group.command("validate", epilog="Example:  gantui presets validate mine.toml")(validate)
    group.command("data", epilog="Example:  gantui presets data")(data)
    app.add_typer(group, name="presets")


def _list_by_default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        ls()


def ls(json: JsonOption = False) -> None:
    """List gantui's own presets."""
    found = [presets.load(name) for name in presets.names()]
    if json:
        print_json([{"name": p.name, "description": p.description, "expect": p.expect, "time": p.time} for p in found])
    else:
        say(table(["preset", "time", "what"], [[p.name, p.time, p.description] for p in found]))


def show(name: NameArgument) -> None:
    """Show every setting of a preset, with what it means, what is allowed and whether it is live."""
    say(presets.to_annotated_toml(presets.load(name)), presets.MAX_BYTES)


def copy(name: NameArgument, file: Path) -> None:
    """Write a preset completely and commented to FILE, to be edited."""
    text = presets.to_annotated_toml(presets.load(name))
    try:
        with file.open("x") as target:
            target.write(text)
    except FileExistsError:
        raise ConfigError(f"{neutralise(file)} exists; name another file") from None
    except OSError as error:
        raise ConfigError(f"{neutralise(file)}: {error.strerror}") from None
    say(f"{file}: a copy of {name}")


def validate(file: NameArgument) -> None:
    """Check a preset file: syntax, keys, ranges, combinations."""
    presets.load(file).config()
    say(f"{file} is valid")


def data() -> None:
    """List the data sets with a name; `data` also takes a folder of images, a .npy or .csv file, or pkg.module:Name."""
    say(table(["data", "what"], [[name, about] for name, about in data_sets.NAMED.items()]))
