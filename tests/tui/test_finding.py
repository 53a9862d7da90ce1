"""Searching settings: names before meanings, and all words of a search must be there."""

from gantui.core.config import FIELDS, live_fields
from gantui.tui.draft import NAME, NAME_HELP
from gantui.tui.finding import described, found

LIVE = described(live_fields())
FORM = {NAME: NAME_HELP} | described(FIELDS)


def test_no_words_find_everything_in_the_order_it_has() -> None:
    assert found("", LIVE) == live_fields()
    assert found("", FORM) == [NAME, *FIELDS]


def test_names_come_before_meanings() -> None:
    assert found("lr", LIVE)[:2] == ["lr_d", "lr_g"]
    assert found("learning rate", LIVE) == found("learning rate", FORM) == ["lr_d", "lr_g"]
    assert found("d lr", LIVE)[0] == "lr_d"
    assert "beta1" in found("ADAM", LIVE)
    assert found("called", FORM)[0] == NAME
    assert found("no such thing", FORM) == []
