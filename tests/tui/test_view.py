"""The view model: events in, state out."""

import math
from pathlib import Path

import pytest
from tui.fakes import a_run, histogram, start, trained

from gantui.core import events
from gantui.runs.branches import lineage
from gantui.runs.layout import RunDir
from gantui.runs.live import Live
from gantui.runs.reader import RunReader
from gantui.runs.status import Status
from gantui.tui.view import MOST_MARKS, RunView

RECORDED = Path(__file__).parent.parent / "runs" / "recorded"


def _view(*records: events.AnyRecord) -> RunView:
    view = RunView("run", lambda args: "id")
    view.feed(records)
    return view


def _recorded() -> list[events.AnyRecord]:
    reader, records = RunReader(RunDir(RECORDED)), []
    while not reader.exhausted:
        records += reader.poll()
    return records


def test_curves_hold_every_number_of_the_log_at_its_step() -> None:
    view = _view(*a_run(50))
    assert view.curves["loss_d"].span == (1, 50)
    assert view.last("loss_d") == pytest.approx(1.4 - 0.1 * math.sin(1))
    (whole,) = view.curves["loss_g"].columns(1)
    assert whole is not None and whole.low == pytest.approx(
        min(0.7 + 0.1 * math.cos(s / 70) for s in range(1, 51)) - 0.1
    )
    assert (view.step, view.state, view.max_steps) == (50, "running", 10_000)


def test_one_by_one_or_all_at_once_is_the_same_view() -> None:
    records = _recorded()
    at_once, one_by_one = _view(*records), RunView("run", lambda args: "id")
    for record in records:
        one_by_one.feed([record])
    for name, curve in at_once.curves.items():
        assert curve.columns(40) == one_by_one.curves[name].columns(40)
    assert at_once.marks == one_by_one.marks
    assert at_once.previews == one_by_one.previews
    assert list(at_once.entries) == list(one_by_one.entries)


def test_a_new_branch_takes_the_view_onto_its_own_path() -> None:
    """Branch 1 goes on from update 120; what branch 0 had beyond that is not the run's history any more."""
    view = _view(*_recorded())
    path = _view(*lineage(_recorded()))
    assert view.branch == 1 and not view.stale
    assert view.curves["loss_d"].columns(30) == path.curves["loss_d"].columns(30)
    assert [preview.update for preview in view.previews] == [40, 80, 160, 200, 240, 280]
    assert [preview.branch for preview in view.previews] == [0, 0, 1, 1, 1, 1]
    assert (view.step, view.state) == (150, "finished")


def test_a_branch_from_elsewhere_is_noticed() -> None:
    view = _view(*a_run(10))
    view.feed([start(branch=1, parent=0, from_update=10, step=5, update=10)])
    assert not view.stale
    view.feed([start(branch=2, parent=0, from_update=4, step=2, update=4)])
    assert view.stale


def test_late_records_of_a_branch_that_was_left_are_passed_over() -> None:
    view = _view(*a_run(10))
    view.feed([start(branch=1, parent=0, from_update=10, step=5, update=10)])
    view.feed([events.Preview(file="previews/u000000018-b0.npz", step=9, update=18), trained(9)])
    assert view.previews == [] and view.curves["loss_d"].span == (1, 5)


def test_single_updates_of_d_have_a_place_of_their_own_on_the_axis() -> None:
    view = _view(start(), trained(10, 20))
    for extra in (21, 22, 23):
        view.feed([trained(10, extra, loss_d=float(extra))])
    columns = [column for column in view.curves["loss_d"].columns(1000, 10, 11) if column]
    assert [column.mean for column in columns][1:] == [21.0, 22.0, 23.0]
    assert all(10 <= column.x < 11 for column in columns)
    view.feed([trained(11, 24)])
    assert view.curves["loss_d"].span == (10, 11)


