"""What can be asked of a running trainer: small JSON objects, validated before they are obeyed."""

import re
import time
import uuid
from typing import Any, Literal

import msgspec
from msgspec import Struct

from gantui.core.errors import ConfigError
from gantui.core.text import nearest, neutralise

MAX_BYTES = 64 * 1024
MAX_COUNT = 10_000
STEP_TARGETS = ("d", "g", "both")
_ID = re.compile(r"^[0-9a-zA-Z_-]{1,64}\Z")


class Command(Struct, frozen=True, kw_only=True):
    """One wish of a person or a script.

    `what` is `set` (args: field = value, all or nothing), `pause`, `resume`, `step` (args: target d, g or
    both, count), `snapshot`, `evaluate`, `preview` or `stop`.
    """

    id: str
    author: str = ""
    created: float = 0.0
    what: str
    args: dict[str, Any] = {}


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of `step`: `count` updates of D or of G, or whole iterations."""

    target: Literal["d", "g", "both"] = "both"
    count: int = 1


WHAT = ("set", "pause", "resume", "step", "snapshot", "evaluate", "preview", "stop")


def new(what: str, args: dict[str, Any] | None = None, author: str = "") -> Command:
    """Return a command with an id of its own, made now."""
    return Command(id=uuid.uuid4().hex[:12], author=author, created=time.time(), what=what, args=args or {})


def encode(command: Command) -> bytes:
    """Return the command as JSON."""
    return msgspec.json.encode(command)


def decode(raw: bytes) -> Command:
    """Return the command in `raw`. Raises ConfigError: no JSON, no such command, or unfit arguments."""
    try:
        command = msgspec.json.decode(raw, type=Command)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"not a command: {neutralise(error)}") from None
    if not _ID.match(command.id):
        raise ConfigError(f"id = {neutralise(repr(command.id), 80)}: must be letters, digits, - and _, at most 64")
    if command.what not in WHAT:
        shown = neutralise(repr(command.what), 80)
        raise ConfigError(f"no such command: {shown}{nearest(command.what, WHAT)}")
    if command.what == "set" and not command.args:
        raise ConfigError("set: name at least one setting, such as lr_d=1e-4")
    if command.what == "step":
        step_of(command)
    elif command.what != "set" and command.args:
        raise ConfigError(f"{command.what} takes no arguments")
    return command


def step_of(command: Command) -> Step:
    """Return what a `step` command asks for. Raises ConfigError naming the argument."""
    try:
        step = msgspec.convert(command.args, Step)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"step: target must be one of {', '.join(STEP_TARGETS)} and count a number ({error})"
        ) from None
    if not 1 <= step.count <= MAX_COUNT:
        raise ConfigError(f"step: count = {step.count}: must be a whole number from 1 to {MAX_COUNT}")
    return step
