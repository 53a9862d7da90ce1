"""The game's screen: what is valid for which loss and constraint, of live, ended and older runs."""

from collections.abc import Sequence
from typing import Any

import pytest
from tui.fakes import FakeSource, Seat, histogram, start, trained, watch

from gantui.core.events import AnyRecord, Applied, Hist, ObjectiveFacts, Stage
from gantui.tui import game
from gantui.tui.view import RunView
from gantui.tui.widgets.curve_plot import CurvePlot

LOG = {"loss_d": 1.3863, "loss_g": 0.6931, "value": -1.3863, "d_x": 0.5, "d_gz": 0.5}
SQUARES = {"loss_d": 0.25, "loss_g": 0.125, "d_x": 0.5, "d_gz": 0.5}
NUMBERS = {
    "loss_d": 1.2, "loss_g": 0.9, "value": -1.2, "d_x": 0.7, "d_gz": 0.312, "grad_norm_d": 0.2, "grad_norm_g": 0.05,
    "update_ratio_d": 1e-3, "update_ratio_g": 2e-4,
}  # fmt: skip


def _log(
    facts: ObjectiveFacts | None = None, numbers: dict[str, float] | None = None, **config: Any
) -> list[AnyRecord]:
    facts = facts or ObjectiveFacts(name="non_saturating", equilibrium=LOG)
    began = start(objective=facts)
    began.config = began.config | {"loss": facts.name} | config
    shown = numbers or NUMBERS
    hist = histogram(20)
    if not facts.probability:
        hist = Hist(space="score", low=-4, high=4, real=hist.real, fake=hist.fake, overlap=0.5, step=20, update=40)
    return [began, Stage(stage="training", progress=1.0), *(trained(step, **shown) for step in range(1, 21)), hist]


def _critic(name: str, **equilibrium: float) -> ObjectiveFacts:
    return ObjectiveFacts(name=name, probability=False, score_range=None, equilibrium=equilibrium)


def _facts(records: Sequence[AnyRecord]) -> dict[str, tuple[str, str]]:
    view = RunView("r", lambda args: "id")
    view.feed(records)
    return {fact.label: (fact.value, fact.note) for fact in game.facts(view)}


def test_the_game_of_2014() -> None:
    found = _facts(_log())
    assert found["V(D,G)"] == ("-1.2", "-1.39 (+0.19)")
    assert found["JSD ≥"] == ("0.0931", "0 (13% of 0.693)")  # (log 4 − 1.2)/2
    assert found["D(G(z))"] == ("0.312", "0.5 (-0.19)") and found["G loss"] == ("0.9", "0.693 (+0.21)")


def test_smoothing_moves_the_equilibrium_and_not_the_bound() -> None:
    found = _facts(_log(label_smoothing=0.2))
    assert found["D(x)"] == ("0.7", "0.4 (+0.3)") and found["JSD ≥"][0] == "0.0931"


def test_critics_have_no_probability() -> None:
    numbers = {"loss_d": -0.35, "loss_g": 2.0, "d_x": 3.0, "d_gz": 2.65, "penalty": 0.02, "d_slope": 1.1}
    wgan = _critic("wasserstein", loss_d=0.0)
    found = _facts(_log(wgan, numbers, constraint="gradient_penalty", constraint_weight=10.0))
    assert found == {
        "distance": ("0.35", "0; estimates W1"),
        "slope ‖∇D‖": ("1.1", "1, between data and samples"),
        "penalty": ("0.02", "mean (‖∇D‖ − 1)²; D pays 10 ×"),
    }
    clipped = _facts(_log(wgan, {"loss_d": -0.35, "clip_share": 0.254}, constraint="clip", constraint_weight=0.01))
    assert clipped["at the bound"] == ("25.4%", "of D's weights, ±0.01") and "c unknown" in clipped["distance"][1]
    free = _facts(_log(wgan, {"loss_d": -0.35}))
    assert list(free) == ["distance"] and "nothing holds" in free["distance"][1]


