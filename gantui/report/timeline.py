"""What G made of the same latents over the steps: a frame for each of a bounded number of previews."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gantui.core.events import Preview
from gantui.report import columns, pictures, plots
from gantui.report.markup import Markup, element
from gantui.report.story import Story
from gantui.runs.layout import RunDir
from gantui.runs.samples import Extent, Samples, decoded, extent, preview_arrays

if TYPE_CHECKING:
    import numpy as np

REAL = "previews/real.npz"
MOST_FRAMES = 60
BUDGET = 2 << 20  # characters of all frames together
BESIDE = ("images", "text")  # kinds of data that can't lie below the samples
STILLS = 6  # frames that are shown where nothing can move: on paper, or without scripts

Draw = Callable[[Samples, str], Markup]


def section(run: RunDir, story: Story) -> Markup:
    """Return the previews to go through, with data beside or below them; why there are none otherwise."""
    previews = kept(story)
    real = decoded(preview_arrays(run, REAL))
    frames = _frames(run, previews, _drawing(story, real))
    if not frames:
        return element("p", "This run has taken no samples that could be shown.", class_="note")
    last = len(frames) - 1
    stills = {round(index * last / (STILLS - 1)) for index in range(STILLS)}
    figures = []
    for index, (preview, drawn) in enumerate(frames):
        classes = ["frame", "still" if index in stills else "", "now" if index == last else ""]
        caption = element("figcaption", f"step {preview.step:,}")
        figures.append(element("figure", drawn, caption, class_=" ".join(filter(None, classes))))
    slider = element(
        "p", element("button", "▶", type="button", aria_label="play"),
        element("input", type="range", min=0, max=last, value=last, aria_label="which preview"),
        class_="slider", hidden=last == 0,
    )  # fmt: skip
    beside = _beside(story, real)
    moving = element("div", slider, _keys(story, real), element("div", *figures, class_="frames"), class_="timeline")
    inside = [moving, *beside]
    layout = "beside" if beside else "" if story.start.data.kind == "points" else "full"
    how = ", by the running average of G" if story.start.config.get("ema_decay") else ""
    said = f"{len(frames)} of {len(previews)} previews" if len(frames) < len(previews) else f"{len(frames):,} previews"
    return element(
        "div", element("div", *inside, class_=f"samples {layout}".strip()),
        element("p", f"{said}, all from the same latents{how}.", class_="note"),
    )  # fmt: skip


def kept(story: Story) -> list[Preview]:
    """Return the previews that led to the present state and are still there, in their order."""
    place = {number: index for index, number in enumerate(story.path)}
    found = [preview for preview in story.previews.values() if story.is_kept(preview.step, preview.branch)]
    return sorted(found, key=lambda preview: (place[preview.branch], preview.update))


def _frames(run: RunDir, previews: list[Preview], draw: Draw) -> list[tuple[Preview, Markup]]:
    """Draw the last that can be read, and by its size as many others as there is room for, evenly chosen."""
    drawn: dict[int, Markup] = {}

    def tried(index: int) -> bool:
        samples = decoded(preview_arrays(run, previews[index].file))
        if samples is not None:
            drawn[index] = draw(samples, f"samples at step {previews[index].step:,}")
        return samples is not None

    last = next((index for index in reversed(range(len(previews))) if tried(index)), None)
    if last:
        room = min(MOST_FRAMES, BUDGET // max(len(drawn[last]), 1))
        for index in sorted({round(place * last / max(room - 1, 1)) for place in range(room)} - {last}):
            tried(index)
    return [(previews[index], drawn[index]) for index in sorted(drawn)]


def _drawing(story: Story, real: Samples | None) -> Draw:
    data, facts = story.start.data, story.start.objective
    ends: list[Extent] = []  # of all frames alike

    def fitting(samples: Samples) -> "np.ndarray | None":
        return real.x if real is not None and real.x.shape[1:] == samples.x.shape[1:] else None

    def draw(samples: Samples, alt: str) -> Markup:
        if samples.kind == "images":
            return pictures.sheet(samples.x, samples.per_line, alt)
        if samples.kind == "text":
            return columns.lines(samples.x, data.alphabet)
        if samples.kind == "density":
            return plots.density(samples, facts.probability)
        below = fitting(samples)
        if samples.kind == "points":
            ends.append(ends[0] if ends else extent(samples.x if below is None else below))
            return plots.points(samples.x, below, ends[0])
        return columns.table(samples.x, below, data)

    return draw


def _beside(story: Story, real: Samples | None) -> list[Markup]:
    """Data that can't lie below the samples stands beside them."""
    if real is None or real.kind not in BESIDE:
        return []
    drawn = _drawing(story, None)(real, "examples of the data")
    return [element("figure", drawn, element("figcaption", "data"), class_="data")]


def _keys(story: Story, real: Samples | None) -> Markup:
    if real is not None and real.kind in BESIDE:
        return Markup("")
    is_line = story.start.data.shape == [1]
    roles = [("real", "data"), ("fake", "samples"), *([("d", "D, on the right scale")] if is_line else [])]
    return element(
        "p", *(element("span", element("i"), text, class_=f"key {role}") for role, text in roles), class_="keys"
    )
