"""Which settings a person means who types some words."""

from collections.abc import Iterable, Mapping

from gantui.core.config import FIELDS


def described(names: Iterable[str]) -> dict[str, str]:
    """Return what is known of settings beside their names: help and section."""
    return {name: f"{FIELDS[name].about.help} {FIELDS[name].about.section}" for name in names}


def found(text: str, settings: Mapping[str, str]) -> list[str]:
    """Return those of `settings` (names, and what is known of each) that have all the words of `text`, best first.

    A name that begins with the text comes before one that has it, and that before a description that has it; of equals
    the first of `settings`.
    """
    words = text.lower().split()

    def rank(name: str) -> int:
        if all(word in name for word in words):
            return 0 if name.startswith("_".join(words)) else 1
        return 2 if all(word in f"{name} {settings[name]}".lower() for word in words) else 3

    ranks = {name: rank(name) for name in settings}
    return sorted((name for name in ranks if ranks[name] < 3), key=ranks.__getitem__)
