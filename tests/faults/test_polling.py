"""Polls of an operation: their pace and deadline, what ends them, and how a failure reads."""

from __future__ import annotations

import pytest

from bridge_helpers.api.models import Operation, Problem
from bridge_helpers.api.operations import follow, operation_failed
from bridge_helpers.errors import (
    AuthenticationFailed,
    OperationFailed,
    OperationPending,
)
from bridge_helpers.progress import step_context

from .conftest import Client, Clock
from .matrix import POLL
from .server import Spoil, Work, drops_before, refuses
from .world import Call, Reply


def test_a_poll_ends_at_its_deadline() -> None:
    """With an operation that never ends: not past the deadline, and it says what to do."""
    clock = Clock()
    with step_context(None, None, clock, clock.sleep), pytest.raises(OperationPending) as pending:
        follow(lambda _: (Operation(status="RUNNING"), None), "proc_job_1", deadline=30.0)
    assert clock.now - 1000 == pytest.approx(30, abs=0.1)
    assert "RUNNING" in str(pending.value)
    assert "proc_job_1" in pending.value.for_support()
    # Ever rarer, never hammering.
    assert all(0.2 <= wait <= 12 for wait in clock.waits)


def test_the_last_look_is_at_the_deadline() -> None:
    """What ends a moment before it is not missed because the next look would have come later."""
    clock = Clock()

    def late(_: str) -> tuple[Operation, None]:
        return Operation(status="COMPLETED" if clock.now >= 1029.9 else "PENDING"), None

    with step_context(None, None, clock, clock.sleep):
        assert follow(late, "proc_job_1", deadline=30.0).status == "COMPLETED"


def test_a_wait_that_is_asked_for_is_not_cut_short() -> None:
    """`Retry-After` past the deadline ends the waiting at once: no look comes too early."""
    clock = Clock()
    with step_context(None, None, clock, clock.sleep), pytest.raises(OperationPending) as pending:
        follow(lambda _: (Operation(status="PENDING"), 25.0), "x", deadline=30.0)
    assert clock.waits == [1.0, 25.0]
    assert "asks to look again in 25 s" in pending.value.why


def test_a_poll_that_is_asked_for_zero_seconds_does_not_hammer() -> None:
    """`Retry-After: 0` is a fifth of a second."""
    clock = Clock()
    with step_context(None, None, clock, clock.sleep), pytest.raises(OperationPending):
        follow(lambda _: (Operation(status="PENDING"), 0.0), "x", first_look=0.0, deadline=5.0)
    assert len(clock.waits) <= 26


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.7, 6.0, 9.4, 15.0, 31.0, 60.0, 97.0])
@pytest.mark.parametrize("trial", range(5))
def test_an_end_is_noticed_soon(seconds: float, trial: int) -> None:
    """Where the service names no time, within a second or a tenth of what it took."""
    clock = Clock()

    def over(_: str) -> tuple[Operation, None]:
        return Operation(status="COMPLETED" if clock.now >= 1000 + seconds else "PENDING"), None

    with step_context(None, None, clock, clock.sleep):
        follow(over, "proc_job_1")
    assert clock.now - 1000 - seconds <= max(1.0, seconds / 10) + 1e-6
    assert len(clock.waits) <= 31 + seconds / 10


@pytest.mark.parametrize("hint", [3.0, 5.0])
@pytest.mark.parametrize("seconds", [0.5, 6.5, 20.0, 60.0])
def test_a_hint_is_kept_and_saves_requests(hint: float, seconds: float) -> None:
    """Noticed within the hint, with fewer looks than one every two seconds."""
    clock = Clock()

    def over(_: str) -> tuple[Operation, float]:
        return Operation(status="COMPLETED" if clock.now >= 1000 + seconds else "PENDING"), hint

    with step_context(None, None, clock, clock.sleep):
        follow(over, "proc_job_1", first_look=hint)
    assert clock.now - 1000 - seconds <= hint
    if seconds > 6:
        assert len(clock.waits) < seconds / 2


@pytest.mark.parametrize("spoil", [drops_before, refuses(503), refuses(429), refuses(408)])
def test_an_outage_does_not_end_the_wait_for_an_operation(client: Client, spoil: Spoil) -> None:
    """However the looks fail for three seconds and for thirty: the wait goes on, in sight."""
    for seconds in (3.0, 30.0):
        client.world.configurations.clear()
        client.world.operation_seconds = 40.0
        until = client.clock.now + seconds

        def outage(call: Call, work: Work, until: float = until) -> Reply | None:
            return spoil(call, work) if client.clock.now < until else work()

        client.server.spoil(outage, POLL, None)
        assert client.create().outcome == "created"
        client.server.faults.clear()
    assert any("looked at again: " in one.message for one in client.shown)


def test_an_outage_that_stays_ends_at_the_deadline(client: Client) -> None:
    """Not before and not long after; it says that the last look failed, and how to go on."""
    client.world.operation_seconds = 1e9
    client.server.spoil(drops_before, POLL, None)
    with pytest.raises(OperationPending) as pending:
        client.create(deadline=30.0)
    assert 29.9 <= client.clock.now - 1000 <= 45
    assert "the connection broke" in pending.value.why
    assert "resume" in pending.value.action


def test_a_refused_look_ends_the_wait(client: Client) -> None:
    """401 is no outage: waiting would change nothing."""
    client.world.operation_seconds = 1e9
    client.server.spoil(refuses(401, code=20003), POLL, None)
    with pytest.raises(AuthenticationFailed):
        client.create()
    assert client.server.counted(POLL) == 1


@pytest.mark.parametrize(
    ("state", "good"),
    [(s, True) for s in ("COMPLETED", "completed", "COMPLETE", "SUCCEEDED", " Completed ")]
    + [(s, False) for s in ("FAILED", "failed", "CANCELLED", "CANCELED", "cancelled")],
)
def test_final_states_in_every_spelling(state: str, good: bool) -> None:
    """Both spellings of cancelled, any case."""
    clock = Clock()
    with step_context(None, None, clock, clock.sleep):
        if good:
            assert follow(lambda _: (Operation(status=state), None), "x").status == state
        else:
            with pytest.raises(OperationFailed):
                follow(lambda _: (Operation(status=state), None), "x")


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "IN_PROGRESS", "QUEUED", "???", "", None])
def test_every_other_state_means_wait(state: str | None) -> None:
    """Also one that nobody has heard of, and none at all."""
    clock = Clock()
    told = iter([state, state, "COMPLETED"])
    with step_context(None, None, clock, clock.sleep):
        assert follow(lambda _: (Operation(status=next(told)), None), "x").status == "COMPLETED"


def test_a_failure_says_title_detail_code_and_what_to_do() -> None:
    """All that the service told, and the advice for its code."""
    failed = operation_failed("x", "FAILED", Problem(title="No", detail="Why", code="520042"))
    assert "No. Why." in str(failed)
    assert failed.code == 520042
    assert "ACTIVE" in failed.action
