"""
A refusal's status and body, turned into an error that says what to do.

Three body shapes arrive: `{code, message, more_info, status}`; `{code,
httpStatusCode, message, userError, params}`; and RFC 9457 `{type, title,
status, code, detail, errors}`. So: message is `message`, `detail` or `title`;
status is the status line; code is `code` when it is a number. Anything else
(HTML of a proxy, nothing at all) is told by its status alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from ..errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    ProfileMerged,
    RateLimited,
    ServerError,
    TermsNotAccepted,
    UnsupportedMedia,
)
from ..forms import PROFILE_ID
from ..settings import is_loopback

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

MEANINGS: Final[Mapping[type[ApiError], str]] = {
    BadRequest: "Twilio does not accept a value of this request.",
    AuthenticationFailed: "Twilio does not accept this key.",
    TermsNotAccepted: "The terms of service of Conversation Orchestrator are not accepted yet.",
    Forbidden: "This key may not do that.",
    NotFound: "It is not there in this account.",
    Conflict: "Something that is there already stands in the way.",
    PreconditionFailed: "It has changed since it was read.",
    UnsupportedMedia: "Twilio does not take a request in this form.",
    RateLimited: "Twilio asks for fewer requests at a time.",
    ServerError: "Twilio cannot answer at the moment.",
}
"""What a refusal means for whoever reads it."""

CONSOLE: Final = "https://1console.twilio.com"

LATER: Final = "Run it again in a few minutes; if it stays, give Twilio support the request id."
ANOTHER_KEY: Final = (
    "See that account and key are active and belong together, and use a Standard key: the "
    "permissions of Restricted keys list neither Conversations nor Orchestrator nor memory."
)
PARTICIPANTS: Final = (
    "The conversation has as many participants as it may have: remove one, or use another."
)
OTHER_CONVERSATION: Final = (
    "The two addresses are in another open conversation: "
    "GET /v1/ParticipantConversations?Address=… names it."
)
TOO_MANY_ACTIONS: Final = "Too many writes in one second: run it again with fewer at a time."
PRE_WEBHOOK: Final = "Look at the customer's own pre-webhook of the classic service: "

BY_CODE: Final[Mapping[int, str]] = {
    20003: (
        "Check that account sid, API key and secret belong together and to this region; "
        "a Standard key is enough."
    ),
    20005: "The account is suspended or closed: its owner or Twilio support can activate it.",
    20006: "These credentials may not do this: use a Standard key of the account.",
    20008: "Test credentials cannot do this: use a key of the live account.",
    20162: "Somebody else changed it at the same moment: run it again.",
    20404: "Check the id, and that it belongs to the account of these credentials.",
    20409: "Something else is at work on it: wait a little and run it again.",
    20412: "Read it again and repeat the change on what it says now.",
    20429: "Wait a little and run it again; other tools may be using up the same limit.",
    20500: LATER,
    20503: LATER,
    50056: PRE_WEBHOOK + "it refused this.",
    50057: PRE_WEBHOOK + "it answered with an error.",
    50063: TOO_MANY_ACTIONS,
    50074: TOO_MANY_ACTIONS,
    50076: PRE_WEBHOOK + "it did not answer in time.",
    50107: "The user's role in the classic service lacks the permission: give it, or use a key.",
    50385: "Conversations are disabled in this region: use the region of the classic service.",
    50391: "Somebody changes the same conversation at this moment; run it again.",
    50416: OTHER_CONVERSATION,
    50417: PARTICIPANTS,
    50418: PARTICIPANTS,
    50422: PARTICIPANTS,
    50425: OTHER_CONVERSATION,
    70051: ANOTHER_KEY,
    520041: "The memory store is gone: pick another one, or create one in the Console.",
    520042: "The memory store is still being set up: wait until it is ACTIVE and run it again.",
    520043: "The store has changed since it was read; run it again.",
    520044: "The account has as many memory stores as it may have: use one that exists.",
    520045: "Choose another name for the store; this one is taken.",
    520049: "A memory store id is mem_store_ and 26 characters; copy it again.",
    520052: "The operation is older than its service remembers: list what exists instead.",
    520053: "The store has as many trait groups as it may have.",
    520055: "The store has this trait group already.",
    530001: (
        "No profile was looked for: the participant is no customer, or has an address without "
        "an identifier. The participant stays; a customer gets a profile, others do not."
    ),
    530003: "A profile look-up failed; Orchestrator tries to create a profile instead.",
    530004: "A profile could not be created; the participant stays without one.",
}
"""What to do about a code, from Twilio's page about it. A code whose page we do not know has
none: inventing one would mislead."""

INVALID: Final = frozenset({20001, 20422})
"""A value is not accepted; 20422 means that also where the status is 400."""

BY_STATUS: Final[Mapping[int, str]] = {
    401: BY_CODE[20003],
    403: (
        "Use a key with the permission for this product; test credentials and Restricted keys "
        "without it are refused."
    ),
    404: BY_CODE[20404],
    408: LATER,
    409: "Look at what is there already, and adopt or change that.",
    412: BY_CODE[20412],
    415: "Send JSON to Orchestrator and memory, a form to classic.",
    429: BY_CODE[20429],
}

NAMED_VALUE: Final = "Correct the value that the message names."
UNNAMED_VALUE: Final = (
    "The service does not name the value that it refuses: compare the request with Twilio's "
    "reference of this endpoint."
)
_NAME: Final = re.compile(r"""[A-Za-z]+_\w|[a-z][A-Z]|['"`][^'"`]+['"`]|/\w+: """)
"""What names a member of a request: `memoryStoreId`, `friendly_name`, `'Author'`, `/pointer: `."""

TERMS_ACTION: Final = (
    f"Accept the terms of service for Conversation Orchestrator once per account: open {CONSOLE}, "
    "Conversation Orchestrator, and follow the notice. The credentials are fine."
)


def redirect(status: int, headers: Mapping[str, str], subject: str) -> BadAnswer:
    """
    The error for an answer of status 300 to 399; ProfileMerged where memory names the profile.

    Args:
        headers: Lower-case names.
        subject: What was asked for, such as `GET /v1/Stores/…/Profiles/…`.
    """
    canonical = headers.get("canonical-profile-id", "")
    if PROFILE_ID.fullmatch(canonical):
        merged = ProfileMerged(
            f"{subject} was not done: the profile was merged into {canonical}.",
            "Two profiles with the same identifier become one.",
            f"Ask for {canonical} instead.",
        )
        merged.profile_id = canonical
        return merged
    return BadAnswer(
        f"{subject} was answered with a redirect ({status}), which is not followed.",
        "Credentials go to the configured address only.",
        "Check the address; a login page of a proxy may stand between.",
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
    action = TERMS_ACTION if cls is TermsNotAccepted else advice(code, status, message)
    if not message:
        message = "The answer carried no readable explanation" + (
            ", but a web page: a proxy or firewall may stand between." if _is_html(body) else "."
        )
    error = cls(
        f"{subject} was refused with status {status} for account {account_sid}.",
        _in_a_sentence(message),
        action,
        status=status,
        code=code,
        request_id=headers.get("twilio-request-id"),
        params=params,
    )
    error.meaning = MEANINGS.get(cls, "")
    error.more_info = page_named(told.get("more_info"), params)
    if isinstance(error, Conflict):
        error.conflicting_id = headers.get("x-conflicting-resource-id") or None
    return error


def advice(code: int | None, status: int | None = None, message: str = "") -> str:
    """
    What to do about a code or, failing that, a status; empty when neither is known.

    Args:
        message: The service's own words: whether they name the value that is refused.
    """
    if status == 415:
        return BY_STATUS[415]
    if code in INVALID or (status == 400 and not _is_twilios(code)):
        return NAMED_VALUE if _NAME.search(message) else UNNAMED_VALUE
    if code is not None and code in BY_CODE:
        return BY_CODE[code]
    by_status = LATER if (status or 0) >= 500 else BY_STATUS.get(status or 0, "")
    if not _is_twilios(code):
        return by_status
    # What may be repeated is told by the status; all else by the page of the code alone.
    again = status in (408, 429) or (status or 0) >= 500
    look = f"Twilio's page about code {code} says what it means and what to do."
    return f"{by_status} {look}" if again else look


def nothing_there(url: str) -> str:
    """What happened where no connection was made."""
    there = urlsplit(url)
    if is_loopback(url):
        return f"Nothing answers at {there.netloc} on this machine."
    return f"{there.hostname} could not be reached."


def advice_when_unreachable(url: str) -> str:
    """What to do where no answer came: no network lies between two programs on one machine."""
    if not is_loopback(url):
        return "Check the network (VPN, proxy, firewall) and run it again; nothing is lost."
    return (
        "It is a program on this machine: see whether it still runs. Instead of a sandbox that "
        "has stopped, Connect again in a notebook, or the next command, starts an empty one."
    )


def page_named(more_info: object, params: Mapping[str, object] | None) -> str:
    """
    The page that an error body names; empty where it names none of Twilio's.

    Args:
        more_info: As in the classic body shape.
        params: `params` of Orchestrator's shape; `twilioErrorCodeUrl` of it is read.
    """
    for url in (more_info, (params or {}).get("twilioErrorCodeUrl")):
        if isinstance(url, str) and len(url) <= 300 and _PAGE.fullmatch(url):
            return url
    return ""


_PAGE: Final = re.compile(r"https://([a-z0-9-]+\.)*twilio\.com(/[!-~]*)?")


def sentence(message: str) -> str:
    """Ends with a full stop, or as the service ended it."""
    return message if message.endswith((".", "!", "?")) else f"{message}."


def _in_a_sentence(message: str) -> str:
    """A refusal's own words; one that is a bare word, such as `Authenticate`, as a quotation."""
    bare = message.rstrip(".!?")
    return sentence(message) if " " in bare else f'The service says no more than "{bare}".'


def _is_twilios(code: int | None) -> bool:
    """Whether it is a code of Twilio's; some bodies have an HTTP status in its place."""
    return code is not None and code >= 10_000


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
