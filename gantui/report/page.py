"""The whole page: head, sections, style and script, and a policy that lets nothing else in."""

import base64
import hashlib
import time
from importlib.resources import files

from gantui import __version__
from gantui.core import colours
from gantui.core.histogram import Histogram
from gantui.report import charts, curves, heat, sections, settings, story, timeline
from gantui.report.markup import Markup, element, joined
from gantui.report.pictures import png_uri
from gantui.report.story import Story
from gantui.runs import info as run_info
from gantui.runs import status
from gantui.runs.layout import RunDir

GROUNDS = {"light": "#ffffff", "dark": "#12151b"}
HEAT_NOTE = (
    "How the scores of the last batches are spread over D's output, step by step; the stronger the colour the more, on "
    "a scale of square roots. At equilibrium both look alike."
)


def page(run: RunDir) -> bytes:
    """Return the report on a run as HTML. Never raises for what the run directory holds."""
    made = time.time()
    now, info, told = status.status(run, made), run_info.read(run), story.read(run)
    first, last = settings.first_and_last(run, told)
    changed = any(one.after for one in told.commands)
    figures = curves.figures(told)
    there = curves.legend(told)
    no_numbers = element("p", "No numbers were logged.", class_="note")
    body = [
        sections.head(told, now, made),
        _section("Diagnoses and warnings", sections.diagnoses(told), sections.sayings(told)),
        _section("Samples", timeline.section(run, told)),
        _section("Training", *([element("div", *figures, class_="charts"), there] if figures else [no_numbers])),
        *_heat_sections(told),
        _section("Measures", sections.measures(told)),
        _section("Commands", sections.ledger(told)),
        _section("Settings", settings.section(first, last)),
        element(
            "section", element("div", element("h2", "Data"), sections.data(told)),
            element("div", element("h2", "Machine"), sections.machine(told, info, now)), class_="pair",
        ),
        _section("Repeat", settings.commands(run, info, first, changed)),
        element("footer", f"Made by gantui {__version__} on {sections.moment(made)}."),
    ]  # fmt: skip
    return _document(f"{now.id} · gantui report", joined(body)).encode("utf-8")


def _section(title: str, *parts: object) -> Markup:
    return element("section", element("h2", title), *parts)


def _heat_sections(told: Story) -> list[Markup]:
    """Histograms over time, those of a probability and those of a critic's scores each on their own."""
    found: list[tuple[int, Histogram]] = []
    for number, limit in told.path.items():
        if branch := told.branches.get(number):
            found = [entry for entry in found if entry[0] < max(branch.step, 1)]
            found += [entry for own in branch.heats.values() for entry in own.until(limit)]
    found.sort(key=lambda entry: entry[0])
    steps = curves.span(told)
    titles = {"probability": "D's output over time", "score": "D's scores over time"}
    parts = []
    for space in sorted({one.space for _, one in found}):
        histograms = [one for _, one in found if one.space == space]
        ends = heat.extent(histograms)
        scale = charts.Scale(steps, ends)
        plots = []
        for role, label, shown in zip(
            ("real", "fake"), ("D(x), data", "D(G(z)), samples"), heat.shares(found, space, steps, ends), strict=True
        ):
            x, y = scale.x(steps[0]), scale.y(ends[1])
            image = element(
                "image", href=png_uri(heat.png(shown, colours.LIGHT[role])), x=f"{x:.1f}", y=f"{y:.1f}",
                width=f"{scale.x(steps[1]) - x:.1f}", height=f"{scale.y(ends[0]) - y:.1f}", preserveAspectRatio="none",
            )  # fmt: skip
            caption = element("figcaption", element("h3", label), element("span", class_="at"))
            plots.append(element("figure", caption, charts.frame(scale, image, "heat"), class_="chart"))
        last = histograms[-1]
        overlap = f" Overlap in the last one: {100 * last.overlap:.0f} %."
        grid = element("div", *plots, class_="charts")
        parts.append(_section(titles[space], grid, element("p", HEAT_NOTE + overlap, class_="note")))
    return parts


def _document(title: str, body: Markup) -> str:
    style, script = _style(), _own("report.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; "
        "form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(style)),
    )
    whole = element("html", head, element("body", body, element("script", Markup(script))), lang="en")
    return f"<!doctype html>\n{whole}\n"


def _style() -> str:
    """The style sheet, with the colours of the roles on both grounds; paper is light."""
    light = _variables("light", colours.LIGHT)
    dark = _variables("dark", colours.DARK | colours.DARK_DATA)
    themes = (
        f":root {{ {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n"
        f"@media screen {{ :root[data-theme=dark] {{ {dark} }} }}\n"
    )
    return themes + _own("report.css")


def _variables(scheme: str, roles: dict[str, str]) -> str:
    named = (roles | {"ground": GROUNDS[scheme]}).items()
    return f"color-scheme: {scheme}; " + " ".join(f"--{name.replace('_', '-')}: {colour};" for name, colour in named)


def _own(name: str) -> str:
    return files("gantui.report").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
