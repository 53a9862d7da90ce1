"""Reading a page as a browser does: its elements, its text, its attributes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "input", "img"}


@dataclass
class Node:
    """An element: what is in it, and its whole text."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: "list[Node]" = field(default_factory=list)
    text: str = ""

    def all(self, tag: str = "", class_: str = "") -> "Iterator[Node]":
        """Every element within, by tag and class if given."""
        for child in self.children:
            classes = (child.attributes.get("class") or "").split()
            if (not tag or child.tag == tag) and (not class_ or class_ in classes):
                yield child
            yield from child.all(tag, class_)

    def one(self, tag: str = "", class_: str = "") -> "Node":
        """The only such element."""
        (found,) = self.all(tag, class_)
        return found


class Reader(HTMLParser):
    """Builds the tree, and fails where elements are not closed in turn or anything but elements and text comes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} comes twice"
        node = Node(tag, dict(attrs))
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for node in self._open:
            node.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def read(page: bytes | str) -> Node:
    """Return the page's tree; everything must be well closed."""
    reader = Reader()
    reader.feed(page.decode("utf-8") if isinstance(page, bytes) else page)
    reader.close()
    assert reader._open == [reader.root]
    return reader.root
