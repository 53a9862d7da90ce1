"""What a report says in words and tables: how the run stands, its measures, warnings, commands, data and machine."""

import time
from collections.abc import Mapping
from typing import Any

from gantui.core import verdicts
from gantui.core.changes import shown
from gantui.core.series import Series
from gantui.core.units import spell
from gantui.report import curves
from gantui.report.markup import Markup, element, facts, joined, safe, table
from gantui.report.meanings import MEANINGS, Meaning
from gantui.report.story import MOST_SAYINGS, Story
from gantui.runs.info import RunInfo
from gantui.runs.status import Status

TONES = {"finished": "good", "stopped": "good", "crashed": "error", "failed": "error", "interrupted": "warning"}
MOST_NESTED = 40  # parts of a measure
FIRST_MEASURES = 3


def head(story: Story, now: Status, made: float) -> Markup:
    """Return the title, how the run stands or ended, and the few numbers one looks for first."""
    of = f" of {now.max_steps:,}" if now.max_steps else ""
    why = f": {now.reason}" if now.reason else ""
    state = element("span", now.state, class_=f"state {TONES.get(now.state, 'live')}")
    said = [state, f" at step {now.step:,}{of}{why}."]
    if now.alive:
        said.append(f" It was at work when this page was made; {moment(made)}.")
    elif now.state == "crashed":
        said.append(" Its trainer is gone without a last word.")
    saved = story.checkpoint
    if saved and now.state not in ("finished", "running", "paused", "starting"):
        said.append(f" The last checkpoint is of step {saved.step:,}.")
    button = element("button", "light / dark", type="button", class_="theme")
    kicker = element("p", element("span", "gantui report"), button, class_="kicker")
    return element(
        "header", kicker, element("h1", now.id), element("p", *said, class_="lead"), _key_figures(story, now)
    )


def _key_figures(story: Story, now: Status) -> Markup:
    shown: list[tuple[str, object]] = [("steps", f"{now.step:,}")]
    if story.seconds:
        shown.append(("at work for", spell(story.seconds)))
    if (speed := _newest(story, "steps_per_s")) and (average := speed.columns(1)[0]):
        shown.append(("steps per second", f"{average.mean:.4g}"))
    for name, label in (("d_x", "D(x)"), ("d_gz", "D(G(z))")):
        if (series := _newest(story, name)) and series.last is not None:
            shown.append((label, f"{series.last:.3f}"))
    values = story.last_eval.values if story.last_eval else {}
    plain = [name for name in MEANINGS if isinstance(values.get(name), int | float) and MEANINGS[name].better]
    for name in plain[:FIRST_MEASURES]:
        of = element("small", f" of {values['modes_total']}") if name == "modes" and "modes_total" in values else ""
        shown.append((name.replace("_", " "), joined([_measured(values[name], MEANINGS[name]), of])))
    entries = [element("div", element("dt", label), element("dd", value)) for label, value in shown]
    return element("dl", *entries, class_="key-figures")


def _newest(story: Story, name: str) -> Series | None:
    for number in reversed(story.path):
        if number in story.branches and name in story.branches[number].curves:
            return story.branches[number].curves[name]
    return None


def measures(story: Story) -> Markup:
    """Return the last evaluation as a table, with what its numbers mean, and curves of those taken again and again."""
    last = story.last_eval
    if last is None:
        return element("p", "This run was not evaluated. ", element("code", "gantui eval"), " does it.", class_="note")
    rows: list[list[object]] = []
    for name, value in list(last.values.items())[:MOST_NESTED]:
        meaning = MEANINGS.get(name, Meaning(""))
        nested = isinstance(value, Mapping)
        what = joined([meaning.text, _ideal(meaning), element("small", _parts(value)) if nested else ""])
        rows.append([element("code", name), "" if nested else _measured(value, meaning), what])
    of = f"At step {last.step:,}" + (f", on {last.samples:,} samples" if last.samples else "")
    taken = f", in {spell(last.seconds)}" if last.seconds >= 1 else ""
    grid = curves.measure_figures(story)
    return joined(
        [
            element("p", f"{of}{taken}.", class_="note"),
            table(["measure", "value", "what it is"], rows, class_="measures"),
            element("div", *grid, class_="charts") if grid else "",
        ]
    )


def diagnoses(story: Story) -> Markup:
    """Return what was diagnosed, from which step to which, with its evidence and remedy."""
    found = story.diagnoses
    rows: list[list[object]] = []
    for held in found.spells:
        steps = f"{held.since:,} to {held.until:,}" if held.until is not None else f"{held.since:,} on"
        if not story.is_kept(held.step, held.branch):
            steps += ", left behind"
        remedy = [f"{name}={shown(value)}" for name, value in held.remedy.items()]
        name = element("span", verdicts.title(held.name), class_=f"state {verdicts.level(held.name)}")
        rows.append([name, steps, held.evidence, " ".join(remedy)])
    parts: list[object] = (
        [table(["condition", "steps", "evidence", "remedy"], rows, class_="diagnoses")] if rows else []
    )
    if found.count > len(found.spells):
        parts.append(element("p", f"The first {found.count - len(found.spells):,} are left out.", class_="note"))
    return joined(parts)


