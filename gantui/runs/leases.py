"""Leases: how viewers tell a trainer that somebody looks, so that it spends nothing on nobody."""

import os
import secrets
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from gantui.runs.files import read_bounded, write_atomic
from gantui.runs.layout import RunDir

DURATION = 15.0  # seconds that a lease lasts
MAX_RATE = 10.0  # Hz
SKEW = 60.0  # seconds by which the clocks of two hosts may differ
FORGET = 3600.0
_MAX_FILES = 256
_MAX_BYTES = 4096


Rate = Annotated[float, Meta(ge=0)]  # Hz


class _Wish(Struct):
    who: str
    rate: Rate
    expiry: float  # Unix seconds
    views: Rate = 0.0


class Wanted(NamedTuple):
    """What viewers want now, in Hz from 0 (nobody looks) to 10: the state, and live.npz beside it."""

    rate: float = 0.0
    views: float = 0.0


class Lease:
    """A viewer's wish to be shown a run `rate_hz` times a second; lasts 15 s after each `renew`.

    `views_hz`: how often live.npz shall be new, too; that costs the trainer some computing.
    """

    def __init__(self, run: RunDir, who: str, rate_hz: float, views_hz: float = 0.0) -> None:
        self._who = who
        self.rate_hz, self.views_hz = rate_hz, views_hz
        self._path = run.watch / f"{secrets.token_hex(6)}.json"

    def renew(self) -> bool:
        """Ask for 15 s more; False if this viewer may only read (then it sees the run every 5 s)."""
        wish = _Wish(self._who, self.rate_hz, time.time() + DURATION, self.views_hz)
        try:
            write_atomic(self._path, msgspec.json.encode(wish))
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Take the wish back."""
        with suppress(OSError):
            self._path.unlink()


def wanted(run: RunDir) -> Wanted:
    """Return the highest rates that viewers want now. Never raises.

    Time is told by the file system's own clock, as the heartbeat's file shows it: hosts' clocks differ.
    The expiry written in a lease only counts when it is more than a minute past. Files that ended an hour
    ago are removed; what is no lease is ignored.
    """
    try:
        now = run.live_json.stat().st_mtime
    except OSError:
        now = time.time()
    rates = Wanted()
    with suppress(OSError), os.scandir(run.watch) as entries:
        for entry in islice(entries, _MAX_FILES):
            with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                age = now - entry.stat(follow_symlinks=False).st_mtime
                if age > FORGET:
                    Path(entry.path).unlink()
                elif age <= DURATION and entry.name.endswith(".json"):
                    rates = Wanted(*map(max, rates, _read(Path(entry.path))))
    return Wanted(*(min(rate, MAX_RATE) for rate in rates))


def _read(path: Path) -> Wanted:
    wish = msgspec.json.decode(read_bounded(path, _MAX_BYTES), type=_Wish)
    return Wanted(wish.rate, wish.views) if wish.expiry > time.time() - SKEW else Wanted()
