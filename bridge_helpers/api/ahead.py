"""
Something that is made on a thread while what it made before is used.

It is for the pages of a list: requests go out one after another without waiting for whoever
uses them, and memory holds a stated number of pages at most.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from ..progress import current_context
from .fan_out import GLANCE, Crew

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Belt(Generic[T]):
    """
    What the one who makes things works with.

    Attributes:
        give: Hands over what was made.
        fail: Raises an error where what was made is used, behind all that was given before.
        room: Waits until one more may be made; raises Cancelled when none is wanted any more.
    """

    give: Callable[[T], None]
    fail: Callable[[Exception], None]
    room: Callable[[], None]


@contextmanager
def handed_over(belt: Belt[T], make: Callable[[], T]) -> Iterator[Callable[[], None]]:
    """
    Make one more within this, when the function that is given is called, at the latest at the end.

    It is made while what goes on within this waits for something. Should making it fail, it is
    not in the middle of that: the error is raised at the end, and no other in its place. Who uses
    what is made is told at once, for the end may be long in coming.
    """
    waiting = [make]
    failures: list[Exception] = []

    def give() -> None:
        if waiting:
            try:
                belt.give(waiting.pop()())
            except Exception as error:
                failures.append(error)
                belt.fail(error)

    try:
        belt.room()
        yield give
    finally:
        give()
        if failures:
            raise failures[0]


def made_ahead(make: Callable[[Belt[T]], None], most: int) -> Generator[T, None, None]:
    """
    What `make` gives, in its order; it runs on a thread and in this step's context.

    An error of `make` is raised after everything that it gave before.

    Args:
        make: Calls `room` before it begins one more, and `give` when it has it.
        most: How many there may be at once: under way, waiting, and the one that is in use.

    Raises:
        Cancelled: The step was cancelled; what is under way is not waited for.
    """
    made: SimpleQueue[tuple[T] | Exception | None] = SimpleQueue()
    free = threading.Semaphore(most)

    def room() -> None:
        context = current_context()
        while not free.acquire(timeout=GLANCE):
            context.check()

    def work() -> None:
        try:
            make(Belt(lambda one: made.put((one,)), made.put, room))
        finally:
            made.put(None)

    context = current_context()
    with Crew(1) as crew:
        ended = crew.begin(work)
        while True:
            try:
                found = made.get(timeout=GLANCE)
            except Empty:
                context.check()
                continue
            if found is None:
                break
            if isinstance(found, Exception):
                raise found
            yield found[0]
            # What was used may be large, and the next one long in coming.
            del found
            free.release()
        ended.result()
