"""What may take as long as a disk or a server likes, done beside the event loop."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class Aside:
    """A thread that does one thing after the other.

    It keeps nobody from leaving, as the threads of an executor do: Python waits for those before it ends, and so for a
    server that is gone. What hangs here is left behind.
    """

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        Thread(target=self._work, name=name, daemon=True).start()

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Have `work` done when its turn comes; what it returns or raises is in the future."""
        future: Future[T] = Future()
        self._queue.put((future, work))
        return future

    def close(self) -> None:
        """End when all that was submitted is done; don't wait for that."""
        self._queue.put(None)

    def _work(self) -> None:
        while task := self._queue.get():
            future, work = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
