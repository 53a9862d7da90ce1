"""A run before it exists: settings as texts, checked as they are typed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gantui.core import presets
from gantui.core.config import FIELDS
from gantui.core.errors import ConfigError
from gantui.tui.draft import NAME, Draft, culprit
from gantui.tui.widgets.preset_list import in_order


def draft(name: str = "ring", folder: Path = Path("/nowhere")) -> Draft:
    return Draft(presets.load(name), folder)


@pytest.mark.parametrize("name", presets.names())
def test_every_value_of_every_preset_survives_being_typed(name: str) -> None:
    one = draft(name)
    for field in FIELDS:
        text = one.given(field)
        one.changed[field] = text  # as if it differed
        assert one.value(field) == getattr(one.preset.config(), field)


def test_what_is_typed_is_checked_and_named() -> None:
    one = draft()
    one.put("lr_d", "fast")
    assert one.problems() == {"lr_d": "lr_d = 'fast': must be a number from 0 to 100"}
    one.put("lr_d", "1e-4")
    assert one.problems() == {} and one.overrides() == {"lr_d": 1e-4}
    one.put("lr_d", "  ")
    assert one.text("lr_d") == "0.002" and not one.changed


def test_a_combination_is_charged_to_the_setting_it_begins_with() -> None:
    one = draft()
    one.put("k", "0")
    assert one.problems() == {}
    one.put("g_steps", "0")
    assert list(one.problems()) == ["k"] and "at least one of them" in one.problems()["k"]


def test_a_penalty_comes_with_its_weight_and_goes_with_it() -> None:
    one = draft()
    one.put("constraint", "r1")
    assert one.text("constraint_weight") == "1.0" and one.problems() == {}
    one.put("constraint", "")
    assert not one.changed
    digits = draft("digits")
    digits.put("constraint", "none")
    assert digits.text("constraint_weight") == "0.0" and digits.problems() == {}
    digits.put("constraint", "r1")
    assert digits.text("constraint_weight") == "2.0" and not digits.changed


def test_a_name_is_checked_against_the_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    one = draft(folder=tmp_path)
    for name, said in (
        ("taken", "there is such a run already"),
        ("a b", "must be letters"),
        ("latest", "not 'latest'"),
    ):
        one.put(NAME, name)
        assert said in one.problems()[NAME]
    one.put(NAME, "free")
    assert one.problems() == {}


def test_data_that_is_not_there_is_missed_at_once(tmp_path: Path) -> None:
    one = draft("images")
    assert "no such file or folder" in one.problems()["data"]
    one.put("data", str(tmp_path))
    assert one.problems() == {}
    one.put("data", "\x1b[31mred")
    assert "\x1b" not in one.problems()["data"]


def test_a_plan_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    one = draft(folder=folder)
    one.put("max_steps", "0")
    with pytest.raises(ConfigError, match="max_steps = 0"):
        one.plan()
    assert not folder.exists()
    one.put("max_steps", "50")
    one.put(NAME, "mine")
    plan = one.plan()
    assert plan.run.path == folder / "mine" and plan.config.max_steps == 50
    with pytest.raises(ConfigError, match="there is such a run already"):
        one.plan()


@given(st.sampled_from(sorted(FIELDS)), st.lists(st.sampled_from([1, -1]), max_size=30), st.booleans())
def test_no_nudge_leaves_what_is_allowed(name: str, directions: list[int], fine: bool) -> None:
    one = draft()
    for direction in directions:
        one.nudge(name, direction, fine=fine)
        assert one.problem(name) == ""


def test_nudges_go_through_numbers_choices_and_truths() -> None:
    one = draft()
    for name, text in (("loss", "least_squares"), ("spectral_norm", "true"), ("k", "2"), ("preview_every", "5s")):
        one.nudge(name, 1)
        assert one.text(name) == text
    assert not any(one.can_nudge(name) for name in (NAME, "data", "g_widths", "threads", "device"))


def test_the_culprit_is_the_setting_that_a_message_names() -> None:
    assert culprit("no data in /x: set download = true") == "data"
    assert culprit("nothing at all") == ""


def test_a_newcomer_meets_the_quick_presets_first_and_those_that_need_files_last() -> None:
    order = [preset.name for preset in in_order([presets.load(name) for name in presets.names()])]
    assert order[:4] == ["gaussian", "ring", "wine", "grid"]
    assert set(order[-6:]) == {"images", "table", "text", "dcgan-64", "goodfellow-tfd", "goodfellow-tfd-2"}