def sayings(story: Story) -> Markup:
    """Return diagnoses without a name, and warnings, each text once."""
    if not story.sayings:
        so_far = "" if story.diagnoses.count else "nothing was diagnosed and "
        return element("p", f"{so_far}nobody was warned.".capitalize(), class_="note")
    found = sorted(story.sayings.values(), key=lambda saying: (saying.kind != "diagnosis", saying.first))
    parts = []
    for said in found:
        where = f"step {said.first:,}" if said.first == said.last else f"steps {said.first:,} to {said.last:,}"
        times = f", {said.count:,} times" if said.count > 1 else ""
        small = element("small", f"{said.kind}, {where}{times}")
        parts.append(element("div", said.text, small, class_=f"say {said.kind}"))
    if len(found) >= MOST_SAYINGS:
        parts.append(element("p", f"Only the first {MOST_SAYINGS} are shown.", class_="note"))
    return joined(parts)


def ledger(story: Story) -> Markup:
    """Return the commands: when, at which step, by whom, what, and what became of it."""
    if not story.commands:
        return element("p", "Nobody changed anything while it trained.", class_="note")
    several = len(story.branches) > 1
    first = story.command_count - len(story.commands) + 1
    rows = []
    for number, told in enumerate(story.commands, first):
        outcome = "no answer" if told.outcome == "received" else told.outcome
        if several and not story.is_kept(told.step, told.branch):
            outcome += ", left behind"
        rows.append([f"{number}", f"{told.step:,}", told.text, outcome, safe(told.who, 80), moment(told.t)])
    parts = [table(["", "step", "command", "", "by", "at"], rows, class_="ledger")]
    if first > 1:
        parts.append(element("p", f"The first {first - 1:,} commands are left out.", class_="note"))
    return joined(parts)


def data(story: Story) -> Markup:
    """Return what is known of the data."""
    known = story.start.data
    attributes = [f"{one.name} ({', '.join(one.values[:12])})" if one.values else one.name for one in known.attributes]
    return facts(
        [
            ("data set", known.name),
            ("kind", known.kind),
            ("shape", " × ".join(map(str, known.shape[:8]))),
            ("examples", f"{known.count:,}" if known.count else ""),
            ("classes", _listed(known.classes)),
            ("columns", _listed(known.columns)),
            ("attributes", _listed(attributes) if len(attributes) > 1 or not known.classes else ""),
            ("symbols", f"{len(known.alphabet):,}" if known.alphabet else ""),
        ]
    )


def machine(story: Story, info: RunInfo | None, now: Status) -> Markup:
    """Return who ran it, where and when, with which versions."""
    system = story.system
    threads = f", {info.threads} thread{'s' * (info.threads != 1)}" if info and info.threads else ""
    versions = [("gantui", info.gantui), ("torch", info.torch), ("Python", info.python)] if info else []
    digest = story.exit.digest if story.exit else (story.checkpoint.digest if story.checkpoint else "")
    saved = story.checkpoint
    return facts(
        [
            ("host", info.host if info else ""),
            ("device", f"{info.device}{threads}" if info and info.device else ""),
            ("GPU", (system.gpu_name or "") if system else ""),
            ("cores", f"{system.cores} to run on" if system and system.cores else ""),
            ("memory", f"at most {story.peak['memory']:,} MiB" if story.peak["memory"] else ""),
            ("versions", ", ".join(f"{name} {text}" for name, text in versions if text)),
            ("preset", info.preset if info else ""),
            ("last started", moment(info.started) if info and info.started else ""),
            ("trainers", f"{story.trainers:,}, one after the other" if story.trainers > 1 else ""),
            ("checkpoint", f"{saved.file}, of step {saved.step:,}" if saved else ""),
            ("state's digest", element("code", digest) if digest else ""),
            ("directory", now.path),
            ("log", f"{story.bad_lines:,} lines can't be read and are left out" if story.bad_lines else ""),
        ]
    )


def _ideal(meaning: Meaning) -> str:
    if meaning.better in ("higher", "lower"):
        return f"; {meaning.better} is better"
    return f"; ideal: {meaning.better}" if meaning.better else ""


def _parts(value: Mapping[Any, Any]) -> str:
    parts = list(value.items())
    shown = [f"{name}: {_number(part)}" for name, part in parts[:MOST_NESTED]]
    return " · ".join(shown) + (f" and {len(parts) - len(shown)} more" if len(parts) > len(shown) else "")


def _measured(value: object, meaning: Meaning) -> str:
    return f"{_number(value)} {meaning.unit}".rstrip()


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)[:200]


def _listed(names: list[str], most: int = 24) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def moment(t: float) -> str:
    """Return a time (Unix seconds) as date, time of day and offset from UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(t))
