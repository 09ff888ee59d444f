"""
Address configurations: which classic service a number feeds. /v1/Configuration/Addresses.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..http.answers import Answer, Refusal, bad_request, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..world.classic_records import AddressConfiguration
from ..world.clock import iso_seconds
from .services import ServiceSid

if TYPE_CHECKING:
    from ..http.request import Call

AddressType = Literal["sms", "whatsapp", "messenger", "gbm", "email", "rcs", "apple", "chat"]
StudioFlowSid = Annotated[str, Meta(pattern=r"^FW[0-9a-fA-F]{32}\Z")]

_CREATION = (
    "enabled",
    "type",
    "conversation_service_sid",
    "webhook_url",
    "webhook_method",
    "webhook_filters",
    "studio_flow_sid",
    "studio_retry_count",
)


class Update(Struct, kw_only=True):
    friendly_name: str | UnsetType = field(default=UNSET, name="FriendlyName")
    enabled: bool | UnsetType = field(default=UNSET, name="AutoCreation.Enabled")
    type: Literal["webhook", "studio", "default"] | UnsetType = field(
        default=UNSET, name="AutoCreation.Type"
    )
    conversation_service_sid: ServiceSid | UnsetType = field(
        default=UNSET, name="AutoCreation.ConversationServiceSid"
    )
    webhook_url: str | UnsetType = field(default=UNSET, name="AutoCreation.WebhookUrl")
    webhook_method: Literal["get", "post", "GET", "POST"] | UnsetType = field(
        default=UNSET, name="AutoCreation.WebhookMethod"
    )
    webhook_filters: list[str] | UnsetType = field(
        default=UNSET, name="AutoCreation.WebhookFilters"
    )
    studio_flow_sid: StudioFlowSid | UnsetType = field(
        default=UNSET, name="AutoCreation.StudioFlowSid"
    )
    studio_retry_count: int | UnsetType = field(default=UNSET, name="AutoCreation.StudioRetryCount")


class Create(Update, kw_only=True):
    kind: AddressType = field(name="Type")
    address: Annotated[str, Meta(min_length=1)] = field(name="Address")
    address_country: str | UnsetType = field(default=UNSET, name="AddressCountry")


def list_all(call: Call) -> Answer:
    """GET /v1/Configuration/Addresses, by Type."""
    kind = call.query.get("Type")
    return classic_page(
        call,
        call.account.addresses,
        "address_configurations",
        largest=50,
        view=lambda a: view(call, a),
        keep=(lambda a: a.type == kind) if kind else None,
    )


def create(call: Call) -> Answer:
    """POST /v1/Configuration/Addresses."""
    request = form_body(call, Create)
    if any(a.address == request.address for a in call.account.addresses):
        raise Refusal(409, 50326, f"Address {request.address} is configured already")
    creation = _creation(call, request)
    configuration = AddressConfiguration(
        sid=call.account.ids.sid("IG"),
        type=request.kind,
        address=request.address,
        friendly_name=request.friendly_name or "",
        address_country=request.address_country or None,
        auto_creation={"enabled": False, "type": "default", **creation},
        created=call.now,
        updated=call.now,
    )
    call.account.addresses.put(configuration.sid, configuration)
    return ok(view(call, configuration), 201)


def fetch(call: Call) -> Answer:
    """GET /v1/Configuration/Addresses/{Sid}, by sid or address."""
    return ok(view(call, _find(call)))


def update(call: Call) -> Answer:
    """POST /v1/Configuration/Addresses/{Sid}."""
    configuration = _find(call)
    request = form_body(call, Update)
    configuration.auto_creation = {**configuration.auto_creation, **_creation(call, request)}
    if request.friendly_name is not UNSET:
        configuration.friendly_name = request.friendly_name
    configuration.updated = call.now
    return ok(view(call, configuration))


def delete(call: Call) -> Answer:
    """DELETE /v1/Configuration/Addresses/{Sid}."""
    call.account.addresses.remove(_find(call).sid)
    return empty()


def _creation(call: Call, request: Update) -> dict[str, Any]:
    given = {m: getattr(request, m) for m in _CREATION}
    creation = {m: value for m, value in given.items() if value is not UNSET}
    service = creation.get("conversation_service_sid")
    if service and service not in call.account.services:
        raise bad_request("AutoCreation.ConversationServiceSid: no such service in this account")
    return creation


def _find(call: Call) -> AddressConfiguration:
    key = call.names["Sid"]
    found = call.account.addresses.get(key)
    if found is None:
        found = next((a for a in call.account.addresses if a.address == key), None)
    if found is None:
        raise not_found(call.path)
    return found


def view(call: Call, configuration: AddressConfiguration) -> dict[str, Any]:
    return {
        "sid": configuration.sid,
        "account_sid": call.account.sid,
        "type": configuration.type,
        "address": configuration.address,
        "friendly_name": configuration.friendly_name,
        "address_country": configuration.address_country,
        "auto_creation": configuration.auto_creation,
        "date_created": iso_seconds(configuration.created),
        "date_updated": iso_seconds(configuration.updated),
        "url": f"{call.base}/v1/Configuration/Addresses/{configuration.sid}",
    }
