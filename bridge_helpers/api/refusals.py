"""
A refusal's status and body, turned into an error that says what to do.

Three body shapes arrive: `{code, message, more_info, status}`; `{code,
httpStatusCode, message, userError, params}`; and RFC 9457 `{type, title,
status, code, detail, errors}`. So: message is `message`, `detail` or `title`;
status is the status line; code is `code` when it is a number. Anything else
(HTML of a proxy, nothing at all) is told by its status alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ..errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    RateLimited,
    ServerError,
    TermsNotAccepted,
    UnsupportedMedia,
)

CLASSES: Final[Mapping[int, type[ApiError]]] = {
    400: BadRequest,
    401: AuthenticationFailed,
    403: Forbidden,
    404: NotFound,
    408: ServerError,
    409: Conflict,
    412: PreconditionFailed,
    415: UnsupportedMedia,
    429: RateLimited,
}

CONSOLE: Final = "https://1console.twilio.com"

BY_CODE: Final[Mapping[int, str]] = {
    20001: "Mend the value that the message names.",
    20003: (
        "Check that account sid, API key and secret belong together and to this region; "
        "a Standard key is enough."
    ),
    20404: "Check the id, and that it belongs to the account of these credentials.",
    20412: "Read it again and repeat the change on what it says now.",
    20422: "Send JSON to Orchestrator and memory, a form to classic.",
    20429: "Wait a little and run it again; other tools may be using up the same limit.",
    20500: "Run it again in a few minutes; if it stays, give Twilio support the request id.",
    20503: "Run it again in a few minutes; if it stays, give Twilio support the request id.",
    50391: "Somebody changes the same conversation at this moment; run it again.",
    520041: "The memory store is gone: pick another one, or create one in the Console.",
    520042: "The memory store is still being set up: wait until it is ACTIVE and run it again.",
    520043: "The store has changed since it was read; run it again.",
    520044: "The account has as many memory stores as it may have: use one that exists.",
    520045: "Choose another name for the store; this one is taken.",
    520049: "A memory store id is mem_store_ and 26 characters; copy it again.",
    520052: "The operation is older than its service remembers: list what exists instead.",
    520053: "The store has as many trait groups as it may have.",
    520055: "The store has this trait group already.",
    530003: "A profile look-up failed; Orchestrator goes on and creates a profile.",
    530004: "A profile could not be created; the participant stays without one.",
}

BY_STATUS: Final[Mapping[int, str]] = {
    400: "Mend the value that the message names.",
    401: BY_CODE[20003],
    403: (
        "Use a key with the permission for this product; test credentials and Restricted keys "
        "without it are refused."
    ),
    404: BY_CODE[20404],
    408: BY_CODE[20503],
    409: "Look at what is there already, and adopt or change that.",
    412: BY_CODE[20412],
    415: BY_CODE[20422],
    429: BY_CODE[20429],
}

TERMS_ACTION: Final = (
    f"Accept the terms of service for Conversation Orchestrator once per account: open {CONSOLE}, "
    "Conversation Orchestrator, and follow the notice. The credentials are fine."
)


def refusal(
    status: int, body: bytes, headers: Mapping[str, str], subject: str, account_sid: str
) -> ApiError:
    """
    The error for an answer of status 400 and above.

    Args:
        status: The status line's number.
        body: The body as it came; any shape, or none.
        headers: Lower-case names.
        subject: What was asked for, such as `POST /v2/ControlPlane/Configurations`.
        account_sid: Named in the message, so that a wrong account is seen at once.
    """
    told = _members(body)
    message = _text(told.get("message")) or _text(told.get("detail")) or _text(told.get("title"))
    code = number(told.get("code"))
    params = told.get("params")
    params = {str(k): str(v) for k, v in params.items()} if isinstance(params, dict) else {}
    message = " ".join([message, *_pointers(told.get("errors"))]).strip()
    cls = CLASSES.get(status) or (ServerError if status >= 500 else ApiError)
    if status == 401 and _is_about_terms(message, params):
        cls = TermsNotAccepted
    if not message:
        message = "The answer carried no readable explanation" + (
            ", but a web page: a proxy or firewall may stand between." if _is_html(body) else "."
        )
    error = cls(
        f"{subject} was refused with status {status} for account {account_sid}.",
        message if message.endswith((".", "!", "?")) else f"{message}.",
        TERMS_ACTION if cls is TermsNotAccepted else _advice(status, code),
        status=status,
        code=code,
        request_id=headers.get("twilio-request-id"),
        params=params,
    )
    if isinstance(error, Conflict):
        error.conflicting_id = headers.get("x-conflicting-resource-id") or None
    return error


def advice(code: int | None, status: int | None = None) -> str:
    """What to do about a code or, failing that, a status; empty when neither is known."""
    return BY_CODE.get(code or 0) or BY_STATUS.get(status or 0, "")


def _advice(status: int, code: int | None) -> str:
    return advice(code, status) or (BY_CODE[20500] if status >= 500 else "")


def _members(body: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _text(value: object) -> str:
    return value.strip()[:2000] if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """A code or status that may have come as text; None when it is no number at all."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**12 else None
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        return int(value)
    return None


def _pointers(errors: object) -> list[str]:
    """RFC 9457's list of single faults, as `pointer: detail`."""
    found = errors if isinstance(errors, list) else []
    return [
        f"{_text(item.get('pointer')) or 'body'}: {_text(item.get('detail'))}"
        for item in found[:20]
        if isinstance(item, dict)
    ]


def _is_about_terms(message: str, params: Mapping[str, str]) -> bool:
    return params.get("field") == "termsOfService" or "terms of service" in message.lower()


def _is_html(body: bytes) -> bool:
    return body[:200].lstrip()[:1] == b"<"