def test_what_is_measured_now_and_then_keeps_its_place() -> None:
    view = _view(start(), trained(1, loss_d=1.0), trained(2, loss_d=1.0, grad_norm_d=5.0), trained(3, loss_d=1.0))
    assert view.curves["loss_d"].span == (1, 3)
    assert view.curves["grad_norm_d"].span == (2, 2)


def test_commands_leave_an_entry_a_mark_and_a_notice() -> None:
    view = _view(*a_run(10))
    who = {"id": "a1", "author": "ada@lab", "what": "set"}
    view.feed([events.Received(**who, step=10, update=20)])
    assert view.entries[-1].outcome == "received"
    view.feed([events.Applied(**who, before={"lr_d": 0.001}, after={"lr_d": 0.0005}, step=10, update=20)])
    entry = view.entries[-1]
    assert (entry.outcome, entry.text, entry.who, entry.step) == ("applied", "lr_d 0.001 → 0.0005", "ada@lab", 10)
    assert [mark.label for mark in view.marks] == ["lr_d 0.001 → 0.0005"]
    assert view.notice and "lr_d 0.001 → 0.0005 at step 10" in view.notice.text
    assert view.controls.confirmed["lr_d"] == 0.0005
    view.feed([events.Rejected(id="b2", author="bob", what="set", reason="k = 101: must be …", step=10, update=20)])
    assert view.entries[-1].outcome == "rejected" and view.notice.level == "error"
    assert len(view.marks) == 1


def test_of_very_many_changes_the_newest_stay_marked() -> None:
    view = _view(*a_run(3))
    for n in range(3 * MOST_MARKS):
        view.feed([events.Applied(id=str(n), what="set", before={"k": 1}, after={"k": n}, step=3 + n, update=6 + n)])
    assert len(view.marks) == MOST_MARKS and view.marks[-1].label == f"k 1 → {3 * MOST_MARKS - 1}"


def test_a_change_of_the_loss_brings_new_reference_lines() -> None:
    view = _view(*a_run(10))
    facts = events.ObjectiveFacts(name="wasserstein", probability=False, equilibrium={"loss_d": 0.0})
    view.feed([events.Applied(id="c", what="set", before={}, after={"loss": "x"}, objective=facts, step=10, update=20)])
    assert view.objective == facts


def test_the_state_follows_log_and_files() -> None:
    view = _view(start(), events.Stage(stage="importing"))
    assert view.loading
    view.feed([events.Stage(stage="training")])
    assert view.state == "running"
    view.feed([events.Applied(id="p", what="pause", step=3, update=6)])
    assert view.state == "paused"
    view.feed([events.Applied(id="r", what="resume", step=3, update=6)])
    assert view.state == "running"
    view.know(status=Status(id="run", state="crashed"))
    assert view.state == "crashed" and "crashed" in view.why_not_steer()
    view.feed([events.Stage(stage="importing"), start(parent=0, from_update=6, step=3, update=6)])
    view.feed([events.Stage(stage="training")])
    assert view.state == "running"
    view.feed([events.Exit(reason="interrupted", status=75, text="SIGTERM", step=9, update=18)])
    assert (view.state, view.reason) == ("interrupted", "SIGTERM")
    view.vanish()
    assert view.state == "deleted" and "deleted" in view.why_not_steer()


def test_an_end_takes_away_what_was_pending() -> None:
    view = _view(*a_run(10))
    view.controls.want("lr_d", 0.5)
    view.feed([events.Exit(reason="finished", status=0, step=10, update=20)])
    assert not view.controls.wishes
    assert "finished" in view.controls.outcomes["lr_d"].text


def test_what_a_trainer_took_and_never_answered_is_not_pending_under_the_next_one() -> None:
    view = _view(*a_run(10))
    view.controls.want("lr_d", 0.5)
    view.feed([events.Stage(stage="importing")])
    assert not view.controls.wishes
    assert "no answer" in view.controls.outcomes["lr_d"].text
    view.controls.want("k", 3)  # while it loads: that one waits for it in the inbox
    view.feed([start(parent=0, from_update=20, step=10, update=20), events.Stage(stage="training")])
    assert view.controls.value("k") == 3 and view.controls.wishes


