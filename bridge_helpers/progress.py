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
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeVar

from .errors import Cancelled

log = logging.getLogger(__name__)

T = TypeVar("T")

GLANCE: Final = 0.1
"""Seconds between two looks, where a wait can be ended from more than one side."""


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
        self._cancels: tuple[threading.Event, ...] = () if cancel is None else (cancel,)
        self._sleep = sleep
        self._start = clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return self.clock() - self._start

    def also_ended_by(self, cancel: threading.Event) -> StepContext:
        """The same context, which a second event cancels as well."""
        other = StepContext(self._on_progress, None, self.clock, self._sleep)
        other._cancels = (*self._cancels, cancel)
        other._start = self._start
        return other

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
        End the step here if it was cancelled.

        Raises:
            Cancelled: It was.
        """
        if any(cancel.is_set() for cancel in self._cancels):
            raise Cancelled("The waiting was stopped.", action="Run the step again to go on.")

    def pause(self, seconds: float, message: str = "") -> None:
        """
        Wait until the time is over or the step is cancelled.

        Args:
            message: Shown with the wait; a wait too short to be told has none.

        Raises:
            Cancelled: The step was cancelled.
        """
        self.check()
        if seconds <= 0:
            return
        if message:
            self.say(message, state="waiting", wait=seconds)
        if self._sleep is not None:
            self._sleep(seconds)
        elif not self._cancels:
            time.sleep(seconds)
        else:
            self._wait(seconds)
        self.check()

    def _wait(self, seconds: float) -> None:
        first, *others = self._cancels
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if first.wait(min(left, GLANCE) if others else left):
                return
            if any(other.is_set() for other in others):
                return


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


def carried(work: Callable[[], T], cancel: threading.Event) -> Callable[[], T]:
    """
    Work for another thread, to be done in the context of the step that runs here.

    Args:
        cancel: Ends its waits too, beside the step's own cancel.
    """
    there = copy_context()
    there.run(_current.set, current_context().also_ended_by(cancel))
    return partial(there.run, work)
