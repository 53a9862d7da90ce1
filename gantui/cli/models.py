"""Commands that use a trained generator: `sample`, `eval`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gantui.cli.look import RunArgument
from gantui.cli.output import JsonOption, RunsOption, TrustOption, measures, print_json, say
from gantui.core import presets
from gantui.core.config import field
from gantui.core.errors import ConfigError
from gantui.core.text import nearest, neutralise, spelled
from gantui.runs import begin, index
from gantui.runs.layout import RunDir

if TYPE_CHECKING:
    import numpy as np

    from gantui.engine.conditions import Rows

DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or cuda:N.")]
RawOption = Annotated[bool, typer.Option("--raw", help="G itself, not its running average.")]
MOST_SAMPLES = 1_000_000
MOST_SEED = 2**63 - 1
SUFFIXES = (".png", ".csv", ".txt", ".npz")
ONLY_FOR = {  # kinds of data, and what they are called
    ".png": (("image",), "images"),
    ".csv": (("points", "table"), "numbers"),
    ".txt": (("text",), "text"),
}


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("sample", epilog="Example:  gantui sample latest -n 64 -o grid.png")(sample)
    app.command("eval", epilog="Example:  gantui eval latest --metrics precision,recall --json")(evaluate)


def sample(
    run: RunArgument,
    count: Annotated[int, typer.Option("-n", min=1, max=MOST_SAMPLES, help="How many.")] = 64,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            metavar="FILE",
            help=".png (images), .csv (tables), .txt (text) or .npz with x, y; "
            "default RUN.png or .npz, but text is printed.",
        ),
    ] = None,
    class_: Annotated[
        str | None, typer.Option("--class", metavar="VALUE", help="Samples of this class, of a run with a condition.")
    ] = None,
    attributes: Annotated[
        str | None,
        typer.Option("--attributes", metavar="NAME=VALUE,...", help="Samples with these; others as in the data."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=MOST_SEED, help="Of latents and labels.")] = 0,
    raw: RawOption = False,
    device: DeviceOption = "auto",
    trust: TrustOption = False,
    runs: RunsOption = None,
) -> None:
    """Draw samples from the newest checkpoint. They are in the data's own units (images: 0 to 1).

    A .csv has the names, words, decimals and ranges of the table that the run learnt, and is as empty where that is.
    Text is printed, a sample a line, with control characters made visible, or written as it is to a .txt. In an .npz
    x are its symbols by their indices in `alphabet`, of which 0, no character, stands behind its end.

    Under a condition the labels are drawn as the data has them, except those asked for by --class or --attributes;
    an .npz holds them as y: indices, a column for each attribute if there are several.
    """
    directory = index.resolve(run, index.runs_folder(runs))
    if output is not None and output.suffix not in SUFFIXES:
        raise ConfigError(f"-o {neutralise(output)}: must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    _check_trust(directory, trust, "sample")

    from gantui.engine import devices, model, sampling
    from gantui.runs.arrays import to_npz
    from gantui.runs.files import write_atomic
    from gantui.runs.pictures import png_grid

    trained = model.load(directory, devices.choose(field("device").check(device)), raw)
    kind = trained.data.kind
    target = output or Path(f"{directory.id}.{'png' if kind == 'image' else 'npz'}")
    kinds, needs = ONLY_FOR.get(target.suffix, ((kind,), ""))
    if kind not in kinds:
        raise ConfigError(f"-o {neutralise(target)}: a {target.suffix} needs {needs}; this run makes {kind}, use .npz")
    rows = sampling.draw_rows(trained.config, trained.data, count, seed, class_, attributes)
    made = sampling.samples(trained.config, trained.data, trained.g, count, seed, rows=rows).cpu()
    x = made.numpy()
    for problem in trained.problems:
        typer.echo(f"warning: {neutralise(problem)}", err=True)
    if kind == "text" and output is None:
        for string in x.tolist():
            print(neutralise(spelled(string, trained.data.alphabet), x.shape[1]))
        return
    if target.suffix == ".png":
        content: bytes | memoryview = png_grid(x)
    elif target.suffix == ".csv":
        content = trained.data.as_csv(made, None if rows is None else rows.cpu().numpy()).encode()
    elif target.suffix == ".txt":
        content = "".join(spelled(string, trained.data.alphabet) + "\n" for string in x.tolist()).encode()
    else:
        content = to_npz(_arrays(x, rows, trained.data.alphabet))
    try:
        write_atomic(target, content, ours=False)
    except OSError as error:
        raise ConfigError(f"-o {neutralise(target)}: {error.strerror}") from None
    say(f"{target}: {count} samples of step {trained.saved.step}")


def _arrays(x: "np.ndarray", rows: "Rows", alphabet: Sequence[str]) -> "dict[str, np.ndarray]":
    """What an .npz holds: x, the labels they were asked for, and what the indices of text mean."""
    import numpy as np

    arrays = {"x": x}
    if rows is not None:
        y = rows.cpu().numpy()
        arrays["y"] = y[:, 0] if y.shape[1] == 1 else y
    if alphabet:
        arrays["alphabet"] = np.array(alphabet)
    return arrays


def evaluate(
    run: RunArgument,
    metrics: Annotated[
        str | None,
        typer.Option("--metrics", metavar="NAME,...", help="Only these of the measures that fit the data."),
    ] = None,
    raw: RawOption = False,
    device: DeviceOption = "auto",
    trust: TrustOption = False,
    runs: RunsOption = None,
    json: JsonOption = False,
) -> None:
    """Measure the newest checkpoint's generator against its data."""
    directory = index.resolve(run, index.runs_folder(runs))
    _check_trust(directory, trust, "eval")

    from gantui.engine import data, devices, model, sampling

    where = devices.choose(field("device").check(device))
    trained = model.load(directory, where, raw)
    real = data.load(trained.config, where)
    model.require_same_symbols(trained.data.alphabet, trained.data.shape, real)
    values, count, seconds = sampling.evaluate(trained.config, real, trained.g, e=trained.e)
    if metrics:
        wanted = [name.strip() for name in metrics.split(",") if name.strip()]
        for name in wanted:
            if name not in values:
                shown = neutralise(repr(name), 80)
                raise ConfigError(f"--metrics {shown}{nearest(name, values)}; there are {', '.join(values)}")
        values = {name: values[name] for name in wanted}
    if json:
        print_json(
            {
                "id": directory.id,
                "step": trained.saved.step,
                "samples": count,
                "seconds": seconds,
                "values": values,
            }
        )
    else:
        say(f"step {trained.saved.step}, {count} samples, {seconds:.1f} s")
        say(measures(values))


def _check_trust(run: RunDir, trust: bool, command: str) -> None:
    if not trust:
        begin.check_trust(run, presets.read(run.config_toml).config(), command)
