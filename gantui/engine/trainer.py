"""The trainer's loop: commands between two updates, the update, then whatever is due.

Nothing in here waits for a disk: records go to a queue, files to a thread of their own.
"""

import copy
import hashlib
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import msgspec
import numpy as np

from gantui.core import events, presets
from gantui.core.config import FIELDS, Config
from gantui.core.diagnosis import Doctor, Game, length
from gantui.core.text import neutralise
from gantui.core.units import Cadence, seconds
from gantui.engine.algorithm import next_update
from gantui.engine.checkpoints import Saved
from gantui.engine.host import Host
from gantui.engine.keeping import Keeper
from gantui.engine.previews import Arrays, take
from gantui.engine.sampling import evaluate
from gantui.engine.signals import Interrupted, Signals
from gantui.engine.slices import Slices
from gantui.engine.steering import Steering
from gantui.engine.telemetry import Telemetry
from gantui.engine.training import Snapshot, Training, digest
from gantui.engine.vitals import Vitals
from gantui.runs.inbox import Inbox
from gantui.runs.layout import RunDir
from gantui.runs.live import Live
from gantui.runs.writer import EventWriter

GUARD_EVERY = 500  # steps between checks that all weights are finite, each with a new last-good snapshot
BLAMED_FOR = 10_000  # steps after which a change of settings can't be what drives values out of the numbers
MOST_ROLLBACKS = 3
SYSTEM_EVERY = 10.0  # seconds, also while paused
MOST_OF_TIME = 0.04  # that live views may take of the training's
SLICE = 0.05  # seconds of a regular evaluation at a time
PROGRESS_EVERY = 1.0  # seconds
PAUSE_WAIT = 0.25  # seconds; commands end the wait at once


class Ending(Exception):
    """Why training is over: `reason` is finished, stopped, interrupted or failed."""

    def __init__(self, reason: str, status: int, text: str = "") -> None:
        super().__init__(text or reason)
        self.reason, self.status, self.text = reason, status, text


