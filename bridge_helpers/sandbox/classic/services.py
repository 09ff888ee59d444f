"""Classic services, their configuration, and the account's: /v1/Services and /v1/Configuration.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, bad_request, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..world import classic_records as classic
from ..world import timers
from ..world.clock import MINUTE, iso_seconds
from ..world.stable_list import Shelf

if TYPE_CHECKING:
    from ..http.requests import Call
    from ..world.state import Account

FriendlyName = Annotated[str, Meta(max_length=256)]
ServiceSid = Annotated[str, Meta(pattern=r"^IS[0-9a-fA-F]{32}\Z")]
RoleSid = Annotated[str, Meta(pattern=r"^RL[0-9a-fA-F]{32}\Z")]
MessagingServiceSid = Annotated[str, Meta(pattern=r"^MG[0-9a-fA-F]{32}\Z")]


class Create(Struct, rename="pascal"):
    friendly_name: Annotated[str, Meta(min_length=1, max_length=256)]


class ServiceConfiguration(Struct, kw_only=True, rename="pascal"):
    default_conversation_creator_role_sid: RoleSid | UnsetType = UNSET
    default_conversation_role_sid: RoleSid | UnsetType = UNSET
    default_chat_service_role_sid: RoleSid | UnsetType = UNSET
    reachability_enabled: bool | UnsetType = UNSET


class AccountConfiguration(Struct, kw_only=True, rename="pascal"):
    default_chat_service_sid: ServiceSid | UnsetType = UNSET
    default_messaging_service_sid: MessagingServiceSid | UnsetType = UNSET
    default_inactive_timer: str | UnsetType = UNSET
    default_closed_timer: str | UnsetType = UNSET


def add(account: Account, friendly_name: str, at: float) -> classic.Service:
    """A new, empty service; an account's first one is its default."""
    roles = ("conversation_creator", "conversation", "chat_service")
    service = classic.Service(
        sid=account.mint.sid("IS"),
        friendly_name=friendly_name,
        created=at,
        updated=at,
        roles={role: account.mint.sid("RL") for role in roles},
        conversations=Shelf(),
        unique_names={},
    )
    account.services.put(service.sid, service)
    if account.default_service_sid is None:
        account.default_service_sid = service.sid
    return service


def find(call: Call) -> classic.Service:
    """The service that the path names."""
    sid = call.names.get("ChatServiceSid") or call.names["Sid"]
    service = call.account.services.get(sid)
    if service is None:
        raise not_found(call.path)
    return service


def list_all(call: Call) -> Answer:
    """GET /v1/Services."""
    return classic_page(
        call, call.account.services, "services", largest=100, view=lambda s: view(call, s)
    )


def create(call: Call) -> Answer:
    """POST /v1/Services."""
    request = form_body(call, Create)
    return ok(view(call, add(call.account, request.friendly_name, call.now)), 201)


def fetch(call: Call) -> Answer:
    """GET /v1/Services/{Sid}."""
    return ok(view(call, find(call)))


def delete(call: Call) -> Answer:
    """DELETE /v1/Services/{Sid}: gone with everything in it; v2 keeps what it has."""
    service = find(call)
    call.account.services.remove(service.sid)
    if call.account.default_service_sid == service.sid:
        call.account.default_service_sid = next((s.sid for s in call.account.services), None)
    return empty()


def view(call: Call, service: classic.Service) -> dict[str, Any]:
    url = f"{call.base}/v1/Services/{service.sid}"
    links = {
        "conversations": "Conversations",
        "users": "Users",
        "roles": "Roles",
        "bindings": "Bindings",
        "configuration": "Configuration",
        "participant_conversations": "ParticipantConversations",
        "conversation_with_participants": "ConversationWithParticipants",
    }
    return {
        "sid": service.sid,
        "account_sid": call.account.sid,
        "friendly_name": service.friendly_name,
        "date_created": iso_seconds(service.created),
        "date_updated": iso_seconds(service.updated),
        "url": url,
        "links": {name: f"{url}/{path}" for name, path in links.items()},
    }


def fetch_configuration(call: Call) -> Answer:
    """GET /v1/Services/{ChatServiceSid}/Configuration."""
    service = find(call)
    url = f"{call.base}/v1/Services/{service.sid}/Configuration"
    body = {
        "chat_service_sid": service.sid,
        "default_conversation_creator_role_sid": service.roles["conversation_creator"],
        "default_conversation_role_sid": service.roles["conversation"],
        "default_chat_service_role_sid": service.roles["chat_service"],
        "reachability_enabled": service.reachability_enabled,
        "url": url,
        "links": {"notifications": f"{url}/Notifications", "webhooks": f"{url}/Webhooks"},
    }
    return ok(body)


def update_configuration(call: Call) -> Answer:
    """POST /v1/Services/{ChatServiceSid}/Configuration."""
    service = find(call)
    request = form_body(call, ServiceConfiguration)
    for role in service.roles:
        sid = getattr(request, f"default_{role}_role_sid")
        if sid is not UNSET:
            service.roles[role] = sid
    if request.reachability_enabled is not UNSET:
        service.reachability_enabled = request.reachability_enabled
    return fetch_configuration(call)


def fetch_account_configuration(call: Call) -> Answer:
    """GET /v1/Configuration: tells the account's default service."""
    account, url = call.account, f"{call.base}/v1/Configuration"
    service = account.default_service_sid
    links = {"webhooks": f"{url}/Webhooks"}
    if service:
        links["service"] = f"{call.base}/v1/Services/{service}/Configuration"
    body = {
        "account_sid": account.sid,
        "default_chat_service_sid": service,
        "default_messaging_service_sid": account.default_messaging_service_sid,
        "default_inactive_timer": account.default_timers["inactive"],
        "default_closed_timer": account.default_timers["closed"],
        "url": url,
        "links": links,
    }
    return ok(body)


def update_account_configuration(call: Call) -> Answer:
    """POST /v1/Configuration."""
    request, account = form_body(call, AccountConfiguration), call.account
    for timer, least in (("inactive", MINUTE), ("closed", 10 * MINUTE)):
        text = getattr(request, f"default_{timer}_timer")
        if text is not UNSET:
            member = f"Default{timer.capitalize()}Timer"
            account.default_timers[timer] = timers.duration(text, member, least)
    if request.default_chat_service_sid is not UNSET:
        if request.default_chat_service_sid not in account.services:
            raise bad_request("DefaultChatServiceSid: no such service in this account")
        account.default_service_sid = request.default_chat_service_sid
    if request.default_messaging_service_sid is not UNSET:
        account.default_messaging_service_sid = request.default_messaging_service_sid
    return fetch_account_configuration(call)