def test_time_left_needs_a_running_training() -> None:
    view = _view(*a_run(200))
    assert view.eta == pytest.approx((10_000 - 200) / 250)
    view.feed([events.Applied(id="p", what="pause", step=200, update=400)])
    assert view.eta is None


def test_what_comes_from_outside_can_not_reach_the_terminal() -> None:
    evil = "\x1b]0;owned\x07\x1b[2J[bold]x[/]" + "y" * 10_000
    view = _view(
        start(),
        events.Warning_(text=evil, step=1, update=2),
        events.Stage(stage=evil),
        events.Applied(id="e", author=evil, what="set", before={"lr_d": evil}, after={"lr_d": 1}, note=evil),
        events.Exit(reason=evil, status=1, text=evil),
    )
    texts = [entry.text + entry.who for entry in view.entries] + [mark.label for mark in view.marks]
    texts += [view.state, view.reason, view.stage, view.notice.text if view.notice else ""]
    assert not any("\x1b" in text or "\x07" in text for text in texts)
    assert all(len(text) < 3000 for text in texts)


def test_versions_tell_what_has_changed() -> None:
    view = _view(*a_run(10))
    before = dict(view.versions)
    view.feed([histogram(11)])
    assert {topic for topic in view.versions if view.versions[topic] != before.get(topic)} == {"hist"}


def test_previews_that_were_thinned_out_are_forgotten() -> None:
    view = _view(*a_run(3), *(events.Preview(file=f"previews/{n}.npz", step=n, update=2 * n) for n in range(9)))
    view.keep_previews({"previews/2.npz", "previews/4.npz"})
    assert [preview.step for preview in view.previews] == [2, 4, 8]
    view.keep_previews(None)
    assert [preview.step for preview in view.previews] == [4, 8]


def test_a_beat_that_is_older_than_an_answer_does_not_take_it_back() -> None:
    view = _view(*a_run(3))
    view.feed([events.Applied(id="a", what="set", before={"k": 1}, after={"k": 5}, t=100.0, step=3, update=6)])
    view.know(live=Live(t=99.9, config={"k": 1}))
    assert view.controls.confirmed["k"] == 5
    view.know(live=Live(t=100.5, config={"k": 7}))
    assert view.controls.confirmed["k"] == 7


def test_a_beat_that_is_older_than_a_pause_does_not_end_it() -> None:
    view = _view(*a_run(3))
    view.feed([events.Applied(id="p", what="pause", t=100.0, step=3, update=6)])
    view.know(live=Live(t=99.9, state="running"), status=Status(id="run", state="running"))
    assert view.state == "paused"
    view.know(status=Status(id="run", state="crashed"))
    assert view.state == "crashed"
    view.know(live=Live(t=100.5, state="running"), status=Status(id="run", state="running"))
    assert view.state == "running"


def test_a_skimmed_history_shows_the_same_curves_of_what_the_first_frame_needs() -> None:
    records = [record for record in _recorded() if not isinstance(record, events.Metrics)]
    assert records
    lines = b"".join(events.encode(record) for record in _recorded())
    whole, skimmed = _view(*events.decode_lines(lines)), RunView("run", lambda args: "id")
    skimmed.feed(events.skim_lines(lines))  # type: ignore[arg-type]
    assert skimmed.skimmed and not whole.skimmed
    for name in ("loss_d", "loss_g"):
        assert skimmed.curves[name].columns(40) == whole.curves[name].columns(40)
    assert "d_x" in whole.curves and "d_x" not in skimmed.curves
    assert (skimmed.step, skimmed.state, skimmed.marks) == (whole.step, whole.state, whole.marks)
    assert list(skimmed.entries) == list(whole.entries)
