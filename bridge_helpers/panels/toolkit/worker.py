"""One background thread for a panel's work, so that callbacks return at once."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)


class Worker:
    """
    Runs jobs one after another on a daemon thread that ends when there is nothing to do.

    A daemon, because a kernel that is told to stop must not wait for a poll to end: what
    has to survive is in the journal before the poll begins.

    Args:
        name: The thread's.
        failed: Shows what a job ended with that did not deal with its own error; it is logged
            too, and the next job is done.
    """

    def __init__(self, name: str, failed: Callable[[BaseException], None]) -> None:
        self._name = name
        self._failed = failed
        self._jobs: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._resting: tuple[float, Callable[[], None]] | None = None
        self._running = False

    def submit(self, job: Callable[[], None], *, once: bool = False) -> None:
        """
        Queue a job.

        Args:
            job: What is done.
            once: Not when it waits in the queue already: it will find what is newest then.
        """
        with self._changed:
            if not (once and job in self._jobs):
                self._jobs.append(job)
            self._go()

    def rest(self, seconds: float, job: Callable[[], None]) -> None:
        """Have a job done once nothing was asked for during some seconds; replaces the last one."""
        with self._changed:
            self._resting = (time.monotonic() + seconds, job)
            self._go()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is running or queued; False when time ran out before."""
        until = time.monotonic() + seconds
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._running, timeout=max(0.0, until - time.monotonic())
            )

    def _go(self) -> None:
        self._changed.notify_all()
        if not self._running:
            self._running = True
            threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _next(self) -> Callable[[], None] | None:
        """The job to do now, waited for if one rests; None when there is nothing left to do."""
        with self._changed:
            while not self._jobs:
                if self._resting is None:
                    self._running = False
                    self._changed.notify_all()
                    return None
                due, job = self._resting
                left = due - time.monotonic()
                if left <= 0:
                    self._resting = None
                    return job
                self._changed.wait(left)
            return self._jobs.popleft()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except BaseException as error:
                # The thread would end, and no button of the panel would do anything any more.
                log.exception("a job of the panel %s failed", self._name)
                self._show(error)

    def _show(self, error: BaseException) -> None:
        try:
            self._failed(error)
        except BaseException:
            log.exception("the panel %s could not show it", self._name)
