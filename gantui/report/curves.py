"""The numbers of a run as figures: which belong together, what they mean, where commands changed the game."""

from collections.abc import Iterable, Mapping, Sequence

from gantui.core.panels import Panel, grouped
from gantui.core.series import Series
from gantui.report.charts import COLUMNS, Chart, Columns, Mark, Reference, Trace, figure
from gantui.report.markup import Markup, element
from gantui.report.story import Branch, Story

NOTES = {
    "Losses": "What D and G minimise. In a game a falling loss is no progress by itself: look at where the two settle.",
    "Value V(D,G)": "V(D,G) of Goodfellow et al. 2014: −log 4 at equilibrium, 0 where D tells data and samples apart.",
    "D's output": "Means over data, and over samples before and after G's update: equal where D sees no difference.",
    "Gradients": "Norms of the gradients of both networks' weights. G starves where its own goes to 0.",
    "Learning rate": "Effective rates: the base rate times its schedule.",
    "Penalty on D": "What the constraint adds to D's loss.",
    "Update over weight": "How much an update changes the weights: ‖Δw‖/‖w‖.",
    "Variety of samples": "Of the data's parts that samples fill, and of the mean distance of two: 1 is the data's.",
    "Samples to data": "How far samples are from the data, in standard deviations; 0 where both are alike.",
    "Way of samples": "How far samples move between two looks, in mean distances of the data, and how straight.",
    "Slope at samples": "How steep G's loss is at its samples: what G can learn from.",
    "Dead units": "Share of hidden units, in the worst layer, that pass no gradient.",
    "Samples to examples": "From a sample to the nearest example, over the way between examples: copies are below 1.",
}
LEFT_OUT = ("Samples per second",)  # steps per second say it
LOG_FIRST = ("Gradients",)
ORDER = ("Losses", "D's output", "Value V(D,G)", "Gradients", "Learning rate", "Penalty on D")


def figures(story: Story) -> list[Markup]:
    """Return a figure for each panel of numbers that the log has."""
    panels = grouped(_names(branch.curves for branch in story.branches.values()))
    place = {heading: index for index, heading in enumerate(ORDER)}
    panels = [panel for panel in panels if panel.heading not in LEFT_OUT]
    panels.sort(key=lambda panel: place.get(panel.heading, len(place)))
    by_branch = {number: branch.curves for number, branch in story.branches.items()}
    return [_figure(story, panel, by_branch, f"c{index}") for index, panel in enumerate(panels)]


def measure_figures(story: Story) -> list[Markup]:
    """Return a figure for each panel of measures that were taken more than once."""
    by_branch = {number: branch.measures for number, branch in story.branches.items()}
    again = [
        name for name in _names(by_branch.values()) if sum(len(c[name]) for c in by_branch.values() if name in c) > 1
    ]
    panels = [panel for panel in grouped(again) if [shown.name for shown in panel.shown] != ["modes_total"]]
    return [_figure(story, panel, by_branch, f"m{index}", from_zero=True) for index, panel in enumerate(panels)]


def legend(story: Story) -> Markup:
    """Return what upright lines and pale curves stand for, nothing if there are none."""
    found, notes = marks(story), []
    if any(mark.number for mark in found):
        notes.append("Dotted upright lines: commands changed settings, numbered as below.")
    if any(not mark.number for mark in found):
        notes.append("Those without a number: training went on from there on a new branch.")
    left = []
    for number, branch in sorted(story.branches.items()):
        limit = story.path.get(number, float(branch.step))
        if number not in story.path or branch.reached > limit:
            left.append(f"branch {number} after step {int(limit):,}")
    if left:
        shown = ", ".join(left[:6]) + (f" and {len(left) - 6} more" if len(left) > 6 else "")
        notes.append(f"Dashed and pale: history that was left behind ({shown}).")
    return element("p", " ".join(notes), class_="note") if notes else Markup("")


def span(story: Story) -> tuple[float, float]:
    """Return the steps from the start to the last one reached on any branch."""
    return 0.0, float(max([branch.reached for branch in story.branches.values()] + [1]))


def marks(story: Story) -> list[Mark]:
    """Return where settings were changed, numbered as in the list of commands, and where branches begin."""
    first = story.command_count - len(story.commands) + 1
    found = [
        Mark(told.step, first + index)
        for index, told in enumerate(story.commands)
        if told.outcome == "applied" and told.after and story.is_kept(told.step, told.branch)
    ]
    return found + [Mark(branch.step) for branch in story.branches.values() if branch.step]


def stretches(story: Story, number: int, branch: Branch) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the steps of a branch that led to the present state, and those that were left; low above high: none."""
    if number not in story.path:
        return (1.0, 0.0), (float(branch.step), float(branch.reached))
    kept = min(story.path[number], float(branch.reached))
    return (float(branch.step), kept), (kept, float(branch.reached))


def _figure(
    story: Story, panel: Panel, by_branch: Mapping[int, Mapping[str, Series]], key: str, from_zero: bool = False
) -> Markup:
    steps = span(story)
    traces = []
    for shown in panel.shown:
        kept: list[Columns] = []
        left: list[Columns] = []
        last = None
        for number in sorted(by_branch):
            series = by_branch[number].get(shown.name)
            if series is None:
                continue
            ours, theirs = stretches(story, number, story.branches[number])
            if ours[0] <= ours[1]:
                kept.append(_columns(series, steps, *ours))
                there = [column.mean for column in kept[-1] if column]
                last = there[-1] if there else last
            if theirs[0] < theirs[1]:
                left.append(_columns(series, steps, *theirs))
        newest = by_branch.get(max(story.path, default=0), {}).get(shown.name)
        traces.append(
            Trace(shown.label, shown.role, kept, left, newest.last if newest and newest.last is not None else last)
        )
    chart = Chart(
        panel.heading,
        NOTES.get(panel.heading, ""),
        traces,
        steps,
        marks(story),
        _references(story, panel),
        log_first=panel.heading in LOG_FIRST,
        from_zero=from_zero,
    )
    return figure(chart, key)


def _columns(series: Series, steps: tuple[float, float], low: float, high: float) -> Columns:
    """As many columns as this part of the whole axis has, but one for each step at most; the empty ones left out."""
    width = (steps[1] - steps[0]) / COLUMNS
    count = max(1, min(round((high - low) / width), int(high - low) + 1))
    return [column for column in series.columns(count, low, high) if column]


def _references(story: Story, panel: Panel) -> list[Reference]:
    end = span(story)[1]
    found: dict[tuple[float, float], Reference] = {}
    for low, high, facts in story.objectives():
        for shown in panel.shown:
            value = facts.equilibrium.get(shown.name)
            if value is not None and low < end:
                whose = f"{shown.label} " if len(panel.shown) > 1 else ""
                label = f"{whose}at equilibrium {value:.4g}".strip()
                found.setdefault((low, value), Reference(value, label, low, min(high, end)))
    return list(found.values())


def _names(curves: Iterable[Mapping[str, Series]]) -> Sequence[str]:
    return list(dict.fromkeys(name for some in curves for name in some))
