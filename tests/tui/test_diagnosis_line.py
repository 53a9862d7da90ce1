"""What is wrong with the game, in one line, and the key that mends it."""

from textual.widgets import Button
from tui.fakes import CONFIG, FakeSource, Seat, a_run, started, trained, watch

from gantui.core.events import Cursor, Diagnosis, Stage, Start
from gantui.tui.remedy import changes
from gantui.tui.screens.dialogs import Question
from gantui.tui.widgets.diagnosis_line import DiagnosisLine
from gantui.tui.widgets.event_list import EventList

STRONG = {
    "name": "d_too_strong",
    "since": 120,
    "evidence": "D's loss is 0.4% of that at equilibrium",
    "remedy": {"loss": "minimax", "lr_d": 0.0005},
    "text": "D too strong since step 120: D's loss is 0.4% of that at equilibrium",
}


def strong(step: int = 200, **other: object) -> Diagnosis:
    return Diagnosis(**STRONG | other).at(Cursor(step=step, d_updates=step, g_updates=step, update=2 * step))


def over(name: str, step: int) -> Diagnosis:
    return Diagnosis(name=name, state="over", text=f"{name}: over", since=120).at(Cursor(step=step, update=2 * step))


def test_the_line_is_there_while_there_is_something_to_say() -> None:
    source = FakeSource(a_run())

    async def story(seat: Seat) -> None:
        await seat.sees("Losses")
        assert not seat.app.screen.query_one(DiagnosisLine).display
        source.tell(strong())
        await seat.sees("▲ D too strong since step 120: D's loss is 0.4% of that at equilibrium")
        source.tell(trained(300), over("d_too_strong", 300))
        await seat.until(lambda: "D too strong since" not in seat.text)
        assert not seat.app.screen.query_one(DiagnosisLine).display

    watch(source, story)


def test_one_key_sets_the_remedy_after_showing_what_it_sets() -> None:
    source = FakeSource([*a_run(), strong()])

    async def story(seat: Seat) -> None:
        await seat.sees("D too strong")
        await seat.press("x")
        await seat.until(lambda: isinstance(seat.app.screen, Question) and seat.app.screen.query(Button))
        await seat.until(lambda: "loss non_saturating → minimax" in " ".join(seat.text.replace("│", " ").split()))
        assert not source.sent
        await seat.press("y")
        await seat.until(lambda: source.sent)
        assert [(c.what, c.args) for c in source.sent] == [("set", {"loss": "minimax", "lr_d": 0.0005})]
        source.answer()
        await seat.sees("loss non_saturating → minimax, lr_d 0.001 → 0.0005 at step 200")
        await seat.sees("D too strong since step 120: remedy set; when it was found")
        await seat.press("x")  # nothing is left to set
        await seat.sees("D too strong: it is set already")
        assert len(source.sent) == 1

    watch(source, story, size=(100, 30))


def test_enter_alone_sets_nothing() -> None:
    source = FakeSource([*a_run(), strong()])

    async def story(seat: Seat) -> None:
        await seat.sees("D too strong")
        await seat.press("x")
        await seat.until(lambda: isinstance(seat.app.screen, Question) and seat.app.screen.query(Button))
        await seat.press("enter")
        await seat.sees("D too strong: nothing was set")
        assert not source.sent

    watch(source, story)


def test_what_is_dismissed_stays_away_until_it_begins_anew_and_the_next_comes_up() -> None:
    source = FakeSource([*a_run(), strong(), strong(name="total_collapse", since=150, evidence="all alike")])

    async def story(seat: Seat) -> None:
        await seat.sees("▲ total collapse +1 since step 150")  # the graver one, though it is younger
        await seat.press("X")
        await seat.sees("▲ D too strong since step 120")
        await seat.press("X")
        await seat.until(lambda: not seat.app.screen.query_one(DiagnosisLine).display)
        await seat.press("x")
        await seat.sees("nothing is diagnosed")
        source.tell(trained(400), strong(400, since=390))
        await seat.sees("▲ D too strong since step 390")

    watch(source, story)


def test_keys_in_the_line_can_be_clicked() -> None:
    source = FakeSource([*a_run(), strong()])

    async def story(seat: Seat) -> None:
        await seat.sees("x Remedy")
        line = seat.app.screen.query_one(DiagnosisLine)
        text = seat.text.split("\n")[line.region.y]
        await seat.pilot.click(DiagnosisLine, offset=(text.index("x Remedy") + 2, 0))
        await seat.until(lambda: isinstance(seat.app.screen, Question))
        await seat.press("n")
        await seat.until(lambda: not isinstance(seat.app.screen, Question))
        await seat.pilot.click(DiagnosisLine, offset=(text.index("X Dismiss") + 2, 0))
        await seat.until(lambda: not line.display)

    watch(source, story, size=(80, 24))


def test_a_good_sign_has_no_remedy_and_no_key_for_one() -> None:
    source = FakeSource([*a_run(), strong(name="equilibrium", evidence="all is well", remedy={})])

    async def story(seat: Seat) -> None:
        await seat.sees("● equilibrium reached since step 120: all is well")
        assert "x Remedy" not in seat.text and "X Dismiss" in seat.text

    watch(source, story)


def test_events_have_diagnoses_of_their_own_kind_and_the_curves_a_mark() -> None:
    source = FakeSource([*a_run(), strong(), over("d_too_strong", 200)])

    async def story(seat: Seat) -> None:
        await seat.sees("1 Overview")
        assert seat.app.watching
        (mark,) = seat.app.watching.view.marks
        assert (mark.x, mark.label) == (120.0, "D too strong")
        await seat.press("4")
        await seat.sees("▲ D too strong since step 120")
        await seat.sees("△ d_too_strong: over")
        await seat.press("k", "k")
        await seat.until(lambda: len(seat.app.screen.query_one(EventList).keys) == 2)
        assert "▲ D too strong" in seat.text

    watch(source, story, size=(80, 24))


def test_a_new_trainer_looks_anew_but_a_roll_back_keeps_what_holds() -> None:
    source = FakeSource([*a_run(), strong()])

    async def story(seat: Seat) -> None:
        await seat.sees("D too strong")
        source.tell(Start(parent=0, from_update=300, branch=1, config=CONFIG).at(Cursor(step=150, update=300)))
        await seat.sees("rolled back at step 150")
        assert "D too strong since" in seat.text
        source.tell(Stage(stage="importing"))
        await seat.until(lambda: "D too strong since" not in seat.text)

    watch(source, story)


def test_what_a_hostile_log_prescribes_is_shown_safely_and_only_settings_are_set() -> None:
    remedy = {"lr_d": "quick\x1b[2J", "seed": 3, "\x1b[1m": 1, "lr_g": 1e9, "k": 2}
    hostile = strong(name="\x1b[2Jevil", evidence="\x1b]0;x\x07" + "e" * 5000, text="\x1b[2J" * 500, remedy=remedy)
    assert changes(hostile, CONFIG) == {"k": 2}
    source = FakeSource([*started(), trained(200), hostile, strong(name="", remedy={})])

    async def story(seat: Seat) -> None:
        await seat.sees("\\x1b[2Jevil")
        assert "\x1b" not in seat.text

    watch(source, story, size=(80, 24))