class Paced:
    """Something that happens by a cadence, in steps or in seconds; 0 is never."""

    def __init__(self) -> None:
        self._value: int | str = 0
        self._cadence = Cadence()
        self.done(0)

    def pace(self, value: int | str, step: int) -> None:
        """Take a cadence from a setting; an unchanged one goes on as it was."""
        if value != self._value:
            self._value, self._cadence = value, Cadence.parse(value)
            self.done(step)

    def due(self, step: int) -> bool:
        """Whether it is time."""
        if self._cadence.steps:
            return step >= self._next_step
        return self._cadence.seconds > 0 and time.monotonic() >= self._next_time

    def done(self, step: int) -> None:
        """Note that it has just happened."""
        every = self._cadence.steps
        self._next_step = (step // every + 1) * every if every else 0
        self._next_time = time.monotonic() + self._cadence.seconds


class Progress:
    """How far an evaluation is, by the blocks of work that the last one took."""

    def __init__(self, last: int, tell: Callable[[float], None]) -> None:
        self.blocks = 0
        self._last, self._tell = last, tell
        self._next = time.monotonic() + PROGRESS_EVERY

    def counting(self, check: Callable[[], None]) -> Callable[[], None]:
        """Return `check` so that it notes another block too, and tells the share that is done if it is time."""

        def counted() -> None:
            self.blocks += 1
            if self._last and time.monotonic() >= self._next:
                self._next = time.monotonic() + PROGRESS_EVERY
                self._tell(min(self.blocks / self._last, 0.99))
            check()

        return counted


class Evaluating:
    """A regular evaluation under way: of G as it was when it began, in slices."""

    def __init__(self, training: Training, progress: Progress) -> None:
        config, data = training.config, training.data
        g = copy.deepcopy(training.best_generator)
        e = copy.deepcopy(training.encoder.network) if training.encoder else None
        self.cursor, self.progress = training.cursor, progress
        self.slices = Slices(lambda check: evaluate(config, data, g, progress.counting(check), e))
        self._training, self._began = training, time.monotonic()

    def may_go_on(self) -> bool:
        """Whether it has taken less than `eval_share` of the time since it began."""
        return self.slices.spent <= self._training.config.eval_share * (time.monotonic() - self._began)


class Trainer:
    """One training, from where its state stands to an Ending."""

    def __init__(
        self,
        run: RunDir,
        training: Training,
        writer: EventWriter,
        inbox: Inbox,
        signals: Signals,
        began: float | None = None,
    ) -> None:
        """`began` is when the run was asked for (monotonic seconds, default now): `max_time` counts from there."""
        self.run, self.training, self.writer, self.inbox, self.signals = run, training, writer, inbox, signals
        self.telemetry = Telemetry(training, self._heard)
        self.doctor = Doctor()
        self._vitals, self._next_examination = Vitals(training), 0
        self.steering = Steering(self)
        self.paused = False
        self.stop_asked = ""
        self.ended = ""
        self.stage = "training"
        self.last_eval: dict[str, Any] = {}
        self.last_warning = ""
        self.arrays: Arrays = {}
        self.notify: Callable[[], None] = lambda: None  # asks for live.json to be written soon
        self.views_wanted: Callable[[], float] = lambda: 0.0  # how often viewers want `arrays` to be new, in Hz
        self._viewed: events.Cursor | None = None
        self._next_view = 0.0
        self._keeper = Keeper(run, training, writer, self.warn)
        self._good = training.snapshot()
        self._before_change: Snapshot | None = None
        self._began = time.monotonic() if began is None else began
        self._host = Host(training.device)
        self._next_system = 0.0
        self._preview, self._evaluation, self._checkpoint = Paced(), Paced(), Paced()
        self._evaluating: Evaluating | None = None
        self._blocks = 0  # of work in the last evaluation
        self.repace()

    def repace(self) -> None:
        """Take the cadences from the present settings."""
        config, step = self.training.config, self.training.step
        self._preview.pace(config.preview_every, step)
        self._evaluation.pace(config.eval_every, step)
        self._checkpoint.pace(config.checkpoint_every, step)
        self._deadline = float("inf") if config.max_time == "none" else self._began + seconds(config.max_time)

    def train(self) -> Ending:
        """Train until something ends it; says why. State and log are then complete, but for the exit record."""
        try:
            self._write_system_if_due()  # so that a viewer has one from the start
            while True:
                self.turn()
        except Ending as reason:
            ending = reason
        except Interrupted as interrupted:  # in the middle of an evaluation
            ending = Ending("interrupted", 75, str(interrupted))
        self.telemetry.flush()
        return ending

    def turn(self) -> None:
        """Obey what has arrived; then one update and what is due after it, or a wait while paused."""
        self.steering.obey()
        self._end_if_asked()
        if self.paused:
            if self._evaluating:  # nothing else wants the time
                self._go_on_evaluating(PAUSE_WAIT)
            else:
                self.inbox.wait(PAUSE_WAIT)
            self._write_system_if_due()
            self._view_if_wanted()
        else:
            self.telemetry.gather(next_update(self.training, self.telemetry.wants_measuring()))
            self._look_after()

    def conclude(self, ending: Ending) -> Ending:
        """Save, and evaluate a finished or stopped training; a signal in between still ends in a checkpoint."""
        self._stop_evaluating()
        self.stage_to("saving")
        if ending.reason == "failed" or not self.training.is_finite():
            self._go_back()
        final = self.save().result()
        try:
            if ending.reason in ("finished", "stopped"):
                self.preview()
                self.evaluate(self._check_while_ending)
        except Interrupted as interrupted:
            ending = Ending("interrupted", 75, f"{interrupted} during the last evaluation")
        except Exception as error:  # the training itself is saved
            ending = Ending("failed", 1, f"the last evaluation: {type(error).__name__}: {neutralise(error)}")
        self._keeper.close()
        self.inbox.stop()
        self.steering.refuse(f"the run has ended ({ending.reason})")
        if ending.status == 75 and final is None:  # a promise that can't be kept
            ending = Ending("failed", 1, f"{ending.text}; {self.last_warning}")
        self.ended = ending.reason
        self.record(
            events.Exit(
                reason=ending.reason,
                status=ending.status,
                text=ending.text,
                digest=final.digest if final else digest(self.training.snapshot()),
            )
        )
        return ending

    def _check_while_ending(self) -> None:
        self.signals.check()
        self.steering.refuse("the run is ending: its last evaluation is under way")

    def _end_if_asked(self) -> None:
        while ending := self._asked_to_end():
            if self.training.is_finite():
                raise ending
            self._roll_back()  # then there may be steps to do again

    def _asked_to_end(self) -> Ending | None:
        if self.stop_asked:
            return Ending("stopped", 0, self.stop_asked)
        if self.signals.received:
            return Ending("interrupted", 75, self.signals.received)
        if self.training.step >= self.training.config.max_steps and not self.training.remaining:
            return Ending("finished", 0)
        if time.monotonic() >= self._deadline:
            return Ending("interrupted", 75, f"max_time = {self.training.config.max_time} is over")
        return None

    def _look_after(self) -> None:
        """Do what is due after an update. What depends on the clock only looks; it never touches the training."""
        save_now = self._checkpoint.due(self.training.step)
        examined = self._examine_if_due()
        suspicious = (self.telemetry.due() or examined) and self.telemetry.flush() > 0
        self._guard(suspicious or save_now)
        between_steps = not self.training.remaining
        step = self.training.step
        if self.telemetry.hist_due():
            self.telemetry.write_histogram()
        if self._preview.due(step) and self._keeper.keeps_up:
            self.preview()
        if save_now:
            self.save()
        if self._evaluation.due(step) and between_steps and not self._evaluating:
            self._begin_evaluating()
        if self._evaluating and self._evaluating.may_go_on():
            self._go_on_evaluating(SLICE if self.training.config.eval_share < 1 else math.inf)
        self._write_system_if_due()
        self._view_if_wanted()

    def _examine_if_due(self) -> bool:
        """Take what a diagnosis needs, by the steps alone; True if a record is wanted of it now."""
        training = self.training
        if training.step < self._next_examination or training.remaining:
            return False
        self._next_examination = training.step + length(training.step, training.config.max_steps)
        self.telemetry.note(self._vitals.take())
        return not training.config.log_every  # that says which records there are

    def _heard(self, record: events.Record) -> None:
        """Write a record of the telemetry, and what it is the symptom of."""
        self.writer.write(record)
        if isinstance(record, events.Metrics):
            self.doctor.game = self._game()
            for diagnosis in self.doctor.hear(record):
                self.writer.write(diagnosis)

    def _game(self) -> Game:
        training = self.training
        return Game(_as_dict(training.config), training.objective.facts, training.data.facts)

    def _guard(self, look: bool) -> None:
        """Roll back if the state is not finite any more; else it is a good one, each 500 steps.

        What the clock paces only decides when that is noticed, never where training goes back to.
        """
        step = self.training.step
        regular = step % GUARD_EVERY == 0 and not self.training.remaining
        if regular or look:
            if not self.training.is_finite():
                self._roll_back()
            elif regular:
                self._good = self.training.snapshot()
                if self._before_change and step - self._before_change["cursor"][0] > BLAMED_FOR:
                    self._before_change = None

    def keep_before_change(self) -> None:
        """Settings are about to change: keep the state, unless it is that of a change just before.

        A good state may be finite and lost all the same; then training can still go back to before the change.
        """
        kept = self._before_change
        recent = kept is not None and self.training.step - kept["cursor"][0] < GUARD_EVERY
        if not recent and self.training.is_finite():
            self._before_change = self.training.snapshot()

    def _roll_back(self) -> None:
        """Go back to the last good snapshot, its live settings included, on a branch of its own.

        The noise is seeded anew, or the same would happen again. If it does all the same, training goes back to before
        the last change of settings.
        """
        at, rollbacks = self.training.cursor, self.training.rollbacks + 1
        if rollbacks > MOST_ROLLBACKS:
            raise Ending("failed", 1, f"values were not finite for the {rollbacks}th time, at step {at.step}")
        before = self.training.config
        self._go_back()
        self.training.rollbacks = rollbacks
        self.training.reseed(rollbacks)
        earlier, self._before_change = self._before_change, None
        if earlier and earlier["cursor"][0] < self.training.step:
            self._good = earlier
        else:
            self._good = self.training.snapshot()
        changes = ", ".join(
            f"{name} {neutralise(value)} → {neutralise(getattr(self.training.config, name))}"
            for name, value in _as_dict(before).items()
            if value != getattr(self.training.config, name)
        )
        self.warn(
            f"values were not finite at step {at.step}: rolled back to step {self.training.step} "
            f"({rollbacks} of at most {MOST_ROLLBACKS})"
            + (f"; settings as they were then: {changes}" if changes else "")
        )
        self.doctor.game = self._game()
        for diagnosis in self.doctor.went_back(
            self.training.cursor, f"found at step {at.step:,}; the run went back to step {self.training.step:,}"
        ):
            self.writer.write(diagnosis)

    def _go_back(self) -> None:
        """Put the training to its last good state; what was logged since stays on the branch it was on."""
        self._stop_evaluating()
        self.training.restore(self._good)
        self.telemetry.forget()
        self._vitals.forget()
        self._next_examination = self.training.step
        self.repace()
        parent, self.writer.branch = self.writer.branch, self.writer.branch + 1
        self.write_start(parent, self.training.cursor.update)

    def write_start(self, parent: int | None = None, from_update: int | None = None) -> None:
        """Write a `start` record: settings and facts a viewer needs, and where this branch comes from."""
        config = self.training.config
        self.record(
            events.Start(
                config_digest=hashlib.sha256(presets.to_toml(config).encode()).hexdigest()[:16],
                config=_as_dict(config),
                objective=self.training.objective.facts,
                data=self.training.data.facts,
                parent=parent,
                from_update=from_update,
            )
        )

    def preview(self) -> None:
        """Take samples at the fixed latents now."""
        self.arrays = self._keeper.preview()
        self._preview.done(self.training.step)

    def save(self) -> "Future[Saved | None]":
        """Take a checkpoint now; the future holds what was saved once it is on disk, None if it can't be."""
        self._checkpoint.done(self.training.step)
        return self._keeper.save(self.telemetry)

    def evaluate(self, check: Callable[[], None] | None = None) -> None:
        """Measure G now; `check` is called in between, by default for signals. Raises Interrupted if one comes."""
        before, training = self.stage, self.training
        self.stage_to("evaluating")
        progress = self._progress()
        values, count, took = evaluate(
            training.config,
            training.data,
            training.best_generator,
            progress.counting(check or self.signals.check),
            training.encoder.network if training.encoder else None,
        )
        self._blocks = progress.blocks
        self._keep_measures(values, count, took, training.cursor)
        self._evaluation.done(training.step)
        self.telemetry.restart_clock()
        self.stage_to(before)

    def _progress(self) -> Progress:
        return Progress(self._blocks, lambda share: self.writer.write(events.Stage(stage="evaluating", progress=share)))

    def _begin_evaluating(self) -> None:
        self._evaluating = Evaluating(self.training, self._progress())
        self._evaluation.done(self.training.step)
        self.stage_to("evaluating")

    def _keep_measures(self, values: dict[str, Any], count: int, took: float, cursor: events.Cursor) -> None:
        self.last_eval = values
        self.writer.write(events.Eval(values=values, samples=count, seconds=round(took, 3)).at(cursor))
        self.notify()

    def _go_on_evaluating(self, seconds: float) -> None:
        """Do a slice of a regular evaluation. One that fails is said; training goes on."""
        evaluating = self._evaluating
        assert evaluating
        before = evaluating.slices.spent
        if evaluating.slices.advance(seconds):
            self._evaluating, self._blocks = None, evaluating.progress.blocks
            self.stage_to("training")
            try:
                values, count, _ = evaluating.slices.result()
            except Exception as error:
                self.warn(f"an evaluation failed: {type(error).__name__}: {neutralise(error)}")
            else:
                self._keep_measures(values, count, evaluating.slices.spent, evaluating.cursor)
        self.telemetry.leave_out(evaluating.slices.spent - before)

    def _stop_evaluating(self) -> None:
        if self._evaluating:
            self._evaluating.slices.abandon()
            self._evaluating = None

    def record(self, record: events.AtCursor) -> None:
        """Write a record of this moment."""
        self.writer.write(record.at(self.training.cursor))

    def warn(self, text: str) -> None:
        """Tell whoever watches, and the log."""
        self.last_warning = text
        self.record(events.Warning_(text=text))

    def stage_to(self, stage: str) -> None:
        """Say what the trainer is busy with."""
        self.stage = stage
        self.writer.write(events.Stage(stage=stage))
        self.notify()

    def live(self) -> Live:
        """The present state for viewers; called from the heartbeat's thread, so it only reads."""
        config, telemetry = self.training.config, self.telemetry
        return Live(
            state=self.ended or ("paused" if self.paused else "running"),
            stage=self.stage,
            branch=self.writer.branch,
            max_steps=config.max_steps,
            steps_per_s=telemetry.latest.get("steps_per_s", 0.0),
            samples_per_s=telemetry.latest.get("samples_per_s", 0.0),
            metrics=dict(telemetry.latest),
            config={name: value for name, value in _as_dict(config).items() if FIELDS[name].about.live},
            last_eval=self.last_eval,
            warning=self.writer.trouble or self.last_warning,
            diagnoses=self.doctor.present,
            elapsed=round(time.monotonic() - self._began, 3),
            **msgspec.structs.asdict(self.training.cursor),
        )

    def _view_if_wanted(self) -> None:
        """Take samples and views for live.npz, as often as viewers want and as is affordable; not twice the same."""
        began, wanted = time.monotonic(), self.views_wanted()
        if not wanted or began < self._next_view or self._viewed == self.training.cursor:
            return
        self._viewed = cursor = self.training.cursor
        when = {"step": np.array(cursor.step), "update": np.array(cursor.update)}
        self.arrays = take(self.training) | when
        self._next_view = began + max(1 / wanted, (time.monotonic() - began) / MOST_OF_TIME)
        self.notify()

    def _write_system_if_due(self) -> None:
        if time.monotonic() < self._next_system:
            return
        self._next_system = time.monotonic() + SYSTEM_EVERY
        if not os.path.lexists(self.run.path):
            raise Ending("failed", 1, "the run directory was deleted")
        self.writer.write(self._host.measure())


def _as_dict(config: Config) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__struct_fields__}
