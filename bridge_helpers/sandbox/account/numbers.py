"""
Phone numbers of the 2010 API.

Source: Twilio docs, phone numbers API, and Twilio's OpenAPI. Page uris are
relative, dates are RFC 2822.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, Refusal, bad_request, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import choice, uri_page
from ..http.request import Call
from ..world import messaging
from ..world.clock import rfc2822
from ..world.numbers import BLANK, add
from ..world.records import PhoneNumber
from . import accounts

Method = Literal["GET", "POST"]
ApplicationSid = Annotated[str, Meta(pattern=r"^AP[0-9a-fA-F]{32}\Z")]
AddressSid = Annotated[str, Meta(pattern=r"^AD[0-9a-fA-F]{32}\Z")]
OptionalUrl = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+\S*)?\Z")]
_E164 = re.compile(r"\+[1-9]\d{6,14}")


class Update(Struct, kw_only=True, rename="pascal"):
    account_sid: Annotated[str, Meta(pattern=r"^AC[0-9a-fA-F]{32}\Z")] | UnsetType = UNSET
    api_version: str | UnsetType = UNSET
    friendly_name: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    sms_application_sid: ApplicationSid | UnsetType = UNSET
    sms_fallback_method: Method | UnsetType = UNSET
    sms_fallback_url: OptionalUrl | UnsetType = UNSET
    sms_method: Method | UnsetType = UNSET
    sms_url: OptionalUrl | UnsetType = UNSET
    status_callback: OptionalUrl | UnsetType = UNSET
    status_callback_method: Method | UnsetType = UNSET
    voice_application_sid: ApplicationSid | UnsetType = UNSET
    voice_caller_id_lookup: bool | UnsetType = UNSET
    voice_fallback_method: Method | UnsetType = UNSET
    voice_fallback_url: OptionalUrl | UnsetType = UNSET
    voice_method: Method | UnsetType = UNSET
    voice_url: OptionalUrl | UnsetType = UNSET
    emergency_status: Literal["Active", "Inactive"] | UnsetType = UNSET
    emergency_address_sid: AddressSid | UnsetType = UNSET
    trunk_sid: Annotated[str, Meta(pattern=r"^TK[0-9a-fA-F]{32}\Z")] | UnsetType = UNSET
    voice_receive_mode: Literal["voice", "fax"] | UnsetType = UNSET
    identity_sid: Annotated[str, Meta(pattern=r"^RI[0-9a-fA-F]{32}\Z")] | UnsetType = UNSET
    address_sid: AddressSid | UnsetType = UNSET
    bundle_sid: Annotated[str, Meta(pattern=r"^BU[0-9a-fA-F]{32}\Z")] | UnsetType = UNSET


class Create(Update, kw_only=True, rename="pascal"):
    phone_number: str | UnsetType = UNSET
    area_code: Annotated[str, Meta(pattern=r"^[2-9]\d\d\Z")] | UnsetType = UNSET


def list_all(call: Call) -> Answer:
    """GET …/IncomingPhoneNumbers.json, by PhoneNumber (part, ``*``), FriendlyName, Origin, Beta."""
    accounts.own(call)
    part, name = call.query.get("PhoneNumber"), call.query.get("FriendlyName")
    origin = call.query.get("Origin")
    beta = [b == "true" for b in choice(call, "Beta", ("true", "false"))]

    def keep(number: PhoneNumber) -> bool:
        matches = part is None or fnmatchcase(number.phone_number, f"*{part}*")
        named = name is None or number.friendly_name == name
        return matches and named and origin in (None, "twilio") and True not in beta

    return uri_page(
        call,
        call.account.numbers,
        "incoming_phone_numbers",
        view=lambda n: view(call, n),
        keep=keep,
    )


def create(call: Call) -> Answer:
    """POST …/IncomingPhoneNumbers.json, by PhoneNumber or AreaCode."""
    accounts.own(call)
    request = form_body(call, Create)
    wanted = request.phone_number or None
    if wanted is None and not request.area_code:
        raise Refusal(400, 21452, "PhoneNumber, AreaCode: give one of the two")
    if wanted is None:
        line = call.account.ids.number("subscriber", 100)
        wanted = f"+1{request.area_code}55501{line:02d}"
    if not _E164.fullmatch(wanted):
        raise Refusal(400, 21421, "PhoneNumber: must be E.164, like +14155550123")
    if any(n.phone_number == wanted for n in call.account.numbers):
        raise Refusal(400, 21422, f"PhoneNumber: {wanted} is not available")
    number = add(call.account, call.now, wanted, voice=True)
    _write(number, request)
    return ok(view(call, number), 201)


def fetch(call: Call) -> Answer:
    """GET …/IncomingPhoneNumbers/{Sid}.json."""
    return ok(view(call, _find(call)))


def update(call: Call) -> Answer:
    """POST …/IncomingPhoneNumbers/{Sid}.json."""
    number = _find(call)
    request = form_body(call, Update)
    if request.account_sid not in (UNSET, call.account.sid):
        raise bad_request("AccountSid: the sandbox does not move numbers between accounts")
    _write(number, request)
    number.updated = call.now
    return ok(view(call, number))


def delete(call: Call) -> Answer:
    """DELETE …/IncomingPhoneNumbers/{Sid}.json."""
    number = _find(call)
    messaging.leave(call.account, number.sid)
    call.account.numbers.remove(number.sid)
    return empty()


def _find(call: Call) -> PhoneNumber:
    accounts.own(call)
    number = call.account.numbers.get(call.names["Sid"])
    if number is None:
        raise not_found(call.path)
    return number


def _write(number: PhoneNumber, request: Update) -> None:
    for name in msgspec.structs.asdict(request):
        value = getattr(request, name)
        if value is UNSET:
            continue
        if name == "friendly_name":
            number.friendly_name = value
        elif name in BLANK:
            number.settings[name] = None if value == "" else value


def view(call: Call, number: PhoneNumber) -> dict[str, Any]:
    base = f"/2010-04-01/Accounts/{call.account.sid}/IncomingPhoneNumbers"
    return {
        "account_sid": call.account.sid,
        "address_requirements": "none",
        "beta": False,
        "capabilities": number.capabilities,
        "date_created": rfc2822(number.created),
        "date_updated": rfc2822(number.updated),
        "emergency_address_status": "unregistered",
        "friendly_name": number.friendly_name,
        "origin": "twilio",
        "phone_number": number.phone_number,
        "sid": number.sid,
        "status": "in-use",
        "type": "local",
        "uri": f"{base}/{number.sid}.json",
        **number.settings,
    }
