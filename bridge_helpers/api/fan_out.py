"""
Many requests at once: threads that carry the step's context, and how many requests may go.

* `Crew`: threads for a block of code. What runs on them finds the context of the step that
  began it, so that its waits are shown and a cancel ends them; leaving the block ends them too.
* `fan_out`: one piece of work for each of many items. `interleave`: several lists at once.
* `ConcurrencyLimiter`: the gate that every request of a session passes.

The threads are daemons: whoever presses Ctrl-C does not wait for an answer that never comes.
This and the panels' worker are the only places that start threads.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Final, Generic, TypeVar, cast

from ..errors import Cancelled
from ..progress import carried, current_context

T = TypeVar("T")
R = TypeVar("R")

MOST: Final = 32
"""Requests of one session that may be under way at once."""

START: Final = 8
"""Requests at once before the service has shown how many it takes."""

GLANCE: Final = 0.05
"""Seconds between two looks at whether a step was cancelled, while it waits for a thread."""

REMEMBERED: Final = 60.0
"""Seconds for which the load at which the service refused is taken for its limit."""


class Crew:
    """
    Threads for one block of code, started as they are needed.

    Work that has not begun when the block is left is dropped, and the waits of what still
    runs are cut short; nobody waits for an answer that is not wanted any more. One thread
    at a time may call `begin`.

    Args:
        most: How many threads there may be.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._left = threading.Event()
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads = 0

    def begin(self, work: Callable[[], R]) -> Future[R]:
        """Have work done on a thread, in the context of the step that runs here."""
        future: Future[R] = Future()
        self._jobs.put(partial(self._do, future, carried(work, self._left)))
        if not self._idle.acquire(blocking=False) and self._threads < self._most:
            self._threads += 1
            threading.Thread(target=self._run, name="bridge-fan-out", daemon=True).start()
        return future

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left.set()
        for _ in range(self._threads):
            self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            # What was done may be large, and the next job may be long in coming.
            del job
            self._idle.release()

    def _do(self, future: Future[R], work: Callable[[], R]) -> None:
        if self._left.is_set():
            future.cancel()
            return
        try:
            result = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)


def result_of(future: Future[R]) -> R:
    """
    What a crew's thread made, or the error that it ended with.

    Raises:
        Cancelled: The step was cancelled before that; the thread is not waited for.
    """
    context = current_context()
    while True:
        try:
            return future.result(GLANCE)
        except TimeoutError:
            if future.done():
                raise
            context.check()


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T, R]):
    """
    What became of one item.

    Attributes:
        item: The item.
        error: What its work ended with, or None.
    """

    item: T
    error: Exception | None
    _result: R | None = None

    @property
    def result(self) -> R:
        """What the work gave; its error is raised if that is how it ended."""
        if self.error is not None:
            raise self.error
        return cast("R", self._result)


def fan_out(
    work: Callable[[T], R], items: Iterable[T], *, limit: int = MOST, in_order: bool = True
) -> Generator[Outcome[T, R], None, None]:
    """
    Do the same with many items, several at once, and give an outcome for each of them.

    Items are taken as outcomes are consumed, at most `2 * limit` ahead, so that memory does
    not grow with their number. An item that fails does not keep the others from being done:
    its outcome holds the error. A failure of `items` itself is raised once the outcomes of the
    items before it were given.

    Args:
        work: Called on a thread; its requests pass the session's gate like all others.
        items: Taken on the caller's thread, also from a list that is still being read.
        limit: How many items are worked on at once.
        in_order: Give outcomes in the order of the items; else as they come.

    Raises:
        Cancelled: The step was cancelled; what is under way is not waited for.
    """
    source, more, failed = iter(items), True, None
    begun: _Begun[T, R] = _Begun(in_order)
    with Crew(limit) as crew:
        while True:
            # Two for each outcome that is given: the number ahead grows to what is allowed,
            # and a source that is slow to give items does not hold back what is done.
            taken = 0
            while more and len(begun) < 2 * limit and (taken < 2 or not begun.ready):
                try:
                    item = next(source)
                except StopIteration:
                    more = False
                except Exception as error:
                    more, failed = False, error
                else:
                    begun.add(item, crew.begin(partial(work, item)))
                    taken += 1
            if not len(begun):
                break
            yield begun.take()
    if failed is not None:
        raise failed


def interleave(sources: Iterable[Iterable[R]]) -> Iterator[R]:
    """
    Read several lists at once, and give what each of them gives as it comes.

    Each is read one element ahead. One that fails does not keep the others from being read
    to their end; its error is raised after that.

    Raises:
        Cancelled: The step was cancelled.
    """
    iterators = [iter(source) for source in sources]
    end = object()
    failed: Exception | None = None
    begun: _Begun[Iterator[R], object] = _Begun(in_order=False)
    with Crew(max(1, len(iterators))) as crew:
        for one in iterators:
            begun.add(one, crew.begin(partial(next, one, end)))
        while len(begun):
            outcome = begun.take()
            if outcome.error is not None:
                failed = failed or outcome.error
            elif outcome.result is not end:
                one = outcome.item
                begun.add(one, crew.begin(partial(next, one, end)))
                yield cast("R", outcome.result)
    if failed is not None:
        raise failed


