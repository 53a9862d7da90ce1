"""HTML from plain Python: whatever is not markup already is text, made safe and escaped."""

from collections.abc import Iterable
from html import escape

from gantui.core.text import neutralise

VOID = ("meta", "input", "img")
LONGEST = 4000  # characters of a text from outside


class Markup(str):
    """Text that is HTML already. Only this package makes it, never from what a run directory says."""

    __slots__ = ()


def safe(text: object, limit: int = LONGEST) -> Markup:
    """Return `text` as HTML: markup as it is, all else escaped, control characters visible, cut to `limit`."""
    return text if isinstance(text, Markup) else Markup(escape(neutralise(text, limit)))


def joined(parts: Iterable[object]) -> Markup:
    """Return the parts one after the other, each made safe."""
    return Markup("".join(map(safe, parts)))


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """Return an element around its children, each made safe.

    Of an attribute's name a trailing `_` goes and other `_` become `-`; True stands without a value, None and False
    are left out.
    """
    opening = [tag]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        shown = name.rstrip("_").replace("_", "-")
        opening.append(shown if value is True else f'{shown}="{safe(value)}"')
    inside = "" if tag in VOID else f"{joined(children)}</{tag}>"
    return Markup(f"<{' '.join(opening)}>{inside}")


def table(headings: Iterable[object], rows: Iterable[Iterable[object]], class_: str | None = None) -> Markup:
    """Return a table of texts; headings may be empty."""
    titles = [element("th", title, scope="col") for title in headings]
    head = [element("thead", element("tr", *titles))] if titles else []
    body = [element("tr", *(element("td", cell) for cell in row)) for row in rows]
    return element("div", element("table", *head, element("tbody", *body), class_=class_), class_="wide")


def facts(pairs: Iterable[tuple[object, object]]) -> Markup:
    """Return names and what is to be said of each; a pair with nothing to say is left out."""
    listed = [
        element("div", element("dt", name), element("dd", text)) for name, text in pairs if text not in ("", None)
    ]
    return element("dl", *listed, class_="facts")
