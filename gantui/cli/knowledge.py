"""Commands that ask what the two networks know: `infer` predicts z from x, `probe` puts D's features to the test."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gantui.cli.look import RunArgument
from gantui.cli.output import JsonOption, RunsOption, TrustOption, measures, print_json, say
from gantui.cli.trained import MOST_SEED, DeviceOption, trusted, warn
from gantui.cli.waiting import Progress, interruptible
from gantui.core.config import field
from gantui.core.errors import ConfigError
from gantui.core.text import neutralise
from gantui.runs.layout import RunDir

if TYPE_CHECKING:
    from gantui.engine.inference import Inference
    from gantui.engine.model import Model
    from gantui.engine.probing import Result

MOST_STEPS = 10_000_000
KINDS = {"d": "D's features", "untrained": "untrained D", "pixels": "x itself"}


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("infer", epilog="Example:  gantui infer latest --json")(infer)
    app.command("probe", epilog="Example:  gantui probe latest --labels 1,10,50")(probe)


def infer(
    run: RunArgument,
    steps: Annotated[
        int | None,
        typer.Option("--steps", min=1, max=MOST_STEPS, help="To train the encoder anew; default 4000, if it must be."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, max=MOST_SEED, help="Of the encoder, to train it anew; default 0.")
    ] = None,
    device: DeviceOption = "auto",
    trust: TrustOption = False,
    runs: RunsOption = None,
    json: JsonOption = False,
) -> None:
    """Predict z from x, and say how well G makes x again.

    An encoder E learns on samples of the newest checkpoint's G alone (its average if there is one), and is kept in the
    run directory: it is trained only if there is none for this checkpoint, or if other steps or another seed are asked
    for.
    `reconstruction` is the distance from x to G(E(x)) relative to that from other examples: 0 is an exact inverse, 1
    none at all. The samples screen of the dashboard shows the reconstructions beside the data (key z).
    """
    directory = trusted(run, runs, trust, "infer")

    from gantui.engine import devices, inference, model

    where = devices.choose(field("device").check(device))
    with interruptible("the encoder was not kept; what was there still is") as progress:
        trained = model.load(directory, where)
        loaded = model.examples(trained)
        found = inference.kept(directory, trained)
        if found is None or _differs(found, steps, seed):
            found = _train(trained, steps or inference.STEPS, seed or 0, progress)
            _keep(directory, trained, found)
        values = inference.measure(trained, loaded, found.e)
        _show(directory, trained, loaded, found)
    warn(*trained.problems)
    if json:
        about = {"id": directory.id, "step": trained.saved.step, "encoder_steps": found.steps, "seed": found.seed}
        print_json(about | {"values": values})
    else:
        how = f"an encoder of {found.steps} steps" if found.steps else "the encoder trained beside G"
        say(f"step {trained.saved.step}, {how}")
        say(measures(values))


def _differs(found: "Inference", steps: int | None, seed: int | None) -> bool:
    return steps not in (None, found.steps) or seed not in (None, found.seed)


def _train(trained: "Model", steps: int, seed: int, progress: Progress) -> "Inference":
    from gantui.engine import inference

    def tell(step: int, cost: float) -> None:
        progress.say(f"training an encoder: step {step}/{steps}  cost {cost:.4g}")

    return inference.train(trained, steps, seed, tell)


def _keep(directory: RunDir, trained: "Model", found: "Inference") -> None:
    from gantui.engine import inference

    try:
        inference.keep(directory, trained, found)
    except OSError as error:
        warn(f"the encoder could not be kept in {directory.path}: {error.strerror}")


def _show(directory: RunDir, trained: "Model", loaded: Any, found: "Inference") -> None:
    from gantui.engine import inference

    try:
        inference.show(directory, trained, loaded, found.e)
    except OSError as error:
        warn(f"reconstructions could not be written to {directory.path}: {error.strerror}")


def probe(
    run: RunArgument,
    labels: Annotated[
        str, typer.Option("--labels", metavar="N,...", help="Labelled examples of each class.")
    ] = "1,5,10,50",
    draws: Annotated[
        int, typer.Option("--draws", min=2, max=1000, help="How often the labelled examples are drawn.")
    ] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, max=MOST_SEED, help="Of the draws.")] = 0,
    device: DeviceOption = "auto",
    trust: TrustOption = False,
    runs: RunsOption = None,
    json: JsonOption = False,
) -> None:
    """Test what D has learnt, by a few labels over its features.

    A linear classifier is trained on the labelled examples and tested on all others. Beside D's features (all its
    hidden layers, maps pooled to 4x4) stand those of the D that the run began with, and x itself, with the same
    labelled examples. Shares of right answers are means over the draws with their standard deviation.
    """
    directory = trusted(run, runs, trust, "probe")
    counts = _counts(labels)

    from gantui.engine import devices, model, probing

    where = devices.choose(field("device").check(device))
    with interruptible("nothing was written") as progress:
        trained = model.load(directory, where)
        loaded = model.examples(trained)
        result = probing.probe(trained, loaded, counts, draws, seed, progress.say)
    warn(*trained.problems)
    if json:
        print_json(
            {
                "id": directory.id,
                "step": trained.saved.step,
                "label": result.label,
                "classes": result.classes,
                "features": result.sizes,
                "tested": result.tested,
                "accuracy": result.accuracy,
            }
        )
    else:
        say(
            f"step {trained.saved.step}: {result.label}, {result.classes} classes, {draws} draws; "
            "right answers on all others"
        )
        _print_table(result)


def _print_table(result: "Result") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("labels", justify="right")
    for heading in KINDS.values():
        table.add_column(heading, justify="right")
    table.add_column("D is better than")
    for count, by_kind in result.accuracy.items():
        cells = [f"{100 * of.mean:.1f} ± {100 * of.sd:.1f} %" for of in by_kind.values()]
        best = by_kind["d"]
        # Beyond the spread: what is left of one mean less its deviation is more than the other and its deviation.
        beaten = [KINDS[kind] for kind, of in by_kind.items() if best.mean - best.sd > of.mean + of.sd]
        table.add_row(str(count), *cells, ", ".join(beaten) or "none")
    Console(highlight=False, markup=False, emoji=False).print(table)


def _counts(labels: str) -> list[int]:
    """Return the numbers in `1,5,10`, in order, each once."""
    counts = set()
    for part in labels.split(","):
        if not (part.strip().isascii() and part.strip().isdigit() and 0 < int(part) <= 10**6):
            raise ConfigError(f"--labels {neutralise(labels, 80)}: must be whole numbers from 1 on, such as 1,5,10,50")
        counts.add(int(part))
    return sorted(counts)
