"""Commands there and back, and what is refused."""

import json
from typing import Any

import pytest

from gantui.core.commands import MAX_COUNT, WHAT, Step, decode, encode, new, step_of
from gantui.core.errors import ConfigError


@pytest.mark.parametrize(
    ("what", "args"),
    [
        *((what, {}) for what in WHAT if what != "set"),
        ("set", {"lr_d": 1e-4, "k": 2}),
        ("step", {"target": "d"}),
        ("step", {"target": "g", "count": MAX_COUNT}),
    ],
)
def test_valid_commands_return_as_they_were(what: str, args: dict[str, Any]) -> None:
    command = new(what, args, author="ann@host")
    assert decode(encode(command)) == command


def test_ids_differ() -> None:
    assert len({new("pause").id for _ in range(100)}) == 100


def test_step_arguments() -> None:
    assert step_of(new("step")) == Step("both", 1)
    assert step_of(new("step", {"target": "d", "count": 5})) == Step("d", 5)


def _json(**changed: Any) -> bytes:
    return json.dumps({"id": "a", "what": "pause"} | changed).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"\x00\xff",
        b'{"what":"pause"}',
        b'{"id":"a"}',
        b'{"id":"a","what":"p\xffuse"}',
        b'{"id":"a","what":"pause","created":1e999}',
        b'{"id":"a","what":"set","args":{"k":' + b"[" * 100_000,
        b'{"id":"a","what":"set","args":{"k":' + b"1" * 5000 + b"}}",
        _json(id=""),
        _json(id="../../etc/passwd"),
        _json(id="a" * 65),
        _json(id="a\n"),
        _json(id=7),
        _json(what="explode"),
        _json(what=""),
        _json(what=None),
        _json(args=None),
        _json(args=[1]),
        _json(args={"now": True}),
        _json(what="set"),
        _json(what="step", args={"target": "both", "count": 0}),
        _json(what="step", args={"count": -1}),
        _json(what="step", args={"count": MAX_COUNT + 1}),
        _json(what="step", args={"count": 1.5}),
        _json(what="step", args={"count": True}),
        _json(what="step", args={"target": "x"}),
        _json(what="step", args={"steps": 3}),
    ],
)
def test_malformed_commands(raw: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        decode(raw)
    assert str(caught.value).isprintable()


def test_misspelt_command_suggests() -> None:
    with pytest.raises(ConfigError, match="did you mean 'pause'"):
        decode(_json(what="pasue"))
