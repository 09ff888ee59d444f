"""
Classic services: /v1/Services.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from ..http.answers import Answer, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..http.request import Call
from ..world import classic_records as classic
from ..world import classic_writes
from ..world.clock import iso_seconds

FriendlyName = Annotated[str, Meta(max_length=256)]
ServiceSid = Annotated[str, Meta(pattern=r"^IS[0-9a-fA-F]{32}\Z")]
RoleSid = Annotated[str, Meta(pattern=r"^RL[0-9a-fA-F]{32}\Z")]
MessagingServiceSid = Annotated[str, Meta(pattern=r"^MG[0-9a-fA-F]{32}\Z")]


class Create(Struct, rename="pascal"):
    friendly_name: Annotated[str, Meta(min_length=1, max_length=256)]


def find(call: Call) -> classic.Service:
    """The service that the path names; a path without one means the default service."""
    named = call.names.get("ChatServiceSid") or call.names.get("Sid")
    service = call.account.services.get(named or call.account.default_service_sid or "")
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
    return ok(
        view(call, classic_writes.add_service(call.account, request.friendly_name, call.now)), 201
    )


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
