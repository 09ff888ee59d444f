"""The rows of the fault matrix of a change and of a deletion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .matrix import both, operation
from .server import (
    Server,
    Spoil,
    drops_after,
    drops_before,
    empty,
    not_json,
    refuses,
    truncates,
)

SEND = r"^(PATCH|DELETE) /v2/ControlPlane/Configurations/"
POLL = r"^GET /v2/ControlPlane/Operations/"


@dataclass(frozen=True)
class Row:
    """
    A fault of a write to a configuration that is there.

    Attributes:
        expected: `done`, or the error's name.
        left: Whether the configuration is the `old` or the `new` one when the run has ended and
            what is pending has been done.
        then: How an undisturbed run ends: `resumed`, `done` or `nothing` to do.
    """

    name: str
    spoil: Callable[[Server], object]
    expected: str
    left: str
    then: str


def send(spoil: Spoil, times: int | None = 1) -> Callable[[Server], object]:
    return lambda server: server.spoil(spoil, SEND, times)


def poll(spoil: Spoil, times: int | None = 1) -> Callable[[Server], object]:
    return lambda server: server.spoil(spoil, POLL, times)


def forgotten(seconds: float) -> Callable[[Server], object]:
    return both(operation(seconds=seconds), poll(refuses(404, code=520052), times=None))


def silent(**more: Any) -> Callable[[Server], object]:
    """A 202 that names no operation."""
    return operation(headers=False, body=False, related=None, **more)


ROWS: tuple[Row, ...] = (
    Row("nothing", lambda server: None, "done", "new", "nothing"),
    Row("429 twice", send(refuses(429, Retry_After="3"), 2), "done", "new", "nothing"),
    Row("500 twice", send(refuses(500), 2), "done", "new", "nothing"),
    Row("503, for ever", send(refuses(503), None), "UnknownOutcome", "old", "resumed"),
    Row("drop before", send(drops_before), "done", "new", "nothing"),
    Row("drop before, for ever", send(drops_before, None), "UnknownOutcome", "old", "resumed"),
    Row("drop after the work", send(drops_after), "done", "new", "nothing"),
    Row("drop after, for ever", send(drops_after, None), "done", "new", "nothing"),
    Row(
        "drop after, slow operation",
        both(operation(seconds=60.0), send(drops_after, None)),
        "UnknownOutcome",
        "new",
        "resumed",
    ),
    Row(
        "lost, then 409 of its own key",
        both(operation(seconds=60.0), send(drops_after), send(refuses(409), None)),
        "Conflict",
        "new",
        "resumed",
    ),
    Row("truncated", send(truncates), "done", "new", "nothing"),
    Row("not JSON", send(not_json), "done", "new", "nothing"),
    Row("empty 202", send(empty), "done", "new", "nothing"),
    Row("no trace of an operation", silent(seconds=25.0), "done", "new", "nothing"),
    Row("400", send(refuses(400)), "BadRequest", "old", "done"),
    Row("401", send(refuses(401, code=20003)), "AuthenticationFailed", "old", "done"),
    Row("409", send(refuses(409)), "Conflict", "old", "done"),
    Row("operation fails", operation(fate="FAILED"), "OperationFailed", "old", "done"),
    Row("operation CANCELLED", operation(fate="CANCELLED"), "OperationFailed", "old", "done"),
    Row("operation hangs", operation(seconds=1e9), "OperationPending", "new", "resumed"),
    Row("operation takes 90 s", operation(seconds=90.0), "done", "new", "nothing"),
    Row("no related", operation(related=None), "done", "new", "nothing"),
    Row("poll: 503 twice", poll(refuses(503), 2), "done", "new", "nothing"),
    Row("poll: not known, but done", forgotten(8.0), "done", "new", "nothing"),
    Row("poll: not known", forgotten(60.0), "UnknownOutcome", "new", "resumed"),
)