class _Begun(Generic[T, R]):
    """Work that was begun and whose outcome was not given yet."""

    def __init__(self, in_order: bool) -> None:
        self._in_order = in_order
        self._count = 0
        self._queue: deque[tuple[T, Future[R]]] = deque()
        self._done: SimpleQueue[tuple[T, Future[R]]] = SimpleQueue()

    def __len__(self) -> int:
        return self._count

    def add(self, item: T, future: Future[R]) -> None:
        self._count += 1
        if self._in_order:
            self._queue.append((item, future))
        else:
            future.add_done_callback(lambda done: self._done.put((item, done)))

    @property
    def ready(self) -> bool:
        """Whether the next outcome need not be waited for."""
        if self._in_order:
            return bool(self._queue) and self._queue[0][1].done()
        return not self._done.empty()

    def take(self) -> Outcome[T, R]:
        """
        The next outcome.

        Raises:
            Cancelled: The step was cancelled.
        """
        item, future = self._queue.popleft() if self._in_order else self._first_done()
        self._count -= 1
        try:
            return Outcome(item, None, result_of(future))
        except Cancelled:
            raise
        except Exception as error:
            return Outcome(item, error)

    def _first_done(self) -> tuple[T, Future[R]]:
        context = current_context()
        while True:
            try:
                return self._done.get(timeout=GLANCE)
            except Empty:
                context.check()


class ConcurrencyLimiter:
    """
    How many requests may be under way at once, learnt from what the service answers.

    It begins with a few and adds one for every success until the service says 429 for the
    first time; from then on as many successes as fit through add one. A 429 halves the
    number, once for a burst: refusals of requests that were sent before the halving say
    nothing new. `Twilio-Concurrent-Requests` on an answer tells how many requests of the
    whole account were in flight, those of other programs included; where it was told with a
    429, the number does not grow up to that load again for a minute. Where answers do not tell,
    our own requests are taken for all there are.

    Attributes:
        width: How many may be under way now.
        begun: How many were begun so far.

    Args:
        most: The largest number.
        per_second: Requests that may be begun in a second, at most; None: as many as go.
    """

    def __init__(self, most: int = MOST, per_second: float | None = None) -> None:
        self.most = most
        self.width = min(START, most)
        self.begun = 0
        self._interval = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._under_way = 0
        self._halvings = 0
        self._successes = 0
        self._limit: int | None = None
        self._limit_counts_until = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def request(self) -> Iterator[int]:
        """
        Wait for a place, and hold it for the block.

        Yields:
            The halvings so far, to be handed to `refused` or `succeeded`.

        Raises:
            Cancelled: The step was cancelled while it waited.
        """
        context = current_context()
        with self._changed:
            while self._under_way >= self.width:
                self._changed.wait(GLANCE)
                context.check()
            self._under_way += 1
            self.begun += 1
            begun = self._halvings
            turn = max(self._next, time.monotonic()) if self._interval else 0.0
            self._next = turn + self._interval
        try:
            if self._interval:
                context.pause(turn - time.monotonic())
            yield begun
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify()

    def refused(self, begun: int, in_flight: int | None = None) -> None:
        """
        The service said 429.

        Args:
            begun: What `request` gave.
            in_flight: `Twilio-Concurrent-Requests`, where it was sent.
        """
        with self._changed:
            now = time.monotonic()
            if in_flight is not None:
                # Of a burst, the refusal with the fewest in flight is the nearest to the limit.
                known = self._limit if now < self._limit_counts_until else None
                self._limit = min(in_flight, known or in_flight)
                self._limit_counts_until = now + REMEMBERED
            if begun == self._halvings:
                if in_flight is None and self._under_way > 1:
                    # The first refusal of a burst: as many were under way, and this one. One
                    # request alone says nothing of a limit: others may have used it up.
                    self._limit = self._under_way + 1
                    self._limit_counts_until = now + REMEMBERED
                self._halvings += 1
                self._successes = 0
                self.width = max(1, self.width // 2)

    def succeeded(self, begun: int, in_flight: int | None = None) -> None:
        """A request succeeded; the arguments are those of `refused`."""
        with self._changed:
            if begun != self._halvings or self.width >= self.most:
                return
            if self._limit is not None and time.monotonic() < self._limit_counts_until:
                load = self._under_way + 1 if in_flight is None else in_flight
                if load + 1 >= self._limit:
                    return
            self._successes += 1
            if self._halvings == 0 or self._successes >= self.width:
                self._successes = 0
                self.width += 1
                self._changed.notify()
