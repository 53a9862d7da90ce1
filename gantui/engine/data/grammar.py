"""Arithmetic expressions: a language of which everything is known, to see what a generator learns of rules.

    expression  =  term operator term, and perhaps more operators and terms
    term        =  a digit from 1 to 9, or "(" expression ")"
    operator    =  + - * /

Strings have at most 13 characters, parentheses are nested at most twice. There are 28,227,241,908,
in 62 arrangements of digits, operators and parentheses.
"""

import random
import re

from gantui.engine.data import build
from gantui.engine.data.dataset import Data
from gantui.engine.data.order import mix
from gantui.engine.data.text import of_strings

COUNT = 20_000  # distinct strings that a set holds
LENGTH, DEPTH = 13, 2
_STREAM = -1  # of the seed, as for the other sets that are drawn
_TERM = "[1-9n]"  # n: what is in parentheses, once it is known to be right
_FLAT = re.compile(f"{_TERM}(?:[-+*/]{_TERM})+")
_IN_PARENTHESES = re.compile(rf"\({_FLAT.pattern}\)")


def load(request: build.Request) -> Data:
    """Return 20,000 distinct expressions, drawn by a generator that depends on `config.seed` alone."""
    chance = random.Random(mix(request.config.seed, _STREAM))
    strings: dict[str, None] = {}  # a set that keeps its order
    while len(strings) < COUNT:
        drawn = _expression(chance, 0)
        if len(drawn) <= LENGTH:
            strings[drawn] = None
    return of_strings(request, "grammar", list(strings), LENGTH, valid=valid)


def valid(string: str) -> bool:
    """Whether a string is an expression."""
    if len(string) > LENGTH or "n" in string:
        return False
    for _ in range(DEPTH):
        string = _IN_PARENTHESES.sub("n", string)
    return _FLAT.fullmatch(string) is not None


def _expression(chance: random.Random, depth: int) -> str:
    text = _term(chance, depth)
    while True:
        text += "+-*/"[int(chance.random() * 4)] + _term(chance, depth)
        if chance.random() < (0.5 if depth else 0.3):
            return text


def _term(chance: random.Random, depth: int) -> str:
    if depth < DEPTH and chance.random() < 0.3:
        return f"({_expression(chance, depth + 1)})"
    return "123456789"[int(chance.random() * 9)]
