"""Commands: taken from the inbox between two updates, each answered by one `applied` or `rejected`."""

from collections import deque
from typing import TYPE_CHECKING, Any

from gantui.core import commands, events
from gantui.core.combinations import warnings
from gantui.core.commands import Command
from gantui.core.config import change
from gantui.core.errors import CommandRejected, ConfigError
from gantui.engine.algorithm import UPDATES, next_update
from gantui.engine.optimisers import horizon_note
from gantui.runs.inbox import BadCommand

if TYPE_CHECKING:
    from gantui.engine.trainer import Trainer

Answer = tuple[dict[str, Any], dict[str, Any], str]  # before, after, note


class Steering:
    """Obeys the commands for one trainer, in the order of their arrival."""

    def __init__(self, trainer: "Trainer") -> None:
        self._trainer = trainer
        self._waiting: deque[Command | BadCommand] = deque()  # taken out of the inbox, not answered yet

    def obey(self) -> None:
        """Answer everything that has arrived."""
        self._waiting.extend(self._trainer.inbox.take())
        while self._waiting:
            command = self._waiting.popleft()
            who = (command.id, command.author, command.what)
            self._write(events.Received, who)
            try:
                before, after, note = self._apply(command)
            except (ConfigError, CommandRejected) as error:
                self._write(events.Rejected, who, reason=str(error))
            except BaseException as error:  # a signal, or the end of the run: whoever asked still gets an answer
                self._write(events.Rejected, who, reason=f"{type(error).__name__} came in between: {error}")
                raise
            else:
                objective = self._trainer.training.objective.facts if "loss" in after else None
                self._write(events.Applied, who, before=before, after=after, note=note, objective=objective)

    def refuse(self, reason: str) -> None:
        """Answer what arrived too late to be obeyed."""
        self._waiting.extend(self._trainer.inbox.take())
        while self._waiting:
            command = self._waiting.popleft()
            who = (command.id, command.author, command.what)
            self._write(events.Received, who)
            self._write(events.Rejected, who, reason=reason)

    def _write(self, kind: type[events.AtCursor], who: tuple[str, str, str], **fields: Any) -> None:
        record = kind(id=who[0], author=who[1], what=who[2], **fields)  # type: ignore[call-arg]
        self._trainer.writer.write(record.at(self._trainer.training.cursor))

    def _apply(self, command: Command | BadCommand) -> Answer:
        if isinstance(command, BadCommand):
            raise CommandRejected(command.reason)
        return getattr(self, f"_{command.what}_now")(command)  # type: ignore[no-any-return]

    def _set_now(self, command: Command) -> Answer:
        """All fields or none, from the next update on."""
        trainer, training = self._trainer, self._trainer.training
        before = training.config
        after = change(before, command.args)
        if after.max_steps < training.step:
            raise CommandRejected(
                f"max_steps = {after.max_steps}: the run is already at step {training.step}; use stop to end it"
            )
        trainer.keep_before_change()
        trainer.telemetry.flush()  # a record never mixes updates from before and after a change
        note = training.adopt(after)
        training.set_pace()
        trainer.repace()
        odd = [text for text in warnings(after) if text not in warnings(before)]
        note = "; ".join(filter(None, [note, horizon_note(after), *odd]))
        changed = {name: getattr(after, name) for name in command.args}
        return {name: getattr(before, name) for name in command.args}, changed, note

    def _pause_now(self, _command: Command) -> Answer:
        trainer = self._trainer
        if trainer.paused:
            return {}, {}, "was paused already"
        trainer.paused = True
        trainer.telemetry.flush()
        trainer.telemetry.write_histogram()
        trainer.preview()
        trainer.notify()
        return {"paused": False}, {"paused": True}, ""

    def _resume_now(self, _command: Command) -> Answer:
        trainer = self._trainer
        if not trainer.paused:
            return {}, {}, "was running already"
        trainer.paused = False
        trainer.telemetry.restart_clock()
        trainer.notify()
        return {"paused": True}, {"paused": False}, ""

    def _step_now(self, command: Command) -> Answer:
        """Single updates while paused: extra ones of D or of G, or the rest of the iteration."""
        trainer, training = self._trainer, self._trainer.training
        if not trainer.paused:
            raise CommandRejected("the run is not paused; pause it first")
        wish, before = commands.step_of(command), training.cursor
        done = 0
        while done < wish.count and not trainer.signals.received:
            if wish.target == "both" and training.step >= training.config.max_steps:
                break
            if wish.target == "both":
                self._gather(next_update(training, measure=True))
                while training.remaining:
                    self._gather(next_update(training, measure=True))
            else:
                self._gather(UPDATES[wish.target](training, True))
            done += 1
        trainer.telemetry.write_histogram(fresh=True)
        trainer.preview()
        trainer.notify()
        note = "" if done == wish.count else f"ended after {done} of {wish.count}"
        return {"update": before.update}, {"update": training.cursor.update}, note

    def _gather(self, outcome: Any) -> None:
        self._trainer.telemetry.gather(outcome)
        self._trainer.telemetry.flush()

    def _snapshot_now(self, _command: Command) -> Answer:
        if not self._trainer.training.is_finite():
            raise CommandRejected("weights are not finite; resume, and the run rolls back")
        saved = self._trainer.save().result()
        if saved is None:
            raise CommandRejected(self._trainer.last_warning)
        return {}, {"file": saved.file, "digest": saved.digest}, ""

    def _evaluate_now(self, _command: Command) -> Answer:
        self._trainer.evaluate()
        return {}, self._trainer.last_eval, ""

    def _preview_now(self, _command: Command) -> Answer:
        self._trainer.preview()
        return {}, {}, ""

    def _stop_now(self, command: Command) -> Answer:
        self._trainer.stop_asked = f"stopped by {command.author}" if command.author else "stopped"
        return {}, {}, "saving, then a last evaluation"
