"""Things that are made on a thread while those before are used."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from bridge_helpers.api.ahead import Belt, handed_over, made_ahead
from bridge_helpers.errors import Cancelled
from bridge_helpers.progress import current_context, step_context
from tests.waiting import until


def numbers(belt: Belt[int], count: int, begun: list[int]) -> None:
    """Gives 0, 1, … and notes what was begun."""
    for number in range(count):
        belt.room()
        begun.append(number)
        belt.give(number)


def has(begun: list[int], count: int) -> bool:
    """Whether so many were begun."""
    return len(begun) == count


def test_everything_comes_in_order_and_no_more_than_allowed_is_made() -> None:
    """With three at once, two are made beside the one in use, and nothing is lost."""
    begun: list[int] = []
    for expected, number in enumerate(made_ahead(partial(numbers, count=20, begun=begun), 3)):
        assert number == expected
        most = min(20, expected + 3)
        until(partial(has, begun, most))
        assert len(begun) == most
    assert begun == list(range(20))


def test_an_error_comes_after_what_was_made_before() -> None:
    """What was made is not lost by what fails later."""

    def failing(belt: Belt[int]) -> None:
        numbers(belt, 2, [])
        raise ValueError("broken")

    made = made_ahead(failing, 5)
    assert [next(made), next(made)] == [0, 1]
    with pytest.raises(ValueError, match="broken"):
        next(made)


def test_one_is_made_while_something_else_goes_on() -> None:
    """When it is asked for, once; at the end where nobody asked."""
    order: list[str] = []

    def make(number: int) -> int:
        order.append(f"made {number}")
        return number

    def work(belt: Belt[int]) -> None:
        with handed_over(belt, partial(make, 1)) as give:
            order.append("begun")
            give()
            give()
            order.append("goes on")
        with handed_over(belt, partial(make, 2)):
            order.append("nobody asks")

    assert list(made_ahead(work, 2)) == [1, 2]
    assert order == ["begun", "made 1", "goes on", "nobody asks", "made 2"]


@pytest.mark.parametrize("other", [False, True])
def test_a_failure_of_what_is_made_does_not_disturb_what_goes_on(other: bool) -> None:
    """It is raised at its end, also where that fails too: it is about what comes before."""
    order: list[str] = []

    def work(belt: Belt[int]) -> None:
        belt.give(0)
        with handed_over(belt, lambda: int("broken")) as give:
            give()
            order.append("goes on")
            if other:
                raise KeyError("later")

    made = made_ahead(work, 3)
    assert next(made) == 0
    with pytest.raises(ValueError, match="broken"):
        next(made)
    assert order == ["goes on"]


def test_a_failure_is_told_before_what_goes_on_has_ended() -> None:
    """That may take minutes, and nothing that comes of it is wanted any more."""
    ended = threading.Event()

    def work(belt: Belt[int]) -> None:
        belt.give(0)
        with handed_over(belt, lambda: int("broken")) as give:
            give()
            ended.wait(30)

    made = made_ahead(work, 3)
    assert next(made) == 0
    begun = time.monotonic()
    with pytest.raises(ValueError, match="broken"):
        next(made)
    assert time.monotonic() - begun < 5
    ended.set()


def test_who_leaves_early_leaves_no_thread() -> None:
    """The thread that waits for room ends when nobody takes anything any more."""
    before = set(threading.enumerate())
    made = made_ahead(partial(numbers, count=100, begun=[]), 2)
    assert next(made) == 0
    made.close()
    until(lambda: set(threading.enumerate()) <= before)


def test_a_cancelled_step_does_not_wait_for_what_is_under_way() -> None:
    """A cancel ends the wait for the next one, and reaches the thread that makes it."""
    cancel, seen = threading.Event(), threading.Event()

    def slow(belt: Belt[int]) -> None:
        belt.room()
        belt.give(0)
        while not cancel.wait(0.01):
            pass
        try:
            current_context().check()
        except Cancelled:
            seen.set()
            raise

    with step_context(None, cancel):
        made = made_ahead(slow, 2)
        assert next(made) == 0
        cancel.set()
        with pytest.raises(Cancelled):
            next(made)
    assert seen.wait(5)
