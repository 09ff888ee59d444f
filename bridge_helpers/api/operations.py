"""
Follow an accepted operation to its end.

The URL that is polled is built from the operation's id and the configured
origin. A `statusUrl` is read for its id only: following it would hand the
credentials to whatever host it names.

States: COMPLETED, FAILED and CANCELLED end an operation; PENDING, RUNNING and
anything not known yet mean "wait" (Twilio docs: conversations/orchestrator
async operations; memory's operations add RUNNING and CANCELLED).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

from ..errors import (
    ApiError,
    BadAnswer,
    BridgeError,
    ConnectionFailed,
    OperationFailed,
    OperationPending,
    RateLimited,
    ServerError,
)
from ..progress import current_context
from .answer import Answer
from .http import Http
from .models import Accepted, Operation, Problem
from .refusals import advice, number, page_named, sentence
from .retries import Limits, next_wait, reason_of

DEADLINE: Final = 120.0
FIRST_LOOK: Final = 1.0
SOONEST_LOOK: Final = 0.2
LONGEST_LOOK: Final = 10.0
UNNOTICED: Final = 0.1
"""Part of its duration that an operation may have been over before it is noticed."""

UNREADABLE: Final = 3
"""Looks in a row that cannot be read, after which it is an error."""

SUCCEEDED: Final = frozenset({"COMPLETED", "COMPLETE", "SUCCEEDED"})
ENDED_BADLY: Final = frozenset({"FAILED", "CANCELLED", "CANCELED"})

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")


def accepted(answer: Answer) -> Accepted:
    """A 202 as a record, with the operation's id from wherever the service put it."""
    told = opaque_id(answer.headers.get("operation-id")) or id_in_url(
        answer.headers.get("location")
    )
    try:
        body = answer.read(Accepted) if answer.body.strip() else Accepted()
    except BadAnswer:
        if told is None:
            raise
        # It was accepted, and the headers say as what: the body is not needed.
        body = Accepted()
    return Accepted(
        status_url=body.status_url,
        related=body.related,
        message=body.message,
        operation_id=told or id_in_url(body.status_url),
        retry_after=answer.retry_after,
    )


def opaque_id(value: str | None) -> str | None:
    """An id that a server sent, if it can stand in a path; None otherwise."""
    return value if value and _ID.fullmatch(value) else None


def id_in_url(url: str | None) -> str | None:
    """The id at the end of an operation's URL; nothing else of the URL is believed."""
    if not url:
        return None
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    before, _, last = path.rstrip("/").rpartition("/")
    return opaque_id(unquote(last)) if before.endswith("/Operations") else None


def state_of(operation: Operation) -> str:
    """The state in capitals; `UNKNOWN` when the service sent none."""
    return (operation.status or "UNKNOWN").strip().upper().replace(" ", "_")


