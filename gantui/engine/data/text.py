"""Text as a data set: the lines of a file, or windows of it, as indices of symbols."""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import torch

from gantui.core.errors import DataError
from gantui.core.text import neutralise
from gantui.engine.data import build
from gantui.engine.data.dataset import Data

EXTENSIONS = (".txt", ".md")
MOST_SYMBOLS = 2048  # the bound of WGAN-GP's character model (Gulrajani et al. 2017)
PADDING, UNKNOWN = "", "\ufffd"  # symbol 0, which ends a string, and, where there are rare ones, the last
LONGEST, USUAL = 64, 32  # what `length = auto` takes whole, and where it cuts what is longer
_BYTES_PER_CHARACTER = 16  # of memory while reading: the text, its lines, 4 for each place
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")  # the others are blank, or end a line


def load(request: build.Request, path: Path) -> Data:
    """Return the lines of a UTF-8 file, or under `split = windows` consecutive windows of it.

    Composed characters are one symbol (Unicode NFC), tabs and other white space are blanks. Lines lose blanks at
    their ends; those with nothing left are skipped, those longer than `length` cut, with a warning. For windows all
    white space is one blank, and what is left behind the last whole window is dropped.

    Raises:
        DataError: no text in UTF-8, control characters (with the line), too little or too much of it.
    """
    try:
        text = _decoded(request, path)
    except OSError as error:
        raise DataError(f"{request.label}: {neutralise(error.strerror or error, 160)}") from None
    name, wanted = neutralise(path.name, 80), request.config.length
    if request.config.split == "windows":
        length = USUAL if wanted == "auto" else wanted
        running = " ".join(text.split())
        windows = [running[at : at + length] for at in range(0, len(running) - length + 1, length)]
        return of_strings(request, name, windows, length)
    lines = [(number, line.replace("\t", " ").rstrip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line]
    longest = max((len(line) for _, line in lines), default=0)
    length = wanted if wanted != "auto" else max(longest, 2) if longest <= LONGEST else USUAL
    warnings = _too_long(lines, length, longest)
    return of_strings(request, name, [line[:length] for _, line in lines], length, warnings=warnings)


def of_strings(
    request: build.Request,
    name: str,
    strings: Sequence[str],
    length: int,
    valid: Callable[[str], bool] | None = None,
    warnings: Sequence[str] = (),
) -> Data:
    """Return a data set of strings of at most `length` characters, none of them NUL.

    Its alphabet is padding, then the characters in the order of their code points; beyond 2,048 symbols the rarest
    become one unknown symbol, with a warning.

    Raises DataError for fewer than two strings, or more than memory holds.
    """
    if len(strings) < 2:
        what = "windows" if request.config.split == "windows" else "lines with text"
        raise DataError(f"{request.label}: {len(strings)} {what}; at least 2 are needed")
    _require_room(request, len(strings) * length)
    padded = "".join(string.ljust(length, "\0") for string in strings)
    characters = Counter(padded)
    characters.pop("\0", None)
    known = [character for character, _ in characters.most_common()]
    if rare := known[MOST_SYMBOLS - 1 :]:
        rare = known[MOST_SYMBOLS - 2 :]
        known = known[: MOST_SYMBOLS - 2]
        times = sum(characters[character] for character in rare)
        more = f"{len(rare)} rare characters ({times} in all, one of them {neutralise(repr(rare[0]))})"
        warnings = [*warnings, f"{more} become one unknown symbol: at most {MOST_SYMBOLS} symbols are modelled"]
    alphabet = (PADDING, *sorted(known), *([UNKNOWN] if rare else []))
    return Data(
        name=name,
        kind="text",
        shape=(len(alphabet), length),
        count=len(strings),
        output="softmax",
        device=request.device,
        x=torch.from_numpy(_indices(padded, alphabet).reshape(-1, length)).to(request.device),
        scale=torch.tensor(1.0),
        shift=torch.tensor(0.0),
        alphabet=alphabet,
        valid=valid,
        warnings=tuple(warnings),
    )


def _indices(text: str, alphabet: Sequence[str]) -> "np.ndarray[Any, Any]":
    """The symbol of each character: uint8, or int16 where there are more than 256. NUL is padding."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    symbols = np.array([ord(symbol or "\0") for symbol in alphabet], dtype=np.uint32)
    known = symbols[:-1] if alphabet[-1] == UNKNOWN else symbols
    places = np.searchsorted(known, codes).clip(max=len(known) - 1)
    places[known[places] != codes] = len(alphabet) - 1
    return places.astype(np.uint8 if len(alphabet) <= 256 else np.int16)


def _decoded(request: build.Request, path: Path) -> str:
    _require_room(request, path.stat().st_size)
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(f"{request.label}: is text in UTF-16; it must be in UTF-8")
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        wrong = f"line {line} holds the byte {error.object[error.start]:#04x}"
        raise DataError(f"{request.label}: {wrong}, which is no UTF-8; convert the file first") from None
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        shown = neutralise(found.group())
        raise DataError(f"{request.label}: line {line} holds the control character {shown}, which is no text")
    return normalize("NFC", text)


def _require_room(request: build.Request, characters: int) -> None:
    if characters * _BYTES_PER_CHARACTER > request.memory:
        raise DataError(f"{request.label}: its {characters:,} characters don't fit into memory; give less of the text")


def _too_long(lines: Sequence[tuple[int, str]], length: int, longest: int) -> list[str]:
    long = [(number, line) for number, line in lines if len(line) > length]
    if not long:
        return []
    number, line = long[0]
    which = f"line {number} ({len(line)} characters)"
    return [
        f"{len(long)} of {len(lines)} lines are cut to {length} characters, the first is {which}; "
        f"length = {longest} takes all whole, split = windows leaves nothing out"
    ]
