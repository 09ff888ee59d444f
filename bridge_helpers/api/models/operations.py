"""Accepted work of Orchestrator and memory. Source: Twilio's OpenAPI for both."""

from __future__ import annotations

from typing import Any

import msgspec

from .records import Record


class Problem(Record, frozen=True, kw_only=True):
    """
    `error` of an operation, in any of the three error bodies, not always complete.

    RFC 9457 (`title`, `detail`), `{code, message, more_info, status}`, or `{code,
    httpStatusCode, message, userError, params}`; a code may come as text.
    """

    type: str | None = None
    title: str | None = None
    status: int | str | None = None
    code: int | str | None = None
    detail: str | None = None
    instance: str | None = None
    message: str | None = None
    more_info: str | None = msgspec.field(name="more_info", default=None)
    http_status_code: int | str | None = None
    params: dict[str, Any] | None = None


class Result(Record, frozen=True, kw_only=True):
    """`result` of a memory operation; v2 operations have none."""

    type: str | None = None
    id: str | None = None


class Operation(Record, frozen=True, kw_only=True):
    operation_id: str | None = None
    status: str | None = None
    created_at: str | None = None
    completed_at: str | None = None
    status_url: str | None = None
    error: Problem | str | None = None
    related: dict[str, str | None] | None = None
    result: Result | None = None


class Accepted(Record, frozen=True, kw_only=True):
    """
    A 202: the body's members, and what only headers tell.

    Attributes:
        operation_id: From `Operation-Id`, else from the path of `statusUrl` or `Location`.
        retry_after: Seconds until the first look, when the service said so.
    """

    status_url: str | None = None
    related: dict[str, str | None] | None = None
    message: str | None = None
    operation_id: str | None = None
    retry_after: float | None = None