def follow(
    fetch: Callable[[str], tuple[Operation, float | None]],
    operation_id: str,
    *,
    first_look: float | None = None,
    deadline: float = DEADLINE,
) -> Operation:
    """
    Poll until the operation ends; waits are seen and stopped through the current context.

    Where the service names no time to wait, an operation's end is noticed within a second, or
    within a tenth of its duration. A look that fails (no connection, 5xx, 429) says nothing of
    the operation: until the deadline it is looked at again.

    Args:
        fetch: From id to the operation and the seconds the service asks to wait, or None;
            it tries once, the waits are made here.
        operation_id: Which one.
        first_look: Seconds to wait before the first look; None: a second.
        deadline: Seconds after which waiting is given up; the operation itself goes on.

    Returns:
        The operation, completed.

    Raises:
        OperationFailed: It ended in failure or was cancelled.
        BadAnswer: Several looks in a row could not be read; it goes on.
        OperationPending: The deadline passed, or the service asks to wait beyond it.
        ApiError: The service refuses to show it, with another status than those above.
        Cancelled: The wait was stopped.
    """
    context = current_context()
    begun = context.clock()
    state = "PENDING"
    asked, ours = first_look, FIRST_LOOK
    misread = failures = 0
    reason = ""
    while True:
        elapsed = context.clock() - begun
        left = deadline - elapsed
        if left < SOONEST_LOOK / 4 or (asked or 0.0) > left:
            raise _pending(operation_id, state, elapsed, asked, reason)
        # A wait of our own is shortened for a last look at the deadline. One that the service
        # asks for is not: it would not answer any sooner.
        wait = min(ours, left) if asked is None else asked
        why = f"Operation {operation_id} is {state}"
        context.pause(wait, f"{why}; it is looked at again: {reason}" if reason else why)
        asked, reason = None, ""
        ours = min(LONGEST_LOOK, max(FIRST_LOOK, UNNOTICED * (context.clock() - begun)))
        # Many clients that began together do not look together; none looks later for that.
        ours *= random.uniform(0.9, 1.0)
        try:
            operation, asked = fetch(operation_id)
        except (ConnectionFailed, ServerError, RateLimited) as lost:
            failures += 1
            reason = reason_of(lost)
            ours = min(LONGEST_LOOK, next_wait(lost, failures, FIRST_LOOK / 2))
            if isinstance(lost, ApiError) and lost.retry_after is not None:
                asked = next_wait(lost, failures, FIRST_LOOK)
        except BadAnswer as unreadable:
            # A proxy's page in between says nothing of the operation; one that stays is told.
            misread += 1
            if misread == UNREADABLE:
                raise
            context.say(f"{unreadable.what} It is looked at again.")
        else:
            misread = failures = 0
            state = state_of(operation)
            context.say(f"Operation {operation_id} is {state}")
            if state in SUCCEEDED:
                return operation
            if state in ENDED_BADLY:
                raise operation_failed(operation_id, state, operation.error)
        if asked is not None:
            # To look again after the zero seconds that some services send would be a flood.
            asked = max(asked, SOONEST_LOOK)


class Operations:
    """
    The operations of one service.

    Args:
        service: As in `Http.send`.
        segments: The path of its operations.
    """

    def __init__(self, http: Http, service: str, segments: Sequence[str]) -> None:
        self._http = http
        self._service = service
        self._segments = tuple(segments)

    def look(
        self, operation_id: str, limits: Limits | None = None
    ) -> tuple[Operation, float | None]:
        """An operation and the seconds that the service asks to wait before the next look."""
        answer = self._http.send(
            "GET", self._service, (*self._segments, operation_id), limits=limits
        )
        return answer.read(Operation), answer.retry_after

    def follow(
        self, operation_id: str, *, first_look: float | None = None, deadline: float = DEADLINE
    ) -> Operation:
        """Poll an operation to its end; as the function `follow`, which makes the waits."""
        return follow(
            partial(self.look, limits=self._http.limits.once()),
            operation_id,
            first_look=first_look,
            deadline=deadline,
        )


def operation_failed(
    operation_id: str, state: str, problem: Problem | str | None
) -> OperationFailed:
    """A failed operation's title, detail and code as an error that says what to do."""
    said = Problem(detail=problem) if isinstance(problem, str) else problem or Problem()
    code, status = number(said.code), number(said.status or said.http_status_code)
    told = [part for part in (said.title, said.message, said.detail) if part]
    reason = ". ".join(part.rstrip(".") for part in dict.fromkeys(told))
    failed = OperationFailed(
        f"Operation {operation_id} ended {state}.",
        sentence(reason) if reason else "The service gave no reason.",
        advice(code, status, reason)
        or "Correct what the reason names and run it again; nothing was left half done.",
    )
    failed.operation_id = operation_id
    failed.code, failed.status = code, status
    failed.more_info = page_named(said.more_info, said.params)
    return failed


def _pending(
    operation_id: str, state: str, elapsed: float, asked: float | None, reason: str
) -> BridgeError:
    why = "It goes on at Twilio."
    if asked:
        why = f"The service asks to look again in {asked:.0f} s, which is past the time to wait."
    if reason:
        why = f"{why} The last look at it failed: {reason}."
    pending = OperationPending(
        f"Operation {operation_id} is still {state} after {elapsed:.0f} s.",
        why,
        "Run it again to resume the wait; give Twilio support the operation id if it stays.",
    )
    pending.operation_id = operation_id
    return pending
