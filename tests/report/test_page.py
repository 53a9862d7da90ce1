"""The page: whole in every state of a run, small, and closed to whatever a run directory says."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from feeding import FedRun, history
from hypothesis import given, settings
from hypothesis import strategies as st
from report.logs import at, hist, made, metrics, preview, start, write
from report.reading import Node, read

from gantui.core import events
from gantui.report import page as pages
from gantui.report.page import page
from gantui.runs import arrays, info
from gantui.runs.layout import RunDir

TITLES = [
    "Diagnoses and warnings",
    "Samples",
    "Training",
    "Measures",
    "Commands",
    "Settings",
    "Data",
    "Machine",
    "Repeat",
]
TAGS = {
    "html", "head", "meta", "title", "style", "body", "script", "header", "section", "footer", "h1", "h2", "h3", "h4",
    "p", "div", "span", "b", "i", "small", "code", "pre", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td",
    "details", "summary", "button", "input", "label", "figure", "figcaption", "img", "svg", "path", "text", "image",
    "rect",
}  # fmt: skip
ENDED = events.Exit(reason="finished", status=0, text="100 steps", digest="abc123", **at(100))


def titles(root: Node) -> list[str]:
    return [node.text for node in root.all("h2")]


def lead(root: Node) -> str:
    return root.one("p", "lead").text


def check_closed(root: Node) -> None:
    """Nothing is in the page but its own elements, its own script and style, and pictures that it brings along."""
    nodes = list(root.all())
    assert {node.tag for node in nodes} <= TAGS
    assert root.one("script").text == pages._own("report.js") and root.one("style").text == pages._style()
    for node in nodes:
        for name, value in node.attributes.items():
            assert not name.startswith("on") and name not in ("style", "srcdoc", "action", "formaction", "xlink:href")
            if name in ("src", "href"):
                assert re.fullmatch(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+", value or "")
    first = next(root.all("meta")), list(root.all("meta"))[1]
    assert "default-src 'none'" in (first[1].attributes["content"] or "")


def test_a_run_of_points_from_its_start_to_its_end(tmp_path: Path) -> None:
    run = made(tmp_path)
    rng = np.random.default_rng(0)
    previews = [preview(run, step, x=rng.normal(size=(100, 2))) for step in range(0, 101, 10)]
    (run.previews / "real.npz").write_bytes((run.path / previews[0].file).read_bytes())
    measured = {"modes": 7, "modes_total": 8, "class_shares": {"<a>": 0.5}, "own_measure": 1.5}
    write(
        run,
        [
            start(),
            *(metrics(step, loss_d=1.4, loss_g=0.7, d_x=0.5, own_number=step) for step in range(1, 101)),
            *(hist(step, 40, 20) for step in range(0, 100, 10)),
            *previews,
            events.Applied(
                id="a", author="ada@there", what="set", before={"lr_d": 1e-3}, after={"lr_d": 5e-4}, **at(50)
            ),
            events.Warning_(text="G's gradients are small", **at(60)),
            events.Eval(values=measured, samples=2500, seconds=3.0, **at(99)),
            ENDED,
        ],
    )
    root = read(page(run))
    check_closed(root)
    assert titles(root) == [*TITLES[:3], "D's output over time", *TITLES[3:]]
    assert lead(root) == "finished at step 100: 100 steps."
    assert [node.text for node in root.all("h3")][:3] == ["Losses", "D's output", "own_number"]
    frames = list(root.all("figure", "frame"))
    assert len(frames) == 11 and [f.one("figcaption").text for f in frames][-1] == "step 100"
    assert "now" in (frames[-1].attributes["class"] or "") and len(list(root.all("figure", "still"))) == 6
    assert len(list(root.all("image"))) == 2  # D(x) and D(G(z)) over time
    text = root.text
    for said in ("G's gradients are small", "ada@there", "lr_d 0.001 → 0.0005", "abc123", "2,500 samples", "<a>: 0.5"):
        assert said in text
    assert root.one("table", "measures").text.count("higher is better") == 1
    assert "D at equilibrium 1.386" in text and "G at equilibrium 0.6931" in text


def test_what_differs_from_the_defaults_comes_first_and_the_command_that_repeats_it(tmp_path: Path) -> None:
    run = made(tmp_path, [start(config={"seed": 7, "lr_d": 1e-3, "g_widths": [64], "made_up": "<x>"}), metrics(1)])
    root = read(page(run))
    section = next(node for node in root.all("section") if titles(node) == ["Settings"])
    differing, defaults = section.all("table")
    assert {row.children[0].text: row.children[1].text for row in differing.one("tbody").children} == {
        "seed": "7", "g_widths": "[64]", "made_up": "<x>"
    }  # fmt: skip
    assert [row.children[0].text for row in defaults.one("tbody").children] == ["lr_d"]
    commands = [node.text for node in root.all("pre", "command")]
    assert "-s seed=7" in commands[0] and "'g_widths=[64]'" in commands[0] and "made_up" not in commands[0]
    assert commands[1] == f"gantui run {run.config_toml}"


def test_two_branches_are_told_apart(tmp_path: Path) -> None:
    first = [start(), *(metrics(step) for step in range(1, 61)), *(hist(step, 60, 5) for step in range(0, 60, 5))]
    second = [
        start(parent=0, from_update=60, **at(30, 1)),
        *(metrics(step, 1) for step in range(31, 41)),
        hist(35, 1, 2, 1),
    ]
    root = read(page(made(tmp_path, [*first, *second])))
    check_closed(root)
    assert list(root.all("path", "left")) and "branch 0 after step 30" in root.text
    straight = read(page(made(tmp_path, first, "straight")))
    assert not list(straight.all("path", "left")) and "left behind" not in straight.text


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([start(), metrics(3)], "crashed at step 3"),
        (
            [start(), events.Exit(reason="failed", status=1, text="out of <memory>", **at(3))],
            "failed at step 3: out of <memory>",
        ),
        ([start(), events.Exit(reason="interrupted", status=75, text="a signal", **at(3))], "interrupted at step 3"),
        ([events.Stage(stage="loading data")], "crashed at step 0"),
    ],
)
def test_a_run_that_ended_badly_has_a_page(tmp_path: Path, records: list[events.AnyRecord], said: str) -> None:
    root = read(page(made(tmp_path, records)))
    check_closed(root)
    assert lead(root).startswith(said) and titles(root) == TITLES
    assert "taken no samples" in root.text and "not evaluated" in root.text


def test_a_run_at_work_and_one_that_has_only_a_folder(tmp_path: Path) -> None:
    with FedRun(tmp_path) as fed:
        fed.append(fed.opening())
        fed.beat(12)
        assert lead(read(page(fed.run))).startswith("running at step 12")
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "config.toml").write_text("seed = 9\nlr_d = nonsense")
    root = read(page(RunDir(bare)))
    check_closed(root)
    assert "No numbers were logged" in root.text and "can't be read" in root.text


def test_numbers_at_the_ends_of_what_a_float_holds_are_drawn_too(tmp_path: Path) -> None:
    extremes = (1e308, -1e308, 5e-324, 0.0)
    numbers = [
        events.Metrics(v={"loss_d": (x, -1e308, 1e308), "grad_norm_d": (abs(x),) * 3}, **at(i))
        for i, x in enumerate(extremes)
    ]
    huge = events.Hist(
        space="score", low=-(2.0**60), high=2.0**60, real=[2**52] * 64, fake=[0] * 64, overlap=0, **at(2)
    )
    root = read(
        page(made(tmp_path, [start(), *numbers, huge, events.Eval(values={"w1": 1e308, "sd": -1e308}, **at(4))]))
    )
    check_closed(root)
    assert not re.search(r"nan|inf", " ".join(path.attributes["d"] or "" for path in root.all("path")))


def test_a_million_steps_make_a_small_page(tmp_path: Path) -> None:
    with FedRun(tmp_path) as fed:
        fed.append([*fed.opening(), *history(1000, 1000)])
        run = fed.run
    files = [preview(run, step, x=np.random.default_rng(step).normal(size=(1024, 2))) for step in range(0, 10**6, 5000)]
    write(run, files, number=2)
    made_page = page(run)
    root = read(made_page)
    assert len(made_page) < 4e6 and len(list(root.all("figure", "frame"))) > 30
    assert "995,000" in lead(root)


HOSTILE = (
    "</script><script>alert(1)</script>", "</title>", "<!--", "]]>", '"><img src=x onerror=alert(1)>', "'", "&lt;b&gt;",
    "javascript:alert(1)", "</style>", "\x1b]0;x\x07", "\u202e", "\ud800", "</textarea>", "<svg onload=x>",
)  # fmt: skip
texts = st.text(max_size=30) | st.sampled_from(HOSTILE)
values = st.recursive(
    texts | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
tables = st.dictionaries(texts.filter(lambda t: "\ud800" not in t), values, max_size=3)


def without_surrogates(value: Any) -> Any:
    """What a log can hold at all: JSON has no lone surrogates."""
    if isinstance(value, str):
        return value.replace("\ud800", "?")
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return max(min(value, 2**60), -(2**60)) if isinstance(value, int) else value


@given(st.lists(texts, min_size=16, max_size=16), tables, st.sampled_from(["points", "table", "text"]))
@settings(max_examples=40, deadline=None)
def test_no_text_of_a_run_directory_reaches_the_page_unescaped(
    tmp_path_factory: pytest.TempPathFactory, said: list[str], table: dict[str, Any], kind: str
) -> None:
    said, table = [without_surrogates(text) for text in said], without_surrogates(table)
    folder = tmp_path_factory.mktemp("hostile")
    run = made(folder)
    info.write(
        run,
        info.RunInfo(
            host=said[0],
            preset=said[1],
            argv=[said[2], said[3], said[4]],
            torch=said[5],
            gantui=said[6],
            device=said[7],
        ),
    )
    data = events.DataFacts(
        name=said[8], kind=kind, shape=[2], count=3, classes=said[:2], columns=said[2:4], values=[said[4:7], []],
        alphabet=said[:5], attributes=[events.AttributeFacts(name=said[9], values=said[:3])],
    )  # fmt: skip
    objective = events.ObjectiveFacts(name=said[10], equilibrium={said[11]: 1.0, "loss_d": 1.0})
    where = at(2)
    width = 2 if kind == "points" else 3
    records = [
        start(config=table, data=data, objective=objective),
        events.Metrics(v={said[11]: (1.0, 0.5, 1.5), "loss_d": (1.0, 0.5, 1.5)}, **where),
        events.Metrics(v={said[11]: (3.0, 2.5, 3.5)}, **at(4)),
        preview(run, 3, x=np.arange(4.0 * width).reshape(4, width) % 3),
        events.Preview(file=said[12], caption=said[13], **where),
        events.Eval(values=table | {said[14]: {said[15]: 1}, "modes": 1}, samples=2, **where),
        events.Eval(values={said[14]: 2.5}, **at(4)),
        events.Received(id=said[0], author=said[1], what=said[2], **where),
        events.Applied(id=said[0], author=said[3], what="set", before=table, after=table, note=said[4], **where),
        events.Rejected(id=said[5], author=said[6], what=said[7], reason=said[8], **where),
        events.Checkpoint(file=said[9], digest=said[10], **where),
        events.Warning_(text=said[11], **where),
        events.Diagnosis(text=said[12], **where),
        events.Diagnosis(name=said[13], evidence=said[14], remedy={"lr_d": said[15], said[0]: 1}, text="", **where),
        events.Exit(reason=said[13], status=1, text=said[14], digest=said[15], **at(5)),
    ]
    write(run, records)
    check_closed(read(page(run)))


@pytest.mark.parametrize("harm", ["torn", "pickled", "huge", "wrong", "infinite", "link"])
def test_files_of_previews_that_are_none_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    run = made(tmp_path)
    good, bad = preview(run, 1, x=np.zeros((4, 1, 8, 8))), preview(run, 2, x=np.zeros((4, 1, 8, 8)))
    path = run.path / bad.file
    if harm == "torn":
        path.write_bytes(path.read_bytes()[:100])
    elif harm == "pickled":
        np.savez(path, x=np.array([{"a": 1}], dtype=object))
    elif harm == "huge":
        monkeypatch.setattr(arrays, "MAX_BYTES", 1 << 20)
        np.savez_compressed(path, x=np.zeros((1, 1, 1 << 10, 1 << 10), dtype=np.float32))
    elif harm == "wrong":
        np.savez(path, x=np.zeros((4, 5, 8, 8)))
    elif harm == "infinite":
        np.savez(path, x=np.full((4, 1, 8, 8), np.nan))
    else:
        path.unlink()
        path.symlink_to(run.path / good.file)
    write(run, [start(data=events.DataFacts(kind="image", shape=[1, 8, 8])), good, bad])
    root = read(page(run))
    check_closed(root)
    captions = [figure.one("figcaption").text for figure in root.all("figure", "frame")]
    assert captions == (["step 1", "step 2"] if harm == "infinite" else ["step 1"])


def test_the_policy_names_the_page_s_own_style_and_script_by_their_hashes(tmp_path: Path) -> None:
    import base64
    import hashlib

    raw = page(made(tmp_path)).decode()
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', raw)[1])  # type: ignore[index]
    for tag in ("style", "script"):
        inside = re.search(rf"<{tag}>(.*?)</{tag}>", raw, re.DOTALL)[1]  # type: ignore[index]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy and "http" not in policy
