"""
Request bodies into typed requests; what the OpenAPI forbids is refused here.

A request is a msgspec struct that states its members, types, lengths and patterns once. Refusals
name the member and the rule, with code 20001 (the code that Twilio shows for a missing
``memoryStoreId``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from .answers import JSON, Refusal, bad_request

if TYPE_CHECKING:
    from .request import Call

T = TypeVar("T")
Form = TypeVar("Form", bound=msgspec.Struct)

StoreId = Annotated[str, Meta(pattern=r"^mem_(store|service)_[0-7][0-9a-z]{25}\Z")]

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FORM = "application/x-www-form-urlencoded"


def _media_type(call: Call) -> str:
    return call.headers.get("content-type", "").split(";")[0].strip().lower()


def json_body(call: Call, kind: type[T], *, optional: bool = False) -> T:
    """
    The JSON body as a ``kind``.

    Raises:
        Refusal: 415/20422 for another content type, 400/20001 for a body that breaks a rule.
    """
    if optional and not call.body:
        return msgspec.convert({}, kind)
    if _media_type(call) != JSON:
        raise Refusal(415, 20422, "Unsupported media type: send application/json")
    try:
        return msgspec.json.decode(call.body, type=kind)
    except msgspec.ValidationError as problem:
        raise bad_request(explain(problem)) from None
    except msgspec.DecodeError:
        raise bad_request("The body is not valid JSON") from None


def form_body(call: Call, kind: type[Form]) -> Form:
    """
    The form body as a ``kind``; a member that is a list may be repeated.

    Raises:
        Refusal: 415/20422 for another content type, 400/20001 for a value that breaks a rule.
    """
    if call.body and _media_type(call) != _FORM:
        raise Refusal(415, 20422, f"Unsupported media type: send {_FORM}")
    values: dict[str, Any] = {}
    try:
        pairs = parse_qsl(call.body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise bad_request("The body is not valid UTF-8") from None
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    plural = {f.encode_name for f in msgspec.structs.fields(kind) if "list" in str(f.type)}
    flat = {n: v if n in plural else v[-1] for n, v in values.items()}
    try:
        form = msgspec.convert(flat, kind, strict=False)
    except msgspec.ValidationError as problem:
        raise bad_request(explain(problem)) from None
    for member in kind.__struct_fields__:
        value = getattr(form, member)
        if isinstance(value, datetime):
            seconds(value)  # refused before anything is done with the form
    return form


def explain(problem: msgspec.ValidationError) -> str:
    """A validation error as "member: rule"."""
    text = str(problem)
    rule, _, place = text.partition(" - at `")
    member = place.rstrip("`").removeprefix("$").removeprefix(".")
    missing = re.fullmatch(r"Object missing required field `(.+)`", rule)
    if missing:
        member = f"{member}.{missing[1]}" if member else missing[1]
        return f"{member}: must not be null"
    return f"{member}: {rule[0].lower()}{rule[1:]}" if member else rule


def seconds(moment: datetime) -> float:
    """
    A date as an instant; one without a zone is in UTC.

    Raises:
        Refusal: 400/20001 for a date that no timestamp of an answer could show.
    """
    if not 1 < moment.year < 9999:
        raise bad_request(f"{moment.isoformat()}: is not a date that can be kept")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def query_values(call: Call, name: str, kind: object) -> list[str]:
    """
    Every value of the query by this name, each of them a ``kind``.

    Raises:
        Refusal: 400/20001 for one that breaks a rule.
    """
    values = call.query.getlist(name)
    for value in values:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            raise bad_request(f"{name}: {value[:60]!r} is not of the form that it has") from None
    return values


def query_value(call: Call, name: str, kind: object) -> str | None:
    """The last of `query_values`; None where there is none."""
    values = query_values(call, name, kind)
    return values[-1] if values else None


def moment(call: Call, name: str) -> float | None:
    """
    A date of the query as an instant; None where it is not given.

    Raises:
        Refusal: 400/20001 for anything but a date and time of RFC 3339.
    """
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return seconds(msgspec.convert(text, Annotated[datetime, Meta(tz=True)]))
    except msgspec.ValidationError:
        raise bad_request(f"{name}: {text[:40]!r} is not a date and time") from None


def idempotency_key(call: Call) -> str | None:
    """
    The ``Idempotency-Key``, which has to be a UUID.

    Raises:
        Refusal: 400/20001 for anything else.
    """
    key = call.headers.get("idempotency-key")
    if key is not None and not _UUID.fullmatch(key):
        raise bad_request("Idempotency-Key: must be a UUID")
    return key


def webhook_header(call: Call) -> None:
    """
    ``X-Twilio-Webhook-Enabled`` of classic's writes is true or false.

    Raises:
        Refusal: 400/20001 for anything else.
    """
    given = call.headers.get("x-twilio-webhook-enabled")
    if given is not None and call.path.startswith("/v1/Services") and given not in _BOOLEANS:
        raise bad_request("X-Twilio-Webhook-Enabled: must be true or false")


_BOOLEANS = ("true", "false")
