"""What a trainer keeps on disk, previews and checkpoints, written in a thread so that no update waits for it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from gantui.core import events
from gantui.core.text import neutralise
from gantui.engine import checkpoints, model, previews
from gantui.engine.telemetry import Telemetry
from gantui.engine.training import Training
from gantui.runs.layout import RunDir
from gantui.runs.writer import EventWriter


class Keeper:
    """Takes the state now, writes it soon, and puts a record in the log when it is written.

    `warn` is called, in that thread, with what could not be written and why; training goes on.
    """

    def __init__(self, run: RunDir, training: Training, writer: EventWriter, warn: Callable[[str], None]) -> None:
        self._run, self._training, self._writer, self._warn = run, training, writer, warn
        self._gallery = previews.Gallery(run)
        self._waiting: Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="files")

    @property
    def keeps_up(self) -> bool:
        """Whether the last preview is written: on a slow disk they shall not pile up."""
        return self._waiting is None or self._waiting.done()

    def preview(self) -> previews.Arrays:
        """Take samples, write them in the background, and return them."""
        arrays = previews.take(self._training)
        file = self._gallery.name(self._training.cursor, self._writer.branch)
        caption = "average of G" if self._training.ema else "G"
        record = events.Preview(file=file, caption=caption).at(self._training.cursor)
        branch = self._writer.branch

        def write() -> None:
            try:
                self._gallery.keep(file, arrays)
            except OSError as error:
                self._warn(f"{file} could not be written: {neutralise(error)}")
            else:
                self._writer.write(record, branch)

        self._waiting = self._thread.submit(write)
        return arrays

    def save(self, telemetry: Telemetry) -> "Future[checkpoints.Saved | None]":
        """Take a snapshot and write it in the background; the future holds what was saved, None if it failed."""
        snapshot, branch, cursor = self._training.snapshot(), self._writer.branch, self._training.cursor
        written = (telemetry.metrics_written, telemetry.hists_written)

        def write() -> checkpoints.Saved | None:
            try:
                saved = checkpoints.save(self._run, snapshot, model.form(self._training.data), branch, *written)
            except OSError as error:
                self._warn(f"no checkpoint could be written: {neutralise(error)}")
                return None
            self._writer.write(events.Checkpoint(file=saved.file, digest=saved.digest).at(cursor), branch)
            return saved

        return self._thread.submit(write)

    def close(self) -> None:
        """Finish what is still to be written."""
        self._thread.shutdown(wait=True)
