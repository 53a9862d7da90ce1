"""Branches: resuming from before the log's end opens a new line of history, the old one stays."""

from collections.abc import Iterable, Sequence

from gantui.core.events import AnyRecord, AtCursor, Record, Start


def lineage(records: Iterable[AnyRecord]) -> list[AnyRecord]:
    """Return, in order, the records on the path to the newest branch.

    That is the newest branch, its parent up to the update it was resumed from, and so on to the first.
    Records without a cursor go with the last record of their branch that has one.
    """
    records = list(records)
    last_update = last_updates(records)
    reached: dict[int, int] = {}  # the latest update seen on each branch
    path = []
    for record in records:
        if isinstance(record, AtCursor):
            reached[record.branch] = record.update
        if record.branch in last_update and reached.get(record.branch, 0) <= last_update[record.branch]:
            path.append(record)
    return path


def last_updates(records: Sequence[Record]) -> dict[int, float]:
    """Return the branches on the path to the newest one, and the last update of each that counts."""
    parents: dict[int, tuple[int, int]] = {}
    for record in records:
        if isinstance(record, Start) and record.parent not in (None, record.branch):
            parents.setdefault(record.branch, (record.parent or 0, record.from_update or 0))
    branch: int | None = max((record.branch for record in records), default=0)
    limit = float("inf")
    path: dict[int, float] = {}
    while branch is not None and branch not in path:  # a damaged log may have branches in a circle
        path[branch] = limit
        parent, from_update = parents.get(branch, (None, 0))
        branch, limit = parent, min(limit, from_update)
    return path
