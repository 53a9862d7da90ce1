from gantui.tui.wire.budget import Budget


def test_what_was_spent_has_to_be_paid_for() -> None:
    budget = Budget(1000)
    assert budget.ready(0)
    budget.spend(2000, 10)
    assert not budget.ready(11.9)
    assert budget.ready(12)


def test_debts_add_up_and_idle_time_is_not_saved() -> None:
    budget = Budget(1000)
    budget.spend(1000, 0)
    budget.spend(1000, 0.5)
    assert not budget.ready(1.9)
    assert budget.ready(2)
    budget.spend(1000, 100)
    assert not budget.ready(100.9)
