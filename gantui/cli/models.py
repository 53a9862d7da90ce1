"""Commands that use a trained generator: `sample`, `eval`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from gantui.cli.look import RunArgument
from gantui.cli.output import JsonOption, RunsOption, TrustOption, measures, print_json, say
from gantui.cli.trained import MOST_SEED, DeviceOption, trusted, warn
from gantui.core.config import field
from gantui.core.errors import ConfigError
from gantui.core.text import nearest, neutralise, spelled

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from gantui.engine.conditions import Rows

RawOption = Annotated[bool, typer.Option("--raw", help="G itself, not its running average.")]
MOST_SAMPLES = 1_000_000
MOST_ROWS = MOST_SAMPLES // 10
MOST_CENTRES = 100_000
PARZEN = "parzen"
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
    count: Annotated[
        int | None,
        typer.Option("-n", min=1, max=MOST_SAMPLES, help="How many [default: 64]; rows of 5 or 10 [default: 4]."),
    ] = None,
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
    nearest: Annotated[
        bool, typer.Option("--nearest", help="A figure: rows of 5, and the training image nearest to the fifth.")
    ] = False,
    interpolate: Annotated[bool, typer.Option("--interpolate", help="Rows of 10, each between two latents.")] = False,
    path: Annotated[
        str, typer.Option("--path", metavar="PATH", help="Of --interpolate: linear, or spherical (z_dist = normal).")
    ] = "linear",
    sweep: Annotated[
        int | None, typer.Option("--sweep", metavar="DIM", help="Rows of 10: one dimension of z, from 0, end to end.")
    ] = None,
    truncation: Annotated[
        float | None,
        typer.Option("--truncation", metavar="SD", help="Latents within so many standard deviations of their mean."),
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
    an .npz holds them as y: indices, a column for each attribute if there are several. --nearest and --interpolate are
    the figures of Goodfellow et al. (2014); an .npz of --nearest also holds those training examples, which they are,
    and how far away. Of --interpolate and --sweep it holds the latents too, z, and y is a label for each row.
    """
    if output is not None and output.suffix not in SUFFIXES:
        raise ConfigError(f"-o {neutralise(output)}: must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    chosen = [
        name
        for name, asked in (("--nearest", nearest), ("--interpolate", interpolate), ("--sweep", sweep is not None))
        if asked
    ]
    if len(chosen) > 1:
        raise ConfigError(f"{', '.join(chosen)}: show different things; ask for one at a time")
    if path != "linear" and not interpolate:
        raise ConfigError(f"--path {neutralise(path)}: is for --interpolate")
    directory = trusted(run, runs, trust, "sample")

    from gantui.engine import devices, figures, latents, model, sampling
    from gantui.runs.arrays import to_npz
    from gantui.runs.files import write_atomic
    from gantui.runs.pictures import png_grid

    trained = model.load(directory, devices.choose(field("device").check(device)), raw)
    kind = trained.data.kind
    if nearest and kind != "image":
        raise ConfigError(f"--nearest: is a figure of images; this run makes {kind}")
    if truncation is not None:
        latents.check_truncation(trained.config, truncation)
    target = output or Path(f"{directory.id}.{'png' if kind == 'image' else 'npz'}")
    kinds, needs = ONLY_FOR.get(target.suffix, ((kind,), ""))
    if kind not in kinds:
        raise ConfigError(f"-o {neutralise(target)}: a {target.suffix} needs {needs}; this run makes {kind}, use .npz")
    count = count or (figures.ROWS if chosen else 64)
    if chosen and count > MOST_ROWS:
        raise ConfigError(f"-n {count}: at most {MOST_ROWS:,} rows of {chosen[0]}")
    many = count * figures.ROW if nearest else count
    rows = sampling.draw_rows(trained.config, trained.data, many, seed, class_, attributes)
    if interpolate:
        drawn = figures.interpolation(trained, count, seed, rows, path, truncation)
    elif sweep is not None:
        drawn = figures.sweep(trained, sweep, count, seed, rows, truncation)
    else:
        drawn = figures.plain(
            sampling.samples(trained.config, trained.data, trained.g, many, seed, rows=rows, truncation=truncation)
        )
    if nearest:
        drawn = figures.beside_neighbours(drawn.sheet, model.examples(trained))
    made = drawn.arrays["x"].cpu()
    x = made.numpy()
    warn(*trained.problems)
    if kind == "text" and output is None:
        for place, string in enumerate(x.tolist()):
            if drawn.columns and place and place % drawn.columns == 0:
                print()  # between two rows
            print(neutralise(spelled(string, trained.data.alphabet), x.shape[1]))
        return
    if target.suffix == ".png":
        content: bytes | memoryview = png_grid(drawn.sheet.cpu().numpy(), drawn.columns)
    elif target.suffix == ".csv":
        of_each = None if rows is None else rows.cpu().repeat_interleave(len(x) // len(rows), 0).numpy()
        content = trained.data.as_csv(made, of_each).encode()
    elif target.suffix == ".txt":
        content = "".join(spelled(string, trained.data.alphabet) + "\n" for string in x.tolist()).encode()
    else:
        content = to_npz(_arrays(drawn.arrays, rows, trained.data.alphabet))
    try:
        write_atomic(target, content, ours=False)
    except OSError as error:
        raise ConfigError(f"-o {neutralise(target)}: {error.strerror}") from None
    say(f"{target}: {len(x)} samples of step {trained.saved.step}{drawn.caption}")


def _arrays(drawn: "dict[str, Tensor]", rows: "Rows", alphabet: Sequence[str]) -> "dict[str, np.ndarray]":
    """What an .npz holds: x, the labels they were asked for, and what the indices of text mean."""
    import numpy as np

    arrays = {name: array.cpu().numpy() for name, array in drawn.items()}
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
        typer.Option(
            "--metrics",
            metavar="NAME,...",
            help="Only these of the measures that fit the data; parzen on request only.",
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option("--samples", min=1, max=MOST_CENTRES, help="Of --metrics parzen: how many [default: 10000]."),
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            "--features",
            metavar="WHAT",
            help="What images are compared by: pixels, classifier or pkg.module:name [default: as in the run].",
        ),
    ] = None,
    raw: RawOption = False,
    device: DeviceOption = "auto",
    trust: TrustOption = False,
    runs: RunsOption = None,
    json: JsonOption = False,
) -> None:
    """Measure the newest checkpoint's generator against its data.

    parzen is the log-likelihood of images that weren't trained on under Gaussians around samples, with its standard
    error, as in Goodfellow et al. (2014).
    """
    names = [name.strip() for name in (metrics or "").split(",") if name.strip()]
    if metrics is not None and not names:
        raise ConfigError(f"--metrics {neutralise(repr(metrics), 80)}: names no measure; leave it out for all that fit")
    if count is not None and PARZEN not in names:
        raise ConfigError(f"--samples {count}: is for --metrics {PARZEN}; the others take as many as they need")
    override = {} if features is None else {"features": field("features").check(features)}
    directory = trusted(run, runs, trust, "eval")

    from gantui.engine import devices, likelihood, model, sampling, seen
    from gantui.evaluation.parzen import CAVEAT

    trained = model.load(directory, devices.choose(field("device").check(device)), raw)
    real = model.examples(trained)
    config = msgspec.structs.replace(trained.config, **override)
    seen.require(config, real)
    warn(*trained.problems)
    began, used = time.monotonic(), 0
    values: dict[str, Any] = {}
    if PARZEN in names:
        used = count or likelihood.SAMPLES
        values, what = likelihood.of_generator(config, real, trained.g, used)
        typer.echo(f"{PARZEN}: {neutralise(what)}", err=True)
        typer.echo(f"{PARZEN}: {CAVEAT}", err=True)
    if names != [PARZEN]:
        found, used, _ = sampling.evaluate(config, real, trained.g, e=trained.e)
        values |= _only(names, found) if names else found
    seconds = time.monotonic() - began
    if json:
        print_json(
            {
                "id": directory.id,
                "step": trained.saved.step,
                "samples": used,
                "seconds": seconds,
                "values": values,
            }
        )
    else:
        say(f"step {trained.saved.step}, {used} samples, {seconds:.1f} s")
        say(measures(values))


def _only(names: list[str], values: dict[str, Any]) -> dict[str, Any]:
    for name in names:
        if name not in values and name != PARZEN:
            shown = neutralise(repr(name), 80)
            there = [*values, PARZEN]
            raise ConfigError(f"--metrics {shown}{nearest(name, there)}; there are {', '.join(there)}")
    return {name: values[name] for name in names if name in values}
