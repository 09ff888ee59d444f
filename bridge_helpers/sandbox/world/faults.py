"""Faults on demand: which ones there are, and which request meets which.

A fault waits in the book until a request (or, for the ``sync-*`` faults, a message crossing the
bridge) matches it: ``after`` matches are let through first, then ``times`` matches are hit.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..http.answers import Answer, Refusal

FaultName = Literal[
    "status",
    "drop-before",
    "drop-after",
    "slow",
    "truncate",
    "not-json",
    "redirect",
    "operation-fails",
    "operation-hangs",
    "operation-state",
    "operation-no-related",
    "foreign-status-url",
    "no-operation-headers",
    "repeat-token",
    "sync-lost",
    "sync-lag",
    "sync-double",
    "sync-reorder",
    "large-page",
]

#: What each fault does, with an example: the text of ``GET /_sandbox/``.
FAULTS: dict[FaultName, tuple[str, dict[str, Any]]] = {
    "status": (
        "answers with an error status, nothing done; shape: classic, orchestrator, rfc9457, "
        "html, empty or truncated",
        {"status": 429, "code": 20429, "retry_after": "1", "shape": "classic"},
    ),
    "drop-before": ("closes the connection, nothing done", {}),
    "drop-after": ("does the work, then closes the connection without an answer", {}),
    "slow": (
        "waits this many real seconds before the answer; drip sends the body byte by byte "
        "over that time",
        {"seconds": 2.0, "drip": False},
    ),
    "truncate": ("promises more bytes than it sends, then closes the connection", {}),
    "not-json": ("answers 200 with a page of HTML, nothing done", {}),
    "redirect": ("answers 307 to location, nothing done", {"location": "http://127.0.0.1:1/"}),
    "operation-fails": (
        "the operation that this request starts ends FAILED",
        {"title": "Provisioning failed", "detail": "The bridge could not be set up."},
    ),
    "operation-hangs": ("the operation that this request starts stays PENDING", {}),
    "operation-state": (
        "the operation that this request starts reports this state: until its end, or with "
        "final instead of its end",
        {"state": "RUNNING", "final": False},
    ),
    "operation-no-related": ("neither the 202 nor the operation says what it is about", {}),
    "foreign-status-url": ("statusUrl names another host", {"url": "https://example.com/ops/1"}),
    "no-operation-headers": ("the 202 lacks Operation-Id, Retry-After and Location", {}),
    "repeat-token": ("the link to the next page leads back to the same page", {}),
    "sync-lost": (
        "the bridge loses the message; direction: to_orchestrator, to_classic or both",
        {"direction": "to_orchestrator"},
    ),
    "sync-lag": ("the bridge takes this many seconds longer", {"seconds": 30.0}),
    "sync-double": ("the bridge delivers the message twice", {}),
    "sync-reorder": ("the bridge holds a message back until the next one has gone ahead", {}),
    "large-page": ("a page larger than size answers 503", {"size": 100}),
}


HeaderText = Annotated[str, Meta(pattern=r"^[ -~]*\Z")]


class Fault(Struct, kw_only=True, forbid_unknown_fields=True):
    """One fault: what, where, how often, and its options."""

    name: FaultName = field(name="fault")
    path: str | None = None
    method: str | None = None
    account_sid: str | None = None
    times: Annotated[int, Meta(ge=1)] | None = 1
    after: Annotated[int, Meta(ge=0)] = 0
    status: Annotated[int, Meta(ge=200, le=599)] = 503
    code: int | None = None
    message: str | None = None
    retry_after: HeaderText | int | None = None
    shape: Literal["classic", "orchestrator", "rfc9457", "html", "empty", "truncated"] = "classic"
    seconds: Annotated[float, Meta(ge=0)] = 2.0
    drip: bool = False
    location: HeaderText = "http://127.0.0.1:1/"
    title: str = "Operation failed"
    detail: str = "The sandbox was asked to let this operation fail."
    state: str = "RUNNING"
    final: bool = False
    url: str = "https://example.com/v2/ControlPlane/Operations/proc_job_elsewhere"
    direction: Literal["to_orchestrator", "to_classic", "both"] = "both"
    size: int = 100
    id: str | UnsetType = UNSET

    def meets(self, method: str, path: str, account_sid: str) -> bool:
        return (
            (self.method is None or self.method.upper() == method)
            and (self.path is None or re.search(self.path, path) is not None)
            and (self.account_sid is None or self.account_sid == account_sid)
        )


class FaultBook:
    """Faults that were asked for, in the order in which they were."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.waiting: list[Fault] = []
        self._number = 0

    def add(self, fault: Fault) -> str:
        self._number += 1
        fault.id = f"fault-{self._number}"
        self.waiting.append(fault)
        return fault.id

    def take(
        self,
        name: FaultName,
        method: str,
        path: str,
        account_sid: str,
        *,
        direction: str | None = None,
        page_size: int | None = None,
    ) -> Fault | None:
        """The first fault of this name that meets the request; counts it as used.

        ``direction`` is that of a message crossing the bridge, ``page_size`` what a list asks for.
        """
        for fault in self.waiting:
            if fault.name != name or not fault.meets(method, path, account_sid):
                continue
            if direction is not None and fault.direction not in (direction, "both"):
                continue
            if page_size is not None and page_size <= fault.size:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
            return fault
        return None


def check_pattern(pattern: str) -> None:
    """Make sure that a path's pattern is a regular expression.

    Raises:
        ValueError: if it is none.
    """
    try:
        re.compile(pattern)
    except re.error as problem:
        raise ValueError(str(problem)) from None


def status_answer(fault: Fault) -> Answer:
    """The answer of a "status" fault."""
    code = fault.code or {429: 20429, 503: 20503, 500: 20500, 401: 20003}.get(fault.status, 20001)
    message = fault.message or f"The sandbox was asked to answer {fault.status} here."
    shape = fault.shape if fault.shape in ("orchestrator", "rfc9457") else "classic"
    answer = Refusal(fault.status, code, message, shape=shape).answer()
    if fault.shape == "html":
        answer = html_answer(fault.status)
    elif fault.shape == "empty":
        answer = Answer(fault.status)
    elif fault.shape == "truncated":
        answer.body = answer.body[: len(answer.body) // 2]
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def html_answer(status: int) -> Answer:
    page = f"<!doctype html><title>{status}</title><h1>{status}</h1><p>upstream gateway</p>"
    return Answer(status, page.encode(), content_type="text/html; charset=utf-8")
