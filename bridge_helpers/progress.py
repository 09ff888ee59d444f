"""
Waiting that can be seen and stopped.

A step opens a context with its caller's `on_progress` and `cancel`; everything below
it (polls, retries, pages) finds that context with `current_context()` and waits
through it, so that every wait is shown and a cancel ends it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from .errors import Cancelled

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """
    One thing to show while a step runs.

    Attributes:
        state: `running`, `waiting` (then `wait` says how long) or `done`.
        message: A sentence for a person; plain text, to be escaped where it is shown.
        elapsed: Seconds since the step began.
        wait: Seconds until the next look, while waiting.
        done: How many of `total` things are done, when that is countable.
        total: How many things there are, when that is known.
    """

    state: Literal["running", "waiting", "done"]
    message: str
    elapsed: float
    wait: float | None = None
    done: int | None = None
    total: int | None = None


OnProgress = Callable[[Progress], None]


class StepContext:
    """How one step shows its progress, is cancelled, tells the time and waits."""

    def __init__(
        self,
        on_progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.clock = clock
        self._on_progress = on_progress
        self._cancel = cancel
        self._sleep = sleep
        self._start = clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return self.clock() - self._start

    def say(
        self,
        message: str,
        *,
        state: Literal["running", "waiting", "done"] = "running",
        wait: float | None = None,
        done: int | None = None,
        total: int | None = None,
    ) -> None:
        """Show something; a display that fails is logged and never stops the work."""
        if self._on_progress is None:
            return
        try:
            self._on_progress(Progress(state, message, self.elapsed, wait, done, total))
        except Exception:
            log.exception("a progress display failed; the step goes on")

    def check(self) -> None:
        """
        Raises:
            Cancelled: The step was cancelled.
        """
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("The waiting was stopped.", action="Run the step again to go on.")

    def pause(self, seconds: float, message: str) -> None:
        """
        Wait, visibly, until the time is over or the step is cancelled.

        Raises:
            Cancelled: The step was cancelled.
        """
        self.check()
        if seconds <= 0:
            return
        self.say(message, state="waiting", wait=seconds)
        if self._sleep is not None:
            self._sleep(seconds)
        elif self._cancel is not None:
            self._cancel.wait(seconds)
        else:
            time.sleep(seconds)
        self.check()


_current: ContextVar[StepContext | None] = ContextVar("step_context", default=None)


def current_context() -> StepContext:
    """The context of the step that is running, or one that shows nothing and is never cancelled."""
    return _current.get() or StepContext()


@contextmanager
def step_context(
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Iterator[StepContext]:
    """Make a context current for everything that is called inside."""
    mine = StepContext(on_progress, cancel, clock, sleep)
    token = _current.set(mine)
    try:
        yield mine
    finally:
        _current.reset(token)
