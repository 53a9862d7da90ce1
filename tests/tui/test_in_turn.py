"""Keys that come all at once, as over a lagging line or pasted, do what they do when they are typed slowly."""

from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input
from tui.fakes import FakeSource, Seat, started, trained, watch

from gantui.tui import in_turn
from gantui.tui.in_turn import Behind
from gantui.tui.screens.dialogs import ValuePrompt
from gantui.tui.screens.start_form import StartForm
from gantui.tui.widgets.controls_pane import ControlsPane
from gantui.tui.widgets.filter_box import FilterBox
from gantui.tui.widgets.form_rows import FormRows, ValueBox
from gantui.tui.widgets.preset_list import PresetList


def burst(seat: Seat, *keys: str) -> None:
    """Type without a wait between the keys: they all lie in the app's queue before it looks at the first."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        seat.app.post_message(events.Key(name, key if len(key) == 1 else None))


async def form(seat: Seat) -> StartForm:
    await seat.press("enter")
    await seat.sees("Start gaussian")
    screen = seat.app.screen
    assert isinstance(screen, StartForm)
    return screen


def test_in_the_form_each_value_comes_to_the_setting_it_was_typed_for(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        draft = (await form(seat))._draft
        burst(seat, *"mine", "down", "down", *"77", "down", *"78", "down", "down", *"128", "up", "up", "backspace", "9")
        await seat.until(lambda: draft.changed.get("seed") == "9")
        assert draft.changed == {"name": "mine", "max_steps": "77", "seed": "9", "batch_size": "128"}

    watch(None, story, runs=tmp_path)


def test_editing_keys_act_on_what_was_typed_before_them(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        draft = (await form(seat))._draft
        burst(seat, "down", "down", "ctrl+u", *"125", "left", "backspace", "0", "end", "0", "down", "down", *"cuda")
        await seat.until(lambda: draft.changed == {"max_steps": "1050", "device": "cuda"})
        burst(seat, "ctrl+u", *"cpu", "f4", *"cuda:1", "up", "shift+up", "shift+up", "up", "delete", *"9")
        await seat.until(lambda: draft.changed == {"max_steps": "9", "seed": "2", "device": "cuda:1"})

    watch(None, story, runs=tmp_path)


def test_a_search_in_the_form_and_what_is_typed_after_it_keep_apart(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        screen = await form(seat)
        burst(seat, *"mine", "f3", *"learning rate", "enter", *"1", "down", *"2", "escape", "down", *"3")
        await seat.until(lambda: screen._draft.changed.get("k") == "3")
        assert screen._draft.changed == {"name": "mine", "lr_d": "1", "lr_g": "2", "k": "3"}
        assert len(screen.query_one(FormRows).names) > 40 and screen.query_one(ValueBox).has_focus

    watch(None, story, runs=tmp_path)


def test_a_form_that_only_opens_misses_nothing(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        await seat.sees("no runs yet")
        burst(seat, "slash", *"ring", "enter", "enter", *"mine", "down", "down", *"77")
        await seat.until(lambda: isinstance(seat.app.screen, StartForm) and len(seat.app.screen._draft.changed) > 1)
        await seat.until(lambda: seat.app.screen._draft.changed == {"name": "mine", "max_steps": "77"})
        await seat.sees("Start ring")

    watch(None, story, runs=tmp_path)


def test_a_paste_takes_its_turn(tmp_path: Path) -> None:
    async def story(seat: Seat) -> None:
        draft = (await form(seat))._draft
        burst(seat, "down", "down")
        seat.app.post_message(events.Paste("12\n34"))
        burst(seat, *"5", "down", *"6")
        await seat.until(lambda: draft.changed == {"max_steps": "125", "seed": "6"})

    watch(None, story, runs=tmp_path)


def test_any_letter_begins_a_search_of_the_settings_and_all_of_them_arrive() -> None:
    source = FakeSource([*started(), trained(50)])

    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        burst(seat, "c", *"lr_g", "enter", "enter", *"0.25", "enter")
        await seat.until(lambda: source.sent)
        assert source.sent[0].args == {"lr_g": 0.25}
        assert seat.app.screen.query_one(Input).value == "lr_g"
        assert seat.app.screen.query_one(ControlsPane).names == ["lr_g"]

    watch(source, story)


def test_a_dialog_that_only_opens_gets_what_is_typed_for_it() -> None:
    source = FakeSource([*started(), trained(50)])

    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        burst(seat, "enter", *"77", "backspace", "enter", "down", "enter", *"0.5", "enter")
        await seat.until(lambda: len(source.sent) == 2)
        assert [command.args for command in source.sent] == [{"k": 7}, {"lr_d": 0.5}]
        assert not isinstance(seat.app.screen, ValuePrompt)

    watch(source, story)


def test_a_widget_that_goes_meanwhile_or_passes_nothing_on_doesn_t_block_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_turn, "PATIENCE", 0.1)

    class Hole(Input):
        def on_behind(self, message: Behind) -> None:
            message.stop()

    async def story(seat: Seat) -> None:
        await seat.sees("no runs yet")
        burst(seat, "slash", *"ring", "escape", "down", "slash", *"residual-32", "escape")
        await seat.until(lambda: seat.app.screen.query_one(PresetList).selected == "residual-32")
        await seat.until(
            lambda: seat.app.screen.query_one(PresetList).has_focus and not seat.app.screen.query(FilterBox)
        )
        hole = Hole()
        await seat.app.screen.mount(hole)
        seat.app.screen.set_focus(hole)
        burst(seat, *"ab", "backspace", "c")
        await seat.until(lambda: hole.value == "ac")

    watch(None, story, runs=tmp_path)
