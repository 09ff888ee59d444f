"""
Work that was accepted with 202 and ends later: the operations of v2 and of memory.

Source: Twilio docs, conversations/orchestrator, async operations; OpenAPI of both services.
v2 knows PENDING, COMPLETED and FAILED, and says what it is about in ``related``; memory adds
RUNNING and CANCELLED, and gives ``result.id`` at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..world.clock import DAY
from ..world.records import Operation
from .answers import Answer, Refusal, not_found, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from .request import Call

#: How long an operation can still be read after its end (Twilio docs: api/errors/520052).
KEPT = 7 * DAY


class Failure(Exception):
    """Raised by the work of an operation: it ends FAILED with this title and detail."""

    def __init__(self, title: str, detail: str, *, status: int = 400, code: int = 20001) -> None:
        super().__init__(detail)
        self.title = title
        self.detail = detail
        self.status = status
        self.code = code


def start(
    call: Call,
    kind: str,
    *,
    related: dict[str, str] | None = None,
    result_id: str | None = None,
    complete: Callable[[float], None],
    abandon: Callable[[float], None] = lambda at: None,
) -> Answer:
    """
    Accept work: answers 202, and does ``complete`` when the operation falls due.

    Args:
        kind: for the state dump, e.g. "configuration.create"; "store.…" belongs to memory.
        related: what a v2 operation is about.
        result_id: what a memory operation gives at its end.
        complete: the work; raises `Failure` if the operation has to end FAILED.
        abandon: undoes what acceptance reserved, if the operation fails.
    """
    world, account = call.world, call.account
    memory = kind.startswith("store.")
    operation_id = account.ids.typed("proc_job")
    version = "v1" if memory else "v2"
    url = f"{call.base}/{version}/ControlPlane/Operations/{operation_id}"
    if call.fault("operation-no-related"):
        related = None
    foreign = call.fault("foreign-status-url")
    operation = Operation(
        id=operation_id,
        kind=kind,
        created=call.now,
        related=related,
        result_id=result_id,
        status_url=foreign.url if foreign else url,
    )
    account.operations[operation_id] = operation
    misreported = call.fault("operation-state")
    if misreported:
        operation.reported_status = misreported.state
        operation.misreports_end = misreported.final
    failing = call.fault("operation-fails")
    if not call.fault("operation-hangs"):

        def end(at: float) -> None:
            try:
                if failing:
                    raise Failure(failing.title, failing.detail, code=failing.code or 20001)
                complete(at)
                operation.status = "COMPLETED"
            except Failure as failure:
                abandon(at)
                operation.status = "FAILED"
                operation.error = _problem(failure, memory=memory)
            operation.ended = at

        world.schedule(call.now + world.settings.operation_seconds, end)

    body: dict[str, Any] = {"statusUrl": operation.status_url}
    if memory:
        body["message"] = "Accepted"
    elif related is not None:
        body["related"] = related
    answer = ok(body, 202)
    if call.fault("no-operation-headers"):
        answer.fault = "no-operation-headers"
    else:
        answer.headers = _headers(call, operation_id, url)
    return answer


def _headers(call: Call, operation_id: str, url: str) -> dict[str, str]:
    headers = {"Operation-Id": operation_id, "Location": url}
    if call.world.settings.retry_after is not None:
        headers["Retry-After"] = str(call.world.settings.retry_after)
    return headers


def _problem(failure: Failure, *, memory: bool) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "type": f"https://www.twilio.com/docs/api/errors/{failure.code}",
        "title": failure.title,
        "detail": failure.detail,
    }
    return {**problem, "code": failure.code} if memory else {**problem, "status": failure.status}


def marked(operation: Operation, answer: Answer) -> Answer:
    """The answer, marked as a fault's doing where the operation does not report its own status."""
    if reported(operation) != operation.status:
        answer.fault = "operation-state"
    return answer


def reported(operation: Operation) -> str:
    """The status that the operation reports: its own, or what a fault says."""
    if operation.reported_status and (operation.ended is None or operation.misreports_end):
        return operation.reported_status
    return operation.status


def find(call: Call, *, memory: bool) -> Operation:
    """
    The operation that the path names.

    Raises:
        Refusal: 404 if there is none in this product, or if it ended too long ago.
    """
    operation = call.account.operations.get(next(iter(call.names.values())))
    if operation is None or operation.kind.startswith("store.") != memory:
        raise not_found(call.path)
    if operation.ended is not None and call.now > operation.ended + KEPT:
        if memory:
            raise Refusal(404, 520052, "Operation not found or ended more than 7 days ago")
        raise not_found(call.path)
    return operation
