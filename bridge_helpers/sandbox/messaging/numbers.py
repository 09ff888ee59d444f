"""
The numbers in a Messaging Service: /messaging/v1/Services/{ServiceSid}/PhoneNumbers.

Source: Twilio docs, messaging services API, and Twilio's OpenAPI. A number is in one Messaging
Service at most; adding it to another is refused with 21712.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from ..http.answers import Answer, Refusal, bad_request, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..http.request import Call
from ..world import messaging
from ..world.clock import iso_seconds
from ..world.messaging_records import Membership, MessagingService
from . import services

_CAPABILITIES = {"voice": "Voice", "sms": "SMS", "mms": "MMS"}


class Create(Struct, kw_only=True, rename="pascal"):
    phone_number_sid: Annotated[str, Meta(pattern=r"^PN[0-9a-fA-F]{32}\Z")]


def list_all(call: Call) -> Answer:
    """GET …/PhoneNumbers."""
    service = services.find(call)
    return classic_page(
        call,
        service.members,
        "phone_numbers",
        largest=1000,
        view=lambda member: view(call, service, member),
    )


def create(call: Call) -> Answer:
    """POST …/PhoneNumbers: 201 for a new member, 200 for one that is in it already."""
    service = services.find(call)
    sid = form_body(call, Create).phone_number_sid
    if sid not in call.account.numbers:
        raise bad_request("PhoneNumberSid: the account has no such number")
    already = messaging.service_of(call.account, sid)
    if already is not None and already is not service:
        raise Refusal(409, 21712, f"Phone number {sid} is in Messaging Service {already.sid}")
    if already is None:
        service.members.put(sid, Membership(sid, call.now))
    member = service.members.get(sid) or Membership(sid, call.now)
    return ok(view(call, service, member), 200 if already else 201)


def view(call: Call, service: MessagingService, member: Membership) -> dict[str, Any]:
    number = call.account.numbers.get(member.number_sid)
    base = f"{call.base}/messaging/v1/Services/{service.sid}/PhoneNumbers"
    able = number.capabilities if number else {}
    return {
        "sid": member.number_sid,
        "account_sid": call.account.sid,
        "service_sid": service.sid,
        "phone_number": number.phone_number if number else None,
        "country_code": "US",
        "capabilities": [word for name, word in _CAPABILITIES.items() if able.get(name)],
        "date_created": iso_seconds(member.created),
        "date_updated": iso_seconds(member.created),
        "url": f"{base}/{member.number_sid}",
    }
