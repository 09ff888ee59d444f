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
        self._running = False

    def submit(self, job: Callable[[], None]) -> None:
        """Queue a job."""
        with self._changed:
            self._jobs.append(job)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is running or queued; False when time ran out before."""
        until = time.monotonic() + seconds
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._running, timeout=max(0.0, until - time.monotonic())
            )

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._jobs:
                    self._running = False
                    self._changed.notify_all()
                    return
                job = self._jobs.popleft()
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
