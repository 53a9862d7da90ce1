"""Settings: wanted, pending, confirmed, refused; and what the arrow keys do to a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gantui.core.config import FIELDS, live_fields, validate
from gantui.core.errors import ConfigError, NoAnswer
from gantui.core.events import Applied, Rejected
from gantui.tui.controls import Controls, nudged, together


class Trainer:
    """Takes commands; answers when it is told to."""

    def __init__(self) -> None:
        self.sent: list[dict[str, object]] = []
        self.controls = Controls(self.take)
        self.controls.know({"lr_d": 0.001, "k": 1, "constraint": "none", "constraint_weight": 0.0})
        self.deaf = False

    def take(self, args: dict[str, object]) -> str:
        if self.deaf:
            raise NoAnswer("nobody is there")
        self.sent.append(args)
        return str(len(self.sent))

    def confirm(self, number: int, step: int = 7) -> None:
        args = self.sent[number - 1]
        self.controls.answered(Applied(id=str(number), what="set", before={}, after=args, step=step))


def test_a_value_is_pending_until_it_is_confirmed() -> None:
    trainer = Trainer()
    controls = trainer.controls
    controls.want("lr_d", 0.0005)
    assert (controls.value("lr_d"), controls.confirmed["lr_d"]) == (0.0005, 0.001)
    trainer.confirm(1)
    assert controls.confirmed["lr_d"] == 0.0005 and not controls.wishes
    assert controls.outcomes["lr_d"].confirmed and controls.outcomes["lr_d"].step == 7


def test_keys_pressed_meanwhile_become_one_command() -> None:
    trainer = Trainer()
    for k in (2, 3, 4, 5):
        trainer.controls.want("k", k)
    assert trainer.sent == [{"k": 2}]
    trainer.confirm(1)
    assert trainer.sent == [{"k": 2}, {"k": 5}] and trainer.controls.value("k") == 5
    trainer.confirm(2)
    assert trainer.controls.confirmed["k"] == 5 and not trainer.controls.wishes


def test_a_refusal_puts_back_the_confirmed_value_with_its_reason() -> None:
    trainer = Trainer()
    trainer.controls.want("k", 0)
    trainer.controls.answered(Rejected(id="1", what="set", reason="k = 0 and g_steps = 0", step=3))
    assert trainer.controls.value("k") == 1
    assert trainer.controls.outcomes["k"].text == "k = 0 and g_steps = 0"


def test_what_is_not_allowed_is_never_sent() -> None:
    trainer = Trainer()
    with pytest.raises(ConfigError, match="k = 101"):
        trainer.controls.want("k", 101)
    trainer.deaf = True
    with pytest.raises(NoAnswer):
        trainer.controls.want("k", 3)
    assert trainer.sent == [] and not trainer.controls.wishes and trainer.controls.value("k") == 1


def test_another_persons_change_is_confirmed_here_too() -> None:
    trainer = Trainer()
    trainer.controls.answered(Applied(id="elsewhere", what="set", before={"k": 1}, after={"k": 9}, step=4))
    assert trainer.controls.value("k") == 9


def test_a_constraint_goes_with_its_weight() -> None:
    config = {"constraint": "none", "constraint_weight": 0.0}
    for name in ("r1", "r1_r2"):
        validate(config | together("constraint", name, config))
    config = {"constraint": "r1", "constraint_weight": 2.0}
    assert together("constraint", "r1_r2", config) == {"constraint": "r1_r2"}
    validate(config | together("constraint", "none", config))
    assert together("constraint", "clip", config) == {"constraint": "clip", "constraint_weight": 0.1}, "2 is no bound"


@pytest.mark.parametrize(
    ("name", "value", "direction", "fine", "expected"),
    [
        ("lr_d", 0.001, 1, False, 0.002),
        ("lr_d", 0.002, 1, False, 0.005),
        ("lr_d", 0.001, -1, False, 0.0005),
        ("lr_d", 0.0003, 1, False, 0.0005),
        ("lr_d", 0.0003, -1, False, 0.0002),
        ("lr_d", 0.001, 1, True, 0.0011),
        ("lr_d", 0.001, -1, True, 0.00099),
        ("lr_d", 0.0, 1, False, 1e-6),
        ("lr_d", 1e-6, -1, False, 0.0),
        ("lr_d", 0.0, -1, False, 0.0),
        ("lr_d", 100.0, 1, False, 100.0),
        ("k", 1, 1, False, 2),
        ("k", 0, -1, False, 0),
        ("k", 20, 1, False, 25),
        ("k", 20, 1, True, 21),
        ("k", 98, 1, False, 100),
        ("batch_size", 1, -1, False, 1),
        ("batch_size", 128, 1, False, 200),
        ("max_steps", 10_000, 1, False, 20_000),
        ("ema_decay", 0.9, 1, False, 0.95),
        ("ema_decay", 0.999, 1, False, 0.9995),
        ("ema_decay", 0.999, -1, False, 0.998),
        ("ema_decay", 0.5, 1, False, 0.6),
        ("beta1", 0.0, -1, False, 0.0),
        ("label_smoothing", 0.45, 1, False, 0.5),
        ("loss", "minimax", -1, False, "relativistic"),
        ("optimizer_d", "adam", 1, False, "sgd"),
        ("preview_every", "2s", 1, False, "5s"),
        ("preview_every", "1s", -1, False, 0),
        ("preview_every", 0, 1, False, "1s"),
        ("eval_every", 1000, 1, False, 2000),
    ],
)
def test_the_next_value(name: str, value: object, direction: int, fine: bool, expected: object) -> None:
    result = nudged(FIELDS[name], value, direction, fine=fine)
    assert result == pytest.approx(expected) and type(result) is type(expected)


@given(
    st.data(), st.sampled_from(live_fields()), st.lists(st.tuples(st.sampled_from([-1, 1]), st.booleans()), max_size=60)
)
def test_no_key_leads_out_of_the_range(data: st.DataObject, name: str, presses: list[tuple[int, bool]]) -> None:
    entry = FIELDS[name]
    value = entry.default
    for direction, fine in presses:
        following = nudged(entry, value, direction, fine=fine)
        assert entry.check(following) == following
        if isinstance(value, int | float) and isinstance(following, int | float):
            assert (following - value) * direction >= 0
        value = following


@pytest.mark.parametrize("name", ["lr_d", "batch_size", "max_steps", "ema_decay", "k"])
def test_up_and_down_leads_back_on_the_grid(name: str) -> None:
    entry = FIELDS[name]
    value = nudged(entry, entry.default, 1)
    assert nudged(entry, nudged(entry, value, 1), -1) == pytest.approx(value)


def test_a_loss_of_the_users_own_is_a_choice_beside_the_others() -> None:
    trainer = Trainer()
    controls = trainer.controls
    controls.know({"loss": "mine:Soft", "data": "mine:data"})
    controls.want("loss", nudged(FIELDS["loss"], "mine:Soft", 1, own=controls.own["loss"]))
    trainer.confirm(1)
    assert controls.confirmed["loss"] == FIELDS["loss"].choices[0]  # they go round
    assert nudged(FIELDS["loss"], controls.confirmed["loss"], -1, own=controls.own.get("loss")) == "mine:Soft"
    assert nudged(FIELDS["loss"], "minimax", -1, own=Trainer().controls.own.get("loss")) == FIELDS["loss"].choices[-1]
