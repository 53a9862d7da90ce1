"""What is text stays text."""

from hypothesis import given
from hypothesis import strategies as st
from report.reading import read

from gantui.core.text import neutralise
from gantui.report.markup import Markup, element, facts, safe, table


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_comes_out_as_it_went_in_and_makes_no_element(text: str, value: str) -> None:
    (node,) = read(element("p", text, title=value)).children
    assert (node.tag, node.children) == ("p", [])
    assert node.text == neutralise(text)
    assert node.attributes == {"title": neutralise(value)}


def test_what_controls_and_hides_is_made_visible() -> None:
    assert safe("a\x00\x1b[2J\u202e<b>\ud800") == "a\\x00\\x1b[2J\\u202e&lt;b&gt;\\ud800"
    assert len(safe("x" * 10**6)) == 4000


def test_elements_nest_attributes_may_be_words_and_absent_ones_are_left_out() -> None:
    assert element("p", 3, Markup("<b>x</b>"), class_="a", data_key=0, hidden=False, lang=None) == (
        '<p class="a" data-key="0">3<b>x</b></p>'
    )
    assert element("input", checked=True, type="range") == '<input checked type="range">'


def test_tables_and_facts() -> None:
    shown = read(table(["a", ""], [["<1>", element("b", 2)]]))
    assert [cell.text for cell in shown.all("td")] == ["<1>", "2"] and shown.one("b")
    assert [cell.text for cell in read(facts([("x", 0), ("y", ""), ("z", None)])).all("dt")] == ["x"]
