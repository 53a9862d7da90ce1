"""Commands that use a trained generator: `sample`, `eval`."""

from pathlib import Path
from typing import Annotated

import typer

from gantui.cli.look import RunArgument
from gantui.cli.output import JsonOption, RunsOption, TrustOption, measures, print_json, say
from gantui.core import presets
from gantui.core.config import field
from gantui.core.errors import ConfigError
from gantui.core.text import nearest, neutralise
from gantui.runs import begin, index
from gantui.runs.layout import RunDir

DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or cuda:N.")]
RawOption = Annotated[bool, typer.Option("--raw", help="G itself, not its running average.")]
MOST_SAMPLES = 1_000_000
MOST_SEED = 2**63 - 1


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("sample", epilog="Example:  gantui sample latest -n 64 -o grid.png")(sample)
    app.command("eval", epilog="Example:  gantui eval latest --metrics precision,recall --json")(evaluate)


def sample(
    run: RunArgument,
    count: Annotated[int, typer.Option("-n", min=1, max=MOST_SAMPLES, help="How many.")] = 64,
    output: Annotated[
        Path | None,
        typer.Option("-o", metavar="FILE", help=".png (images) or .npz with x, y; default RUN.png or .npz."),
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

    Under a condition the labels are drawn as the data has them, except those asked for by --class or --attributes;
    an .npz holds them as y: indices, a column for each attribute if there are several.
    """
    directory = index.resolve(run, index.runs_folder(runs))
    if output is not None and output.suffix not in (".png", ".npz"):
        raise ConfigError(f"-o {neutralise(output)}: must end in .png or .npz")
    _check_trust(directory, trust, "sample")

    from gantui.engine import devices, model, sampling
    from gantui.runs.arrays import to_npz
    from gantui.runs.files import write_atomic
    from gantui.runs.pictures import png_grid

    trained = model.load(directory, devices.choose(field("device").check(device)), raw)
    is_image = trained.data.kind == "image"
    target = output or Path(f"{directory.id}.{'png' if is_image else 'npz'}")
    if target.suffix == ".png" and not is_image:
        raise ConfigError(f"-o {neutralise(target)}: a .png needs images; this run makes {trained.data.kind}, use .npz")
    rows = sampling.draw_rows(trained.config, trained.data, count, seed, class_, attributes)
    x = sampling.samples(trained.config, trained.data, trained.g, count, seed, rows=rows).cpu().numpy()
    arrays = {"x": x}
    if rows is not None:
        y = rows.cpu().numpy()
        arrays["y"] = y[:, 0] if y.shape[1] == 1 else y
    try:
        write_atomic(target, png_grid(x) if target.suffix == ".png" else to_npz(arrays), ours=False)
    except OSError as error:
        raise ConfigError(f"-o {neutralise(target)}: {error.strerror}") from None
    for problem in trained.problems:
        typer.echo(f"warning: {neutralise(problem)}", err=True)
    say(f"{target}: {count} samples of step {trained.saved.step}")


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
    values, count, seconds = sampling.evaluate(trained.config, data.load(trained.config, where), trained.g, e=trained.e)
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
