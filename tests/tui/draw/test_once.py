"""Drawings for any terminal: what they show, and that they fit in."""

import re
import sys
from pathlib import Path

import pytest

from gantui.core.errors import ConfigError
from gantui.core.events import AnyRecord, Hist, Metrics
from gantui.runs import layout
from gantui.runs.layout import RunDir
from gantui.runs.writer import EventWriter
from gantui.tui.draw.once import draw_curves, draw_histogram


def run_of(folder: Path, *records: AnyRecord) -> RunDir:
    run = layout.create(folder, "one", "ring")
    writer = EventWriter(run, branch=0)
    for record in records:
        writer.write(record)
    assert writer.close()
    return run


def metrics(step: int, **values: float) -> Metrics:
    return Metrics(v={name: (value, value, value) for name, value in values.items()}, n=1, step=step)


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    records = [metrics(step, loss_d=1.4 - step / 2000, loss_g=0.7 + step / 4000) for step in range(1, 1001)]
    counts = [[0, 10, 30, 60], [60, 30, 10, 0]]
    histogram = Hist(space="probability", low=0.0, high=1.0, real=counts[0], fake=counts[1], overlap=0.4, step=1000)
    return run_of(tmp_path, *records, histogram)


@pytest.mark.parametrize(("width", "height"), [(80, 14), (120, 24), (20, 8), (300, 50)])
def test_a_drawing_has_its_size_names_its_curves_and_round_ticks(run: RunDir, width: int, height: int) -> None:
    text = draw_curves(run, ["loss_d", "loss_g"], width, height)
    lines = text.splitlines()
    assert len(lines) == height and max(map(len, lines)) <= width and "\x1b" not in text
    assert lines[0].startswith("one  ━━ loss_d")
    if width >= 80:
        assert lines[0] == "one  ━━ loss_d  •• loss_g  by step"
        assert len(lines[-1].split()) > 2 and all(int(tick) % 100 == 0 for tick in lines[-1].split())
        assert re.search("1.00?┤", text) and "─┬─" in lines[-2]
    histogram = draw_histogram(run, width, height)
    assert histogram and len(histogram.splitlines()) == height
    assert histogram.splitlines()[0].startswith("shares of  ━━ D(x)")


def test_in_a_terminal_it_has_colours_but_its_ground(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = draw_curves(run, ["loss_d"], 80, 14)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    coloured = draw_curves(run, ["loss_d"], 80, 14)
    codes = {code for found in re.findall(r"\x1b\[([\d;]*)m", coloured) for code in found.split(";")[:1]}
    assert "38" in codes and not codes & {"48", *map(str, range(40, 48)), *map(str, range(100, 108))}
    assert "\n".join(line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", coloured).splitlines()) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert draw_curves(run, ["loss_d"], 80, 14) == plain


def test_what_is_not_there_is_said_and_a_single_point_is_enough(tmp_path: Path) -> None:
    empty = run_of(tmp_path / "empty")
    with pytest.raises(ConfigError, match="has logged no numbers yet"):
        draw_curves(empty, ["loss_d"], 80, 14)
    assert draw_histogram(empty, 80, 14) is None
    odd = run_of(tmp_path / "odd", metrics(5, loss_d=1.0, huge=1e300, never=0.0))
    with pytest.raises(ConfigError, match="no number 'los_d' in the log: did you mean 'loss_d'"):
        draw_curves(odd, ["los_d"], 80, 14)
    for names in (["loss_d"], ["huge"], ["never"], ["loss_d", "huge", "never"]):
        assert len(draw_curves(odd, names, 80, 14).splitlines()) == 14


def test_a_name_from_outside_is_harmless(tmp_path: Path) -> None:
    text = draw_curves(
        run_of(tmp_path, metrics(1, **{"\x1b[2Jred": 1.0}), metrics(9, **{"\x1b[2Jred": 2.0})), ["\x1b[2Jred"], 80, 14
    )
    assert "\x1b" not in text and "red" in text.splitlines()[0]
