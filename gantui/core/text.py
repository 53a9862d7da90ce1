"""Text from outside (names, messages, file contents) made safe and short for a terminal."""

import unicodedata
from collections.abc import Iterable, Sequence

MAX_LENGTH = 500


def neutralise(text: object, limit: int = MAX_LENGTH) -> str:
    """Return `text` with every control, format and surrogate character shown as `\\x..`, cut to `limit`.

    Escape sequences can't reach the terminal through it, nor can characters that reorder a line.
    """
    raw = str(text)
    cut = raw if len(raw) <= limit else raw[: limit - 1] + "…"
    return "".join(_visible(character) for character in cut)


def _visible(character: str) -> str:
    if unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def spelled(indices: Iterable[int], alphabet: Sequence[str]) -> str:
    """Return the string that symbols of an alphabet make, by their indices; what is none of them is `\ufffd`.

    It may hold anything: `neutralise` it for a terminal.
    """
    return "".join(alphabet[index] if 0 <= index < len(alphabet) else "\ufffd" for index in indices)


def nearest(word: str, words: object) -> str:
    """Return `": did you mean 'lr_d'?"` for the closest of `words`, or an empty string."""
    from difflib import get_close_matches  # 5 ms that only a mistake pays for

    close = get_close_matches(word, list(words), n=1, cutoff=0.5)  # type: ignore[call-overload]
    return f": did you mean '{close[0]}'?" if close else ""
