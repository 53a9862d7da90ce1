"""A trainer as a process: lock, signals, log and heartbeat around the training, from start to exit record.

Importing this module imports no torch, so that the first record is in the log before torch's two seconds.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import msgspec

from gantui.core import combinations, events, presets
from gantui.core import config as configuration
from gantui.core.config import Config
from gantui.core.errors import RunFailed, UserError
from gantui.core.text import neutralise
from gantui.engine.signals import Interrupted, Signals
from gantui.runs import info
from gantui.runs.files import sweep, write_atomic
from gantui.runs.inbox import Inbox
from gantui.runs.layout import RunDir
from gantui.runs.live import Heartbeat, Live
from gantui.runs.lock import RunLock
from gantui.runs.tail import tail
from gantui.runs.writer import EventWriter

if TYPE_CHECKING:
    from gantui.engine.checkpoints import Loaded
    from gantui.engine.trainer import Trainer
    from gantui.engine.training import Training

FAILED, INTERRUPTED = 1, 75
AT_CURSOR = {"start", "metrics", "hist", "preview", "eval", "applied", "warning", "diagnosis", "exit"}
# Not a checkpoint: it is told when it lies on the disk, by which time later updates may have been told.


@dataclass(frozen=True)
class Job:
    """What a trainer is asked to do in a run directory."""

    run: RunDir
    config: Config
    overrides: dict[str, Any] = field(default_factory=dict)  # settings that win over a checkpoint's
    force: bool = False  # go on although another host may hold the run
    asked: float = field(default_factory=time.monotonic)  # when: `max_time` counts from here, loading included


def run_trainer(job: Job, on_record: Callable[[events.Record], None] | None = None) -> int:
    """Train in this process until the run ends; returns its exit status (0, 1 or 75).

    Args:
        on_record: called with each record after it was written, in the writer's thread.

    Raises:
        UserError: settings or data that can't be trained with, or a run another trainer holds. The run
            directory then holds an exit record that says so.
    """
    signals = Signals(job.run.trainer_log)
    lock = RunLock(job.run)
    lock.acquire(force=job.force)
    for directory in (job.run.path, job.run.checkpoints, job.run.previews):
        sweep(directory)  # what a killed trainer left half-written
    before = cast("events.AtCursor | None", tail(job.run, kinds=AT_CURSOR))
    writer = EventWriter(job.run, branch=before.branch if before else 0, on_record=on_record)
    inbox = Inbox(job.run)
    try:
        signals.install()
        return _Session(job, signals, writer, inbox, before).run()
    except Interrupted:
        return INTERRUPTED
    finally:
        signals.raise_at_once = False
        inbox.stop()
        writer.close(timeout=10.0)
        signals.restore()
        lock.release()


class _Session:
    """The life of one trainer process, stage by stage."""

    def __init__(
        self, job: Job, signals: Signals, writer: EventWriter, inbox: Inbox, before: events.AtCursor | None
    ) -> None:
        self._job, self._signals, self._writer, self._inbox = job, signals, writer, inbox
        self._before = before  # the last moment that an earlier trainer of this run has logged
        self._started = time.time()
        self._live: Callable[[], Live] = self._starting
        self._arrays: Callable[[], dict[str, Any] | None] = lambda: None
        self._stage, self._progress = "importing", 0.0
        self._heartbeat = Heartbeat(job.run, self._state)

    def _starting(self) -> Live:
        at = self._before.cursor if self._before else events.Cursor()
        return Live(
            state="starting",
            stage=self._stage,
            stage_progress=self._progress,
            max_steps=self._job.overrides.get("max_steps", self._job.config.max_steps),
            **msgspec.structs.asdict(at),
        )

    def _state(self) -> tuple[Live, dict[str, Any] | None]:
        live = self._live()
        live.t, live.pid = time.time(), os.getpid()
        return live, self._arrays()

    def run(self) -> int:
        try:
            return self._train(self._prepare())
        finally:
            self._heartbeat.stop()
            if "torch" in sys.modules:
                sys.modules["torch"].set_flush_denormal(False)

    def _prepare(self) -> "Trainer":
        """Return a trainer ready to train; whatever prevents that is in the log before it is raised."""
        try:
            self._write_info()
            self._heartbeat.start()
            self._reject_stale()
            self._inbox.start()
            return self._build()
        except Interrupted as interrupted:  # there is nothing new to save yet
            self._write_exit("interrupted", INTERRUPTED, f"{interrupted} while {self._stage}")
            raise
        except UserError as error:
            self._write_exit("failed", error.exit_status, str(error))
            raise
        except Exception as error:
            self._write_exit("failed", FAILED, f"{type(error).__name__}: {neutralise(error)}")
            raise

    def _train(self, trainer: "Trainer") -> int:
        from gantui.engine.trainer import Ending

        try:
            ending = trainer.train()
        except Exception as error:
            text = f"{type(error).__name__}: {neutralise(error)}"
            trainer.conclude(Ending("failed", FAILED, text))
            raise RunFailed(f"the run failed: {text}") from error
        finally:
            trainer.training.batches.close()
        return trainer.conclude(ending).status

    def _build(self) -> "Trainer":
        self._stage_to("importing")
        import torch

        from gantui.engine import data, devices, networks, pretrained, previews, seen
        from gantui.engine.trainer import Trainer
        from gantui.engine.training import Training

        # In threads made later too, and until the session ends: what softmax rounds to made text 12 % slower.
        torch.set_flush_denormal(True)
        job, config = self._job, self._job.config
        device = devices.choose(config.device)
        self._stage_to("loading data")
        loaded = data.load(config, device, self._note_progress)
        config = _resolved(
            config,
            network=networks.architecture(config, loaded.shape),
            output=loaded.output,
            threads=devices.thread_count(config, loaded.shape),
        )
        torch.set_num_threads(int(config.threads))
        seen.require(config, loaded)
        training = Training(config, loaded, device)
        restored = self._restore(training)
        if not restored:  # the first start, or one that ended before its first checkpoint
            pretrained.take_over(training)
            write_atomic(job.run.config_toml, presets.to_toml(config).encode())
            training.set_pace()
        self._override(training)
        trainer = Trainer(job.run, training, self._writer, self._inbox, self._signals, job.asked)
        if restored:
            trainer.telemetry.metrics_written = restored.saved.metrics_written
            trainer.telemetry.hists_written = restored.saved.hists_written
        self._write_info(torch=str(torch.__version__), device=str(device), threads=int(config.threads))
        trainer.write_start(*self._join_history(training.cursor.update, restored))
        trainer.last_eval = getattr(tail(job.run, kinds={"eval"}), "values", {})
        for warning in [*loaded.warnings, *self._warnings_of(training, restored)]:
            trainer.warn(warning)
        previews.write_real(job.run, training)
        self._live, self._arrays = trainer.live, lambda: trainer.arrays or None
        trainer.notify, trainer.views_wanted = self._heartbeat.now, lambda: self._heartbeat.wanted.views
        self._signals.raise_at_once = False
        trainer.stage_to("training")
        return trainer

    def _restore(self, training: "Training") -> "Loaded | None":
        """Put training to the newest checkpoint, if there is one."""
        from gantui.engine import checkpoints, unchanged

        if not checkpoints.read_index(self._job.run):
            return None
        loaded = checkpoints.load(self._job.run)
        unchanged.require(loaded.form, training.data, training.config.condition != "none")
        training.restore(loaded.state)
        return loaded

    def _warnings_of(self, training: "Training", restored: "Loaded | None") -> list[str]:
        from gantui.engine.optimisers import horizon_note

        warnings = combinations.warnings(training.config)
        if note := horizon_note(training.config):
            warnings.append(note)
        if restored:
            warnings += restored.problems
            if restored.state["device"] != training.device.type:
                warnings.append(f"the checkpoint is of a {restored.state['device']} device: noise is seeded anew")
        return warnings

    def _override(self, training: "Training") -> None:
        if self._job.overrides:
            training.adopt(configuration.change(training.config, self._job.overrides))
            training.set_pace()

    def _join_history(self, update: int, restored: "Loaded | None") -> tuple[int | None, int | None]:
        """Return parent branch and update; what the log holds beyond the checkpoint stays on its own branch."""
        if not self._before:
            return None, None
        parent = restored.saved.branch if restored else 0
        if self._before.branch != parent or self._before.update > update:
            self._writer.branch = self._before.branch + 1
        return parent, update

    def _reject_stale(self) -> None:
        for identifier, author, what in self._inbox.clear_stale():
            self._writer.write(
                events.Rejected(id=identifier, author=author, what=what, reason="stale: older than this trainer")
            )

    def _stage_to(self, stage: str) -> None:
        self._signals.check()  # an import may have swallowed what a signal raised
        self._stage, self._progress = stage, 0.0
        self._writer.write(events.Stage(stage=stage))
        self._heartbeat.now()

    def _note_progress(self, progress: float) -> None:
        if progress >= self._progress + 0.1:  # a record each tenth
            self._writer.write(events.Stage(stage=self._stage, progress=round(progress, 2)))
            self._progress = progress

    def _write_exit(self, reason: str, status: int, text: str) -> None:
        at = self._before.cursor if self._before else events.Cursor()
        self._writer.write(events.Exit(reason=reason, status=status, text=text, **msgspec.structs.asdict(at)))

    def _write_info(self, **device: Any) -> None:
        job = self._job
        before = info.read(job.run)
        preset = before.preset if before else ""
        now = info.here(job.run, preset=preset, argv=sys.argv, **device)
        now.started = self._started
        info.write(job.run, now)


def _resolved(config: Config, **settled: Any) -> Config:
    """Return the config with every `auto` settled that decides the numbers, so that it starts the same run again."""
    horizon = config.max_steps if config.lr_horizon == "max_steps" else config.lr_horizon
    return configuration.validate(msgspec.structs.asdict(config) | settled | {"lr_horizon": horizon})
