"""The answers that faults give in place of the right ones."""

from __future__ import annotations

from ..world.faults import Fault
from .answers import Answer, Refusal


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
