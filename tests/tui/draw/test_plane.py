"""The plane with all its layers."""

from typing import Any

import numpy as np
import pytest
from drawings import assert_golden, assert_whole
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gantui.tui.draw.ink import Lines, plain
from gantui.tui.draw.plane import Shown, draw

ANGLES = np.arange(8) * np.pi / 4
RING = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
KNOTS = np.stack(np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-1, 1, 5)), axis=2) * 0.6
ENDS = (-1.5, 1.5, -1.5, 1.5)
WHOLE = Shown(
    real=RING,
    fake=RING * 0.8,
    origins=RING[:5] * 0.8,
    d_map=np.linspace(0, 1, 40)[None, :] * np.ones((20, 1)),
    extent=(-4.0, 4.0, -2.0, 2.0),
    arrows=RING[:5] * np.arange(1, 6)[:, None],
    manifold=KNOTS,
    modes=np.concatenate([RING, np.arange(8)[:, None] * 100], axis=1),
)


@pytest.mark.parametrize(("width", "height", "mono"), [(80, 20, False), (60, 16, True)])
def test_the_plane_looks_as_it_did(width: int, height: int, mono: bool) -> None:
    assert_golden(f"plane{'_mono' * mono}_{width}x{height}", draw(WHOLE, ENDS, width, height, mono))


@pytest.mark.parametrize(
    ("layer", "role"),
    [
        ("real", "real"),
        ("fake", "fake"),
        ("d_map", "heat8"),
        ("arrows", "cursor"),
        ("manifold", "g"),
        ("modes", "error"),
    ],
)
def test_each_layer_is_seen_and_can_be_left_out(layer: str, role: str) -> None:
    def roles(lines: Lines) -> set[object]:
        return {colour for line in lines[1:] for _, ink in line for colour in (ink.fg, ink.bg)}

    assert role in roles(draw(WHOLE, ENDS, 80, 20))
    assert role not in roles(draw(WHOLE._replace(**{layer: None}), ENDS, 80, 20))


def test_modes_without_a_sample_stand_out() -> None:
    lines = draw(WHOLE._replace(arrows=None), ENDS, 100, 30)
    inks = {text.strip(): ink for line in lines[1:-2] for text, ink in line if text.strip().isdigit()}
    assert inks["0"].fg == "error"
    assert inks["700"].fg == "text"


def test_points_stand_on_the_colour_of_d() -> None:
    lines = draw(WHOLE, ENDS, 80, 20)
    grounds = {ink.bg for line in lines[1:-2] for _, ink in line if ink.fg in ("real", "fake", "both")}
    assert grounds and all(str(ground).startswith("heat") for ground in grounds)


def test_the_data_are_seen_where_samples_are_drawn_to_them() -> None:
    lines = draw(WHOLE._replace(fake=RING, origins=RING * 0.9, arrows=RING * 0.1, modes=None), ENDS, 100, 30)
    assert (
        sum(len(text) for line in lines[1:-2] for text, ink in line if ink.fg == "both") >= 4
    )  # of 8: tips cover some


def test_without_colours_everything_is_a_character() -> None:
    text = "\n".join(plain(draw(WHOLE, ENDS, 60, 16, mono=True)))
    assert all(char in text for char in "·o░▒▓")


def test_what_changes_little_changes_few_cells() -> None:
    """D moved by a hundredth: the most part of the picture is as it was."""
    moved = WHOLE._replace(d_map=WHOLE.d_map + 0.01)
    before, after = (draw(shown, ENDS, 120, 40) for shown in (WHOLE, moved))
    cells = [[(char, ink) for text, ink in line for char in text] for lines in (before, after) for line in lines]
    changed = sum(
        a != b for one, other in zip(cells[:40], cells[40:], strict=True) for a, b in zip(one, other, strict=True)
    )
    assert 0 < changed < 0.15 * 120 * 40


wild = st.floats(width=32)


def layer(*shape: Any) -> st.SearchStrategy[np.ndarray | None]:
    sizes = st.tuples(*[st.integers(1, 4) if size is None else st.just(size) for size in shape])
    return st.one_of(st.none(), arrays(np.float32, sizes, elements=wild))


@settings(max_examples=60, deadline=None)
@given(
    layer(None, 2), layer(None, 2), layer(None, None), layer(None, None, 2), layer(None, 3),
    st.integers(1, 70), st.integers(1, 20), st.booleans(),
)  # fmt: skip
def test_any_layers_fill_exactly_any_area(
    points: np.ndarray | None, arrows_: np.ndarray | None, d_map: np.ndarray | None, knots: np.ndarray | None,
    modes: np.ndarray | None, width: int, height: int, mono: bool,
) -> None:  # fmt: skip
    count = min(len(points), len(arrows_)) if points is not None and arrows_ is not None else 0
    shown = Shown(points, points, points[:count] if count else None, d_map, (-1.0, 1.0, -1.0, 1.0),
                  arrows_[:count] if count else None, knots, modes)  # fmt: skip
    assert_whole(draw(shown, ENDS, width, height, mono), width, height)
