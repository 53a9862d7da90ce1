"""From single findings to conditions: one begins when it has held for a while, and is over when it is gone as long."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gantui.core.changes import shown
from gantui.core.config import change, validate
from gantui.core.diagnosis import remedies
from gantui.core.diagnosis.detectors import BY_NAME, CONDITIONS, Condition
from gantui.core.diagnosis.findings import Finding
from gantui.core.diagnosis.readings import Averager, Game, Reading
from gantui.core.errors import ConfigError
from gantui.core.events import Cursor, Diagnosis, Metrics, Present
from gantui.core.verdicts import NON_FINITE, level, rank, title

REMEMBERED = 32  # readings
WARM_UP = 5  # readings after a start, in which nothing is said: samples are far from the data then, and D learns first


@dataclass
class _Course:
    """How a condition goes: readings in a row with it or, once it has begun, without it."""

    held: int = 0
    gone: int = 0
    since: int = 0
    begun: Diagnosis | None = None


class Doctor:
    """Follows one run by its metrics records; the same for a live one and for a log read later.

    `present` are the conditions that have begun and are not over.
    """

    def __init__(self) -> None:
        self.game = Game()
        self._averager = Averager()
        self._readings: deque[Reading] = deque(maxlen=REMEMBERED)
        self._heard = 0
        self._courses = {condition.name: _Course() for condition in CONDITIONS}

    @property
    def present(self) -> list[Present]:
        """What holds now, the gravest first."""
        begun = [course.begun for course in self._courses.values() if course.begun]
        return [
            Present(name=d.name, since=d.since, evidence=d.evidence, remedy=d.remedy, text=d.text)
            for d in sorted(begun, key=lambda d: (rank(d.name), d.since))
        ]

    def hear(self, record: Metrics) -> list[Diagnosis]:
        """Take the next metrics record; return what has begun with it, and what is over."""
        reading = self._averager.hear(record, int(self.game.number("max_steps", 10_000)))
        if reading is None:
            return []
        self._readings.append(reading)
        self._heard += 1
        if self._heard <= WARM_UP:
            return []
        readings, said = list(self._readings), []
        for condition in CONDITIONS:
            said += self._follow(condition, condition.look(readings, self.game), reading.step, record.cursor)
        return said

    def cut(self, cursor: Cursor) -> list[Diagnosis]:
        """The training goes on from `cursor`: what was read after it counts no more. Returns what is over with it."""
        said = []
        for condition in CONDITIONS:
            course = self._courses[condition.name]
            if course.begun and course.since > cursor.step:
                said.append(self._end(condition, cursor))
            elif not course.begun:
                self._courses[condition.name] = _Course()
        self._readings = deque((r for r in self._readings if r.step <= cursor.step), REMEMBERED)
        self._averager.forget(cursor.step)
        return said

    def went_back(self, cursor: Cursor, evidence: str) -> list[Diagnosis]:
        """The training went back to `cursor`, as values were not finite."""
        said = self.cut(cursor)
        self._courses[NON_FINITE] = _Course()
        found = Finding(evidence, remedies.slower(self.game.config))
        return said + self._follow(BY_NAME[NON_FINITE], found, cursor.step, cursor)

    def _follow(self, condition: Condition, found: Finding | None, step: int, cursor: Cursor) -> list[Diagnosis]:
        course = self._courses[condition.name]
        if found:
            course.since = course.since if course.held else step
            course.held, course.gone = course.held + 1, 0
            explained = condition.vague and any(level(d.name) != "good" for d in self.present)
            if course.held >= condition.hold and not course.begun and not explained:
                return [self._begin(condition, found, cursor)]
            return []
        course.gone += 1
        if course.begun and course.gone >= condition.release:
            return [self._end(condition, cursor)]
        if not course.begun:
            course.held = 0
        return []

    def _begin(self, condition: Condition, found: Finding, cursor: Cursor) -> Diagnosis:
        course = self._courses[condition.name]
        remedy = self._possible(found.remedy)
        text = f"{title(condition.name)} since step {course.since:,}: {found.evidence}"
        if remedy:
            text += "; remedy: " + " ".join(f"{name}={shown(value)}" for name, value in remedy.items())
        course.begun = Diagnosis(
            name=condition.name, text=text, since=course.since, evidence=found.evidence, remedy=remedy
        ).at(cursor)
        return course.begun

    def _end(self, condition: Condition, cursor: Cursor) -> Diagnosis:
        since = self._courses[condition.name].since
        self._courses[condition.name] = _Course()
        text = f"{title(condition.name)}: over, it held from step {since:,} on"
        return Diagnosis(name=condition.name, state="over", text=text, since=since).at(cursor)

    def _possible(self, remedy: Mapping[str, Any]) -> dict[str, Any]:
        """Return those settings of a remedy that would change something; none if they don't go with the others."""
        settings = {name: value for name, value in remedy.items() if self.game.config.get(name) != value}
        try:
            change(validate(self.game.config), settings)
        except ConfigError:
            return {}
        return settings
