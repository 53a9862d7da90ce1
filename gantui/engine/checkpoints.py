"""Checkpoints on disk: the whole training state, never pickled objects, each with its SHA-256.

`latest.json` is written last, so that it only ever names complete files; it keeps the ones before too, for
the day the newest turns out damaged.
"""

import hashlib
import io
import os
from typing import Annotated, Any, NamedTuple

import msgspec
import torch

from gantui.core.errors import UserError
from gantui.core.text import neutralise
from gantui.engine.training import Snapshot, digest
from gantui.runs.files import open_regular, read_bounded, write_atomic
from gantui.runs.layout import RunDir

SCHEMA = 1
KEEP = 3
MAX_INDEX_BYTES = 64 * 1024


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """One checkpoint: its file below the run directory, and where in the run's history it belongs."""

    # Files are read and removed by this name, so it must not lead anywhere else.
    file: Annotated[str, msgspec.Meta(pattern=r"^checkpoints/u[0-9]{9,20}-b[0-9]{1,20}\.pt\Z")]
    sha256: str
    digest: str
    branch: int
    update: int
    step: int
    metrics_written: int = 0
    hists_written: int = 0


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `latest.json`: checkpoints, newest first."""

    checkpoints: list[Saved]


class NoCheckpoint(UserError):
    """There is nothing to continue from."""


def save(
    run: RunDir, snapshot: Snapshot, form: Snapshot, branch: int, metrics_written: int, hists_written: int
) -> Saved:
    """Write `snapshot` durably and return what was written. Raises OSError; then the older ones still hold.

    `form` is what it takes to use G without its data: see `engine.model`.
    """
    step, d_updates, g_updates = snapshot["cursor"]
    update = d_updates + g_updates
    buffer = io.BytesIO()
    torch.save({"schema": SCHEMA, "state": snapshot, "form": form}, buffer)
    path = run.checkpoints / f"u{update:09d}-b{branch}.pt"
    write_atomic(path, buffer.getvalue(), durable=True)
    saved = Saved(
        file=f"checkpoints/{path.name}",
        sha256=hashlib.sha256(buffer.getbuffer()).hexdigest(),
        digest=digest(snapshot),
        branch=branch,
        update=update,
        step=step,
        metrics_written=metrics_written,
        hists_written=hists_written,
    )
    try:
        older = [item for item in read_index(run) if item.file != saved.file]
    except NoCheckpoint:  # damaged while this trainer ran: what it knows is worth more
        older = []
    kept = [saved, *older][:KEEP]
    write_atomic(run.latest, msgspec.json.encode(Latest(checkpoints=kept)), durable=True)
    for item in older[KEEP - 1 :]:
        (run.path / item.file).unlink(missing_ok=True)
    return saved


def read_index(run: RunDir) -> list[Saved]:
    """Return the checkpoints of a run, newest first; an empty list if it has not saved any.

    Raises:
        NoCheckpoint: the index is there, but can't be read; to start anew would be to lose what it names.
    """
    try:
        return msgspec.json.decode(read_bounded(run.latest, MAX_INDEX_BYTES), type=Latest).checkpoints
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise NoCheckpoint(f"{neutralise(run.latest)} can't be read: {neutralise(error, 200)}") from None


class Loaded(NamedTuple):
    """A checkpoint read back, tensors on the CPU; `problems` says what was wrong with newer ones."""

    state: Snapshot
    form: dict[str, Any]
    saved: Saved
    problems: list[str]


def load(run: RunDir) -> Loaded:
    """Return the newest undamaged checkpoint.

    Raises:
        NoCheckpoint: there is none, all of them are damaged, or their index is.
    """
    problems: list[str] = []
    for saved in read_index(run):
        try:
            content = _read(run, saved)
            return Loaded(content["state"], content["form"], saved, problems)
        except (OSError, ValueError) as error:
            problems.append(f"{neutralise(saved.file)}: {neutralise(error)}")
    detail = f" ({'; '.join(problems)})" if problems else ""
    raise NoCheckpoint(f"run {neutralise(run.id)} has no checkpoint{detail}")


def _read(run: RunDir, saved: Saved) -> dict[str, Any]:
    with os.fdopen(open_regular(run.path / saved.file), "rb") as file:
        raw = file.read()
    if hashlib.sha256(raw).hexdigest() != saved.sha256:
        raise ValueError("damaged: its SHA-256 is not the one noted when it was written")
    try:
        content: Any = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a file it can't read
        raise ValueError(f"not a checkpoint: {error}") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA or not {"state", "form"} <= content.keys():
        raise ValueError(f"not a checkpoint of schema {SCHEMA}, which this version reads")
    return content
