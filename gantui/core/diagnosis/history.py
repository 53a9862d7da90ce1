"""A log, old or new, read by a doctor."""

from collections.abc import Iterable, Iterator

import msgspec

from gantui.core.diagnosis.doctor import Doctor
from gantui.core.diagnosis.readings import Game
from gantui.core.events import AnyRecord, Applied, Diagnosis, Metrics, Start
from gantui.core.verdicts import NON_FINITE


def diagnose(records: Iterable[AnyRecord]) -> Iterator[Diagnosis]:
    """Yield what there is to say of the records of a run, on the path to its newest branch, in their order.

    Of a run that went back, as values were not finite, what its trainer said of that is passed on.
    """
    doctor = Doctor()
    for record in records:
        if isinstance(record, Start):
            doctor.game = Game(record.config, record.objective, record.data)
            if record.parent is not None:
                yield from doctor.cut(record.cursor)
        elif isinstance(record, Applied) and record.what == "set":
            config = {**doctor.game.config, **record.after}
            doctor.game = Game(config, record.objective or doctor.game.objective, doctor.game.data)
        elif isinstance(record, Diagnosis) and record.name == NON_FINITE:
            yield record
        elif isinstance(record, Metrics):
            for said in doctor.hear(record):
                yield msgspec.structs.replace(said, t=record.t, branch=record.branch)
