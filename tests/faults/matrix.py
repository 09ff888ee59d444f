"""The rows of the fault matrix: what is spoiled, what a run says, and what it leaves behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .children import plan
from .server import (
    Server,
    Spoil,
    Work,
    changes,
    drips,
    drops_after,
    drops_before,
    empty,
    not_json,
    refuses,
    refuses_until,
    says,
    slow,
    truncates,
)
from .world import Call, Reply, refused

POST = r"^POST /v2/ControlPlane/Configurations$"
POLL = r"^GET /v2/ControlPlane/Operations/"
LOOK = r"^GET /v2/ControlPlane/Configurations$"
HTML = b"<!doctype html><title>Gateway</title>"


@dataclass(frozen=True)
class Row:
    """
    A fault of a create.

    Attributes:
        expected: The outcome, or the error's name.
        left: Configurations that bridge the service when the run has ended, those of a pending
            operation included.
        then: What an undisturbed run says afterwards.
        said: A text that the error has to contain.
    """

    name: str
    spoil: Callable[[Server], object]
    expected: str
    left: int
    then: str
    said: str = ""


def post(spoil: Spoil, times: int | None = 1, after: int = 0) -> Callable[[Server], object]:
    return lambda server: server.spoil(spoil, POST, times, after)


def poll(spoil: Spoil, times: int | None = 1, after: int = 0) -> Callable[[Server], object]:
    return lambda server: server.spoil(spoil, POLL, times, after)


def operation(**changed: Any) -> Callable[[Server], object]:
    return lambda server: server.world.next_operation.append(lambda one: one.update(changed))


def both(*spoils: Callable[[Server], object]) -> Callable[[Server], object]:
    return lambda server: [spoil(server) for spoil in spoils]


def shape(body: dict[str, Any], status: int = 400) -> Spoil:
    return says(status, json.dumps(body).encode(), Content_Type="application/json")


def quicker(**members: Any) -> Callable[[Server], object]:
    """Between our look and our POST somebody bridges the service; the 409 names what is there."""

    def arrange(server: Server) -> None:
        def spoil(call: Call, work: Work) -> Reply:
            there = server.world.add_configuration(**{**plan().body(), **members})
            return refused(409, "It exists", 400, X_Conflicting_Resource_Id=there["id"])

        server.spoil(spoil, POST)

    return arrange


def state_for_two_looks(state: str | None) -> Callable[[Server], object]:
    """The operation reports a state of its own twice, then what it is."""
    return poll(changes(lambda reply: Reply.of({**reply.told(), "status": state})), times=2)


def without_trace(server: Server) -> None:
    """A 202 that names no operation at all, and a list that is slow to show what it made."""
    server.world.next_operation.append(
        lambda one: one.update(headers=False, body=False, related=None, seconds=25.0)
    )


def deleted_at_once(server: Server) -> None:
    def spoil(call: Call, work: Work) -> Reply:
        work()
        server.world.configurations.clear()
        return work()

    server.spoil(spoil, POLL)


def forgotten(seconds: float) -> Callable[[Server], object]:
    """The operation cannot be looked up; what it makes is there after so many seconds."""
    return both(operation(seconds=seconds), poll(refuses(404, code=520052), times=None))


ROWS: tuple[Row, ...] = (
    Row("nothing", lambda server: None, "created", 1, "adopted"),
    # asked to wait
    Row("429, seconds", post(refuses(429, Retry_After="7"), 2), "created", 1, "adopted"),
    Row("429, HTTP date", post(refuses_until(9)), "created", 1, "adopted"),
    Row("429, no hint", post(refuses(429), 3), "created", 1, "adopted"),
    Row("429, for ever", post(refuses(429), None), "RateLimited", 0, "created", "Tried 4 times"),
    Row(
        "429, an hour",
        post(refuses(429, Retry_After="3600")),
        "RateLimited",
        0,
        "created",
        "3600 s",
    ),
    # the service is unwell
    Row("500 twice", post(refuses(500), 2), "created", 1, "adopted"),
    Row("502 with HTML", post(says(502, HTML)), "created", 1, "adopted"),
    Row("503, for ever", post(refuses(503), None), "UnknownOutcome", 0, "resumed", "Tried 4"),
    Row(
        "504 after the work",
        post(lambda c, w: (w(), refused(504, "late"))[1]),
        "created",
        1,
        "adopted",
    ),
    Row("408", post(refuses(408)), "created", 1, "adopted"),
    # the connection is unwell
    Row("drop before", post(drops_before), "created", 1, "adopted"),
    Row(
        "drop before, for ever", post(drops_before, None), "UnknownOutcome", 0, "resumed", "Tried 3"
    ),
    Row("drop after the work", post(drops_after), "created", 1, "adopted"),
    Row("drop after, for ever", post(drops_after, None), "created", 1, "adopted"),
    Row(
        "drop after, slow operation",
        both(operation(seconds=60.0), post(drops_after, None)),
        "UnknownOutcome",
        1,
        "resumed",
    ),
    Row(
        "lost, then 429 for ever",
        both(post(drops_after), post(refuses(429), None)),
        "created",
        1,
        "adopted",
    ),
    Row(
        "lost, then 401, slow operation",
        both(operation(seconds=60.0), post(drops_after), post(refuses(401, code=20003), None)),
        "UnknownOutcome",
        1,
        "resumed",
    ),
    Row(
        "lost, then 409 of its own key",
        both(operation(seconds=60.0), post(drops_after), post(refuses(409), None)),
        "Conflict",
        1,
        "resumed",
    ),
    Row("slow", post(slow(0.8)), "created", 1, "adopted"),
    Row("drip", post(drips(0.05)), "created", 1, "adopted"),
    Row("truncated", post(truncates), "created", 1, "adopted"),
    # the answer is odd
    Row("not JSON", post(not_json), "created", 1, "adopted"),
    Row("empty 202", post(empty), "created", 1, "adopted"),
    Row(
        "redirect 307",
        post(says(307, Location="/v2/elsewhere")),
        "UnknownOutcome",
        0,
        "resumed",
        "redirect",
    ),
    Row(
        "redirect 302",
        post(says(302, Location="https://example.com/")),
        "UnknownOutcome",
        0,
        "resumed",
        "redirect",
    ),
    # refused, in three shapes and none
    Row(
        "400, classic shape",
        post(shape({"code": 20001, "message": "memoryStoreId must not be null", "status": 400})),
        "BadRequest",
        0,
        "created",
        "must not be null",
    ),
    Row(
        "400, orchestrator shape",
        post(
            shape(
                {
                    "code": 20001,
                    "httpStatusCode": 400,
                    "message": "No such field",
                    "userError": True,
                    "params": {"field": "displayName"},
                }
            )
        ),
        "BadRequest",
        0,
        "created",
        "No such field",
    ),
    Row(
        "400, RFC 9457",
        post(
            shape(
                {
                    "type": "about:blank",
                    "title": "Invalid",
                    "status": 400,
                    "code": 20001,
                    "detail": "Look here",
                    "errors": [{"detail": "too long", "pointer": "/displayName"}],
                }
            )
        ),
        "BadRequest",
        0,
        "created",
        "/displayName: too long",
    ),
    Row("403 with HTML", post(says(403, HTML)), "Forbidden", 0, "created", "web page"),
    Row("400, not UTF-8", post(says(400, b'{"message": "\xff"}')), "BadRequest", 0, "created"),
    Row("400, too deep", post(says(400, b"[" * 100_000)), "BadRequest", 0, "created"),
    Row(
        "401, wrong key",
        post(refuses(401, "Authenticate", 20003)),
        "AuthenticationFailed",
        0,
        "created",
    ),
    Row(
        "401, terms",
        post(
            shape(
                {"code": 20003, "message": "No", "params": {"field": "termsOfService"}}, status=401
            )
        ),
        "TermsNotAccepted",
        0,
        "created",
        "credentials are fine",
    ),
    Row("404", post(refuses(404, code=20404)), "NotEnabled", 0, "created", "not enabled"),
    Row(
        "409, name taken",
        post(refuses(409, "The name is taken")),
        "Conflict",
        0,
        "created",
        "taken",
    ),
    Row("409, somebody was quicker", quicker(), "adopted", 1, "adopted"),
    Row(
        "409, and differently", quicker(displayName="by hand"), "BridgeDiffers", 1, "BridgeDiffers"
    ),
    # the operation
    Row(
        "operation fails",
        operation(fate="FAILED", error={"title": "No", "code": 520042}),
        "OperationFailed",
        0,
        "created",
        "ACTIVE",
    ),
    Row(
        "operation fails, code is text",
        operation(fate="FAILED", error={"title": "No", "code": "STORE"}),
        "OperationFailed",
        0,
        "created",
        "No",
    ),
    Row(
        "operation fails, error is text",
        operation(fate="FAILED", error="Quota"),
        "OperationFailed",
        0,
        "created",
        "Quota",
    ),
    Row(
        "operation fails, no reason",
        operation(fate="FAILED"),
        "OperationFailed",
        0,
        "created",
        "no reason",
    ),
    Row("operation CANCELLED", operation(fate="CANCELLED"), "OperationFailed", 0, "created"),
    Row("operation CANCELED", operation(fate="CANCELED"), "OperationFailed", 0, "created"),
    Row("operation hangs", operation(seconds=1e9), "OperationPending", 1, "resumed", "support"),
    Row("operation takes 90 s", operation(seconds=90.0), "created", 1, "adopted"),
    Row("state SOMETHING_NEW", state_for_two_looks("SOMETHING_NEW"), "created", 1, "adopted"),
    Row("state IN_PROGRESS", state_for_two_looks("IN_PROGRESS"), "created", 1, "adopted"),
    Row("state null", state_for_two_looks(None), "created", 1, "adopted"),
    Row(
        "state in lower case",
        poll(changes(lambda r: Reply.of({**r.told(), "status": "completed"}))),
        "created",
        1,
        "adopted",
    ),
    Row("no related", operation(related=None), "created", 1, "adopted"),
    Row("no operation headers", operation(headers=False), "created", 1, "adopted"),
    Row("no statusUrl", operation(body=False), "created", 1, "adopted"),
    Row("no trace of an operation", without_trace, "created", 1, "adopted"),
    Row("poll: 503 twice", poll(refuses(503), 2), "created", 1, "adopted"),
    Row("poll: 429, seconds", poll(refuses(429, Retry_After="4"), 2), "created", 1, "adopted"),
    Row("poll: drop", poll(drops_before), "created", 1, "adopted"),
    Row("poll: truncated", poll(truncates), "created", 1, "adopted"),
    Row("poll: not JSON twice", poll(not_json, 2), "created", 1, "adopted"),
    Row("poll: not JSON, for ever", poll(not_json, None), "BadAnswer", 1, "resumed", "web page"),
    Row(
        "poll: look again in an hour",
        both(
            operation(seconds=9e9),
            poll(changes(lambda r: Reply(r.status, r.body, {"Retry-After": "3600"}))),
        ),
        "OperationPending",
        1,
        "resumed",
        "3600 s",
    ),
    Row("poll: not known, but done", forgotten(8.0), "created", 1, "adopted"),
    Row("poll: not known", forgotten(60.0), "UnknownOutcome", 1, "resumed"),
    Row("made, and deleted at once", deleted_at_once, "UnknownOutcome", 0, "created", "deleted"),
)
