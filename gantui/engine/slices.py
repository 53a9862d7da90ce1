"""Long work done by and by, between updates of the training, so that training hardly waits for it."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import torch

Result = TypeVar("Result")


class _Given(BaseException):
    """Nobody wants the result any more; not an Exception, so that no handler in the work swallows it."""


class Slices(Generic[Result]):
    """Work that goes on only while somebody waits in `advance`.

    It runs in a thread of its own, but never beside the one that advances it: `work(check)` is held at a call of
    `check` until its next turn. So it is as if both were one thread, whatever is computed in either; the number of
    torch's threads, which is the process's, is put back at every change.
    """

    def __init__(self, work: Callable[[Callable[[], None]], Result]) -> None:
        self.spent = 0.0  # seconds that it has worked
        self.done = False
        self._work = work
        self._until = 0.0
        self._abandoned = False
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._turn, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name="slices", daemon=True)
        self._thread.start()

    def advance(self, seconds: float) -> bool:
        """Let it work for about so many seconds, until the next `check` after that; True once it is done."""
        if self.done:
            return True
        began, threads = time.monotonic(), torch.get_num_threads()
        self._until = began + seconds
        self._change(self._turn, self._back)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        self.spent += time.monotonic() - began
        return self.done

    def result(self) -> Result:
        """Return what the work returned, or raise what it raised. It must be done."""
        assert self.done
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]

    def abandon(self) -> None:
        """End the work at its next `check`; returns when it has ended."""
        self._abandoned = True
        while not self.done:
            self.advance(0.0)

    def _run(self) -> None:
        self._turn.acquire()
        torch.set_num_threads(torch.get_num_threads())  # a new thread has its own share of this setting
        try:
            self._result = self._work(self._check)
        except _Given:
            pass
        except BaseException as error:
            self._error = error
        self.done = True
        self._back.release()

    def _check(self) -> None:
        if time.monotonic() >= self._until:
            threads = torch.get_num_threads()
            self._change(self._back, self._turn)
            torch.set_num_threads(threads)
        if self._abandoned:
            raise _Given

    @staticmethod
    def _change(other: threading.Semaphore, own: threading.Semaphore) -> None:
        other.release()
        own.acquire()
