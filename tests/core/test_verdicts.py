"""The names of conditions: all that the doctor may say, and what is made of others."""

from gantui.core import verdicts
from gantui.core.diagnosis import CONDITIONS


def test_all_that_is_diagnosed_has_a_title_and_nothing_else_does() -> None:
    assert [condition.name for condition in CONDITIONS] == list(verdicts.KNOWN)
    assert len({title for title, _ in verdicts.KNOWN.values()}) == len(CONDITIONS)


def test_a_condition_of_another_version_is_a_warning() -> None:
    assert (verdicts.title("too_green"), verdicts.level("too_green")) == ("too green", "warning")
    assert verdicts.title("") == "diagnosis"
    assert verdicts.rank("total_collapse") < verdicts.rank("too_green") < verdicts.rank("equilibrium")
