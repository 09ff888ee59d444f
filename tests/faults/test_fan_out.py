"""Many requests at once: order, memory, errors, cancel, context, and the gate they all pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bridge_helpers.api.fan_out import (
    ConcurrencyLimiter,
    Crew,
    fan_out,
    interleave,
    result_of,
)
from bridge_helpers.api.retries import Limits
from bridge_helpers.api.session import Session
from bridge_helpers.errors import Cancelled
from bridge_helpers.panels.toolkit.contents import load_account
from bridge_helpers.progress import Progress, current_context, step_context

from ..waiting import until
from .children import account
from .conftest import Client
from .server import Server, Work, refuses
from .world import STORE_ID, Call, Reply, refused


@pytest.mark.parametrize("in_order", [True, False])
def test_every_item_has_one_outcome(in_order: bool) -> None:
    """Whatever the order in which they end; asked for in order, they come in order."""

    def work(item: int) -> int:
        time.sleep((item * 7 % 5) / 1000)
        return item * item

    outcomes = list(fan_out(work, range(200), limit=8, in_order=in_order))
    items = [one.item for one in outcomes]
    assert items == list(range(200)) if in_order else sorted(items) == list(range(200))
    assert all(one.result == one.item**2 for one in outcomes)


def test_an_item_that_fails_loses_no_other() -> None:
    """Its outcome holds the error, which asking for its result raises."""
    outcomes = list(fan_out(lambda item: 6 // item, [3, 0, 2]))
    assert [one.error is None for one in outcomes] == [True, False, True]
    assert [outcomes[0].result, outcomes[2].result] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        _ = outcomes[1].result


def test_what_came_before_a_failure_of_the_items_is_given() -> None:
    """A list that breaks in the middle: the outcomes of what it gave, then its error."""

    def items() -> Iterator[int]:
        yield from range(5)
        raise ValueError("the list broke")

    reading = fan_out(lambda item: item, items())
    assert [next(reading).result for _ in range(5)] == list(range(5))
    with pytest.raises(ValueError, match="broke"):
        next(reading)


@pytest.mark.parametrize("in_order", [True, False])
def test_items_are_taken_as_outcomes_are_used(in_order: bool) -> None:
    """A million items are no more in memory than a few: twice as many as are worked on."""
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1_000_000):
            taken += 1
            yield number

    reading = fan_out(lambda item: item, items(), limit=4, in_order=in_order)
    for used in range(1, 200):
        next(reading)
        assert taken <= used + 2 * 4
    reading.close()


def test_as_many_are_worked_on_as_may_be() -> None:
    """Also for a consumer that is quick, and for one that is slow at first."""
    inside, most, lock = 0, 0, threading.Lock()

    def work(item: int) -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.005)
        with lock:
            inside -= 1

    for number, _ in enumerate(fan_out(work, range(120), limit=6, in_order=False)):
        if number < 3:
            time.sleep(0.02)
    assert most == 6


def test_a_slow_list_of_items_does_not_hold_back_what_is_done() -> None:
    """The first outcome is given while later items are still being read."""

    def items() -> Iterator[int]:
        for number in range(6):
            time.sleep(0.05)
            yield number

    begun = time.monotonic()
    next(fan_out(lambda item: item, items()))
    assert time.monotonic() - begun < 0.2


def test_the_context_reaches_every_thread() -> None:
    """Progress is shown, and the clock and the sleep of the step are used, on a thread too."""
    shown: list[Progress] = []
    slept: list[float] = []

    def work(item: int) -> float:
        current_context().say(f"item {item}")
        current_context().pause(item, "waiting")
        return current_context().clock()

    with step_context(shown.append, None, lambda: 5.0, slept.append):
        assert {one.result for one in fan_out(work, range(1, 9))} == {5.0}
    assert {one.message for one in shown} == {"waiting", *(f"item {n}" for n in range(1, 9))}
    assert sorted(slept) == list(range(1, 9))


@pytest.mark.parametrize("in_order", [True, False])
def test_cancel_ends_it_at_once(in_order: bool) -> None:
    """Nobody waits for what is under way; no item is begun after it; the threads end."""
    cancel, release, begun = threading.Event(), threading.Event(), []
    before = set(threading.enumerate())

    def work(item: int) -> None:
        begun.append(item)
        release.wait(10)

    threading.Timer(0.2, cancel.set).start()
    at = time.monotonic()
    with step_context(cancel=cancel), pytest.raises(Cancelled):
        list(fan_out(work, range(1000), limit=4, in_order=in_order))
    assert time.monotonic() - at < 1.0
    release.set()
    until(lambda: not [one for one in set(threading.enumerate()) - before if one.is_alive()])
    assert len(begun) == 4


def test_waits_on_a_thread_end_when_the_results_are_not_wanted_any_more() -> None:
    """Leaving the loop is enough: the waits of what was begun are cut short."""
    ended: list[str] = []
    waiting = threading.Semaphore(0)

    def work(item: int) -> int:
        if item == 0:
            assert all(waiting.acquire(timeout=5) for _ in range(3))
            return item
        waiting.release()
        try:
            current_context().pause(30, "waiting")
        except Cancelled:
            ended.append("cut short")
            raise
        return item

    for outcome in fan_out(work, range(4)):
        assert outcome.item == 0
        break
    until(lambda: len(ended) == 3)


def test_a_crew_raises_what_its_work_raised() -> None:
    """Also an error that looks like the end of a wait."""

    def work() -> None:
        raise TimeoutError("its own")

    with Crew(1) as crew, pytest.raises(TimeoutError, match="its own"):
        result_of(crew.begin(work))


def test_lists_that_end_early_and_late_are_all_read() -> None:
    """Each element once, of each list in its order."""
    lists = [range(0), range(3), range(10, 30)]
    found = list(interleave(lists))
    assert sorted(found) == [*range(3), *range(10, 30)]
    assert [one for one in found if one >= 10] == list(range(10, 30))
    assert list(interleave([])) == []


# ----------------------------------------------------------------------- the gate


def test_a_burst_of_refusals_halves_once() -> None:
    """Eight requests that went together are refused together: one halving; a later one, again."""
    gate = ConcurrencyLimiter(most=8)
    places = [gate.request() for _ in range(8)]
    begun = [place.__enter__() for place in places]
    for one in begun:
        gate.refused(one)
    assert gate.width == 4
    for place in places:
        place.__exit__(None, None, None)
    with gate.request() as later:
        gate.refused(later)
    assert gate.width == 2


def test_the_gate_opens_quickly_until_it_is_refused() -> None:
    """One more for every success at first: thirty-two are reached after twenty-four."""
    gate = ConcurrencyLimiter()
    for _ in range(24):
        with gate.request() as begun:
            gate.succeeded(begun)
    assert gate.width == gate.most == 32


def test_the_gate_keeps_below_the_load_that_was_refused() -> None:
    """
    Once 429 came with 12 requests of the account in flight, it does not grow while the answers
    tell of 11; as soon as other programs are quieter, it does.
    """
    gate = ConcurrencyLimiter()
    with gate.request() as begun:
        gate.refused(begun, 12)
    for _ in range(50):
        with gate.request() as begun:
            gate.succeeded(begun, 11)
    assert gate.width == 4
    for _ in range(4):
        with gate.request() as begun:
            gate.succeeded(begun, 6)
    assert gate.width == 5


def test_a_step_that_waits_at_the_gate_can_be_cancelled() -> None:
    """The place that it waits for stays free for others."""
    gate, cancel = ConcurrencyLimiter(most=1), threading.Event()
    threading.Timer(0.1, cancel.set).start()
    with gate.request():
        begun = time.monotonic()
        with step_context(cancel=cancel), pytest.raises(Cancelled), gate.request():
            raise AssertionError("there was no place")
        assert time.monotonic() - begun < 1.0
    with gate.request():
        pass


def test_requests_a_second_are_limited(server: Server) -> None:
    """At twenty a second, eleven requests take half a second, from any number of threads."""
    limits = Limits(per_second=20.0)
    with Session(account(server.url), limits) as session:
        begun = time.monotonic()
        list(fan_out(session.memory.store, [STORE_ID] * 11))
        assert time.monotonic() - begun >= 0.5


class Account:
    """A service that takes so many requests at once, and tells how many there are."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.refusals = 0
        self._inside = 0
        self._lock = threading.Lock()

    def __call__(self, call: Call, work: Work) -> Reply:
        with self._lock:
            self._inside += 1
            inside = self._inside
        try:
            time.sleep(0.01)
            if inside > self.most:
                with self._lock:
                    self.refusals += 1
                return refused(429, "Slow down", 20429, Twilio_Concurrent_Requests=str(inside))
            reply = work()
            reply.headers["Twilio-Concurrent-Requests"] = str(inside)
            return reply
        finally:
            with self._lock:
                self._inside -= 1


def test_an_account_that_takes_few_requests_at_once(server: Server) -> None:
    """Everything is done; of 32 at once most would be refused, of ours one in four at worst."""
    busy = Account(most=6)
    server.spoil(busy, "Stores", None)
    with Session(account(server.url), Limits(first_wait=0.02)) as session:
        outcomes = list(fan_out(session.memory.store, [STORE_ID] * 400))
        assert all(one.result.id == STORE_ID for one in outcomes)
        assert session.http.gate.width <= 12
    assert busy.refusals <= 100


@pytest.mark.parametrize("read", [load_account], ids=["pickers"])
def test_lists_of_a_panel_can_be_stopped(client: Client, read: Callable[[Session], object]) -> None:
    """What is read side by side waits for a rate limit in sight, and cancel ends the wait."""
    client.server.spoil(refuses(429, Retry_After="30"), "", None)
    cancel = threading.Event()
    shown: list[Progress] = []
    threading.Timer(0.3, cancel.set).start()
    begun = time.monotonic()
    with step_context(shown.append, cancel), pytest.raises(Cancelled):
        read(client.session)
    assert time.monotonic() - begun < 2
    assert any(one.state == "waiting" and "429" in one.message for one in shown)