def test_fisher() -> None:
    numbers = {"loss_d": -0.8, "fisher_ratio": 0.75, "second_moment": 1.1, "multiplier": 0.004}
    setting = {"constraint": "variance", "constraint_weight": 0.01}
    found = _facts(_log(_critic("wasserstein", loss_d=0.0), numbers | {"variance_x": 7.0}, **setting))
    assert found["Fisher ratio"] == ("0.75", "0 (in 0 to 2)") and found["multiplier λ"][0] == "0.004"
    assert "Var D(x)" not in found  # of the other form, which the run had before
    found = _facts(_log(_critic("wasserstein", loss_d=0.0), {"variance_x": 0.9}, variance_form="each", **setting))
    assert found["Var D(x)"] == ("0.9", "at most 1") and "Fisher ratio" not in found


@pytest.mark.parametrize(
    ("facts", "label", "value"),
    [
        (_critic("hinge", loss_d=2.0), "½∫|p−q| ≥", "0.4"),
        (_critic("least_squares", **SQUARES), "triangular ≥", "0"),
        (_critic("relativistic", loss_d=0.6931, loss_g=0.6931), "pairs' JSD ≥", "0"),
    ],
    ids=lambda facts: getattr(facts, "name", None),
)
def test_other_losses_bound_other_divergences(facts: ObjectiveFacts, label: str, value: str) -> None:
    found = _facts(_log(facts))
    assert found[label][0] == value and "JSD ≥" not in found and "V(D,G)" not in found
    assert ("D(x)" in found) == (facts.name == "least_squares")  # levels of the others drift
    assert ("D(x), D(G(z))" in found) == (facts.name == "relativistic")


def test_of_a_loss_of_ones_own_only_what_it_says() -> None:
    assert list(_facts(_log(_critic("mine:Loss")))) == ["equilibrium"]
    found = _facts(_log(ObjectiveFacts(name="mine:Loss", equilibrium={"loss_d": 1.0})))
    assert found["D loss"] == ("1.2", "1 (+0.2)") and found["JSD ≥"][0] == "0.0931"


def test_an_older_log_is_shown_as_far_as_it_goes() -> None:
    found = _facts(_log(numbers={"loss_d": 1.2, "loss_g": 0.9}, constraint="r1", constraint_weight=1.0))
    assert found["JSD ≥"][0] == "0.0931" and found["constraint"] == ("–", "the log has no numbers of r1")
    assert _facts([]) == {}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (30, 10)])
@pytest.mark.parametrize("state", ["running", "crashed"])
def test_it_is_drawn_whole(size: tuple[int, int], state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if size[0] == 80:
        monkeypatch.setenv("NO_COLOR", "1")

    async def story(seat: Seat) -> None:
        await seat.press("7")
        await seat.sees("What G descends" if size[0] >= 80 else "V(D,G)")
        if size[0] >= 80:
            for text in ("log(1−D) 0.312", "−log D 0.688", "JSD ≥", "Gradient norm", "‖Δw‖/‖w‖", "▾D(G(z))"):
                await seat.sees(text)
            await seat.press("v")
            await seat.sees("logit" if size[0] > 80 else " -5 ")
        if size[0] == 80:
            assert all(len(line) == 80 for line in seat.text.split("\n"))

    watch(FakeSource(_log(), state=state), story, size=size)


def test_an_older_log_says_what_it_lacks() -> None:
    async def story(seat: Seat) -> None:
        await seat.press("7")
        await seat.sees("the log has none of these numbers")
        await seat.sees("JSD ≥")

    watch(FakeSource(_log(numbers={"loss_d": 1.2, "loss_g": 0.9}), state="finished"), story)


def test_another_loss_is_another_game() -> None:
    source = FakeSource(_log())

    async def story(seat: Seat) -> None:
        await seat.press("7")
        await seat.sees("V(D,G) V -1.2")
        applied = Applied(id="a", what="set", before={"loss": "non_saturating"}, after={"loss": "wasserstein"}, step=20)
        applied.objective = _critic("wasserstein", loss_d=0.0)
        source.tell(applied, trained(21, loss_d=-0.5, loss_g=3.0, d_x=-7.0, d_gz=-7.5))
        await seat.sees("Distance −D loss 0.5")
        assert "JSD ≥" not in seat.text and "log(1−D)" not in seat.text
        await seat.press("v")
        await seat.sees("a critic has no probability")
        plots = seat.app.screen.query(CurvePlot)
        assert [plot.heading for plot in plots] == ["Distance", "Gradient norm", "‖Δw‖/‖w‖"]

    watch(source, story)
