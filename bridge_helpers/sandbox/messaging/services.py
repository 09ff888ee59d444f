"""
Messaging Services: /messaging/v1/Services.

Source: Twilio docs, messaging services API, and Twilio's OpenAPI. On Twilio the path is
``/v1/Services`` of messaging.twilio.com; classic has the same path, hence the prefix here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..http.request import Call
from ..world import messaging
from ..world.clock import iso_seconds
from ..world.messaging_records import MessagingService

FriendlyName = Annotated[str, Meta(min_length=1, max_length=64)]
Method = Literal["GET", "POST"]
OptionalUrl = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+\S*)?\Z")]


class Update(Struct, kw_only=True, rename="pascal"):
    friendly_name: FriendlyName | UnsetType = UNSET
    inbound_request_url: OptionalUrl | UnsetType = UNSET
    inbound_method: Method | UnsetType = UNSET
    fallback_url: OptionalUrl | UnsetType = UNSET
    fallback_method: Method | UnsetType = UNSET
    status_callback: OptionalUrl | UnsetType = UNSET
    sticky_sender: bool | UnsetType = UNSET
    mms_converter: bool | UnsetType = UNSET
    smart_encoding: bool | UnsetType = UNSET
    scan_message_content: Literal["inherit", "enable", "disable"] | UnsetType = UNSET
    fallback_to_long_code: bool | UnsetType = UNSET
    area_code_geomatch: bool | UnsetType = UNSET
    validity_period: Annotated[int, Meta(ge=1, le=36_000)] | UnsetType = UNSET
    synchronous_validation: bool | UnsetType = UNSET
    usecase: str | UnsetType = UNSET
    use_inbound_webhook_on_number: bool | UnsetType = UNSET


class Create(Update, kw_only=True, rename="pascal"):
    friendly_name: FriendlyName


def find(call: Call) -> MessagingService:
    """The Messaging Service that the path names."""
    named = call.names.get("ServiceSid") or call.names["Sid"]
    service = call.account.messaging_services.get(named)
    if service is None:
        raise not_found(call.path)
    return service


def list_all(call: Call) -> Answer:
    """GET /messaging/v1/Services."""
    return classic_page(
        call,
        call.account.messaging_services,
        "services",
        largest=1000,
        view=lambda service: view(call, service),
    )


def create(call: Call) -> Answer:
    """POST /messaging/v1/Services."""
    request = form_body(call, Create)
    service = messaging.add(call.account, call.now, request.friendly_name)
    _write(service, request)
    return ok(view(call, service), 201)


def fetch(call: Call) -> Answer:
    """GET /messaging/v1/Services/{Sid}."""
    return ok(view(call, find(call)))


def update(call: Call) -> Answer:
    """POST /messaging/v1/Services/{Sid}."""
    service = find(call)
    _write(service, form_body(call, Update))
    service.updated = call.now
    return ok(view(call, service))


def delete(call: Call) -> Answer:
    """DELETE /messaging/v1/Services/{Sid}: its numbers stay with the account."""
    call.account.messaging_services.remove(find(call).sid)
    return empty()


def _write(service: MessagingService, request: Update) -> None:
    for name, value in msgspec.structs.asdict(request).items():
        if value is UNSET:
            continue
        if name == "friendly_name":
            service.friendly_name = value
        else:
            service.settings[name] = None if value == "" else value


def view(call: Call, service: MessagingService) -> dict[str, Any]:
    url = f"{call.base}/messaging/v1/Services/{service.sid}"
    parts = ("phone_numbers", "short_codes", "alpha_senders")
    names = ("PhoneNumbers", "ShortCodes", "AlphaSenders")
    return {
        "sid": service.sid,
        "account_sid": call.account.sid,
        "friendly_name": service.friendly_name,
        "date_created": iso_seconds(service.created),
        "date_updated": iso_seconds(service.updated),
        "us_app_to_person_registered": False,
        "url": url,
        "links": {part: f"{url}/{name}" for part, name in zip(parts, names, strict=True)},
        **service.settings,
    }
