"""Work that was accepted with 202 and ends later: the operations of v2 and of memory.

Source: Twilio docs, conversations/orchestrator, async operations; OpenAPI of both services.
v2 knows PENDING, COMPLETED and FAILED, and says what it is about in ``related``; memory adds
RUNNING and CANCELLED, and gives ``result.id`` at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..world.clock import DAY, rfc3339
from .answers import Answer, Refusal, not_found, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from .requests import Call

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


class Operation(Struct, kw_only=True):
    id: str
    kind: str
    status: str = "PENDING"
    created: float
    ended: float | None = None
    related: dict[str, str] | None = None
    result_id: str | None = None
    error: dict[str, Any] | None = None
    status_url: str
    #: What a fault has it report instead of its state, and whether at its end as well.
    disguise: str | None = None
    disguised_end: bool = False


def start(
    call: Call,
    kind: str,
    *,
    related: dict[str, str] | None = None,
    result_id: str | None = None,
    complete: Callable[[float], None],
    abandon: Callable[[float], None] = lambda at: None,
) -> Answer:
    """Accept work: answers 202, and does ``complete`` when the operation falls due.

    Args:
        kind: for the state dump, e.g. "configuration.create"; "store.…" belongs to memory.
        related: what a v2 operation is about.
        result_id: what a memory operation gives at its end.
        complete: the work; raises `Failure` if the operation has to end FAILED.
        abandon: undoes what acceptance reserved, if the operation fails.
    """
    world, account = call.world, call.account
    memory = kind.startswith("store.")
    operation_id = account.mint.typed("proc_job")
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
    disguise = call.fault("operation-state")
    if disguise:
        operation.disguise, operation.disguised_end = disguise.state, disguise.final
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

        world.at(call.now + world.settings.operation_seconds, end)

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


def fetch(call: Call) -> Answer:
    """GET /v2/ControlPlane/Operations/{id}."""
    operation = _find(call, memory=False)
    body: dict[str, Any] = {
        "operationId": operation.id,
        "status": _reported(operation),
        "createdAt": rfc3339(operation.created),
        "completedAt": rfc3339(operation.ended) if operation.ended is not None else None,
        "statusUrl": operation.status_url,
        "error": operation.error,
        "related": operation.related,
    }
    return _told(operation, ok(body))


def fetch_memory(call: Call) -> Answer:
    """GET /v1/ControlPlane/Operations/{operationId}."""
    operation = _find(call, memory=True)
    body: dict[str, Any] = {
        "operationId": operation.id,
        "status": _reported(operation),
        "createdAt": rfc3339(operation.created),
        "statusUrl": operation.status_url,
    }
    headers = {"Operation-Id": operation.id}
    if operation.ended is not None:
        body["completedAt"] = rfc3339(operation.ended)
    elif call.world.settings.retry_after is not None:
        headers["Retry-After"] = str(call.world.settings.retry_after)
    if operation.status == "COMPLETED" and operation.result_id:
        body["result"] = {"type": "RESOURCE_ID", "id": operation.result_id}
    if operation.error:
        body["error"] = operation.error
    return _told(operation, ok(body, headers=headers))


def _told(operation: Operation, answer: Answer) -> Answer:
    if _reported(operation) != operation.status:
        answer.fault = "operation-state"
    return answer


def _reported(operation: Operation) -> str:
    if operation.disguise and (operation.ended is None or operation.disguised_end):
        return operation.disguise
    return operation.status


def _find(call: Call, *, memory: bool) -> Operation:
    operation = call.account.operations.get(next(iter(call.names.values())))
    if operation is None or operation.kind.startswith("store.") != memory:
        raise not_found(call.path)
    if operation.ended is not None and call.now > operation.ended + KEPT:
        if memory:
            raise Refusal(404, 520052, "Operation not found or ended more than 7 days ago")
        raise not_found(call.path)
    return operation
